#include "sketch/mask_sketch.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "image/codec.h"
#include "sketch/curves.h"
#include "sketch/labels.h"
#include "sketch/rasterize.h"
#include "sketch/test_tracing.h"
#include "support/pictures.h"
#include "util/error.h"

namespace limner {
namespace {

// A lopsided head with most parts.
Image head(int side) {
  Image mask(side, side, 1);
  fill_disc(mask, 0.48, 0.42, 0.37, 0.38, 13);
  fill_disc(mask, 0.5, 1.1, 0.45, 0.25, 18);
  fill_disc(mask, 0.5, 0.8, 0.14, 0.16, 17);
  fill_disc(mask, 0.78, 0.5, 0.05, 0.09, 8);
  fill_disc(mask, 0.22, 0.52, 0.06, 0.09, 9);
  fill_disc(mask, 0.5, 0.5, 0.27, 0.32, 1);
  fill_disc(mask, 0.62, 0.44, 0.06, 0.03, 4);
  fill_disc(mask, 0.38, 0.44, 0.06, 0.035, 5);
  fill_disc(mask, 0.62, 0.37, 0.08, 0.02, 6);
  fill_disc(mask, 0.38, 0.36, 0.08, 0.02, 7);
  fill_disc(mask, 0.51, 0.55, 0.05, 0.08, 2);
  fill_disc(mask, 0.5, 0.68, 0.09, 0.03, 11);
  fill_disc(mask, 0.5, 0.7, 0.08, 0.03, 12);
  fill_disc(mask, 0.78, 0.61, 0.02, 0.03, 15);
  return mask;
}

Image halves(int left, int right) {
  Image mask(64, 64, 1);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      mask.row(y)[x] = static_cast<uint8_t>(x < 32 ? left : right);
    }
  }
  return mask;
}

Image gray(int side, int value) {
  Image photo(side, side, 3);
  std::fill(photo.pixels.begin(), photo.pixels.end(),
            static_cast<uint8_t>(value));
  return photo;
}

TEST(BorderClass, FollowsTheTable) {
  const std::vector<std::vector<int>> cases = {
      {1, 0, 10},   {1, 13, 17},  {1, 17, 18},  {1, 18, 19},  {1, 14, 20},
      {1, 8, 21},   {1, 9, 21},   {4, 1, 1},    {5, 1, 2},    {6, 1, 4},
      {7, 1, 5},    {2, 1, 6},    {3, 1, 3},    {10, 11, 7},  {11, 12, 7},
      {12, 1, 7},   {2, 11, 7},   {15, 8, 8},   {15, 0, 8},   {16, 17, 9},
      {8, 0, 11},   {8, 13, 11},  {9, 17, 12},  {9, 0, 12},   {14, 0, 13},
      {17, 0, 14},  {13, 0, 15},  {18, 0, 16},  {13, 14, 22}, {17, 18, 22},
      {13, 17, 22}, {13, 18, 22}, {14, 18, 22}, {3, 4, 3},    {3, 13, 3},
      {6, 13, 4},   {4, 6, 1},    {2, 0, 6},    {7, 3, 3},    {8, 14, 11},
      {8, 18, 11},  {15, 16, 8},  {5, 5, 0}};
  for (const auto& entry : cases) {
    const int a = entry[0], b = entry[1];
    EXPECT_EQ(border_class(a, b), entry[2]) << a << " and " << b;
    EXPECT_EQ(border_class(b, a), entry[2]) << b << " and " << a;
  }
  EXPECT_THROW(border_class(0, 19), Error);
  EXPECT_THROW(border_class(-1, 1), Error);
}

// Every pair gives a line down the middle, of its class.
TEST(SketchOf, DrawsTheBorderOfEachPair) {
  for (int a = 0; a < kMaskLabels; ++a) {
    for (int b = 0; b < kMaskLabels; ++b) {
      const Drawing drawing = sketch_of(halves(a, b), nullptr);
      if (a == b) {
        EXPECT_TRUE(drawing.strokes.empty());
        continue;
      }
      ASSERT_EQ(drawing.strokes.size(), 1u) << a << " and " << b;
      const Stroke& stroke = drawing.strokes[0];
      EXPECT_EQ(stroke.label, border_class(a, b));
      EXPECT_EQ(stroke.detail, 0);
      EXPECT_EQ(drawing.side, 512);
      ASSERT_EQ(stroke.points.size(), 2u);
      EXPECT_NEAR(length_of(stroke.points), 512, 1e-3);
      for (const Point& p : stroke.points) EXPECT_NEAR(p.x, 256, 1e-3);
    }
  }
}

TEST(SketchOf, DrawsAHead) {
  const Drawing drawing = sketch_of(head(256), nullptr);
  std::set<int> classes;
  for (const Stroke& stroke : drawing.strokes) classes.insert(stroke.label);
  EXPECT_EQ(classes, (std::set<int>{1, 2, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17,
                                    18, 21, 22, 10}));
  // An eye is one closed line near its ellipse, without the pixels' stairs.
  for (const Stroke& stroke : drawing.strokes) {
    if (stroke.label != 1) continue;
    EXPECT_TRUE(is_closed(stroke.points));
    EXPECT_LT(stroke.points.size(), 30u);
    for (const Point& p : stroke.points) {
      const double u = (p.x / 512 - 0.62) / 0.06;
      const double v = (p.y / 512 - 0.44) / 0.03;
      EXPECT_NEAR(u * u + v * v, 1, 0.25);
    }
  }
}

Image mirrored_mask(const Image& mask) {
  Image out = mask;
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      const uint8_t label = mask.row(y)[mask.width - 1 - x];
      out.row(y)[x] = label >= 4 && label <= 9 ? label ^ 1 : label;
    }
  }
  return out;
}

void expect_mirrored(const Image& mask) {
  const Drawing drawing = sketch_of(mask, nullptr);
  Drawing turned = sketch_of(mirrored_mask(mask), nullptr);
  for (Stroke& stroke : turned.strokes) {
    stroke.label = mirrored_class(stroke.label);
    for (Point& p : stroke.points) p.x = 512 - p.x;
  }
  const Image a = rasterize(drawing, 512);
  const Image b = rasterize(turned, 512);
  EXPECT_GT(found(a, b), 0.99);
  EXPECT_GT(found(b, a), 0.99);
}

TEST(SketchOf, OfAMirroredMaskIsTheMirroredSketch) {
  expect_mirrored(head(256));
  expect_mirrored(head(200));
}

TEST(SketchOf, LeavesOutSpecks) {
  Image mask(256, 256, 1);
  fill_disc(mask, 0.5, 0.5, 0.4, 0.4, 1);
  const size_t before = sketch_of(mask, nullptr).strokes.size();
  mask.row(128)[128] = 13;
  EXPECT_EQ(sketch_of(mask, nullptr).strokes.size(), before);
  fill_disc(mask, 0.5, 0.5, 0.03, 0.03, 13);
  EXPECT_EQ(sketch_of(mask, nullptr).strokes.size(), before + 1);
}

TEST(SketchOf, FindsEdgesInsideRegions) {
  Image mask(256, 256, 1);
  fill_disc(mask, 0.5, 0.5, 0.45, 0.45, 13);
  Image photo = gray(256, 200);
  // One step of brightness well inside, one along the region's border.
  for (int y = 0; y < 256; ++y) {
    for (int x = 0; x < 256; ++x) {
      const bool dark = x > 128 && y > 60 && y < 200;
      if (mask.row(y)[x] == 0 || dark) {
        std::fill_n(photo.row(y) + 3 * x, 3, uint8_t{60});
      }
    }
  }
  SketchOptions options;
  options.detail = 1;
  const Drawing drawing = sketch_of(mask, &photo, options);
  double inner = 0;
  for (const Stroke& stroke : drawing.strokes) {
    EXPECT_EQ(stroke.label, 15);
    if (stroke.detail == 0) continue;
    inner += length_of(stroke.points);
    for (const Point& p : stroke.points) {
      EXPECT_LT(std::hypot(p.x - 256, p.y - 256), 0.45 * 512 - 4);
    }
  }
  // Two of 240 units across, one of 280 down.
  EXPECT_NEAR(inner, 650, 130);
  options.detail = 0;
  EXPECT_EQ(sketch_of(mask, &photo, options).strokes.size(), 1u);
}

TEST(SketchOf, MoreDetailOnlyAddsStrokes) {
  const Image mask = head(256);
  Image photo = gray(256, 128);
  for (int y = 0; y < 256; ++y) {
    for (int x = 0; x < 256; ++x) {
      const int wave = (x / 9 + y / 13) % 2 == 0 ? x / 3 : -y / 3;
      std::fill_n(photo.row(y) + 3 * x, 3, static_cast<uint8_t>(128 + wave));
    }
  }
  size_t before = 0;
  for (const float detail : {0.0F, 0.2F, 0.5F, 1.0F}) {
    SketchOptions options;
    options.detail = detail;
    const Drawing drawing = sketch_of(mask, &photo, options);
    EXPECT_GT(drawing.strokes.size(), before);
    before = drawing.strokes.size();
    for (const Stroke& stroke : drawing.strokes) {
      EXPECT_LE(stroke.detail, detail);
      EXPECT_GE(stroke.label, 1);
      EXPECT_LE(stroke.label, 22);
    }
  }
}

TEST(SketchOf, RefusesWhatIsNoMask) {
  EXPECT_THROW(sketch_of(halves(0, 19), nullptr), Error);
  EXPECT_THROW(sketch_of(Image(4, 8, 1), nullptr), Error);
  EXPECT_THROW(sketch_of(Image(4, 4, 3), nullptr), Error);
  const Image wide(8, 4, 3);
  EXPECT_THROW(sketch_of(halves(0, 1), &wide), Error);
}

// The published examples have 3,500 to 14,000 pixels of line.
TEST(SketchOf, IsAsDenseAsPublishedSketches) {
  const std::filesystem::path faces =
      std::filesystem::path(LIMNER_SHARED) / "faces";
  if (!std::filesystem::exists(faces)) {
    GTEST_SKIP() << "no faces beside this checkout";
  }
  for (const std::string id : {"00340", "00500", "01222", "01500"}) {
    const Image mask = read_labels(faces / "masks" / (id + ".png"), 18);
    const Image photo = read_rgb(faces / "images" / (id + ".jpg"));
    const Image sketch = rasterize(sketch_of(mask, &photo), 512);
    const auto drawn = std::count_if(sketch.pixels.begin(), sketch.pixels.end(),
                                     [](uint8_t v) { return v != 0; });
    EXPECT_GT(drawn, 3500) << id;
    EXPECT_LT(drawn, 14000) << id;
    expect_mirrored(mask);
  }
}

}  // namespace
}  // namespace limner
