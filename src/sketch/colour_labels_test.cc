#include "sketch/colour_labels.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "sketch/classes.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::HasSubstr;

Image every_class() {
  Image labels(kStrokeClasses + 1, 3, 1);
  for (size_t i = 0; i < labels.pixels.size(); ++i) {
    labels.pixels[i] = static_cast<uint8_t>(i * 5 % (kStrokeClasses + 1));
  }
  return labels;
}

TEST(ColourLabels, ReversesTheColourMap) {
  const Image labels = every_class();
  EXPECT_EQ(read_colour_labels(colour_map(labels)).pixels, labels.pixels);
  for (int id = 1; id <= kStrokeClasses; ++id) {
    EXPECT_EQ(class_of_colour(stroke_class(id).colour), id);
  }
  EXPECT_EQ(class_of_colour({255, 255, 255}), 0);
  EXPECT_EQ(class_of_colour({1, 2, 3}), 0);
}

TEST(ColourLabels, TakesBlackPaper) {
  const Image labels = every_class();
  Image picture = colour_map(labels);
  for (size_t i = 0; i < labels.pixels.size(); ++i) {
    if (labels.pixels[i] == 0) {
      std::fill_n(picture.pixels.begin() + static_cast<ptrdiff_t>(3 * i), 3, 0);
    }
  }
  EXPECT_EQ(read_colour_labels(picture).pixels, labels.pixels);
}

TEST(ColourLabels, NamesTheFirstOtherColour) {
  Image picture = colour_map(every_class());
  picture.row(1)[3 * 4] ^= 1;
  picture.row(2)[0] ^= 1;
  EXPECT_THAT(error_of([&] { read_colour_labels(picture); }),
              HasSubstr("at pixel 4,1 is no class of strokes"));
  EXPECT_THAT(error_of([] { read_colour_labels(Image(2, 2, 1)); }),
              HasSubstr("needs three channels, got 1"));
  EXPECT_EQ(read_colour_labels(Image(0, 0, 3)).pixels.size(), 0u);
}

}  // namespace
}  // namespace limner
