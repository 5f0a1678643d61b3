#include "metrics/identity.h"

#include <algorithm>
#include <numeric>

#include "metrics/planes.h"
#include "util/error.h"

namespace limner {
namespace {

// The published crop of an aligned face.
constexpr int kAlignedSide = 256;
constexpr int kTop = 35, kBottom = 223, kLeft = 32, kRight = 220;

}  // namespace

std::vector<float> average_to(const std::vector<float>& planes, int h, int w,
                              int height, int width) {
  const size_t area = static_cast<size_t>(h) * w;
  std::vector<float> out;
  out.reserve(static_cast<size_t>(3) * height * width);
  for (int c = 0; c < 3; ++c) {
    for (int i = 0; i < height; ++i) {
      const int top = i * h / height;
      const int bottom = ((i + 1) * h + height - 1) / height;
      for (int j = 0; j < width; ++j) {
        const int left = j * w / width;
        const int right = ((j + 1) * w + width - 1) / width;
        double sum = 0;
        for (int y = top; y < bottom; ++y) {
          for (int x = left; x < right; ++x) {
            sum += planes[c * area + static_cast<size_t>(y) * w + x];
          }
        }
        out.push_back(
            static_cast<float>(sum / ((bottom - top) * (right - left))));
      }
    }
  }
  return out;
}

std::vector<float> FaceIdentity::describe(const Image& face) {
  if (face.width != face.height || face.width < 1) {
    fail("a face has {} x {} pixels, expected a square picture", face.width,
         face.height);
  }
  std::vector<float> planes = planes_of(face);
  if (face.width != kAlignedSide) {
    planes =
        average_to(planes, face.height, face.width, kAlignedSide, kAlignedSide);
  }
  std::vector<float> crop;
  for (int c = 0; c < 3; ++c) {
    for (int y = kTop; y < kBottom; ++y) {
      const auto row =
          planes.begin() + (int64_t{c} * kAlignedSide + y) * kAlignedSide;
      crop.insert(crop.end(), row + kLeft, row + kRight);
    }
  }
  const int side = network_.side();
  return network_.run(
      average_to(crop, kBottom - kTop, kRight - kLeft, side, side), workspace_);
}

double FaceIdentity::similarity(const Image& a, const Image& b) {
  const std::vector<float> x = describe(a), y = describe(b);
  return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
}

}  // namespace limner
