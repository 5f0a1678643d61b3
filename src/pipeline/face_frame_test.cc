#include "pipeline/face_frame.h"

#include <gmock/gmock.h>

#include <cmath>

#include "util/error.h"
#include "util/random.h"

namespace limner {
namespace {

Image noise(int width, int height) {
  Image image(width, height, 3);
  Random random(1);
  for (uint8_t& value : image.pixels) {
    value = static_cast<uint8_t>(random.next() >> 24);
  }
  return image;
}

void expect_at(Place place, double x, double y) {
  EXPECT_NEAR(place.x, x, 1e-9);
  EXPECT_NEAR(place.y, y, 1e-9);
}

TEST(FrameOf, UprightByEyes) {
  // Eyes 100 apart, mouth 100 below: 4 * 100 is more than 3.6 * 100.
  const FaceFrame frame = frame_of({{150, 200}, {250, 200}, {200, 300}});
  expect_at(frame.centre, 200, 210);
  EXPECT_DOUBLE_EQ(frame.side, 400);
  EXPECT_DOUBLE_EQ(frame.angle, 0);
}

TEST(FrameOf, UprightByMouth) {
  const FaceFrame frame = frame_of({{160, 200}, {240, 200}, {200, 300}});
  EXPECT_DOUBLE_EQ(frame.side, 360);
}

TEST(FrameOf, ATurnedFaceTurnsItsFrame) {
  const FaceFrame upright = {{300, 200}, 200, 0};
  for (const double angle : {-170.0, -30.0, 12.5, 90.0}) {
    const FaceFrame turned = {{300, 200}, 200, angle};
    const FacePoints face = {{0.375, 0.45}, {0.625, 0.45}, {0.5, 0.7}};
    const FaceFrame expected = frame_of(points_in_photo(upright, face));
    const FaceFrame frame = frame_of(points_in_photo(turned, face));
    EXPECT_NEAR(frame.angle, angle, 1e-9);
    EXPECT_NEAR(frame.side, expected.side, 1e-9);
    const Place centre = to_photo(turned, to_frame(upright, expected.centre));
    expect_at(frame.centre, centre.x, centre.y);
  }
}

TEST(FrameOf, ASlantBetweenEyesAndMouthIsShared) {
  // e = (100, 0), m = (20, 100): the upper edge goes along (200, -20).
  const FaceFrame frame = frame_of({{150, 200}, {250, 200}, {220, 300}});
  EXPECT_NEAR(frame.angle, std::atan2(-20, 200) * 180 / M_PI, 1e-9);
  expect_at(frame.centre, 202, 210);
}

TEST(FrameOf, PointsThatCoincideAreRefused) {
  EXPECT_THROW(frame_of({{5, 5}, {5, 5}, {5, 5}}), Error);
  EXPECT_THROW(frame_of({{NAN, 5}, {9, 5}, {5, 5}}), Error);
}

TEST(Frame, ThereAndBack) {
  const FaceFrame frame = {{31, 17}, 50, 33};
  for (const Place place : {Place{0, 0}, {1, 0}, {0.3, 0.9}}) {
    const Place back = to_frame(frame, to_photo(frame, place));
    expect_at(back, place.x, place.y);
  }
  // Clockwise: the right side of the frame is lower in the photo.
  EXPECT_GT(to_photo(frame, {1, 0.5}).y, to_photo(frame, {0, 0.5}).y);
}

TEST(Frame, Changes) {
  const FrameChange change =
      change_between({{0, 0}, 100, 175}, {{30, 40}, 150, -175});
  EXPECT_DOUBLE_EQ(change.scale, 1.5);
  EXPECT_DOUBLE_EQ(change.shift, 0.5);
  EXPECT_NEAR(change.angle, 10, 1e-9);
}

TEST(CropFrame, TheWholePhotoIsItself) {
  const Image photo = noise(40, 40);
  EXPECT_EQ(crop_frame(photo, whole_frame(photo), 40).pixels, photo.pixels);
}

TEST(CropFrame, ASquareOfPixelsIsCopied) {
  const Image photo = noise(60, 40);
  const Image crop = crop_frame(photo, {{30, 20}, 16, 0}, 16);
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 16; ++x) {
      EXPECT_EQ(crop.row(y)[3 * x + 1], photo.row(y + 12)[3 * (x + 22) + 1]);
    }
  }
}

TEST(CropFrame, AQuarterTurn) {
  const Image photo = noise(20, 20);
  const Image crop = crop_frame(photo, {{10, 10}, 20, 90}, 20);
  for (int y = 0; y < 20; ++y) {
    for (int x = 0; x < 20; ++x) {
      // The frame's upper edge is the photo's right one.
      EXPECT_NEAR(crop.row(y)[3 * x], photo.row(x)[3 * (19 - y)], 1);
    }
  }
}

TEST(CropFrame, ShrinkingAverages) {
  Image photo(64, 64, 3);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      for (int c = 0; c < 3; ++c) {
        photo.row(y)[3 * x + c] = (x + y) % 2 == 0 ? 255 : 0;
      }
    }
  }
  const Image crop = crop_frame(photo, {{32, 32}, 48, 10}, 12);
  for (const uint8_t value : crop.pixels) EXPECT_NEAR(value, 128, 6);
}

TEST(CropFrame, BeyondThePhotoItIsMirroredAndSoft) {
  // Stripes, so that a blur shows; the frame reaches beyond on the left.
  Image photo(200, 200, 3);
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 200; ++x) {
      for (int c = 0; c < 3; ++c) {
        photo.row(y)[3 * x + c] = y / 2 % 2 == 0 ? 200 : 40;
      }
    }
  }
  const Image crop = crop_frame(photo, {{60, 100}, 160, 0}, 160);
  const auto contrast = [&](int x) {
    int min = 255, max = 0;
    for (int y = 40; y < 120; ++y) {
      min = std::min<int>(min, crop.row(y)[3 * x]);
      max = std::max<int>(max, crop.row(y)[3 * x]);
    }
    return max - min;
  };
  EXPECT_GT(contrast(100), 150);  // well inside: as it was
  EXPECT_LT(contrast(2), 30);
  EXPECT_NEAR(crop.row(80)[6], 120, 15);  // the mean
  // What lies inside is untouched by what is done beyond.
  for (int y = 0; y < 160; ++y) {
    EXPECT_EQ(crop.row(y)[3 * 120], photo.row(y + 20)[3 * 100]);
  }
}

TEST(CropFrame, AFrameFarLargerThanThePhoto) {
  const Image crop = crop_frame(noise(9, 5), {{4, 2}, 70, 20}, 32);
  EXPECT_EQ(crop.width, 32);
  EXPECT_EQ(crop.pixels.size(), 32U * 32U * 3U);
}

TEST(CropFrame, WhatMakesNoSense) {
  const Image photo = noise(20, 20);
  EXPECT_THROW(crop_frame(Image(20, 20, 1), {{10, 10}, 9, 0}, 8), Error);
  EXPECT_THROW(crop_frame(Image(), {{10, 10}, 9, 0}, 8), Error);
  EXPECT_THROW(crop_frame(photo, {{10, 10}, 9, 0}, 0), Error);
  EXPECT_THROW(crop_frame(photo, {{10, 10}, 9, 0}, 1 << 20), Error);
  EXPECT_THROW(crop_frame(photo, {{10, 10}, 0, 0}, 8), Error);
  EXPECT_THROW(crop_frame(photo, {{10, 10}, 9, NAN}, 8), Error);
  EXPECT_THROW(crop_frame(photo, {{NAN, 10}, 9, 0}, 8), Error);
  EXPECT_THROW(crop_frame(photo, {{99, 10}, 9, 0}, 8), Error);
  EXPECT_THROW(crop_frame(photo, {{10, 10}, 1e9, 0}, 8), Error);
}

}  // namespace
}  // namespace limner
