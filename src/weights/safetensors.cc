// Reading. The format: https://github.com/huggingface/safetensors, whose own
// reader is as strict (no holes, no overlaps, no unused bytes).
#include "weights/safetensors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "util/error.h"
#include "util/files.h"
#include "weights/safetensors_types.h"
#include "weights/storage.h"

namespace limner {
namespace {

using nlohmann::json;

constexpr uint64_t kLongestHeader = 100'000'000;  // as the format says
constexpr size_t kLengthSize = 8;
// {"name": {"shape": [1]}}
constexpr int kDeepest = 3;

struct Entry {
  std::string name;
  DType type = DType::kF32;
  Shape shape;
  uint64_t begin = 0;
  uint64_t end = 0;
};

DType type_of(const std::string& name, const std::string& what) {
  for (const StoredType& stored : kStoredTypes) {
    if (name == stored.name) return stored.type;
  }
  fail("{} has type '{}', which is not supported", what, printable(name));
}

// Parses the header, refusing keys that come twice (JSON allows them, and
// readers differ in which one counts) and deep nesting.
json parse_header(Bytes text, const std::string& shown) {
  std::vector<std::set<std::string>> keys;
  const json::parser_callback_t check =
      [&](int depth, json::parse_event_t event, json& value) {
        using Event = json::parse_event_t;
        if (event == Event::object_start || event == Event::array_start) {
          if (depth >= kDeepest) {
            fail("{}: damaged header: nested deeper than {}", shown, kDeepest);
          }
          keys.emplace_back();
        } else if (event == Event::object_end || event == Event::array_end) {
          keys.pop_back();
        } else if (event == Event::key) {
          const auto& key = value.get_ref<const std::string&>();
          if (!keys.back().insert(key).second) {
            fail("{}: damaged header: '{}' comes twice", shown, printable(key));
          }
        }
        return true;
      };
  try {
    return json::parse(text.begin(), text.end(), check);
  } catch (const json::exception& error) {
    fail("{}: damaged header: {}", shown, printable(error.what()));
  }
}

// A list of whole numbers of at least 0.
std::vector<int64_t> integers(const json& list, const std::string& what) {
  std::vector<int64_t> values;
  if (!list.is_array()) fail("{} is not described as expected", what);
  for (const json& item : list) {
    if (!item.is_number_unsigned() ||
        item.get<uint64_t>() > uint64_t{INT64_MAX}) {
      fail("{} is not described as expected", what);
    }
    values.push_back(item.get<int64_t>());
  }
  return values;
}

Entry parse_entry(const std::string& name, const json& value,
                  uint64_t data_size, const std::string& what) {
  const bool sound = value.is_object() && value.size() == 3 &&
                     value.contains("dtype") && value["dtype"].is_string() &&
                     value.contains("shape") && value.contains("data_offsets");
  if (!sound) fail("{} is not described as expected", what);
  Entry entry;
  entry.name = name;
  entry.type = type_of(value["dtype"].get<std::string>(), what);
  entry.shape = integers(value["shape"], what);
  const std::vector<int64_t> offsets = integers(value["data_offsets"], what);
  if (offsets.size() != 2) fail("{} is not described as expected", what);
  entry.begin = static_cast<uint64_t>(offsets[0]);
  entry.end = static_cast<uint64_t>(offsets[1]);
  if (entry.begin > entry.end || entry.end > data_size) {
    fail("{} lies at bytes {} to {} of {}: damaged or truncated", what,
         entry.begin, entry.end, data_size);
  }
  const auto count = static_cast<uint64_t>(checked_count(entry.shape, what));
  if (entry.end - entry.begin != count * size_of(entry.type)) {
    fail("{} has {} bytes, expected {} for {} {}", what,
         entry.end - entry.begin, count * size_of(entry.type),
         name_of(entry.type), to_string(entry.shape));
  }
  return entry;
}

// Every byte of the data belongs to exactly one tensor.
void check_cover(std::vector<Entry>* entries, uint64_t data_size,
                 const std::string& shown) {
  std::sort(entries->begin(), entries->end(),
            [](const Entry& a, const Entry& b) {
              return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
            });
  uint64_t reached = 0;
  for (const Entry& entry : *entries) {
    if (entry.begin != reached) {
      fail(
          "{}: weight '{}' starts at byte {}, expected {}: weights overlap or "
          "leave a hole",
          shown, printable(entry.name), entry.begin, reached);
    }
    reached = entry.end;
  }
  if (reached != data_size) {
    fail("{}: {} bytes of data, of which the header describes {}", shown,
         data_size, reached);
  }
}

}  // namespace

bool looks_like_safetensors(Bytes bytes) {
  return bytes.size() > kLengthSize && bytes[kLengthSize] == '{' &&
         read_u64(bytes.data()) <= kLongestHeader;
}

Checkpoint read_safetensors(const MappedFile& file) {
  const Bytes bytes = file.bytes();
  const std::string shown = printable(file.path().string());
  if (!looks_like_safetensors(bytes)) fail("{}: no safetensors file", shown);
  const uint64_t length = read_u64(bytes.data());
  if (length > bytes.size() - kLengthSize) {
    fail("{}: truncated: the header has {} bytes, {} are there", shown, length,
         bytes.size() - kLengthSize);
  }
  const json header = parse_header(bytes.subspan(kLengthSize, length), shown);
  if (!header.is_object()) {
    fail("{}: damaged header: expected an object", shown);
  }
  const uint64_t data_begin = kLengthSize + length;
  const uint64_t data_size = bytes.size() - data_begin;

  Checkpoint checkpoint;
  checkpoint.container = "safetensors";
  checkpoint.file_bytes = bytes.size();
  checkpoint.tensors.source = file.path().string();
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") {
      const bool sound =
          value.is_object() &&
          std::all_of(value.begin(), value.end(),
                      [](const json& item) { return item.is_string(); });
      if (!sound) fail("{}: damaged header: __metadata__ is no texts", shown);
      checkpoint.set_values(value);
      continue;
    }
    const std::string what =
        fmt::format("{}: weight '{}'", shown, printable(name));
    entries.push_back(parse_entry(name, value, data_size, what));
  }
  check_cover(&entries, data_size, shown);
  for (Entry& entry : entries) {
    const Blob blob = mapped_blob(
        file, bytes.subspan(data_begin + entry.begin, entry.end - entry.begin));
    std::vector<int64_t> strides = contiguous_strides(entry.shape);
    checkpoint.tensors.tensors.emplace(
        entry.name, checked_tensor(blob, entry.type, std::move(entry.shape),
                                   std::move(strides), 0, shown));
  }
  return checkpoint;
}

}  // namespace limner
