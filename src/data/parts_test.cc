#include "data/parts.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "util/error.h"

namespace limner {
namespace {

TEST(Parts, HaveNamesAndColoursOfTheirOwn) {
  std::set<std::string> names;
  std::set<std::array<uint8_t, 3>> colours;
  for (int part = 0; part < kMaskLabels; ++part) {
    names.insert(part_name(part));
    colours.insert(part_colour(part));
  }
  EXPECT_EQ(names.size(), size_t{kMaskLabels});
  EXPECT_EQ(colours.size(), size_t{kMaskLabels});
  EXPECT_STREQ(part_name(kHair), "hair");
  // l_eye lies on the image's right.
  EXPECT_STREQ(part_name(kLeftEye), "eye_right");
  EXPECT_THROW(part_name(kMaskLabels), Error);
  EXPECT_THROW(part_colour(-1), Error);
}

TEST(Parts, ChangePlacesInAMirror) {
  const int changed[] = {0, 1, 2, 3, 5, 4, 7, 6, 9, 8, 10};
  for (int part = 0; part <= 10; ++part) {
    EXPECT_EQ(mirrored_part(part), changed[part]);
  }
  EXPECT_EQ(mirrored_part(18), 18);
}

TEST(PaintParts, PaintsEachPixel) {
  Image mask(2, 1, 1);
  mask.pixels = {kNose, kCloth};
  const Image painted = paint_parts(mask);
  EXPECT_EQ(painted.pixels,
            (std::vector<uint8_t>{255, 140, 60, 110, 110, 140}));
  mask.pixels[1] = kMaskLabels;
  EXPECT_THROW(paint_parts(mask), Error);
  EXPECT_THROW(paint_parts(Image(2, 2, 3)), Error);
}

}  // namespace
}  // namespace limner
