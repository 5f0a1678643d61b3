// The opcodes are those of CPython's pickletools.py, protocols 2 to 5. The
// text opcodes of protocols 0 and 1 are refused: torch never writes them.
#include "weights/pickle.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "util/error.h"
#include "weights/storage.h"

namespace limner::pickle {
namespace {

// A checkpoint with its optimizer takes some hundred thousand of each.
constexpr size_t kMaxValues = 2'000'000;
constexpr size_t kMaxSteps = 16'000'000;
constexpr size_t kLongestName = 256;

enum Op : unsigned char {
  kMark = '(',
  kStop = '.',
  kPop = '0',
  kPopMark = '1',
  kDup = '2',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kNone = 'N',
  kBinPersId = 'Q',
  kReduce = 'R',
  kBinString = 'T',
  kShortBinString = 'U',
  kBinUnicode = 'X',
  kAppend = 'a',
  kBuild = 'b',
  kGlobal = 'c',
  kAppends = 'e',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kSetItem = 's',
  kTuple = 't',
  kSetItems = 'u',
  kBinBytes = 'B',
  kShortBinBytes = 'C',
  kBinFloat = 'G',
  kEmptyList = ']',
  kEmptyTuple = ')',
  kEmptyDict = '}',
  kProto = 0x80,
  kNewObj = 0x81,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8a,
  kLong4 = 0x8b,
  kShortBinUnicode = 0x8c,
  kBinUnicode8 = 0x8d,
  kBinBytes8 = 0x8e,
  kEmptySet = 0x8f,
  kAddItems = 0x90,
  kFrozenSet = 0x91,
  kNewObjEx = 0x92,
  kStackGlobal = 0x93,
  kMemoize = 0x94,
  kFrame = 0x95,
  kByteArray8 = 0x96,
};

class Machine {
 public:
  Machine(Arena* arena, Bytes bytes) : arena_(*arena), bytes_(bytes) {}

  Value* run();
  size_t used() const { return at_; }

 private:
  // Runs one instruction. Returns false at the end.
  bool step(unsigned char op);
  bool step_container(unsigned char op);
  bool step_object(unsigned char op);

  template <typename... Args>
  [[noreturn]] void damaged(fmt::format_string<Args...> format,
                            Args&&... args) const {
    fail("{}: damaged pickle at byte {}: {}", arena_.source(), at_,
         fmt::format(format, std::forward<Args>(args)...));
  }

  // Reading. Sizes are compared with what is left before use.
  const unsigned char* take(uint64_t size) {
    if (size > bytes_.size() - at_) damaged("it ends early");
    const unsigned char* part = bytes_.data() + at_;
    at_ += size;
    return part;
  }
  uint64_t u8() { return *take(1); }
  uint64_t u16() { return read_u16(take(2)); }
  uint64_t u32() { return read_u32(take(4)); }
  uint64_t u64() { return read_u64(take(8)); }
  std::string_view text(uint64_t size) {
    const unsigned char* part = take(size);
    return {reinterpret_cast<const char*>(part), static_cast<size_t>(size)};
  }
  std::string_view line();

  // The stack.
  void push(Value* value) { stack_.push_back(value); }
  Value* pop() {
    if (stack_.size() <= floor()) damaged("the stack is empty");
    Value* value = stack_.back();
    stack_.pop_back();
    return value;
  }
  Value* top() {
    Value* value = pop();
    push(value);
    return value;
  }
  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  std::vector<Value*> pop_to_mark();
  void push_tuple(size_t count);
  void push_integer(std::string_view little_endian);
  void push_global(std::string_view module, std::string_view name);
  Value* top_container(Kind kind, const char* what);

  void put(uint64_t index, Value* value) { memo_[index] = value; }
  Value* get(uint64_t index) const {
    const auto found = memo_.find(index);
    if (found == memo_.end()) damaged("memo {} is not set", index);
    return found->second;
  }

  Arena& arena_;
  Bytes bytes_;
  size_t at_ = 0;
  std::vector<Value*> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint64_t, Value*> memo_;
};

std::string_view Machine::line() {
  const Bytes rest = bytes_.subspan(at_, bytes_.size() - at_);
  const auto* end = std::find(rest.begin(), rest.end(), '\n');
  if (end == rest.end()) damaged("it ends early");
  const auto size = static_cast<size_t>(end - rest.begin());
  const std::string_view found = text(size);
  take(1);
  return found;
}

std::vector<Value*> Machine::pop_to_mark() {
  if (marks_.empty()) damaged("there is no mark");
  const auto begin =
      stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  std::vector<Value*> items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  marks_.pop_back();
  return items;
}

void Machine::push_tuple(size_t count) {
  Value* tuple = arena_.make(Kind::kTuple);
  tuple->items.resize(count);
  for (size_t i = count; i-- > 0;) tuple->items[i] = pop();
  push(tuple);
}

void Machine::push_integer(std::string_view little_endian) {
  if (little_endian.size() > 8) {
    push(arena_.make_string(Kind::kBigInt, little_endian));
    return;
  }
  const bool negative =
      !little_endian.empty() && (little_endian.back() & 0x80) != 0;
  uint64_t bits = negative ? ~uint64_t{0} : 0;
  for (size_t i = little_endian.size(); i-- > 0;) {
    bits = bits << 8 | static_cast<unsigned char>(little_endian[i]);
  }
  push(arena_.make_int(static_cast<int64_t>(bits)));
}

void Machine::push_global(std::string_view module, std::string_view name) {
  if (module.size() > kLongestName || name.size() > kLongestName) {
    damaged("the name of a class is {} characters long",
            std::max(module.size(), name.size()));
  }
  Value* value = arena_.make(Kind::kGlobal);
  value->text = arena_.keep(fmt::format("{}.{}", module, name));
  push(value);
}

Value* Machine::top_container(Kind kind, const char* what) {
  Value* value = top();
  if (value->kind != kind) damaged("items for something that is no {}", what);
  return value;
}

bool Machine::step(unsigned char op) {
  switch (op) {
    case kProto:
      if (const uint64_t protocol = u8(); protocol < 2 || protocol > 5) {
        damaged("protocol {}, expected 2 to 5", protocol);
      }
      return true;
    case kFrame:
      if (u64() > bytes_.size() - at_) damaged("it ends early");
      return true;
    case kStop:
      return false;

    case kNone:
      push(arena_.make(Kind::kNone));
      return true;
    case kNewTrue:
    case kNewFalse:
      push(arena_.make(Kind::kBool));
      top()->integer = op == kNewTrue ? 1 : 0;
      return true;
    case kBinInt:
      push_integer(text(4));
      return true;
    case kBinInt1:
      push(arena_.make_int(static_cast<int64_t>(u8())));
      return true;
    case kBinInt2:
      push(arena_.make_int(static_cast<int64_t>(u16())));
      return true;
    case kLong1:
      push_integer(text(u8()));
      return true;
    case kLong4:
      push_integer(text(u32()));
      return true;
    case kBinFloat: {
      uint64_t bits = 0;
      const unsigned char* part = take(8);  // big-endian
      for (int i = 0; i < 8; ++i) bits = bits << 8 | part[i];
      push(arena_.make(Kind::kFloat));
      std::memcpy(&top()->real, &bits, sizeof bits);
      return true;
    }
    case kShortBinString:
    case kShortBinUnicode:
      push(arena_.make_string(Kind::kString, text(u8())));
      return true;
    case kBinString:
    case kBinUnicode:
      push(arena_.make_string(Kind::kString, text(u32())));
      return true;
    case kBinUnicode8:
      push(arena_.make_string(Kind::kString, text(u64())));
      return true;
    case kShortBinBytes:
      push(arena_.make_string(Kind::kBytes, text(u8())));
      return true;
    case kBinBytes:
      push(arena_.make_string(Kind::kBytes, text(u32())));
      return true;
    case kBinBytes8:
    case kByteArray8:
      push(arena_.make_string(Kind::kBytes, text(u64())));
      return true;
    default:
      return step_container(op);
  }
}

bool Machine::step_container(unsigned char op) {
  switch (op) {
    case kMark:
      marks_.push_back(stack_.size());
      return true;
    case kPop:
      // Python's pickler drops a mark this way too.
      if (!marks_.empty() && stack_.size() == marks_.back()) {
        marks_.pop_back();
      } else {
        pop();
      }
      return true;
    case kPopMark:
      pop_to_mark();
      return true;
    case kDup:
      push(top());
      return true;
    case kEmptyTuple:
    case kTuple1:
    case kTuple2:
    case kTuple3:
      push_tuple(op == kEmptyTuple ? 0 : op - kTuple1 + 1);
      return true;
    case kTuple: {
      std::vector<Value*> items = pop_to_mark();
      push(arena_.make(Kind::kTuple));
      top()->items = std::move(items);
      return true;
    }
    case kEmptyList:
    case kEmptySet:
      push(arena_.make(Kind::kList));
      return true;
    case kFrozenSet: {
      std::vector<Value*> items = pop_to_mark();
      push(arena_.make(Kind::kList));
      top()->items = std::move(items);
      return true;
    }
    case kEmptyDict:
      push(arena_.make(Kind::kDict));
      return true;
    case kAppend: {
      Value* item = pop();
      top_container(Kind::kList, "list")->items.push_back(item);
      return true;
    }
    case kAppends:
    case kAddItems: {
      const std::vector<Value*> items = pop_to_mark();
      std::vector<Value*>& all = top_container(Kind::kList, "list")->items;
      all.insert(all.end(), items.begin(), items.end());
      return true;
    }
    case kSetItem: {
      Value* value = pop();
      Value* key = pop();
      std::vector<Value*>& all = top_container(Kind::kDict, "dict")->items;
      all.push_back(key);
      all.push_back(value);
      return true;
    }
    case kSetItems: {
      const std::vector<Value*> items = pop_to_mark();
      if (items.size() % 2 != 0) damaged("a dict key without a value");
      std::vector<Value*>& all = top_container(Kind::kDict, "dict")->items;
      all.insert(all.end(), items.begin(), items.end());
      return true;
    }
    default:
      return step_object(op);
  }
}

bool Machine::step_object(unsigned char op) {
  switch (op) {
    case kBinPut:
      put(u8(), top());
      return true;
    case kLongBinPut:
      put(u32(), top());
      return true;
    case kMemoize:
      put(memo_.size(), top());
      return true;
    case kBinGet:
      push(get(u8()));
      return true;
    case kLongBinGet:
      push(get(u32()));
      return true;
    case kGlobal: {
      const std::string_view module = line();
      push_global(module, line());
      return true;
    }
    case kStackGlobal: {
      const Value* name = pop();
      const Value* module = pop();
      if (name->kind != Kind::kString || module->kind != Kind::kString) {
        damaged("the name of a class is no string");
      }
      push_global(module->text, name->text);
      return true;
    }
    case kReduce:
    case kNewObj: {
      const Value* args = pop();
      const Value* callee = pop();
      push(construct(&arena_, *callee, *args));
      return true;
    }
    case kNewObjEx: {
      const Value* named = pop();
      const Value* args = pop();
      const Value* callee = pop();
      if (named->kind != Kind::kDict || !named->items.empty()) {
        damaged("a constructor with named arguments");
      }
      push(construct(&arena_, *callee, *args));
      return true;
    }
    case kBuild: {
      const Value* state = pop();
      set_state(&arena_, top(), *state);
      return true;
    }
    case kBinPersId:
      push(resolve_persistent_id(&arena_, *pop()));
      return true;
    default:
      damaged("instruction 0x{:02x} is none that torch.save writes", op);
  }
}

Value* Machine::run() {
  for (size_t steps = 0; step(*take(1)); ++steps) {
    if (steps > kMaxSteps) {
      fail("{}: the pickle has more than {} instructions", arena_.source(),
           kMaxSteps);
    }
  }
  Value* result = pop();
  if (!stack_.empty() || !marks_.empty()) damaged("values are left over");
  return result;
}

}  // namespace

Arena::Arena(std::string source, size_t text_budget)
    : source_(std::move(source)), text_budget_(text_budget) {}

Value* Arena::make(Kind kind) {
  if (values_.size() >= kMaxValues) {
    fail("{}: the pickle holds more than {} values", source_, kMaxValues);
  }
  values_.emplace_back();
  values_.back().kind = kind;
  return &values_.back();
}

Value* Arena::make_string(Kind kind, std::string_view text) {
  Value* value = make(kind);
  value->text = text;
  return value;
}

Value* Arena::make_int(int64_t integer) {
  Value* value = make(Kind::kInt);
  value->integer = integer;
  return value;
}

std::string_view Arena::keep(std::string text) {
  if (text.size() > text_budget_) {
    fail("{}: the texts in the pickle take too much memory", source_);
  }
  text_budget_ -= text.size();
  texts_.push_back(std::move(text));
  return texts_.back();
}

void Arena::copy_items(const std::vector<Value*>& from, Value* to) {
  if (from.size() > kMaxValues - copied_) {
    fail("{}: the lists in the pickle take too much memory", source_);
  }
  copied_ += from.size();
  // Not insert(): `from` may be the items of `to`.
  std::vector<Value*> joined = to->items;
  joined.insert(joined.end(), from.begin(), from.end());
  to->items = std::move(joined);
}

Value* load(Arena* arena, Bytes bytes, size_t* used) {
  Machine machine(arena, bytes);
  Value* value = machine.run();
  *used = machine.used();
  return value;
}

const Value* find(const Value& dict, std::string_view key) {
  if (dict.kind != Kind::kDict) return nullptr;
  for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    if (dict.items[i]->kind == Kind::kString && dict.items[i]->text == key) {
      return dict.items[i + 1];
    }
  }
  return nullptr;
}

}  // namespace limner::pickle
