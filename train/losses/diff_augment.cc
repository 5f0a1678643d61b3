#include "train/losses/diff_augment.h"

#include <algorithm>
#include <cmath>

#include "util/random.h"

namespace limner::train {
namespace {

// x: [B, C, h, w], from: [B, n] rows (of dimension 2) or columns (3) -> those.
torch::Tensor take(const torch::Tensor& x, const torch::Tensor& from,
                   int64_t dim) {
  std::vector<int64_t> shape = {x.size(0), 1, 1, 1};
  shape[dim] = from.size(1);
  return x.gather(dim, from.clamp_min(0).view(shape).expand_as(x));
}

}  // namespace

DiffAugment::DiffAugment(const DiffAugmentOptions& options, int64_t batch,
                         int64_t side, uint64_t seed, int64_t first,
                         int64_t stride)
    : on_(options.strength > 0) {
  if (!on_) return;
  colour_ = torch::empty({batch, 3, 1, 1, 1});
  rows_ = torch::empty({batch, side}, torch::kInt64);
  columns_ = torch::empty({batch, side}, torch::kInt64);
  kept_ = torch::ones({batch, 1, side, side});
  auto colour = colour_.accessor<float, 5>();
  auto rows = rows_.accessor<int64_t, 2>();
  auto columns = columns_.accessor<int64_t, 2>();
  const double strength = options.strength;
  const auto hole = static_cast<int64_t>(
      std::lround(options.hole * strength * static_cast<double>(side)));
  const double far = options.shift * strength * static_cast<double>(side);
  for (int64_t i = 0; i < batch; ++i) {
    Random random(seed, static_cast<uint64_t>(first + i * stride));
    const auto spread = [&](double max) {
      return (2.0 * random.uniform() - 1.0) * max;
    };
    colour[i][0][0][0][0] =
        static_cast<float>(spread(options.brightness * strength));
    colour[i][1][0][0][0] =
        static_cast<float>(1.0 + spread(options.saturation * strength));
    colour[i][2][0][0][0] =
        static_cast<float>(1.0 + spread(options.contrast * strength));
    const int64_t down = std::lround(spread(far));
    const int64_t right = std::lround(spread(far));
    const auto inside = [&](int64_t at) {
      return at >= 0 && at < side ? at : -1;
    };
    for (int64_t k = 0; k < side; ++k) {
      rows[i][k] = inside(k - down);
      columns[i][k] = inside(k - right);
    }
    // The hole's middle lies anywhere, so it may reach over the border.
    const auto begin = [&] {
      return static_cast<int64_t>(random.uniform() *
                                  static_cast<double>(side)) -
             hole / 2;
    };
    const int64_t top = begin();
    const int64_t left = begin();
    kept_[i]
        .slice(1, std::max<int64_t>(0, top), std::max<int64_t>(0, top + hole))
        .slice(2, std::max<int64_t>(0, left), std::max<int64_t>(0, left + hole))
        .zero_();
    const torch::Tensor there =
        (rows_[i] >= 0).unsqueeze(1) & (columns_[i] >= 0).unsqueeze(0);
    kept_[i].mul_(there.to(torch::kFloat32));
  }
}

torch::Tensor DiffAugment::pictures(const torch::Tensor& x) const {
  if (!on_) return x;
  const int64_t batch = x.size(0);
  const auto device = x.device();
  const torch::Tensor colour = colour_.slice(0, 0, batch).to(device);
  torch::Tensor y = x.to(torch::kFloat32) + colour.select(1, 0);
  const torch::Tensor grey = y.mean(1, /*keepdim=*/true);
  y = grey + (y - grey) * colour.select(1, 1);
  const torch::Tensor mean = y.mean({1, 2, 3}, /*keepdim=*/true);
  y = mean + (y - mean) * colour.select(1, 2);
  y = take(take(y, rows_.slice(0, 0, batch).to(device), 2),
           columns_.slice(0, 0, batch).to(device), 3);
  return y * kept_.slice(0, 0, batch).to(device);
}

torch::Tensor DiffAugment::classes(const torch::Tensor& x) const {
  if (!on_) return x;
  const int64_t batch = x.size(0);
  const auto device = x.device();
  const torch::Tensor moved =
      take(take(x.unsqueeze(1), rows_.slice(0, 0, batch).to(device), 2),
           columns_.slice(0, 0, batch).to(device), 3);
  const torch::Tensor kept = kept_.slice(0, 0, batch).to(device);
  return torch::where(kept > 0, moved, torch::full_like(moved, -1)).squeeze(1);
}

}  // namespace limner::train
