#include "weights/tensor.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "util/error.h"
#include "util/parallel.h"
#include "weights/half.h"

namespace limner {
namespace {

// Values in files may lie at any address.
template <typename T>
T load(const unsigned char* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

struct Half {
  uint16_t bits;
};
struct BFloat16 {
  uint16_t bits;
};
struct Bool {
  uint8_t bits;
};

float as_f32(Half x) { return half::from_f16(x.bits); }
float as_f32(BFloat16 x) { return half::from_bf16(x.bits); }
float as_f32(Bool x) { return x.bits != 0 ? 1.0F : 0.0F; }
template <typename T>
float as_f32(T x) {
  return static_cast<float>(x);
}

// out[i] = data[i * stride], i < count; stride in elements.
template <typename T>
void convert_row(const unsigned char* data, int64_t count, int64_t stride,
                 float* out) {
  constexpr auto kSize = static_cast<int64_t>(sizeof(T));
  if (stride == 1) {
    for (int64_t i = 0; i < count; ++i) {
      out[i] = as_f32(load<T>(data + i * kSize));
    }
    return;
  }
  for (int64_t i = 0; i < count; ++i) {
    out[i] = as_f32(load<T>(data + i * stride * kSize));
  }
}

using ConvertRow = void (*)(const unsigned char*, int64_t, int64_t, float*);

ConvertRow row_converter(DType type) {
  switch (type) {
    case DType::kF64:
      return convert_row<double>;
    case DType::kF32:
      return convert_row<float>;
    case DType::kF16:
      return convert_row<Half>;
    case DType::kBF16:
      return convert_row<BFloat16>;
    case DType::kI64:
      return convert_row<int64_t>;
    case DType::kI32:
      return convert_row<int32_t>;
    case DType::kI16:
      return convert_row<int16_t>;
    case DType::kI8:
      return convert_row<int8_t>;
    case DType::kU8:
      return convert_row<uint8_t>;
    case DType::kBool:
      return convert_row<Bool>;
  }
  fail("unknown tensor type {}", static_cast<int>(type));
}

// Calls body(row, data) for each row, that is all of the last dimension, of a
// tensor that is neither empty nor a scalar.
template <typename Body>
void for_each_row(const Tensor& tensor, const Body& body) {
  const Shape& shape = tensor.shape;
  const auto element = static_cast<int64_t>(size_of(tensor.type));
  const int64_t columns = shape.back();
  parallel_for(tensor.count() / columns, columns,
               [&](int64_t begin, int64_t end) {
                 for (int64_t row = begin; row < end; ++row) {
                   int64_t offset = 0;
                   int64_t rest = row;
                   for (size_t i = shape.size() - 1; i-- > 0;) {
                     offset += rest % shape[i] * tensor.strides[i];
                     rest /= shape[i];
                   }
                   body(row, tensor.data + offset * element);
                 }
               });
}

}  // namespace

size_t size_of(DType type) {
  switch (type) {
    case DType::kF64:
    case DType::kI64:
      return 8;
    case DType::kF32:
    case DType::kI32:
      return 4;
    case DType::kF16:
    case DType::kBF16:
    case DType::kI16:
      return 2;
    case DType::kI8:
    case DType::kU8:
    case DType::kBool:
      return 1;
  }
  fail("unknown tensor type {}", static_cast<int>(type));
}

const char* name_of(DType type) {
  switch (type) {
    case DType::kF64:
      return "float64";
    case DType::kF32:
      return "float32";
    case DType::kF16:
      return "float16";
    case DType::kBF16:
      return "bfloat16";
    case DType::kI64:
      return "int64";
    case DType::kI32:
      return "int32";
    case DType::kI16:
      return "int16";
    case DType::kI8:
      return "int8";
    case DType::kU8:
      return "uint8";
    case DType::kBool:
      return "bool";
  }
  fail("unknown tensor type {}", static_cast<int>(type));
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += shape[i] < 0 ? "any" : std::to_string(shape[i]);
  }
  return text + "]";
}

int64_t Tensor::count() const {
  int64_t product = 1;
  for (const int64_t size : shape) product *= size;
  return product;
}

bool Tensor::contiguous() const {
  if (count() == 0) return true;
  int64_t expected = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    if (shape[i] == 1) continue;  // its stride is never used
    if (strides[i] != expected) return false;
    expected *= shape[i];
  }
  return true;
}

std::vector<float> Tensor::to_f32() const {
  std::vector<float> values(static_cast<size_t>(count()));
  copy_f32(values.data());
  return values;
}

void Tensor::copy_f32(float* out) const {
  const int64_t total = count();
  if (total == 0) return;
  const ConvertRow convert = row_converter(type);
  const auto element = static_cast<int64_t>(size_of(type));
  if (contiguous()) {
    parallel_for(total, 1, [&](int64_t begin, int64_t end) {
      convert(data + begin * element, end - begin, 1, out + begin);
    });
    return;
  }
  const int64_t columns = shape.back();
  for_each_row(*this, [&](int64_t row, const unsigned char* from) {
    convert(from, columns, strides.back(), out + row * columns);
  });
}

std::vector<unsigned char> Tensor::packed() const {
  const size_t element = size_of(type);
  std::vector<unsigned char> bytes(static_cast<size_t>(count()) * element);
  if (bytes.empty()) return bytes;
  if (contiguous()) {
    std::memcpy(bytes.data(), data, bytes.size());
    return bytes;
  }
  const int64_t columns = shape.back();
  const int64_t step = strides.back() * static_cast<int64_t>(element);
  for_each_row(*this, [&](int64_t row, const unsigned char* from) {
    unsigned char* to =
        bytes.data() + static_cast<size_t>(row * columns) * element;
    for (int64_t i = 0; i < columns; ++i, from += step, to += element) {
      std::memcpy(to, from, element);
    }
  });
  return bytes;
}

Tensor make_tensor(Shape shape, std::vector<float> values) {
  Tensor tensor;
  tensor.shape = std::move(shape);
  if (tensor.count() != static_cast<int64_t>(values.size())) {
    fail("a tensor of shape {} needs {} values, got {}",
         to_string(tensor.shape), tensor.count(), values.size());
  }
  tensor.strides = contiguous_strides(tensor.shape);
  auto owner = std::make_shared<const std::vector<float>>(std::move(values));
  tensor.data = reinterpret_cast<const unsigned char*>(owner->data());
  tensor.owner = std::move(owner);
  tensor.release = [] {};
  return tensor;
}

std::vector<int64_t> contiguous_strides(const Shape& shape) {
  std::vector<int64_t> strides(shape.size());
  int64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= std::max<int64_t>(shape[i], 1);
  }
  return strides;
}

bool TensorMap::has(const std::string& name) const {
  return tensors.count(name) > 0;
}

const Tensor& TensorMap::at(const std::string& name) const {
  const auto found = tensors.find(name);
  if (found == tensors.end()) {
    fail("{}: weight '{}' is missing", printable(source), printable(name));
  }
  return found->second;
}

const Tensor& TensorMap::at(const std::string& name, const Shape& shape) const {
  const Tensor& tensor = at(name);
  const bool same = tensor.shape.size() == shape.size() &&
                    std::equal(shape.begin(), shape.end(), tensor.shape.begin(),
                               [](int64_t wanted, int64_t got) {
                                 return wanted == -1 || wanted == got;
                               });
  if (!same) {
    fail("{}: weight '{}' has shape {}, expected {}", printable(source),
         printable(name), to_string(tensor.shape), to_string(shape));
  }
  return tensor;
}

std::vector<float> load_values(const TensorMap& tensors,
                               const std::string& name, const Shape& shape) {
  const Tensor& tensor = tensors.at(name, shape);
  std::vector<float> values = tensor.to_f32();
  // All exponents are compared at once, which vectorises.
  constexpr int32_t kExponent = 0x7f800000;  // all ones: not finite
  int32_t largest = 0;
  for (const float& value : values) {
    int32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    largest = std::max(largest, bits & kExponent);
  }
  if (largest == kExponent) {
    fail("{}: weight '{}' has values that are not finite", tensors.source,
         name);
  }
  if (tensor.release) tensor.release();
  return values;
}

}  // namespace limner
