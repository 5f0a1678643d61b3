#include "metrics/identity.h"

#include <gtest/gtest.h>

#include <cmath>

#include "model/test_arcface.h"
#include "support/pictures.h"
#include "util/error.h"
#include "util/random.h"

namespace limner {
namespace {

TEST(AverageTo, WindowsOverlapAsPyTorchs) {
  // A row of five to three: 0..1, 1..3, 3..4; enlarged, pixels repeat.
  std::vector<float> row;
  for (int c = 0; c < 3; ++c) {
    for (const float value : {1, 2, 4, 8, 16}) row.push_back(value + 100 * c);
  }
  const std::vector<float> small = average_to(row, 1, 5, 1, 3);
  ASSERT_EQ(small.size(), 9U);
  EXPECT_FLOAT_EQ(small[0], 1.5F);
  EXPECT_FLOAT_EQ(small[1], 14.0F / 3);
  EXPECT_FLOAT_EQ(small[2], 12.0F);
  EXPECT_FLOAT_EQ(small[8], 212.0F);
  const std::vector<float> large = average_to(row, 1, 5, 2, 10);
  EXPECT_FLOAT_EQ(large[0], 1);
  EXPECT_FLOAT_EQ(large[1], 1);
  EXPECT_FLOAT_EQ(large[2], 2);
  EXPECT_FLOAT_EQ(large[19], 16);
}

TEST(FaceIdentity, IsACosineOfWhatTheCropShows) {
  FaceIdentity identity{ArcFace(random_arcface())};
  const Image a = noise(256, 1), b = noise(256, 2);
  EXPECT_NEAR(identity.similarity(a, a), 1, 1e-6);
  const double different = identity.similarity(a, b);
  EXPECT_LT(different, 0.999);
  EXPECT_GE(different, -1);
  EXPECT_DOUBLE_EQ(identity.similarity(b, a), different);

  // Outside of the crop nothing counts; its first pixel does.
  Image frame = a;
  for (int y = 0; y < 256; ++y) {
    for (int x = 0; x < 256; ++x) {
      if (y >= 35 && y < 223 && x >= 32 && x < 220) continue;
      for (int c = 0; c < 3; ++c) frame.row(y)[3 * x + c] = 0;
    }
  }
  EXPECT_EQ(identity.describe(frame), identity.describe(a));
  frame.row(35)[3 * 32] ^= 255;
  EXPECT_NE(identity.describe(frame), identity.describe(a));
}

TEST(FaceIdentity, SmallPicturesAreSpread) {
  FaceIdentity identity{ArcFace(random_arcface())};
  const Image small = noise(64, 1);
  Image large(256, 256, 3);
  for (int y = 0; y < 256; ++y) {
    for (int x = 0; x < 256; ++x) {
      for (int c = 0; c < 3; ++c) {
        large.row(y)[3 * x + c] = small.row(y / 4)[3 * (x / 4) + c];
      }
    }
  }
  EXPECT_NEAR(identity.similarity(small, large), 1, 1e-6);
  EXPECT_THROW(identity.describe(Image(64, 32, 3)), Error);
  EXPECT_THROW(identity.describe(Image(64, 64, 1)), Error);
}

}  // namespace
}  // namespace limner
