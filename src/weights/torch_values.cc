#include "weights/torch_values.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "util/error.h"

namespace limner {
namespace {

using nlohmann::json;
using pickle::Arena;
using pickle::Kind;
using pickle::Value;

constexpr int kDeepest = 100;
// Values that are referred to from many places count each time.
constexpr size_t kMaxVisits = 2'000'000;
constexpr size_t kMaxText = size_t{1} << 28;

// Two's complement, little-endian, as decimal digits.
std::string decimal(std::string_view bytes) {
  const bool negative = (bytes.back() & 0x80) != 0;
  std::vector<uint32_t> digits = {0};  // base 10^9, lowest first
  for (size_t i = bytes.size(); i-- > 0;) {
    // A negative number's complement is its magnitude less one.
    auto byte = static_cast<unsigned char>(bytes[i]);
    if (negative) byte = static_cast<unsigned char>(~byte);
    uint64_t carry = byte + (negative && i == 0 ? 1U : 0U);
    for (uint32_t& digit : digits) {
      carry += uint64_t{digit} << 8;
      digit = static_cast<uint32_t>(carry % 1'000'000'000);
      carry /= 1'000'000'000;
    }
    if (carry > 0) digits.push_back(static_cast<uint32_t>(carry));
  }
  std::string text = negative ? "-" : "";
  text += std::to_string(digits.back());
  for (size_t i = digits.size() - 1; i-- > 0;) {
    text += fmt::format("{:09}", digits[i]);
  }
  return text;
}

class Flattener {
 public:
  Flattener(const Arena& arena, const FindStorage& find_storage,
            uint64_t file_bytes)
      : arena_(arena), find_storage_(find_storage) {
    result_.file_bytes = file_bytes;
  }

  Checkpoint run(Value* root);

 private:
  // What stays of `value` once its tensors are filed under `name`.
  std::optional<json> visit(Value* value, const std::string& name, int depth);
  std::optional<json> visit_list(Value* list, const std::string& name,
                                 int depth);
  std::optional<json> visit_dict(Value* dict, const std::string& name,
                                 int depth);
  json plain(const Value& value);
  std::string key_text(const Value& key);
  void add_tensor(const Value& value, const std::string& name);

  // Counts text that is about to be copied.
  std::string_view charge(std::string_view text) {
    text_ += text.size();
    if (text_ > kMaxText) {
      fail("{}: its names and texts take too much memory", arena_.source());
    }
    return text;
  }

  const Arena& arena_;
  const FindStorage& find_storage_;
  Checkpoint result_;
  size_t visits_ = 0;
  size_t text_ = 0;
  int64_t values_ = 0;  // of all tensors
};

std::string join(const std::string& name, const std::string& key, int depth) {
  return depth == 0 ? key : name + "." + key;
}

std::string Flattener::key_text(const Value& key) {
  switch (key.kind) {
    case Kind::kString:
    case Kind::kBytes:
      return to_utf8(charge(key.text));
    case Kind::kInt:
      return std::to_string(key.integer);
    case Kind::kBool:
      return key.integer != 0 ? "True" : "False";
    case Kind::kNone:
      return "None";
    case Kind::kFloat:
      return fmt::format("{}", key.real);
    default:
      fail("{}: a dict key is neither a text nor a number", arena_.source());
  }
}

json Flattener::plain(const Value& value) {
  switch (value.kind) {
    case Kind::kBool:
      return value.integer != 0;
    case Kind::kInt:
      return value.integer;
    case Kind::kFloat:
      return value.real;
    case Kind::kBigInt:
      if (value.text.size() > 256) {
        fail("{}: an integer of {} bytes, at most 256 are accepted",
             arena_.source(), value.text.size());
      }
      return decimal(charge(value.text));
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kGlobal:
    case Kind::kNumpyDType:
      return to_utf8(charge(value.text));
    default:
      return nullptr;
  }
}

std::optional<json> Flattener::visit(Value* value, const std::string& name,
                                     int depth) {
  if (++visits_ > kMaxVisits) {
    fail("{}: more than {} values", arena_.source(), kMaxVisits);
  }
  if (value->kind == Kind::kTensor || value->kind == Kind::kStorage) {
    add_tensor(*value, name);
    return std::nullopt;
  }
  const bool is_dict = value->kind == Kind::kDict;
  if (!is_dict && value->kind != Kind::kList && value->kind != Kind::kTuple) {
    return plain(*value);
  }
  if (value->entered) {
    fail("{}: damaged pickle: '{}' contains itself", arena_.source(),
         printable(name));
  }
  if (depth >= kDeepest) {
    fail("{}: values are nested deeper than {}", arena_.source(), kDeepest);
  }
  value->entered = true;
  std::optional<json> rest =
      is_dict ? visit_dict(value, name, depth) : visit_list(value, name, depth);
  value->entered = false;
  return rest;
}

std::optional<json> Flattener::visit_list(Value* list, const std::string& name,
                                          int depth) {
  json array = json::array();
  bool kept = list->items.empty();
  for (size_t i = 0; i < list->items.size(); ++i) {
    const std::string path = join(name, std::to_string(i), depth);
    charge(path);
    std::optional<json> item = visit(list->items[i], path, depth + 1);
    kept = kept || item.has_value();
    array.push_back(item ? std::move(*item) : json(nullptr));
  }
  if (!kept) return std::nullopt;
  return array;
}

std::optional<json> Flattener::visit_dict(Value* dict, const std::string& name,
                                          int depth) {
  json object = json::object();
  bool kept = dict->items.empty();
  for (size_t i = 0; i + 1 < dict->items.size(); i += 2) {
    const std::string key = key_text(*dict->items[i]);
    const std::string path = join(name, key, depth);
    charge(path);
    std::optional<json> item = visit(dict->items[i + 1], path, depth + 1);
    if (!item) continue;
    kept = true;
    if (!object.emplace(key, std::move(*item)).second) {
      fail("{}: two values are named '{}'", arena_.source(), printable(path));
    }
  }
  if (!kept) return std::nullopt;
  return object;
}

void Flattener::add_tensor(const Value& value, const std::string& name) {
  const std::string what =
      fmt::format("{}: weight '{}'", arena_.source(), printable(name));
  const bool is_tensor = value.kind == Kind::kTensor;
  const Value& storage = is_tensor ? *value.items[0] : value;
  Blob blob = find_storage_(storage);
  const uint64_t element = size_of(storage.type);
  // Both lie inside of storage_bytes(), which find_storage_ has checked.
  blob.bytes =
      blob.bytes.subspan(static_cast<uint64_t>(storage.offset) * element,
                         static_cast<uint64_t>(storage.integer) * element);
  Shape shape = {storage.integer};
  std::vector<int64_t> strides = {1};
  if (is_tensor) {
    const auto integers = [](const Value& tuple) {
      std::vector<int64_t> all;
      for (const Value* item : tuple.items) all.push_back(item->integer);
      return all;
    };
    // Before they are copied: the count of dimensions is checked too late.
    if (value.items[1]->items.size() > 64 ||
        value.items[2]->items.size() > 64) {
      fail("{} has {} dimensions, at most 64 are accepted", what,
           value.items[1]->items.size());
    }
    shape = integers(*value.items[1]);
    strides = integers(*value.items[2]);
  }
  const int64_t offset = is_tensor ? value.offset : 0;
  Tensor tensor =
      checked_tensor(blob, is_tensor ? value.type : storage.type,
                     std::move(shape), std::move(strides), offset, what);

  // Expanded and shared tensors may say more values than are stored, but a
  // small file must not claim terabytes.
  const auto stored = static_cast<int64_t>(result_.file_bytes);
  values_ += tensor.count();
  if (values_ > (int64_t{1} << 24) + 16 * stored) {
    fail("{} brings the tensors to {} values, too many for {} bytes", what,
         values_, stored);
  }
  if (!result_.tensors.tensors.emplace(name, std::move(tensor)).second) {
    fail("{}: two weights are named '{}'", arena_.source(), printable(name));
  }
}

Checkpoint Flattener::run(Value* root) {
  std::optional<json> values = visit(root, "", 0);
  if (values && values->is_object()) {
    result_.set_values(std::move(*values));
  } else if (values) {
    json alone = json::object();
    alone[""] = std::move(*values);
    result_.set_values(std::move(alone));
  }
  result_.tensors.source = arena_.source();
  return std::move(result_);
}

}  // namespace

uint64_t storage_bytes(const Arena& arena, const Value& storage) {
  const auto count = static_cast<uint64_t>(storage.items[0]->integer);
  const uint64_t element = size_of(storage.type);
  if (count > (uint64_t{1} << 48) / element) {
    fail("{}: a storage of {} values is too large", arena.source(), count);
  }
  return count * element;
}

Checkpoint flatten(const Arena& arena, Value* root,
                   const FindStorage& find_storage, uint64_t file_bytes) {
  return Flattener(arena, find_storage, file_bytes).run(root);
}

}  // namespace limner
