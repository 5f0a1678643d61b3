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

bool has_face_shapes(const std::filesystem::path& path) {
  return read_checkpoint(path).values.contains(network_entry(kKind));
}

FaceShapes read_face_shapes(const std::filesystem::path& path) {
  const NetworkFile file(path, kKind);
  const auto values = [&](const char* name) {
    return file.tensors().at(name).to_f32();
  };
  try {
    return {values(kMean), values(kComponents), values(kRest),
            values(kBorders)};
  } catch (const Error& error) {
    fail("{}: {}", printable(path.string()), error.what());
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
