// How safetensors files name the types of numbers.
#pragma once

#include <array>

#include "weights/tensor.h"

namespace limner {

struct StoredType {
  const char* name;
  DType type;
};

inline constexpr std::array<StoredType, 10> kStoredTypes = {{
    {"F64", DType::kF64},
    {"F32", DType::kF32},
    {"F16", DType::kF16},
    {"BF16", DType::kBF16},
    {"I64", DType::kI64},
    {"I32", DType::kI32},
    {"I16", DType::kI16},
    {"I8", DType::kI8},
    {"U8", DType::kU8},
    {"BOOL", DType::kBool},
}};

}  // namespace limner
