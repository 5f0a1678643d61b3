#include "metrics/lpips.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

#include "metrics/lpips_layers.h"
#include "metrics/planes.h"
#include "nn/conv.h"
#include "nn/pool.h"
#include "util/error.h"

namespace limner {
namespace {

// sum_c w_c (a_c / |a| - b_c / |b|)^2, the mean over positions of two planar
// maps [channels, area].
double difference(const std::vector<float>& a, const std::vector<float>& b,
                  const std::vector<float>& weights) {
  const size_t channels = weights.size();
  const size_t area = a.size() / channels;
  double sum = 0;
  for (size_t i = 0; i < area; ++i) {
    double norm_a = 0, norm_b = 0;
    for (size_t c = 0; c < channels; ++c) {
      const double x = a[c * area + i], y = b[c * area + i];
      norm_a += x * x;
      norm_b += y * y;
    }
    norm_a = std::sqrt(norm_a) + kLpipsEpsilon;
    norm_b = std::sqrt(norm_b) + kLpipsEpsilon;
    for (size_t c = 0; c < channels; ++c) {
      const double d = a[c * area + i] / norm_a - b[c * area + i] / norm_b;
      sum += weights[c] * d * d;
    }
  }
  return sum / static_cast<double>(area);
}

}  // namespace

struct Lpips::Layers {
  std::vector<float> mean, deviation;               // [3]
  std::array<std::vector<float>, 5> weights, bias;  // of the convolutions
  std::array<std::vector<float>, 5> channels;       // of the differences
  // For pictures of height x width.
  int height = 0, width = 0;
  std::vector<Conv> convs;
  Workspace workspace;

  void fit(int h, int w) {
    if (h == height && w == width) return;
    convs.clear();
    int y = h, x = w;
    for (size_t i = 0; i < kAlexNet.size(); ++i) {
      const AlexConv& c = kAlexNet[i];
      if (c.pool_before) {
        y = (y - 3) / 2 + 1;
        x = (x - 3) / 2 + 1;
      }
      const ConvShape shape = {c.in, c.out, c.kernel, c.stride, c.pad, y, x};
      ConvOptions options;
      options.leaky_slope = 0;
      convs.emplace_back(shape, weights[i].data(), bias[i].data(), options);
      y = shape.out_height();
      x = shape.out_width();
    }
    height = h;
    width = w;
  }

  // The five activations, planar.
  std::array<std::vector<float>, 5> features(std::vector<float> planes) {
    const size_t area = planes.size() / 3;
    for (size_t i = 0; i < planes.size(); ++i) {
      planes[i] = (planes[i] - mean[i / area]) / deviation[i / area];
    }
    std::array<std::vector<float>, 5> maps;
    FeatureMap map = from_planar(planes.data(), 3, height, width, workspace);
    for (size_t i = 0; i < kAlexNet.size(); ++i) {
      if (kAlexNet[i].pool_before) map = max_pool(map, 3, 2, workspace);
      map = convs[i].run(map, workspace);
      maps[i] = to_planar(map);
    }
    return maps;
  }
};

Lpips::Lpips(const TensorMap& tensors) : layers_(new Layers) {
  Layers& net = *layers_;
  net.mean = load_values(tensors, "net.mean", {1, 3, 1, 1});
  net.deviation = load_values(tensors, "net.std", {1, 3, 1, 1});
  for (const float value : net.deviation) {
    if (!(value > 0)) fail("{}: net.std has a value of 0", tensors.source);
  }
  for (size_t i = 0; i < kAlexNet.size(); ++i) {
    const AlexConv& c = kAlexNet[i];
    const std::string name = fmt::format("net.layers.{}.", c.index);
    net.weights[i] = load_values(tensors, name + "weight",
                                 {c.out, c.in, c.kernel, c.kernel});
    net.bias[i] = load_values(tensors, name + "bias", {c.out});
    net.channels[i] = load_values(tensors, fmt::format("lin.{}.1.weight", i),
                                  {1, c.out, 1, 1});
  }
}

Lpips::~Lpips() = default;
Lpips::Lpips(Lpips&&) noexcept = default;
Lpips& Lpips::operator=(Lpips&&) noexcept = default;

double Lpips::distance(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height) {
    fail("LPIPS compares pictures of one size, got {}x{} and {}x{}", a.width,
         a.height, b.width, b.height);
  }
  return distance(planes_of(a), planes_of(b), a.height, a.width);
}

double Lpips::distance(const std::vector<float>& a, const std::vector<float>& b,
                       int height, int width) {
  if (height < kMinSide || width < kMinSide) {
    fail("LPIPS needs pictures of {} px, got {}x{}", kMinSide, width, height);
  }
  const auto count = static_cast<size_t>(3) * height * width;
  if (a.size() != count || b.size() != count) {
    fail("LPIPS got {} and {} numbers, expected [3, {}, {}]", a.size(),
         b.size(), height, width);
  }
  layers_->fit(height, width);
  const auto maps_a = layers_->features(a), maps_b = layers_->features(b);
  double sum = 0;
  for (size_t i = 0; i < maps_a.size(); ++i) {
    sum += difference(maps_a[i], maps_b[i], layers_->channels[i]);
  }
  return sum;
}

}  // namespace limner
