#include "sketch/classes.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>

#include "image/codec.h"
#include "image/resize.h"
#include "sketch/labels.h"
#include "util/error.h"
#include "util/test_folder.h"

namespace limner {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

TEST(Classes, EachHasItsIdNameAndColour) {
  std::set<std::string> names;
  std::set<std::array<uint8_t, 3>> colours;
  for (int id = 0; id <= kStrokeClasses; ++id) {
    const StrokeClass& entry = stroke_class(id);
    EXPECT_EQ(entry.id, id);
    names.insert(entry.name);
    colours.insert(entry.colour);
  }
  EXPECT_EQ(names.size(), 23u);
  EXPECT_EQ(colours.size(), 23u);
  EXPECT_STREQ(stroke_class(0).name, "no stroke");
  EXPECT_STREQ(stroke_class(5).name, "brow, left side");
  EXPECT_STREQ(stroke_class(22).name, "other border");
}

TEST(Classes, RefusesOtherIds) {
  EXPECT_THROW(stroke_class(-1), Error);
  EXPECT_THROW(stroke_class(23), Error);
}

TEST(Classes, ColoursCanBeToldApart) {
  for (int i = 0; i <= kStrokeClasses; ++i) {
    for (int j = 0; j < i; ++j) {
      int distance = 0;
      for (int c = 0; c < 3; ++c) {
        distance +=
            std::abs(stroke_class(i).colour[c] - stroke_class(j).colour[c]);
      }
      EXPECT_GE(distance, 30) << i << " and " << j;
    }
  }
}

TEST(ColourMap, PaintsEachLabel) {
  Image labels(3, 1, 1);
  labels.pixels = {0, 22, 7};
  EXPECT_THAT(
      colour_map(labels).pixels,
      ::testing::ElementsAre(255, 255, 255, 78, 71, 183, 255, 152, 150));
  labels.pixels = {0, 23, 7};
  EXPECT_THROW(colour_map(labels), Error);
  EXPECT_THROW(colour_map(Image(3, 1, 3)), Error);
}

// The left third of what the published script wrote: the reduced labels in
// colours, enlarged.
TEST(ColourMap, EqualsThePublishedPictures) {
  const fs::path reference = fs::path(LIMNER_SHARED) / "reference";
  if (!fs::exists(reference)) {
    GTEST_SKIP() << "no reference pictures beside this checkout";
  }
  for (const std::string name : {"1.png", "2.png"}) {
    const Image labels =
        read_labels(reference / "examples/sketch" / name, kStrokeClasses);
    const Image map =
        resize(colour_map(resize(labels, 256, 256, Filter::kNearest)), 1024,
               1024, Filter::kBicubic);
    const Image coupled =
        read_rgb(reference / "tiny/inference/inference_coupled" / name);
    ASSERT_EQ(coupled.width, 3072);
    ASSERT_EQ(coupled.height, 1024);
    for (int y = 0; y < 1024; ++y) {
      ASSERT_TRUE(std::equal(map.row(y), map.row(y) + 3072, coupled.row(y)))
          << name << " differs in row " << y;
    }
  }
}

std::string message_of(const Image& labels, int max_label) {
  return error_of([&] { check_labels(labels, max_label, "a.png"); });
}

TEST(Labels, NamesTheFirstWrongPixel) {
  Image labels(4, 3, 1);
  EXPECT_EQ(message_of(labels, 22), "no error");
  labels.row(1)[2] = 22;
  EXPECT_EQ(message_of(labels, 22), "no error");
  EXPECT_EQ(message_of(labels, 18),
            "a.png: label 22 at pixel 2,1; labels are 0 to 18");
  labels.row(2)[0] = 255;
  EXPECT_EQ(message_of(labels, 22),
            "a.png: label 255 at pixel 0,2; labels are 0 to 22");
  EXPECT_EQ(message_of(Image(4, 3, 3), 22),
            "a.png: a label image needs one channel, got 3");
}

TEST(Labels, ReadsAndChecks) {
  const std::string folder = LIMNER_TESTDATA "/images/";
  const Image labels = read_labels(folder + "gray4.png", 15);
  EXPECT_EQ(labels.channels, 1);
  EXPECT_THAT(labels.pixels, ::testing::Contains(15));
  EXPECT_THAT(error_of([&] { read_labels(folder + "gray8.png", 22); }),
              HasSubstr("gray8.png: label 28 at pixel 4,0;"));
  EXPECT_THROW(read_labels(folder + "rgb8.png", 22), Error);
  EXPECT_THROW(read_labels(folder + "missing.png", 22), Error);
}

}  // namespace
}  // namespace limner
