#include "model/squeezenet.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "nn/isa.h"
#include "nn/pool.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr int kBorder = 3;
constexpr int kSideStep = 16;
// Of blue, green and red, in values of 0 to 255.
constexpr std::array<float, 3> kMean = {104.0F, 117.0F, 123.0F};

// Convolution "NAME__w", "NAME__b" and ReLU. The file's weights are for the
// first `in` channels, 0: for all; the others get zeros.
Conv load_conv(const TensorMap& tensors, const std::string& name,
               const ConvShape& shape, int in = 0) {
  if (in == 0) in = shape.in;
  const size_t own = size_t{1} * in * shape.kernel * shape.kernel;
  const size_t all = own / in * shape.in;
  const auto read = load_values(tensors, name + "__w",
                                {shape.out, in, shape.kernel, shape.kernel});
  std::vector<float> weights(shape.out * all, 0.0F);
  for (int o = 0; o < shape.out; ++o) {
    std::copy_n(&read[o * own], own, &weights[o * all]);
  }
  const auto bias = load_values(tensors, name + "__b", {shape.out});
  ConvOptions options;
  options.fast = true;
  options.leaky_slope = 0.0F;
  return {shape, weights.data(), bias.data(), options};
}

int checked_side(const TensorMap& tensors, int side) {
  if (side < 2 * kSideStep || side % kSideStep != 0) {
    fail(
        "{}: SqueezeNet cannot read pictures of {} px, expected a multiple "
        "of {}",
        tensors.source, side, kSideStep);
  }
  return side;
}

}  // namespace

SqueezeNet::SqueezeNet(const TensorMap& tensors, const std::string& prefix,
                       int side)
    : side_(checked_side(tensors, side)),
      first_(load_conv(
          tensors, prefix + "conv1",
          {channel_block(), kChannels[0], 7, 2, kBorder, side, side}, 3)) {
  int in = kChannels[0];
  int at = side / 4;
  for (int number = 2; number <= 9; ++number) {
    const std::string name = fmt::format("{}fire{}__", prefix, number);
    const int squeezed = 16 * (number / 2);
    const int half = 4 * squeezed;
    if (number == 5 || number == 9) at /= 2;
    fires_.push_back({load_conv(tensors, name + "conv1x1_1",
                                {in, squeezed, 1, 1, 0, at, at}),
                      load_conv(tensors, name + "conv1x1_2",
                                {squeezed, half, 1, 1, 0, at, at}),
                      load_conv(tensors, name + "conv3x3_2",
                                {squeezed, half, 3, 1, 1, at, at}),
                      half});
    in = 2 * half;
  }
}

FeatureMap SqueezeNet::Fire::run(const FeatureMap& x,
                                 Workspace& workspace) const {
  const FeatureMap s = squeeze.run(x, workspace);
  FeatureMap y = workspace.take(2 * half, x.height(), x.width());
  expand1.run(s, y.slice(0, half), workspace);
  expand3.run(s, y.slice(half, half), workspace);
  return y;
}

std::vector<FeatureMap> SqueezeNet::run(const std::vector<float>& picture,
                                        Workspace& workspace) const {
  const size_t area = static_cast<size_t>(side_) * side_;
  if (picture.size() != 3 * area) {
    fail("SqueezeNet got {} numbers, expected [3, {}, {}]", picture.size(),
         side_, side_);
  }
  // A whole block of channels: oneDNN has only a slow convolution for three.
  std::vector<float> bgr(channel_block() * area, 0.0F);
  for (size_t c = 0; c < 3; ++c) {
    for (size_t i = 0; i < area; ++i) {
      bgr[c * area + i] =
          (picture[(2 - c) * area + i] + 1.0F) * 127.5F - kMean[c];
    }
  }
  std::vector<FeatureMap> maps;
  maps.push_back(first_.run(
      from_planar(bgr.data(), channel_block(), side_, side_, workspace),
      workspace));
  FeatureMap map;
  for (int number = 2; number <= 9; ++number) {
    if (number == 2 || number == 5 || number == 9) {
      map = max_pool(maps.back(), 3, 2, workspace, /*overhang=*/true);
    }
    map = fires_[number - 2].run(map, workspace);
    if (number == 4 || number == 8 || number == 9) {
      maps.push_back(std::move(map));
    }
  }
  return maps;
}

}  // namespace limner
