#include "model/arcface.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "model/ir_se.h"
#include "model/read_layout.h"
#include "nn/linear.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr int kHalvings = 16;  // the body's last map has 1/16 of the side
constexpr int kLargestSide = 1024;
constexpr double kNormEpsilon = 1e-12;
constexpr int kColours = 3;

}  // namespace

struct ArcFace::Layers {
  int side = 0;
  std::optional<IrSeBody> body;
  Affine before;  // of the body's last map, by channel
  Linear linear;  // of that map, planar, and the norm after it
};

ArcFace::ArcFace(const TensorMap& tensors) : layers_(new Layers) {
  Layers& net = *layers_;
  const Shape shape = tensors.at("output_layer.3.weight", {-1, -1}).shape;
  const Shape norm = tensors.at("output_layer.0.weight", {-1}).shape;
  const auto width = static_cast<int>(shape[0]);
  const auto channels = static_cast<int>(norm[0]);
  const auto deepest = static_cast<int>(
      std::lround(std::sqrt(static_cast<double>(shape[1]) / channels)));
  if (deepest < 1 || deepest * kHalvings > kLargestSide ||
      int64_t{deepest} * deepest * channels != shape[1]) {
    fail(
        "{}: output_layer.3.weight reads {} numbers, expected a square times "
        "{} channels",
        tensors.source, shape[1], channels);
  }
  net.side = deepest * kHalvings;
  const BodyConfig body = read_body_config(tensors, "");
  if (body.widths[3] != channels) {
    fail("{}: its body makes {} channels, expected {}", tensors.source,
         body.widths[3], channels);
  }
  net.body.emplace(tensors, body_layout(body, kColours, ""), net.side,
                   LayerPolicy());
  net.before = load_batch_norm(tensors, "output_layer.0", channels);
  auto weights = load_values(tensors, "output_layer.3.weight", shape);
  auto bias = load_values(tensors, "output_layer.3.bias", {width});
  const Affine after = load_batch_norm(tensors, "output_layer.4", width);
  for (int o = 0; o < width; ++o) {
    for (int64_t i = 0; i < shape[1]; ++i)
      weights[o * shape[1] + i] *= after.a[o];
    bias[o] = bias[o] * after.a[o] + after.b[o];
  }
  net.linear = Linear(width, static_cast<int>(shape[1]), std::move(weights),
                      1.0F, std::move(bias));
}

ArcFace::~ArcFace() = default;
ArcFace::ArcFace(ArcFace&&) noexcept = default;
ArcFace& ArcFace::operator=(ArcFace&&) noexcept = default;

int ArcFace::side() const { return layers_->side; }
int ArcFace::width() const { return layers_->linear.rows(); }

std::vector<float> ArcFace::run(const std::vector<float>& face,
                                Workspace& workspace) const {
  const Layers& net = *layers_;
  const int side = net.side;
  if (face.size() != static_cast<size_t>(3) * side * side) {
    fail("the face network got {} numbers, expected [3, {}, {}]", face.size(),
         side, side);
  }
  const FeatureMap x = from_planar(face.data(), 3, side, side, workspace);
  const BodyMaps maps =
      net.body->run(net.body->enter(x, workspace), {}, workspace);
  std::vector<float> deepest = to_planar(maps[4]);
  const size_t area = deepest.size() / net.before.a.size();
  for (size_t i = 0; i < deepest.size(); ++i) {
    deepest[i] = deepest[i] * net.before.a[i / area] + net.before.b[i / area];
  }
  std::vector<float> code = net.linear.run(deepest.data());
  double squares = 0;
  for (const float value : code) squares += static_cast<double>(value) * value;
  const double norm = std::max(std::sqrt(squares), kNormEpsilon);
  for (float& value : code) value = static_cast<float>(value / norm);
  return code;
}

}  // namespace limner
