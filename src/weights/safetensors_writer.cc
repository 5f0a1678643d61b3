#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "util/error.h"
#include "util/files.h"
#include "util/sha256.h"
#include "weights/safetensors.h"
#include "weights/safetensors_types.h"
#include "weights/storage.h"

namespace limner {
namespace {

using nlohmann::json;

constexpr size_t kAlignment = 64;  // a cache line: mapped loads need no copy
// Values converted at a time: stays in the L2 cache.
constexpr int64_t kPart = 1 << 15;

const char* stored_name(DType type) {
  for (const StoredType& stored : kStoredTypes) {
    if (stored.type == type) return stored.name;
  }
  fail("unknown tensor type {}", static_cast<int>(type));
}

// Writes and sums.
class SummedFile {
 public:
  explicit SummedFile(const std::filesystem::path& path) : file_(path) {}

  void write(const void* data, size_t size) {
    file_.write(data, size);
    sum_.update(data, size);
  }
  std::string commit() {
    file_.commit();
    return sum_.hex();
  }

 private:
  AtomicFile file_;
  Sha256 sum_;
};

void write_tensor(const Tensor& source, DType type, SummedFile* file) {
  // One tensor's row-major copy at most.
  std::vector<unsigned char> packed;
  const unsigned char* data = source.data;
  const size_t element = size_of(source.type);
  const int64_t count = source.count();
  if (!source.contiguous()) {
    packed = source.packed();
    data = packed.data();
  }
  if (type == source.type) {
    file->write(data, static_cast<size_t>(count) * element);
    return;
  }
  std::vector<float> values(static_cast<size_t>(std::min(kPart, count)));
  std::vector<uint16_t> halves(values.size());
  for (int64_t at = 0; at < count; at += kPart) {
    const int64_t size = std::min(kPart, count - at);
    Tensor part;
    part.type = source.type;
    part.shape = {size};
    part.strides = {1};
    part.data = data + static_cast<size_t>(at) * element;
    part.copy_f32(values.data());
    if (type == DType::kF32) {
      file->write(values.data(), static_cast<size_t>(size) * sizeof(float));
      continue;
    }
    if (type == DType::kBF16) {
      f32_to_bf16(values.data(), static_cast<size_t>(size), halves.data());
    } else {
      f32_to_f16(values.data(), static_cast<size_t>(size), halves.data());
    }
    file->write(halves.data(), static_cast<size_t>(size) * sizeof(uint16_t));
  }
}

}  // namespace

std::string write_safetensors(
    const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
    const std::map<std::string, std::string>& metadata) {
  const std::string shown = printable(path.string());
  // Wide types first, so that every tensor is aligned to its own type.
  std::vector<const NamedTensor*> order;
  for (const NamedTensor& tensor : tensors) order.push_back(&tensor);
  std::stable_sort(order.begin(), order.end(),
                   [](const NamedTensor* a, const NamedTensor* b) {
                     return size_of(a->type) > size_of(b->type);
                   });

  json header = json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const NamedTensor* item : order) {
    const DType type = item->type;
    if (type != DType::kF32 && type != DType::kBF16 && type != DType::kF16 &&
        type != item->tensor.type) {
      fail("{}: weight '{}' of type {} cannot be stored as {}", shown,
           printable(item->name), name_of(item->tensor.type), name_of(type));
    }
    if (header.contains(item->name) || item->name == "__metadata__") {
      fail("{}: cannot write two weights named '{}'", shown,
           printable(item->name));
    }
    const uint64_t size =
        static_cast<uint64_t>(item->tensor.count()) * size_of(type);
    header[item->name] = {{"dtype", stored_name(type)},
                          {"shape", item->tensor.shape},
                          {"data_offsets", {offset, offset + size}}};
    offset += size;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const json::exception& error) {
    fail("{}: cannot write a name or text: {}", shown, printable(error.what()));
  }
  constexpr size_t kLength = 8;
  while ((kLength + text.size()) % kAlignment != 0) text += ' ';

  SummedFile file(path);
  unsigned char length[kLength];
  for (size_t i = 0; i < kLength; ++i) {
    length[i] = static_cast<unsigned char>(uint64_t{text.size()} >> (8 * i));
  }
  file.write(length, sizeof length);
  file.write(text.data(), text.size());
  for (const NamedTensor* item : order) {
    write_tensor(item->tensor, item->type, &file);
    if (item->tensor.release) item->tensor.release();
  }
  return file.commit();
}

}  // namespace limner
