#include "train/data/augment.h"

#include <gmock/gmock.h>

#include <cmath>

#include "data/test_faces.h"
#include "sketch/mask_sketch.h"
#include "sketch/rasterize.h"

namespace limner::train {
namespace {

Transform mirror() {
  Transform transform;
  transform.xx = -1;
  transform.x0 = 1;
  return transform;
}

TEST(Transform, InverseUndoesIt) {
  Random random(1);
  const Transform t = draw_augmentation({}, random).transform;
  const Transform back = t.inverse();
  const double u = 0.3, v = 0.8;
  const double x = t.xx * u + t.xy * v + t.x0;
  const double y = t.yx * u + t.yy * v + t.y0;
  EXPECT_NEAR(back.xx * x + back.xy * y + back.x0, u, 1e-12);
  EXPECT_NEAR(back.yx * x + back.yy * y + back.y0, v, 1e-12);
  EXPECT_TRUE(Transform().identity());
  EXPECT_FALSE(mirror().identity());
  EXPECT_TRUE(mirror().mirrored());
}

TEST(DrawAugmentation, KeepsToItsStrengths) {
  Random random(2);
  AugmentOptions options;
  int mirrored = 0;
  for (int i = 0; i < 400; ++i) {
    const Transform t = draw_augmentation(options, random).transform;
    mirrored += t.mirrored() ? 1 : 0;
    const double scale = std::sqrt(std::abs(t.xx * t.yy - t.xy * t.yx));
    EXPECT_LE(std::abs(std::log(scale)), options.scale + 1e-9);
    EXPECT_LE(std::abs(std::atan2(t.yx, t.yy)) * 180 / M_PI,
              options.rotation + 1e-9);
  }
  EXPECT_NEAR(mirrored, 200, 50);
  AugmentOptions none;
  none.mirror = none.rotation = none.scale = none.shift = none.colour = 0;
  const Augmentation still = draw_augmentation(none, random);
  EXPECT_TRUE(still.transform.identity());
  EXPECT_EQ(still.colour.matrix, ColourChange().matrix);
}

TEST(Warp, WithoutTransformKeepsEveryPixel) {
  const Image mask = face_mask(40);
  const Image photo = face_photo(mask);
  EXPECT_EQ(warp_mask(mask, {}, 40).pixels, mask.pixels);
  EXPECT_EQ(resize_mask(mask, 40).pixels, mask.pixels);
  EXPECT_EQ(warp_photo(photo, {}, 40).pixels, photo.pixels);
}

TEST(Warp, MirrorSwapsTheSides) {
  const Image mask = face_mask(40, 2);
  const Image photo = face_photo(mask);
  const Image mirrored = warp_mask(mask, mirror(), 40);
  const Image turned = warp_photo(photo, mirror(), 40);
  constexpr int kSwapped[kMaskLabels] = {0,  1,  2,  3,  5,  4,  7,  6,  9, 8,
                                         10, 11, 12, 13, 14, 15, 16, 17, 18};
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 40; ++x) {
      ASSERT_EQ(mirrored.row(y)[x], kSwapped[mask.row(y)[39 - x]]);
      ASSERT_EQ(turned.row(y)[3 * x + 1], photo.row(y)[3 * (39 - x) + 1]);
    }
  }
}

// Reducing and mirroring may be done in either order.
TEST(Warp, ReducesWithoutLeaning) {
  for (const int side : {20, 30, 64}) {
    const Image mask = face_mask(60, 1);
    const Image a = resize_mask(warp_mask(mask, mirror(), 60), side);
    const Image b = warp_mask(resize_mask(mask, side), mirror(), side);
    EXPECT_EQ(a.pixels, b.pixels) << side;
  }
}

TEST(Warp, MirrorsAtTheBorder) {
  Image mask(10, 10, 1);
  for (int y = 0; y < 10; ++y) mask.row(y)[1] = kHair;
  Transform shift;
  shift.x0 = -0.3;
  const Image moved = warp_mask(mask, shift, 10);
  // Columns -3, -2, -1, 0, 1 of the source: 2, 1, 0, 0, 1.
  EXPECT_EQ(moved.row(4)[0], 0);
  EXPECT_EQ(moved.row(4)[1], kHair);
  EXPECT_EQ(moved.row(4)[2], 0);
  EXPECT_EQ(moved.row(4)[3], 0);
  EXPECT_EQ(moved.row(4)[4], kHair);
}

// Share of the stroke pixels of `a` that have one of the same class in `b`
// within two pixels.
double found(const Image& a, const Image& b) {
  int count = 0, near = 0;
  for (int y = 2; y < a.height - 2; ++y) {
    for (int x = 2; x < a.width - 2; ++x) {
      if (a.row(y)[x] == 0) continue;
      ++count;
      bool any = false;
      for (int k = 0; k < 25; ++k) {
        any = any || b.row(y + k / 5 - 2)[x + k % 5 - 2] == a.row(y)[x];
      }
      near += any ? 1 : 0;
    }
  }
  return static_cast<double>(near) / count;
}

// The sketch of a varied mask is the varied sketch of the mask, also where the
// border mirrors.
TEST(Warp, DrawingStaysInRegister) {
  const Image mask = face_mask(512, 3);
  const Drawing drawing = sketch_of(mask, nullptr);
  AugmentOptions options;
  options.shift = 0.1;
  options.rotation = 15;
  for (int seed = 0; seed < 8; ++seed) {
    Random random(seed);
    const Transform t = draw_augmentation(options, random).transform;
    const Image a = rasterize(warp_drawing(drawing, t), 512);
    const Image b = rasterize(sketch_of(warp_mask(mask, t, 512), nullptr), 512);
    EXPECT_GT(found(a, b), 0.98) << seed;
    EXPECT_GT(found(b, a), 0.98) << seed;
  }
}

TEST(Warp, DrawingMirrorsAndSwapsTheSides) {
  Drawing drawing;
  drawing.strokes.push_back({{{10, 20}, {30, 40}}, 11, 0.5F});
  const Drawing same = warp_drawing(drawing, {});
  ASSERT_EQ(same.strokes.size(), 1u);
  EXPECT_EQ(same.strokes[0].label, 11);
  EXPECT_EQ(same.strokes[0].points[1].x, 30);
  const Drawing turned = warp_drawing(drawing, mirror());
  ASSERT_EQ(turned.strokes.size(), 1u);
  EXPECT_EQ(turned.strokes[0].label, 12);
  EXPECT_EQ(turned.strokes[0].detail, 0.5F);
  EXPECT_FLOAT_EQ(turned.strokes[0].points[0].x, 502);
  EXPECT_FLOAT_EQ(turned.strokes[0].points[0].y, 20);
}

TEST(Colours, GrayStaysGrayUnderSaturationAndHue) {
  AugmentOptions options;
  options.brightness = options.contrast = options.white_balance = 0;
  options.colour = 1;
  Random random(3);
  Image gray(1, 1, 3);
  gray.pixels = {100, 100, 100};
  std::array<float, 3> out;
  for (int i = 0; i < 20; ++i) {
    to_planes(gray, draw_augmentation(options, random).colour, out.data());
    for (const float value : out) EXPECT_NEAR(value, 100 / 127.5 - 1, 1e-4);
  }
}

TEST(Colours, ClampAndKeepRange) {
  ColourChange change;
  change.offset = {300, 0, -300};
  Image pixel(1, 1, 3);
  pixel.pixels = {10, 0, 255};
  std::array<float, 3> out;
  to_planes(pixel, change, out.data());
  EXPECT_THAT(out, ::testing::ElementsAre(1.0F, -1.0F, -1.0F));
}

}  // namespace
}  // namespace limner::train
