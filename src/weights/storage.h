// Checks of the sizes that files claim, before anything is allocated or read.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "util/files.h"
#include "weights/tensor.h"

namespace limner {

// Bytes of a file, or unpacked from it, and what keeps them alive.
struct Blob {
  Bytes bytes;
  std::shared_ptr<const void> owner;
  bool mapped = false;  // the owner is a MappedFile
};

// A part of a mapped file as a blob. `part` must lie inside.
Blob mapped_blob(const MappedFile& file, Bytes part);

// The product of `shape`. Throws Error, opening with `what`, when a size is
// negative, there are more than 64, or the product (empty dimensions aside)
// exceeds 2^48.
int64_t checked_count(const Shape& shape, const std::string& what);

// A tensor over `blob`, whose first value is element `offset` of it. Throws
// Error, opening with `what`, when any element lies outside of the blob.
Tensor checked_tensor(const Blob& blob, DType type, Shape shape,
                      std::vector<int64_t> strides, int64_t offset,
                      const std::string& what);

// Little-endian unsigned numbers at `at`; the caller checks the bounds.
uint16_t read_u16(const unsigned char* at);
uint32_t read_u32(const unsigned char* at);
uint64_t read_u64(const unsigned char* at);

// Text from a file as valid UTF-8: what is not valid is taken as Latin-1.
std::string to_utf8(std::string_view text);

}  // namespace limner
