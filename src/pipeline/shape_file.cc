#include "pipeline/shape_file.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "pipeline/network_file.h"
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

}  // namespace

std::optional<FaceShapes> read_face_shapes(const Checkpoint& checkpoint) {
  if (!has_network(checkpoint, kKind)) return std::nullopt;
  const NetworkFile file(checkpoint, kKind);
  const auto values = [&](const char* name) {
    return file.tensors().at(name).to_f32();
  };
  try {
    return FaceShapes(values(kMean), values(kComponents), values(kRest),
                      values(kBorders));
  } catch (const Error& error) {
    fail("{}: {}", printable(checkpoint.tensors.source), error.what());
  }
}

std::string write_face_shapes(const std::filesystem::path& path,
                              const FaceShapes& shapes) {
  const auto size = static_cast<int64_t>(shapes.mean().size());
  const nlohmann::json entry = {{"kind", kKind}, {"points", kShapePoints}};
  return write_safetensors(
      path,
      {{kMean, make_tensor({size}, shapes.mean()), DType::kF32},
       {kComponents,
        make_tensor({shapes.components(), size}, shapes.component_values()),
        DType::kF32},
       {kRest, make_tensor({size}, shapes.rest()), DType::kF32},
       {kBorders, make_tensor({kOutlineRays}, shapes.borders()), DType::kF32}},
      {{"format", "pt"}, {network_entry(kKind), entry.dump()}});
}

}  // namespace limner
