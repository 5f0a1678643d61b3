// Tensors as they lie in a file: typed, shaped, possibly strided views of
// memory that something else (a mapped file) owns.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "util/span.h"

namespace limner {

enum class DType { kF64, kF32, kF16, kBF16, kI64, kI32, kI16, kI8, kU8, kBool };

size_t size_of(DType type);       // bytes an element
const char* name_of(DType type);  // "float32", ... (PyTorch's names)

using Shape = std::vector<int64_t>;

std::string to_string(const Shape& shape);  // "[512, 18]"; "any" for -1

// Strides of a row-major tensor of this shape, in elements.
std::vector<int64_t> contiguous_strides(const Shape& shape);

// A view of a tensor. Copies share the memory; `owner` keeps it alive.
// Readers guarantee that every element lies inside the owner's memory.
struct Tensor {
  DType type = DType::kF32;
  Shape shape;
  std::vector<int64_t> strides;  // in elements, as many as shape
  const unsigned char* data = nullptr;
  std::shared_ptr<const void> owner;
  // Drops the resident pages behind this tensor, if its source can. Readers
  // and make_tensor() always set it.
  std::function<void()> release;

  int64_t count() const;    // product of shape
  bool contiguous() const;  // row-major without gaps

  // The values as float32 in row-major order, whatever the type and strides.
  std::vector<float> to_f32() const;
  // The same into `out` (count() floats): for large tensors.
  void copy_f32(float* out) const;
  // The values' own bytes in row-major order, without gaps.
  std::vector<unsigned char> packed() const;
};

// A row-major float32 tensor that owns a copy of `values`.
Tensor make_tensor(Shape shape, std::vector<float> values);

// Named tensors in file order of their names, and where they came from.
struct TensorMap {
  std::map<std::string, Tensor> tensors;
  std::string source;  // for messages: the file's path

  bool has(const std::string& name) const;
  // Throws Error naming the source and the key when it is missing.
  const Tensor& at(const std::string& name) const;
  // As at(), and throws Error when the shape is not `shape` (-1: any size).
  const Tensor& at(const std::string& name, const Shape& shape) const;
};

// One tensor as float32 in row-major order, checked to have `shape` (-1: any
// size) and only finite values; its resident pages are dropped afterwards.
// Throws Error.
std::vector<float> load_values(const TensorMap& tensors,
                               const std::string& name, const Shape& shape);

// Round-to-nearest-even conversions.
uint16_t f32_to_bf16(float value);
float bf16_to_f32(uint16_t bits);
uint16_t f32_to_f16(float value);
float f16_to_f32(uint16_t bits);
// The same for `count` values.
void f32_to_bf16(const float* values, size_t count, uint16_t* out);
void bf16_to_f32(const uint16_t* bits, size_t count, float* out);
void f32_to_f16(const float* values, size_t count, uint16_t* out);
void f16_to_f32(const uint16_t* bits, size_t count, float* out);

}  // namespace limner
