#include "metrics/appearance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "data/dataset.h"
#include "util/error.h"

namespace limner {
namespace {

void expect_lab(const std::array<uint8_t, 3>& rgb, const Lab& expected) {
  const Lab got = lab_of(rgb);
  for (int c = 0; c < 3; ++c) EXPECT_NEAR(got[c], expected[c], 0.01) << c;
}

// Values of the standard, as published tables give them.
TEST(LabOf, KnownColours) {
  expect_lab({0, 0, 0}, {0, 0, 0});
  expect_lab({255, 255, 255}, {100, 0, 0});
  expect_lab({255, 0, 0}, {53.24, 80.09, 67.20});
  expect_lab({0, 255, 0}, {87.73, -86.18, 83.18});
  expect_lab({0, 0, 255}, {32.30, 79.19, -107.86});
  expect_lab({119, 119, 119}, {50.03, 0, 0});
}

TEST(DeltaE, IsEuclidean) {
  EXPECT_DOUBLE_EQ(delta_e({50, 3, 0}, {50, 0, 4}), 5);
  EXPECT_DOUBLE_EQ(delta_e({1, 2, 3}, {1, 2, 3}), 0);
}

Image grays(const std::vector<uint8_t>& values) {
  Image picture(static_cast<int>(values.size()), 1, 3);
  for (size_t i = 0; i < picture.pixels.size(); ++i) {
    picture.pixels[i] = values[i / 3];
  }
  return picture;
}

Image parts(std::vector<uint8_t> values) {
  Image image(static_cast<int>(values.size()), 1, 1);
  image.pixels = std::move(values);
  return image;
}

size_t region(const std::string& name) {
  const auto& regions = appearance_regions();
  for (size_t i = 0; i < regions.size(); ++i) {
    if (regions[i].name == name) return i;
  }
  return regions.size();
}

TEST(AppearanceOf, MeansAndDeviationsByHand) {
  // Hair: black and white, L 0 and 100. Skin with nose: white.
  const Appearance got =
      appearance_of(grays({0, 255, 255, 255, 9}),
                    parts({kHair, kHair, kSkin, kNose, kMouth}));
  const ColourStatistics& hair = got[region("hair")];
  EXPECT_EQ(hair.pixels, 2);
  EXPECT_NEAR(hair.mean[0], 50, 1e-3);
  EXPECT_NEAR(hair.deviation[0], 50, 1e-3);
  EXPECT_NEAR(hair.deviation[1], 0, 1e-3);
  const ColourStatistics& skin = got[region("skin")];
  EXPECT_EQ(skin.pixels, 2);
  EXPECT_NEAR(skin.mean[0], 100, 1e-3);
  EXPECT_NEAR(skin.deviation[0], 0, 1e-3);
  EXPECT_EQ(got[region("cloth")].pixels, 0);
}

TEST(ColourDistance, JoinsMeansAndDeviations) {
  ColourStatistics a, b;
  a.mean = {10, 0, 0};
  b.mean = {10, 3, 0};
  a.deviation = {4, 0, 0};
  EXPECT_DOUBLE_EQ(colour_distance(a, b), 5);
  EXPECT_DOUBLE_EQ(colour_distance(a, a), 0);
}

TEST(AppearanceDistance, ComparesRegionsThatBothHave) {
  const Image where = parts({kHair, kSkin, kCloth});
  const Appearance a = appearance_of(grays({0, 255, 70}), where);
  const Appearance b =
      appearance_of(grays({255, 255, 70}), parts({kHair, kSkin, kSkin}));
  EXPECT_EQ(*appearance_distance(a, a).mean, 0);
  const AppearanceDistance d =
      appearance_distance(a, appearance_of(grays({255, 255, 70}), where));
  EXPECT_NEAR(*d.regions[region("hair")], 100, 1e-3);
  EXPECT_NEAR(*d.regions[region("skin")], 0, 1e-9);
  EXPECT_NEAR(*d.mean, 100.0 / 3, 1e-3);
  EXPECT_NEAR(*d.mean_delta_e, 100.0 / 3, 1e-3);
  EXPECT_FALSE(appearance_distance(a, b).regions[region("cloth")]);
  EXPECT_FALSE(appearance_distance(a, b).regions[region("neck")]);
  const Appearance none = appearance_of(grays({5}), parts({kMouth}));
  EXPECT_FALSE(appearance_distance(a, none).mean);
}

TEST(AppearanceDistance, LeavesOutSpecks) {
  Image where(2000, 1, 1);
  std::fill(where.pixels.begin(), where.pixels.end(), kHair);
  const Image picture = grays(std::vector<uint8_t>(2000, 90));
  where.pixels[0] = kCloth;
  const Appearance one = appearance_of(picture, where);
  EXPECT_FALSE(appearance_distance(one, one).regions[region("cloth")]);
  where.pixels[1] = kCloth;
  const Appearance two = appearance_of(picture, where);
  EXPECT_TRUE(appearance_distance(two, two).regions[region("cloth")]);
}

TEST(PixelDistance, IsTheMean) {
  EXPECT_NEAR(pixel_distance(grays({0, 255}), grays({255, 255})), 50, 1e-3);
  EXPECT_THROW(pixel_distance(grays({0}), grays({0, 0})), Error);
}

TEST(AppearanceOf, RefusesWhatDoesNotFit) {
  EXPECT_THROW(appearance_of(grays({1, 2}), parts({kHair})), Error);
  EXPECT_THROW(appearance_of(parts({1}), parts({kHair})), Error);
  EXPECT_THROW(appearance_of(grays({1}), parts({kMaskLabels})), Error);
}

}  // namespace
}  // namespace limner
