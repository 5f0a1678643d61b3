#include "pipeline/shape_file.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "pipeline/network_file.h"
#include "sketch/classes.h"
#include "util/error.h"
#include "weights/safetensors.h"

namespace limner {
namespace {

constexpr const char* kKind = "shapes";
// Names of the tensors. Those named ".weight" may be stored as bfloat16.
constexpr const char* kMean = "mean";
constexpr const char* kComponents = "components.weight";
constexpr const char* kRest = "rest";
constexpr const char* kBorders = "borders";
// Of n examples with m strokes of p points together, as 16-bit floats, whose
// steps within the frame are 1/4 unit at most: [n,kShapePoints,2],
// [n,kOutlineRays]; [m,4]: the stroke's example, class, detail and points;
// [p,2].
constexpr const char* kExamplePoints = "examples.points";
constexpr const char* kExampleBorders = "examples.borders";
constexpr const char* kExampleStrokes = "examples.strokes";
constexpr const char* kExampleLines = "examples.lines";
constexpr int64_t kStrokeNumbers = 4;
// Whole numbers that 16-bit floats hold.
constexpr size_t kMaxExamples = 2048;

std::vector<FaceExample> read_examples(const TensorMap& tensors) {
  if (!tensors.has(kExamplePoints)) return {};
  const std::vector<float> points = tensors.at(kExamplePoints).to_f32();
  const std::vector<float> borders = tensors.at(kExampleBorders).to_f32();
  const std::vector<float> strokes = tensors.at(kExampleStrokes).to_f32();
  const std::vector<float> lines = tensors.at(kExampleLines).to_f32();
  const size_t n = borders.size() / kOutlineRays;
  if (n == 0 || n > kMaxExamples || borders.size() != n * kOutlineRays ||
      points.size() != n * kShapePoints * 2 ||
      strokes.size() % kStrokeNumbers != 0) {
    fail("its examples have {} points and {} borders, which do not go together",
         points.size() / 2, borders.size());
  }
  std::vector<FaceExample> examples(n);
  for (size_t e = 0; e < n; ++e) {
    const float* p = &points[e * kShapePoints * 2];
    for (int i = 0; i < kShapePoints; ++i) {
      examples[e].points.push_back({p[2 * i], p[2 * i + 1]});
    }
    const float* border = &borders[e * kOutlineRays];
    examples[e].borders.assign(border, border + kOutlineRays);
  }
  size_t next = 0;
  for (size_t i = 0; i < strokes.size(); i += kStrokeNumbers) {
    const float* numbers = &strokes[i];
    const float count = numbers[3];
    if (!(numbers[0] >= 0) || !(numbers[0] < static_cast<float>(n)) ||
        !(numbers[1] >= 0) || !(numbers[1] <= kStrokeClasses) ||
        !(count >= 1) ||
        !(count <= static_cast<float>((lines.size() - next) / 2))) {
      fail("stroke {} of its examples makes no sense", i / kStrokeNumbers);
    }
    Stroke stroke;
    stroke.label = static_cast<int>(numbers[1]);
    stroke.detail = numbers[2];
    for (int k = 0; k < static_cast<int>(count); ++k, next += 2) {
      stroke.points.push_back({lines[next], lines[next + 1]});
    }
    examples[static_cast<size_t>(numbers[0])].around.push_back(
        std::move(stroke));
  }
  return examples;
}

void add_examples(const std::vector<FaceExample>& examples,
                  std::vector<NamedTensor>& tensors) {
  std::vector<float> points, borders, strokes, lines;
  const auto add_point = [](const Point& p, std::vector<float>& to) {
    to.push_back(p.x);
    to.push_back(p.y);
  };
  for (size_t e = 0; e < examples.size(); ++e) {
    const FaceExample& example = examples[e];
    for (const Point& p : example.points) add_point(p, points);
    borders.insert(borders.end(), example.borders.begin(),
                   example.borders.end());
    for (const Stroke& stroke : example.around) {
      if (stroke.points.size() > kMaxExamples) {
        fail(
            "face shapes: a stroke of an example has {} points, at most {} "
            "can be written",
            stroke.points.size(), kMaxExamples);
      }
      strokes.insert(strokes.end(),
                     {static_cast<float>(e), static_cast<float>(stroke.label),
                      stroke.detail, static_cast<float>(stroke.points.size())});
      for (const Point& p : stroke.points) add_point(p, lines);
    }
  }
  if (strokes.empty()) return;
  const auto n = static_cast<int64_t>(examples.size());
  const auto add = [&](const char* name, Shape shape,
                       std::vector<float> values) {
    tensors.push_back(
        {name, make_tensor(std::move(shape), std::move(values)), DType::kF16});
  };
  const auto m = static_cast<int64_t>(strokes.size()) / kStrokeNumbers;
  const auto p = static_cast<int64_t>(lines.size()) / 2;
  add(kExamplePoints, {n, kShapePoints, 2}, std::move(points));
  add(kExampleBorders, {n, kOutlineRays}, std::move(borders));
  add(kExampleStrokes, {m, kStrokeNumbers}, std::move(strokes));
  add(kExampleLines, {p, 2}, std::move(lines));
}

}  // namespace

std::optional<FaceShapes> read_face_shapes(const Checkpoint& checkpoint) {
  if (!has_network(checkpoint, kKind)) return std::nullopt;
  const NetworkFile file(checkpoint, kKind);
  const auto values = [&](const char* name) {
    return file.tensors().at(name).to_f32();
  };
  try {
    return FaceShapes(values(kMean), values(kComponents), values(kRest),
                      values(kBorders), read_examples(file.tensors()));
  } catch (const Error& error) {
    fail("{}: {}", printable(checkpoint.tensors.source), error.what());
  }
}

std::string write_face_shapes(const std::filesystem::path& path,
                              const FaceShapes& shapes) {
  const auto size = static_cast<int64_t>(shapes.mean().size());
  const nlohmann::json entry = {{"kind", kKind}, {"points", kShapePoints}};
  if (shapes.examples().size() > kMaxExamples) {
    fail("face shapes: {} examples, at most {} can be written",
         shapes.examples().size(), kMaxExamples);
  }
  std::vector<NamedTensor> tensors = {
      {kMean, make_tensor({size}, shapes.mean()), DType::kF32},
      {kComponents,
       make_tensor({shapes.components(), size}, shapes.component_values()),
       DType::kF32},
      {kRest, make_tensor({size}, shapes.rest()), DType::kF32},
      {kBorders, make_tensor({kOutlineRays}, shapes.borders()), DType::kF32}};
  add_examples(shapes.examples(), tensors);
  return write_safetensors(
      path, tensors, {{"format", "pt"}, {network_entry(kKind), entry.dump()}});
}

}  // namespace limner
