#include "metrics/lpips.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "support/pictures.h"
#include "util/error.h"
#include "util/random.h"
#include "weights/checkpoint.h"
#include "weights/npz.h"

namespace limner {
namespace {

// Random weights of the right shapes.
TensorMap random_weights() {
  TensorMap tensors;
  tensors.source = "random";
  uint64_t seed = 0;
  const auto put = [&](const std::string& name, const Shape& shape, float scale,
                       bool positive = false) {
    int64_t count = 1;
    for (const int64_t side : shape) count *= side;
    std::vector<float> values = normal_values(++seed, count);
    for (float& value : values) {
      value *= scale;
      if (positive) value = std::fabs(value);
    }
    tensors.tensors[name] = make_tensor(shape, std::move(values));
  };
  tensors.tensors["net.mean"] =
      make_tensor({1, 3, 1, 1}, {-0.030F, -0.088F, -0.188F});
  tensors.tensors["net.std"] =
      make_tensor({1, 3, 1, 1}, {0.458F, 0.448F, 0.450F});
  const int shapes[5][4] = {{0, 64, 3, 11},
                            {3, 192, 64, 5},
                            {6, 384, 192, 3},
                            {8, 256, 384, 3},
                            {10, 256, 256, 3}};
  int i = 0;
  for (const auto& s : shapes) {
    const std::string name = "net.layers." + std::to_string(s[0]);
    put(name + ".weight", {s[1], s[2], s[3], s[3]},
        std::sqrt(2.0F / static_cast<float>(s[2] * s[3] * s[3])));
    put(name + ".bias", {s[1]}, 0.1F);
    put("lin." + std::to_string(i++) + ".1.weight", {1, s[1], 1, 1}, 0.1F,
        true);
  }
  return tensors;
}

TEST(Lpips, IsADistance) {
  Lpips lpips(random_weights());
  const Image a = noise(64, 1), b = noise(64, 2);
  Image near = a;
  for (uint8_t& value : near.pixels) value = value < 250 ? value + 5 : value;
  EXPECT_EQ(lpips.distance(a, a), 0);
  EXPECT_GT(lpips.distance(a, b), 2 * lpips.distance(a, near));
  EXPECT_GT(lpips.distance(a, near), 0);
  EXPECT_DOUBLE_EQ(lpips.distance(a, b), lpips.distance(b, a));
  // Another size and back.
  const double before = lpips.distance(a, b);
  lpips.distance(noise(40, 1), noise(40, 2));
  EXPECT_EQ(lpips.distance(a, b), before);
}

// The published definition on the published network's shapes.
TEST(Lpips, MatchesTheReference) {
  const std::filesystem::path folder =
      std::filesystem::path(LIMNER_SHARED) / "reference/losses/lpips";
  if (!std::filesystem::exists(folder / "dump.npz")) {
    GTEST_SKIP() << "no reference data beside this checkout";
  }
  Lpips lpips(read_checkpoint(folder / "weights.pt").tensors);
  const TensorMap dump = read_npz(folder / "dump.npz");
  for (const int side : {64, 256}) {
    const std::string name = std::to_string(side);
    const std::vector<float> a = dump.at(name + "_y_hat").to_f32();
    const std::vector<float> b = dump.at(name + "_y").to_f32();
    const size_t each = static_cast<size_t>(3) * side * side;
    double sum = 0;
    for (size_t i = 0; i < a.size(); i += each) {
      const auto at = static_cast<int64_t>(i);
      const auto end = at + static_cast<int64_t>(each);
      sum += lpips.distance({a.begin() + at, a.begin() + end},
                            {b.begin() + at, b.begin() + end}, side, side);
    }
    const double got = sum / (static_cast<double>(a.size()) / each);
    const double expected = dump.at(name + "_loss").to_f32()[0];
    RecordProperty(name, std::to_string(std::fabs(got / expected - 1)));
    EXPECT_NEAR(got, expected, 1e-5 * expected) << side;
  }
}

TEST(Lpips, RefusesWhatDoesNotFit) {
  TensorMap tensors = random_weights();
  Lpips lpips(tensors);
  EXPECT_THROW(lpips.distance(noise(64, 1), noise(40, 1)), Error);
  EXPECT_THROW(lpips.distance(noise(31, 1), noise(31, 1)), Error);
  EXPECT_THROW(lpips.distance(Image(64, 64, 1), Image(64, 64, 1)), Error);
  EXPECT_THROW(lpips.distance({0}, {0}, 64, 64), Error);
  tensors.tensors.erase("lin.2.1.weight");
  EXPECT_THROW(Lpips{tensors}, Error);
  tensors = random_weights();
  tensors.tensors["net.std"] = make_tensor({1, 3, 1, 1}, {1, 0, 1});
  EXPECT_THROW(Lpips{tensors}, Error);
}

}  // namespace
}  // namespace limner
