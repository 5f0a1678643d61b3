// safetensors: an 8-byte header length, a JSON header, raw little-endian data.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "util/files.h"
#include "weights/checkpoint.h"

namespace limner {

// True when the first bytes look like a safetensors header.
bool looks_like_safetensors(Bytes bytes);

// Reads a mapped safetensors file. Throws Error when it is damaged.
Checkpoint read_safetensors(const MappedFile& file);

// One tensor to write: stored as `type` (kF32, kBF16, kF16 or the tensor's
// own type).
struct NamedTensor {
  std::string name;
  Tensor tensor;
  DType type;
};

// Writes atomically, one tensor at a time (no second copy of all weights).
// Data starts 64-byte aligned. Returns the file's SHA-256 in hex.
std::string write_safetensors(
    const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
    const std::map<std::string, std::string>& metadata);

}  // namespace limner
