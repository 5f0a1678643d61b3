// Style codes as tables and as files.
#include "pipeline/codes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "util/endings.h"
#include "util/error.h"
#include "weights/checkpoint.h"
#include "weights/safetensors.h"
#include "weights/torch_file.h"

namespace limner {
namespace {

// Far above any model (18 codes of 512), far below what could hurt.
constexpr int64_t kMaxRows = 256;
constexpr int64_t kMaxWidth = 65536;
constexpr int kMaxLevels = 10;  // 2048 px

// Metadata key and values that tell the kinds of code files apart.
constexpr const char* kKindKey = "limner.kind";
constexpr const char* kLatentKind = "latent";
constexpr const char* kSketchKind = "sketch codes";
constexpr const char* kAppearanceKind = "appearance codes";
constexpr const char* kRelativeKey = "limner.relative";

void require_finite(const std::vector<float>& values,
                    const std::string& where) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) {
      fail("{}: value {} is {}, but style codes must be finite numbers", where,
           i, values[i]);
    }
  }
}

Tensor to_tensor(const CodeTable& table) {
  return make_tensor({table.rows, table.width}, table.values);
}

// A finite [rows, width] table; `where` names file and tensor in messages.
CodeTable to_table(const Tensor& tensor, const std::string& where) {
  const bool is_number = tensor.type != DType::kBool;
  if (tensor.shape.size() != 2 || !is_number || tensor.shape[0] < 1 ||
      tensor.shape[1] < 1 || tensor.shape[0] > kMaxRows ||
      tensor.shape[1] > kMaxWidth) {
    fail("{}: expected style codes of shape [rows, width], got {} of shape {}",
         where, name_of(tensor.type), to_string(tensor.shape));
  }
  CodeTable table(static_cast<int>(tensor.shape[0]),
                  static_cast<int>(tensor.shape[1]));
  table.values = tensor.to_f32();
  require_finite(table.values, where);
  return table;
}

void require_whole(const CodeTable& table, const char* what) {
  const size_t expected = static_cast<size_t>(std::max(table.rows, 0)) *
                          static_cast<size_t>(std::max(table.width, 0));
  if (table.rows < 1 || table.width < 1 || table.values.size() != expected) {
    fail("{}: a table of {} x {} codes cannot hold {} values", what, table.rows,
         table.width, table.values.size());
  }
  require_finite(table.values, what);
}

std::vector<NamedTensor> structure_tensors(
    const std::vector<StructureMap>& maps) {
  std::vector<NamedTensor> tensors;
  for (const StructureMap& map : maps) {
    const std::string name = fmt::format("structure.{}", map.level);
    require_finite(map.values, name);
    tensors.push_back(
        {name, make_tensor({map.channels, map.side, map.side}, map.values),
         DType::kF32});
  }
  return tensors;
}

std::vector<StructureMap> read_structure(const TensorMap& tensors,
                                         const std::filesystem::path& path) {
  std::vector<StructureMap> maps;
  for (int level = 0; level < kMaxLevels; ++level) {
    const std::string name = fmt::format("structure.{}", level);
    if (!tensors.has(name)) continue;
    const int side = 4 << level;
    const Tensor& tensor = tensors.at(name, {-1, side, side});
    StructureMap map{level, 0, side, tensor.to_f32()};
    if (tensor.shape[0] < 1 || tensor.shape[0] > kMaxWidth) {
      fail("{}: {} has {} channels", path.string(), name, tensor.shape[0]);
    }
    map.channels = static_cast<int>(tensor.shape[0]);
    require_finite(map.values, path.string() + ": " + name);
    maps.push_back(std::move(map));
  }
  return maps;
}

Checkpoint read_kind(const std::filesystem::path& path, const char* kind) {
  Checkpoint file = read_checkpoint(path);
  const std::string got = file.text(kKindKey);
  if (got != kind) {
    fail("{}: expected a file of {}, got {}", path.string(), kind,
         got.empty() ? "a " + file.container + " file of something else"
                     : "one of " + printable(got, 40));
  }
  return file;
}

}  // namespace

void mix_codes(FaceCodes& codes, const FaceCodes& other,
               const std::vector<int>& mask, float alpha) {
  CodeTable& table = codes.styles;
  if (table.rows != other.styles.rows || table.width != other.styles.width) {
    fail("cannot mix codes of [{}, {}] with codes of [{}, {}]", table.rows,
         table.width, other.styles.rows, other.styles.width);
  }
  if (!(alpha >= 0.0F && alpha <= 1.0F)) {
    fail("the share of mixed-in codes must be 0 to 1, got {}", alpha);
  }
  for (const int row : mask) {
    if (row < 0 || row >= table.rows) {
      fail("code {} is out of range: this model has codes 0 to {}", row,
           table.rows - 1);
    }
  }
  const auto counterpart = [&](const StructureMap& map) {
    return std::find_if(
        other.maps.begin(), other.maps.end(),
        [&](const StructureMap& theirs) { return theirs.level == map.level; });
  };
  for (const StructureMap& map : codes.maps) {
    const auto theirs = counterpart(map);
    if (theirs == other.maps.end() ||
        theirs->values.size() == map.values.size()) {
      continue;
    }
    fail("cannot mix structure maps of [{}, {}, {}] with maps of [{}, {}, {}]",
         map.channels, map.side, map.side, theirs->channels, theirs->side,
         theirs->side);
  }
  const auto blend = [&](float& own, float added) {
    own = alpha * added + (1.0F - alpha) * own;
  };
  for (int row = 0; row < table.rows; ++row) {
    // A row that is listed twice is still mixed once.
    if (std::find(mask.begin(), mask.end(), row) == mask.end()) continue;
    float* own = table.row(row);
    const float* added = other.styles.row(row);
    for (int i = 0; i < table.width; ++i) blend(own[i], added[i]);
    for (StructureMap& map : codes.maps) {
      if (2 * map.level != row) continue;
      const auto theirs = counterpart(map);
      if (theirs == other.maps.end()) continue;
      for (size_t i = 0; i < map.values.size(); ++i) {
        blend(map.values[i], theirs->values[i]);
      }
    }
  }
}

void check_latent_path(const std::filesystem::path& path) {
  const std::string ending = lower_case_ending(path);
  if (ending != ".pt" && ending != ".pth" && ending != ".safetensors") {
    fail("{}: a latent file must end in .pt, .pth or .safetensors",
         path.string());
  }
}

void write_latent(const std::filesystem::path& path, const FaceCodes& codes) {
  require_whole(codes.styles, "latent");
  check_latent_path(path);
  if (lower_case_ending(path) == ".safetensors") {
    std::vector<NamedTensor> tensors = structure_tensors(codes.maps);
    tensors.push_back({"latent", to_tensor(codes.styles), DType::kF32});
    write_safetensors(path, tensors, {{kKindKey, kLatentKind}});
  } else if (!codes.maps.empty()) {
    fail(
        "{}: this model's faces have structure maps beside their style codes; "
        "name a .safetensors file, which holds both",
        path.string());
  } else {
    write_torch_tensor(path, to_tensor(codes.styles));
  }
}

FaceCodes read_latent(const std::filesystem::path& path) {
  const Checkpoint file = read_checkpoint(path);
  const char* name = file.tensors.has("") ? "" : "latent";
  if (!file.tensors.has(name)) {
    fail(
        "{}: expected one tensor of style codes (or one named \"latent\"), "
        "got a {} file of {} other tensors",
        path.string(), file.container, file.tensors.tensors.size());
  }
  return {to_table(file.tensors.at(name), path.string()),
          read_structure(file.tensors, path)};
}

void write_codes(const std::filesystem::path& path, const SketchCodes& codes) {
  require_whole(codes.fine, "sketch codes");
  require_finite(codes.w, "sketch code w");
  const int64_t width = static_cast<int64_t>(codes.w.size());
  if (width != codes.fine.width) {
    fail("sketch codes: w has {} numbers, the rows have {}", width,
         codes.fine.width);
  }
  std::vector<NamedTensor> tensors = structure_tensors(codes.maps);
  tensors.push_back({"w", make_tensor({width}, codes.w), DType::kF32});
  tensors.push_back({"fine", to_tensor(codes.fine), DType::kF32});
  write_safetensors(path, tensors, {{kKindKey, kSketchKind}});
}

void write_codes(const std::filesystem::path& path,
                 const AppearanceCodes& codes) {
  require_whole(codes.fine, "appearance codes");
  write_safetensors(path, {{"fine", to_tensor(codes.fine), DType::kF32}},
                    {{kKindKey, kAppearanceKind},
                     {kRelativeKey, codes.relative ? "true" : "false"}});
}

SketchCodes read_sketch_codes(const std::filesystem::path& path) {
  const Checkpoint file = read_kind(path, kSketchKind);
  SketchCodes codes;
  codes.fine = to_table(file.tensors.at("fine"), path.string() + ": fine");
  codes.w = file.tensors.at("w", {codes.fine.width}).to_f32();
  require_finite(codes.w, path.string() + ": w");
  codes.maps = read_structure(file.tensors, path);
  return codes;
}

AppearanceCodes read_appearance_codes(const std::filesystem::path& path) {
  const Checkpoint file = read_kind(path, kAppearanceKind);
  AppearanceCodes codes;
  codes.fine = to_table(file.tensors.at("fine"), path.string() + ": fine");
  const std::string relative = file.text(kRelativeKey);
  if (relative != "true" && relative != "false") {
    fail("{}: expected {} to be true or false, got \"{}\"", path.string(),
         kRelativeKey, printable(relative, 40));
  }
  codes.relative = relative == "true";
  return codes;
}

}  // namespace limner
