#include "train/losses/ada.h"

#include <torch/nn/functional.h>

#include <algorithm>
#include <cmath>

#include "util/random.h"

namespace limner::train {
namespace {

// Strengths of the published augmentation.
constexpr double kShift = 0.125;     // of the side, at most
constexpr double kScale = 0.2;       // spread of log2 of the scale
constexpr double kBrightness = 0.2;  // spread
constexpr double kContrast = 0.5;    // spread of log2
constexpr double kSaturation = 1.0;  // spread of log2

}  // namespace

torch::Tensor Ada::apply(const torch::Tensor& pictures, uint64_t seed,
                         int64_t first, int64_t stride) const {
  if (p_ <= 0.0) return pictures;
  const int64_t batch = pictures.size(0);
  // What a picture's frame becomes, [B, 2, 3], and its colours:
  // x -> grey + saturation (x - grey), times contrast, plus brightness.
  torch::Tensor frame = torch::zeros({batch, 2, 3});
  torch::Tensor colour = torch::empty({batch, 3, 1, 1, 1});
  auto f = frame.accessor<float, 3>();
  auto c = colour.accessor<float, 5>();
  for (int64_t i = 0; i < batch; ++i) {
    Random random(seed, static_cast<uint64_t>(first + i * stride));
    const auto chosen = [&] { return random.uniform() < p_; };
    const auto between = [&](double max) {
      return (2.0 * random.uniform() - 1.0) * max;
    };
    const double mirror = chosen() && random.uniform() < 0.5 ? -1.0 : 1.0;
    const bool shifted = chosen();
    const double dx = between(2.0 * kShift);
    const double dy = between(2.0 * kShift);
    const double scale = chosen() ? std::exp2(kScale * random.normal()) : 1.0;
    const double turn = chosen() ? between(M_PI) : 0.0;
    f[i][0][0] = static_cast<float>(mirror * scale * std::cos(turn));
    f[i][0][1] = static_cast<float>(-mirror * scale * std::sin(turn));
    f[i][1][0] = static_cast<float>(scale * std::sin(turn));
    f[i][1][1] = static_cast<float>(scale * std::cos(turn));
    f[i][0][2] = static_cast<float>(shifted ? dx : 0.0);
    f[i][1][2] = static_cast<float>(shifted ? dy : 0.0);
    c[i][0][0][0][0] =
        static_cast<float>(chosen() ? kBrightness * random.normal() : 0.0);
    c[i][1][0][0][0] = static_cast<float>(
        chosen() ? std::exp2(kContrast * random.normal()) : 1.0);
    c[i][2][0][0][0] = static_cast<float>(
        chosen() ? std::exp2(kSaturation * random.normal()) : 1.0);
  }
  namespace F = torch::nn::functional;
  const torch::Tensor x = pictures.to(torch::kFloat32);
  const torch::Tensor grid = F::affine_grid(
      frame.to(x.device()), x.sizes().vec(), /*align_corners=*/false);
  const torch::Tensor moved =
      F::grid_sample(x, grid,
                     F::GridSampleFuncOptions()
                         .mode(torch::kBilinear)
                         .padding_mode(torch::kReflection)
                         .align_corners(false));
  const torch::Tensor change = colour.to(x.device());
  const torch::Tensor grey = moved.mean(1, /*keepdim=*/true);
  return (grey + (moved - grey) * change.select(1, 2)) * change.select(1, 1) +
         change.select(1, 0);
}

void Ada::adapt(double sign, int64_t images) {
  const double step = static_cast<double>(images) / options_.images;
  p_ += sign > options_.target ? step : -step;
  p_ = std::clamp(p_, 0.0, options_.max);
}

}  // namespace limner::train
