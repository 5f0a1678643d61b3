#include "model/looks.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/read_layout.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kRows = 2;
constexpr int kWidth = 3;

TensorMap file_of(std::vector<float> mean, const Shape& shape,
                  std::vector<float> components) {
  TensorMap file;
  file.source = "model.safetensors";
  file.tensors[kLooksMean] = make_tensor({kRows, kWidth}, std::move(mean));
  file.tensors[kLooksComponents] = make_tensor(shape, std::move(components));
  return file;
}

TensorMap good_file() {
  return file_of({1, 2, 3, 4, 5, 6}, {2, kRows, kWidth},
                 {1, 0, 0, 0, 0, 0.5, 0, 2, 0, 0, -1, 0});
}

RandomLooks looks_of(const TensorMap& file) {
  const int count = read_look_components(file, kRows, kWidth);
  return {file,
          {kLooksMean, {kRows, kWidth}},
          {kLooksComponents, {count, kRows, kWidth}}};
}

std::string error_in(const TensorMap& file) {
  return error_of([&] { looks_of(file); });
}

TEST(LookWeights, AreTheSameAnywhere) {
  // By another program, within the last bits of its logarithm.
  EXPECT_THAT(look_weights(7, 0, 4), ElementsAre(DoubleEq(-0.3372820651321414),
                                                 DoubleEq(-1.1897775246218816),
                                                 DoubleEq(-0.32816348981020615),
                                                 DoubleEq(-1.052699451021688)));
  EXPECT_EQ(look_weights(7, 0, 3), look_weights(7, 0, 3));
  EXPECT_NE(look_weights(7, 0, 3), look_weights(8, 0, 3));
  EXPECT_NE(look_weights(7, 0, 3), look_weights(7, 1, 3));
}

TEST(LookWeights, FollowANormalDistributionCutAtTheFarthest) {
  double sum = 0.0, squares = 0.0, farthest = 0.0;
  constexpr int kSeeds = 500, kCount = 40;
  for (int seed = 0; seed < kSeeds; ++seed) {
    for (const double weight : look_weights(seed, 0, kCount)) {
      sum += weight;
      squares += weight * weight;
      farthest = std::max(farthest, std::abs(weight));
    }
  }
  constexpr double kAll = kSeeds * kCount;
  EXPECT_LE(farthest, kFarthestLook);
  EXPECT_GT(farthest, 0.99 * kFarthestLook);
  EXPECT_NEAR(sum / kAll, 0.0, 0.02);
  // 1 - 2 c phi(c) / (2 Phi(c) - 1) for c = 2.
  EXPECT_NEAR(squares / kAll, 0.7737, 0.02);
}

TEST(RandomLooks, AreTheMeanAndASumOfComponents) {
  const RandomLooks looks = looks_of(good_file());
  EXPECT_EQ(looks.components(), 2);
  const std::vector<double> z = look_weights(11, 0, 2);
  const std::vector<float> got = looks.draw(11);
  const std::vector<double> expected = {1 + z[0], 2 + 2 * z[1], 3,
                                        4,        5 - z[1],     6 + z[0] / 2};
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_FLOAT_EQ(got[i], static_cast<float>(expected[i])) << i;
  }
  EXPECT_EQ(looks.draw(11), got);
  EXPECT_NE(looks.draw(12), got);
}

TEST(RandomLooks, AFileWithoutLooksHasNoComponents) {
  TensorMap file;
  file.source = "model.safetensors";
  EXPECT_EQ(read_look_components(file, kRows, kWidth), 0);
  EXPECT_EQ(read_look_components(good_file(), kRows, kWidth), 2);
}

TEST(RandomLooks, RefusesTensorsThatDoNotFit) {
  EXPECT_EQ(error_in(good_file()), "no error");
  for (const char* name : {kLooksMean, kLooksComponents}) {
    TensorMap file = good_file();
    file.tensors.erase(name);
    EXPECT_THAT(error_in(file), HasSubstr(name));
    EXPECT_THAT(error_in(file), HasSubstr("missing"));
  }
  TensorMap file = good_file();
  file.tensors[kLooksMean] =
      make_tensor({kRows, kWidth + 1}, std::vector<float>(8));
  EXPECT_THAT(error_in(file), HasSubstr("[2, 4], expected [2, 3]"));
  file = file_of({0, 0, 0, 0, 0, 0}, {kRows, kWidth}, {0, 0, 0, 0, 0, 0});
  EXPECT_THAT(error_in(file), HasSubstr("expected [any, 2, 3]"));
  file = file_of({0, 0, 0, 0, 0, 0}, {0, kRows, kWidth}, {});
  EXPECT_THAT(error_in(file), HasSubstr("expected 1 to 1024"));
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(),
                          std::numeric_limits<float>::infinity()}) {
    file =
        file_of({0, 0, bad, 0, 0, 0}, {1, kRows, kWidth}, {0, 0, 0, 0, 0, 0});
    EXPECT_THAT(error_in(file), HasSubstr("not finite"));
    file =
        file_of({0, 0, 0, 0, 0, 0}, {1, kRows, kWidth}, {0, 0, 0, 0, bad, 0});
    EXPECT_THAT(error_in(file), HasSubstr("not finite"));
  }
}

}  // namespace
}  // namespace limner
