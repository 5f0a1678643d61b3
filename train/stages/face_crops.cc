#include "train/stages/face_crops.h"

#include <torch/nn/functional.h>

#include <algorithm>
#include <functional>

#include "sketch/mask_sketch.h"

namespace limner::train {
namespace {

// What is around a part shows whether it fits: boxes are this much larger.
constexpr double kAroundEyes = 1.35;
constexpr double kAroundMouth = 1.5;
// Parts of fewer pixels than this share of the picture are hidden or wrong.
constexpr double kMinShare = 0.0005;

struct Box {
  int64_t left = 0, top = 0, right = 0, bottom = 0, pixels = 0;

  void add(int64_t x, int64_t y) {
    if (pixels++ == 0) {
      left = right = x;
      top = bottom = y;
    }
    left = std::min(left, x);
    right = std::max(right, x);
    top = std::min(top, y);
    bottom = std::max(bottom, y);
  }
};

// `boxes` of a picture [side, side] into the frame; false: not there.
using Find = std::function<bool(const torch::TensorAccessor<int64_t, 2>&,
                                int64_t side, Box&)>;

FaceCrops crops_of(const torch::Tensor& classes, int64_t height, int64_t width,
                   double around, const Find& find) {
  const int64_t batch = classes.size(0);
  const int64_t side = classes.size(1);
  FaceCrops crops;
  crops.height = height;
  crops.width = width;
  crops.frames = torch::zeros({batch, 2, 3});
  crops.found = torch::zeros({batch});
  const auto labels = classes.accessor<int64_t, 3>();
  auto frames = crops.frames.accessor<float, 3>();
  const double aspect =
      static_cast<double>(width) / static_cast<double>(height);
  const auto s = static_cast<double>(side);
  for (int64_t i = 0; i < batch; ++i) {
    Box box;
    const bool found = find(labels[i], side, box);
    crops.found[i] = found ? 1.0 : 0.0;
    // A box in the middle stands in for a part that is not there.
    double x = 0.5, y = 0.5, wide = static_cast<double>(width) / s;
    if (found) {
      x = static_cast<double>(box.left + box.right + 1) / (2.0 * s);
      y = static_cast<double>(box.top + box.bottom + 1) / (2.0 * s);
      wide = around *
             std::max(static_cast<double>(box.right + 1 - box.left),
                      static_cast<double>(box.bottom + 1 - box.top) * aspect) /
             s;
    }
    frames[i][0][0] = static_cast<float>(wide);
    frames[i][0][2] = static_cast<float>(2.0 * x - 1.0);
    frames[i][1][1] = static_cast<float>(wide / aspect);
    frames[i][1][2] = static_cast<float>(2.0 * y - 1.0);
  }
  return crops;
}

}  // namespace

FaceCrops eye_crops(const torch::Tensor& classes) {
  const int64_t side = classes.size(1);
  return crops_of(
      classes, side / 4, side / 2, kAroundEyes,
      [](const torch::TensorAccessor<int64_t, 2>& labels, int64_t n, Box& box) {
        int64_t left = 0, right = 0;
        for (int64_t y = 0; y < n; ++y) {
          for (int64_t x = 0; x < n; ++x) {
            const int64_t label = labels[y][x];
            if (label != kLeftEye && label != kRightEye) continue;
            ++(label == kLeftEye ? left : right);
            box.add(x, y);
          }
        }
        const double min = kMinShare * static_cast<double>(n * n);
        return static_cast<double>(std::min(left, right)) >= min;
      });
}

FaceCrops mouth_crops(const torch::Tensor& classes) {
  const int64_t side = classes.size(1) * 3 / 8;
  return crops_of(
      classes, side, side, kAroundMouth,
      [](const torch::TensorAccessor<int64_t, 2>& labels, int64_t n, Box& box) {
        for (int64_t y = 0; y < n; ++y) {
          for (int64_t x = 0; x < n; ++x) {
            const int64_t label = labels[y][x];
            if (label >= kMouth && label <= kLowerLip) box.add(x, y);
          }
        }
        return static_cast<double>(box.pixels) >=
               kMinShare * static_cast<double>(n * n);
      });
}

torch::Tensor cut_out(const torch::Tensor& pictures, const FaceCrops& crops) {
  namespace F = torch::nn::functional;
  const int64_t batch = pictures.size(0);
  const torch::Tensor x = pictures.to(torch::kFloat32);
  const torch::Tensor grid = F::affine_grid(
      crops.frames.slice(0, 0, batch).to(x.device()),
      {batch, x.size(1), crops.height, crops.width}, /*align_corners=*/false);
  return F::grid_sample(x, grid,
                        F::GridSampleFuncOptions()
                            .mode(torch::kBilinear)
                            .padding_mode(torch::kBorder)
                            .align_corners(false));
}

}  // namespace limner::train
