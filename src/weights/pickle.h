// A pickle machine that builds plain values and nothing else: it knows the few
// constructors that weight files use and refuses every other by name. Nothing
// a pickle asks for is ever run.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "util/span.h"
#include "weights/tensor.h"

namespace limner::pickle {

enum class Kind {
  kNone,
  kBool,        // integer
  kInt,         // integer
  kBigInt,      // text: two's complement, little-endian, over 8 bytes
  kFloat,       // real
  kString,      // text
  kBytes,       // text
  kList,        // items; also sets
  kTuple,       // items
  kDict,        // items: key, value, ...; integer: 1 for a Namespace
  kGlobal,      // text: "module.name", a class or function that is only named
  kStorage,     // text: its key; type; integer values from `offset` on;
                // items: how many values there are in all
  kTensor,      // type; items: storage, sizes, strides; offset: first value
  kNumpyDType,  // text: "f4", "i8", ...
  kOpaque,      // a value that is not read, such as a NumPy array
};

struct Value {
  Kind kind = Kind::kNone;
  DType type = DType::kF32;
  bool entered = false;  // for those who walk the values: guards from cycles
  int64_t integer = 0;
  int64_t offset = 0;
  double real = 0;
  std::string_view text;  // lies in the pickle or in the Arena
  std::vector<Value*> items;
};

// Owns values. They may refer to each other in cycles.
class Arena {
 public:
  // `source` opens every message. Texts made here (not views of the pickle)
  // may take `text_budget` bytes.
  Arena(std::string source, size_t text_budget);

  Value* make(Kind kind);  // throws Error past 2 million values
  Value* make_string(Kind kind, std::string_view text);
  Value* make_int(int64_t value);
  // Keeps a text that is not part of the pickle.
  std::string_view keep(std::string text);
  // Appends items that stay in `from` too. What is copied in total is bounded.
  void copy_items(const std::vector<Value*>& from, Value* to);
  // Every storage that the pickles name, in order.
  std::vector<Value*>& storages() { return storages_; }
  const std::string& source() const { return source_; }

 private:
  std::string source_;
  size_t text_budget_;
  size_t copied_ = 0;
  std::deque<Value> values_;
  std::deque<std::string> texts_;
  std::vector<Value*> storages_;
};

// What `callee(*args)` stands for. Throws Error for anything but the known
// constructors.
Value* construct(Arena* arena, const Value& callee, const Value& args);

// The storage that a persistent id ("storage", type, key, location, count[,
// view]) names.
Value* resolve_persistent_id(Arena* arena, const Value& id);

// Sets the state of a constructed object (BUILD).
void set_state(Arena* arena, Value* object, const Value& state);

// Runs the pickle at the start of `bytes` and returns its value. `used`
// becomes the pickle's length. `bytes` must outlive the arena's values.
Value* load(Arena* arena, Bytes bytes, size_t* used);

// The value under a string key of a dict, or nullptr.
const Value* find(const Value& dict, std::string_view key);

}  // namespace limner::pickle
