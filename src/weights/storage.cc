#include "weights/storage.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "util/error.h"

namespace limner {
namespace {

constexpr int64_t kMaxElements = int64_t{1} << 48;

bool is_utf8(std::string_view text) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  for (size_t i = 0; i < text.size();) {
    const unsigned lead = at(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || text.size() - i <= more) return false;
    for (size_t k = 1; k <= more; ++k) {
      if ((at(i + k) & 0xC0) != 0x80) return false;
    }
    // Overlong forms, surrogates and values past U+10FFFF.
    const unsigned second = at(i + 1);
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F) ||
        (lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) {
      return false;
    }
    i += more + 1;
  }
  return true;
}

}  // namespace

Blob mapped_blob(const MappedFile& file, Bytes part) {
  return {part, std::make_shared<const MappedFile>(file), true};
}

int64_t checked_count(const Shape& shape, const std::string& what) {
  if (shape.size() > 64) {
    fail("{} has {} dimensions, at most 64 are accepted", what, shape.size());
  }
  int64_t product = 1;
  bool empty = false;
  for (const int64_t size : shape) {
    if (size < 0) fail("{} has a negative size: {}", what, size);
    if (size == 0) {
      empty = true;
    } else if (size > kMaxElements / product) {
      fail("{} is too large: {}", what, to_string(shape));
    } else {
      product *= size;
    }
  }
  return empty ? 0 : product;
}

Tensor checked_tensor(const Blob& blob, DType type, Shape shape,
                      std::vector<int64_t> strides, int64_t offset,
                      const std::string& what) {
  const int64_t count = checked_count(shape, what);
  if (strides.size() != shape.size()) {
    fail("{} has {} sizes and {} strides", what, shape.size(), strides.size());
  }
  const auto element = size_of(type);
  const auto stored = static_cast<int64_t>(blob.bytes.size() / element);
  if (offset < 0 || offset > stored) {
    fail("{} starts at value {} of a storage of {}", what, offset, stored);
  }
  if (count > 0) {
    int64_t last = offset;  // stays below `stored`, so nothing overflows
    for (size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == 1) continue;
      if (strides[i] < 0) fail("{} has a negative stride", what);
      if (strides[i] > 0 && shape[i] - 1 > (stored - last) / strides[i]) {
        last = stored;
        break;
      }
      last += (shape[i] - 1) * strides[i];
    }
    if (last >= stored) {
      fail("{} of shape {} and type {} does not fit its storage of {} bytes",
           what, to_string(shape), name_of(type), blob.bytes.size());
    }
  }

  Tensor tensor;
  tensor.type = type;
  tensor.shape = std::move(shape);
  tensor.strides = std::move(strides);
  tensor.data = blob.bytes.data() + static_cast<size_t>(offset) * element;
  tensor.owner = blob.owner;
  if (blob.mapped) {
    // All of the storage: pages are read again if another view needs them.
    tensor.release = [owner = blob.owner, bytes = blob.bytes] {
      static_cast<const MappedFile*>(owner.get())->release(bytes);
    };
  } else {
    tensor.release = [] {};
  }
  return tensor;
}

uint16_t read_u16(const unsigned char* at) {
  return static_cast<uint16_t>(at[0] | at[1] << 8);
}

uint32_t read_u32(const unsigned char* at) {
  return read_u16(at) | uint32_t{read_u16(at + 2)} << 16;
}

uint64_t read_u64(const unsigned char* at) {
  return read_u32(at) | uint64_t{read_u32(at + 4)} << 32;
}

std::string to_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      out += static_cast<char>(0xC0 | byte >> 6);
      out += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return out;
}

}  // namespace limner
