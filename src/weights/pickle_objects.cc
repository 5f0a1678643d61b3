// The constructors that weight files may name, and what they stand for.
#include <algorithm>
#include <cstring>
#include <map>

#include "util/error.h"
#include "weights/pickle.h"
#include "weights/storage.h"

namespace limner::pickle {
namespace {

using Items = std::vector<Value*>;

// True when `items` opens with values of these kinds.
bool opens_with(const Items& items, std::initializer_list<Kind> kinds) {
  return items.size() >= kinds.size() &&
         std::equal(kinds.begin(), kinds.end(), items.begin(),
                    [](Kind kind, const Value* x) { return x->kind == kind; });
}

bool all_are(const Items& items, Kind kind) {
  return std::all_of(items.begin(), items.end(),
                     [&](const Value* x) { return x->kind == kind; });
}

[[noreturn]] void bad_arguments(const Arena& arena, const Value& callee) {
  fail("{}: damaged pickle: arguments of '{}' are not as expected",
       arena.source(), printable(std::string(callee.text)));
}

// The element type a storage class or a torch.dtype names.
const DType* find_type(std::string_view name) {
  static const std::map<std::string_view, DType> kTypes = {
      {"torch.DoubleStorage", DType::kF64},
      {"torch.FloatStorage", DType::kF32},
      {"torch.HalfStorage", DType::kF16},
      {"torch.BFloat16Storage", DType::kBF16},
      {"torch.LongStorage", DType::kI64},
      {"torch.IntStorage", DType::kI32},
      {"torch.ShortStorage", DType::kI16},
      {"torch.CharStorage", DType::kI8},
      {"torch.ByteStorage", DType::kU8},
      {"torch.BoolStorage", DType::kBool},
      {"torch.UntypedStorage", DType::kU8},
      {"torch.storage.UntypedStorage", DType::kU8},
      {"torch.storage._UntypedStorage", DType::kU8},
      {"torch.float64", DType::kF64},
      {"torch.float32", DType::kF32},
      {"torch.float16", DType::kF16},
      {"torch.bfloat16", DType::kBF16},
      {"torch.int64", DType::kI64},
      {"torch.int32", DType::kI32},
      {"torch.int16", DType::kI16},
      {"torch.int8", DType::kI8},
      {"torch.uint8", DType::kU8},
      {"torch.bool", DType::kBool},
  };
  // Tensors on a GPU were once saved as torch.cuda.FloatStorage.
  std::string plain(name);
  if (plain.rfind("torch.cuda.", 0) == 0) plain.erase(6, 5);
  const auto found = kTypes.find(plain);
  return found == kTypes.end() ? nullptr : &found->second;
}

DType type_named(const Arena& arena, const Value& name) {
  const DType* type =
      name.kind == Kind::kGlobal ? find_type(name.text) : nullptr;
  if (type == nullptr) {
    fail("{}: tensors of type '{}' are not supported", arena.source(),
         printable(std::string(name.text)));
  }
  return *type;
}

// (storage, offset, sizes, strides, ...)
Value* make_tensor_value(Arena* arena, const Value& callee, const Items& args) {
  if (!opens_with(args,
                  {Kind::kStorage, Kind::kInt, Kind::kTuple, Kind::kTuple}) ||
      !all_are(args[2]->items, Kind::kInt) ||
      !all_are(args[3]->items, Kind::kInt)) {
    bad_arguments(*arena, callee);
  }
  Value* tensor = arena->make(Kind::kTensor);
  tensor->type = args[0]->type;
  tensor->offset = args[1]->integer;
  tensor->items = {args[0], args[2], args[3]};
  return tensor;
}

Value* rebuild_tensor(Arena* arena, const Value& callee, const Items& args) {
  return make_tensor_value(arena, callee, args);
}

// (storage, offset, sizes, strides, requires_grad, hooks, type, ...): the
// storage is bytes, the type stands apart.
Value* rebuild_tensor_v3(Arena* arena, const Value& callee, const Items& args) {
  if (args.size() < 7) bad_arguments(*arena, callee);
  Value* tensor = make_tensor_value(arena, callee, args);
  tensor->type = type_named(*arena, *args[6]);
  return tensor;
}

// (tensor, requires_grad, hooks[, state])
Value* rebuild_parameter(Arena* arena, const Value& callee, const Items& args) {
  if (!opens_with(args, {Kind::kTensor})) bad_arguments(*arena, callee);
  return args[0];
}

// (function, type, its arguments, state): a tensor with Python attributes,
// which are not kept (torch.Tensor.__reduce_ex__ since 1.12).
Value* rebuild_from_type(Arena* arena, const Value& callee, const Items& args) {
  if (args.size() < 3 || args[0]->kind != Kind::kGlobal ||
      args[0]->text == callee.text || args[2]->kind != Kind::kTuple) {
    bad_arguments(*arena, callee);
  }
  Value* tensor = construct(arena, *args[0], *args[2]);
  if (tensor->kind != Kind::kTensor) bad_arguments(*arena, callee);
  return tensor;
}

// Something beside the weights that nothing is done with.
Value* make_opaque(Arena* arena, const Value&, const Items&) {
  return arena->make(Kind::kOpaque);
}

// () or ([[key, value], ...],)
Value* make_dict(Arena* arena, const Value& callee, const Items& args) {
  Value* dict = arena->make(Kind::kDict);
  if (args.empty()) return dict;
  if (args.size() != 1) bad_arguments(*arena, callee);
  if (args[0]->kind == Kind::kDict) {
    arena->copy_items(args[0]->items, dict);
    return dict;
  }
  if (args[0]->kind != Kind::kList) bad_arguments(*arena, callee);
  Value* pairs = arena->make(Kind::kList);
  arena->copy_items(args[0]->items, pairs);
  for (const Value* pair : pairs->items) {
    if ((pair->kind != Kind::kList && pair->kind != Kind::kTuple) ||
        pair->items.size() != 2) {
      bad_arguments(*arena, callee);
    }
    dict->items.push_back(pair->items[0]);
    dict->items.push_back(pair->items[1]);
  }
  return dict;
}

// (type of what is missing, ...), as a plain dict.
Value* make_default_dict(Arena* arena, const Value& callee, const Items& args) {
  return make_dict(arena, callee, {args.begin() + !args.empty(), args.end()});
}

// argparse.Namespace(): its fields come with BUILD.
Value* make_namespace(Arena* arena, const Value& callee, const Items& args) {
  if (!args.empty()) bad_arguments(*arena, callee);
  Value* fields = arena->make(Kind::kDict);
  fields->integer = 1;
  return fields;
}

// () or (items,); torch.Size, set, frozenset, list and tuple.
Value* make_sequence(Arena* arena, const Value& callee, const Items& args) {
  const bool is_size = callee.text == "torch.Size";
  Value* list = arena->make(is_size ? Kind::kTuple : Kind::kList);
  if (args.empty()) return list;
  if (args.size() != 1 ||
      (args[0]->kind != Kind::kList && args[0]->kind != Kind::kTuple)) {
    bad_arguments(*arena, callee);
  }
  arena->copy_items(args[0]->items, list);
  return list;
}

// torch.device("cuda", 0): a string.
Value* make_device(Arena* arena, const Value& callee, const Items& args) {
  if (args.size() == 1 && opens_with(args, {Kind::kString})) return args[0];
  if (args.size() == 2 && opens_with(args, {Kind::kString, Kind::kInt})) {
    return arena->make_string(
        Kind::kString,
        arena->keep(fmt::format("{}:{}", args[0]->text, args[1]->integer)));
  }
  bad_arguments(*arena, callee);
}

// pathlib's paths: the parts, joined.
Value* make_path(Arena* arena, const Value& callee, const Items& args) {
  if (!all_are(args, Kind::kString)) bad_arguments(*arena, callee);
  std::string path;
  for (const Value* part : args) {
    if (path.size() + part->text.size() > 4096) bad_arguments(*arena, callee);
    if (!path.empty() && path.back() != '/') path += '/';
    path += part->text;
  }
  return arena->make_string(Kind::kString, arena->keep(std::move(path)));
}

// _codecs.encode(text, "latin1"): how protocol 2 stores bytes.
Value* encode_latin1(Arena* arena, const Value& callee, const Items& args) {
  if (args.size() != 2 || !opens_with(args, {Kind::kString, Kind::kString}) ||
      args[1]->text != "latin1") {
    bad_arguments(*arena, callee);
  }
  const std::string_view text = args[0]->text;
  std::string bytes;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      bytes += text[i];
      continue;
    }
    // Two bytes of UTF-8 hold U+0080 to U+00FF.
    if ((lead & 0xFE) != 0xC2 || ++i == text.size()) {
      bad_arguments(*arena, callee);
    }
    bytes += static_cast<char>((lead & 3) << 6 | (text[i] & 0x3F));
  }
  return arena->make_string(Kind::kBytes, arena->keep(std::move(bytes)));
}

// bytes(): protocol 2 writes empty ones so.
Value* make_bytes(Arena* arena, const Value& callee, const Items& args) {
  if (!args.empty()) bad_arguments(*arena, callee);
  return arena->make(Kind::kBytes);
}

// numpy.dtype("f4", ...): the byte order comes with BUILD.
Value* make_numpy_dtype(Arena* arena, const Value& callee, const Items& args) {
  if (!opens_with(args, {Kind::kString})) bad_arguments(*arena, callee);
  return arena->make_string(Kind::kNumpyDType, args[0]->text);
}

// numpy.core.multiarray.scalar(dtype, bytes).
Value* make_numpy_scalar(Arena* arena, const Value& callee, const Items& args) {
  if (args.size() != 2 ||
      !opens_with(args, {Kind::kNumpyDType, Kind::kBytes})) {
    bad_arguments(*arena, callee);
  }
  const std::string_view name = args[0]->text;
  const std::string_view raw = args[1]->text;
  const bool known = name == "f4" || name == "f8" || name == "b1" ||
                     name == "i1" || name == "i2" || name == "i4" ||
                     name == "i8" || name == "u1" || name == "u2" ||
                     name == "u4";
  if (!known) {
    fail("{}: a NumPy value of type '{}' is not supported", arena->source(),
         printable(std::string(name)));
  }
  if (raw.size() != static_cast<size_t>(name[1] - '0')) {
    bad_arguments(*arena, callee);
  }
  if (name[0] == 'f') {
    Value* value = arena->make(Kind::kFloat);
    if (raw.size() == 8) {
      std::memcpy(&value->real, raw.data(), 8);
    } else {
      float real;
      std::memcpy(&real, raw.data(), 4);
      value->real = static_cast<double>(real);
    }
    return value;
  }
  const bool negative = name[0] == 'i' && (raw.back() & 0x80) != 0;
  uint64_t bits = negative ? ~uint64_t{0} : 0;
  for (size_t i = raw.size(); i-- > 0;) {
    bits = bits << 8 | static_cast<unsigned char>(raw[i]);
  }
  Value* value = arena->make_int(static_cast<int64_t>(bits));
  if (name[0] == 'b') value->kind = Kind::kBool;
  return value;
}

using Constructor = Value* (*)(Arena*, const Value&, const Items&);

const std::map<std::string_view, Constructor>& constructors() {
  static const std::map<std::string_view, Constructor> kKnown = {
      {"torch._utils._rebuild_tensor", rebuild_tensor},
      {"torch._utils._rebuild_tensor_v2", rebuild_tensor},
      {"torch._utils._rebuild_tensor_v3", rebuild_tensor_v3},
      {"torch._utils._rebuild_parameter", rebuild_parameter},
      {"torch._utils._rebuild_parameter_with_state", rebuild_parameter},
      {"torch._tensor._rebuild_from_type_v2", rebuild_from_type},
      {"torch.Size", make_sequence},
      {"torch.device", make_device},
      {"collections.OrderedDict", make_dict},
      {"collections.Counter", make_dict},
      {"collections.defaultdict", make_default_dict},
      {"argparse.Namespace", make_namespace},
      {"types.SimpleNamespace", make_namespace},
      {"builtins.dict", make_dict},
      {"__builtin__.dict", make_dict},
      {"builtins.set", make_sequence},
      {"__builtin__.set", make_sequence},
      {"builtins.frozenset", make_sequence},
      {"__builtin__.frozenset", make_sequence},
      {"builtins.bytes", make_bytes},
      {"__builtin__.bytes", make_bytes},
      {"_codecs.encode", encode_latin1},
      {"pathlib.PosixPath", make_path},
      {"pathlib.PurePosixPath", make_path},
      {"numpy.dtype", make_numpy_dtype},
      {"numpy.core.multiarray.scalar", make_numpy_scalar},
      {"numpy._core.multiarray.scalar", make_numpy_scalar},
      {"numpy.core.multiarray._reconstruct", make_opaque},
      {"numpy._core.multiarray._reconstruct", make_opaque},
      {"numpy.ndarray", make_opaque},
      {"datetime.datetime", make_opaque},
      {"datetime.date", make_opaque},
      {"datetime.time", make_opaque},
      {"datetime.timedelta", make_opaque},
      {"datetime.timezone", make_opaque},
      {"decimal.Decimal", make_opaque},
      {"fractions.Fraction", make_opaque},
      {"uuid.UUID", make_opaque},
  };
  return kKnown;
}

}  // namespace

Value* construct(Arena* arena, const Value& callee, const Value& args) {
  if (callee.kind != Kind::kGlobal || args.kind != Kind::kTuple) {
    fail("{}: damaged pickle: it calls something that is no class",
         arena->source());
  }
  const auto known = constructors().find(callee.text);
  if (known == constructors().end()) {
    fail(
        "{}: refuses to run '{}': a weight file may hold tensors and plain "
        "values only (save the model's state_dict)",
        arena->source(), printable(std::string(callee.text)));
  }
  return known->second(arena, callee, args.items);
}

Value* resolve_persistent_id(Arena* arena, const Value& id) {
  const Items& items = id.items;
  if (opens_with(items, {Kind::kString, Kind::kGlobal}) &&
      items[0]->text == "module") {
    fail("{}: holds the Python class '{}', expected a state_dict",
         arena->source(), printable(std::string(items[1]->text)));
  }
  const bool sound =
      id.kind == Kind::kTuple && items.size() >= 5 && items.size() <= 6 &&
      opens_with(items, {Kind::kString, Kind::kGlobal, Kind::kString,
                         Kind::kString, Kind::kInt}) &&
      items[0]->text == "storage" && items[4]->integer >= 0;
  if (!sound) {
    fail("{}: damaged pickle: a storage is not described as torch does",
         arena->source());
  }
  Value* storage = arena->make_string(Kind::kStorage, items[2]->text);
  storage->type = type_named(*arena, *items[1]);
  storage->integer = items[4]->integer;
  storage->items = {items[4]};
  arena->storages().push_back(storage);
  if (items.size() == 6 && items[5]->kind != Kind::kNone) {
    // (key of the view, first value, number of values)
    const Items& view = items[5]->items;
    if (items[5]->kind != Kind::kTuple || view.size() != 3 ||
        view[1]->kind != Kind::kInt || view[2]->kind != Kind::kInt ||
        view[1]->integer < 0 || view[2]->integer < 0 ||
        view[1]->integer > storage->integer ||
        view[2]->integer > storage->integer - view[1]->integer) {
      fail("{}: damaged pickle: a view reaches out of its storage",
           arena->source());
    }
    storage->offset = view[1]->integer;
    storage->integer = view[2]->integer;
  }
  return storage;
}

void set_state(Arena* arena, Value* object, const Value& state) {
  switch (object->kind) {
    case Kind::kDict:
      // An OrderedDict's attributes (_metadata) are not its items; those of
      // an argparse.Namespace are all it has.
      if (object->integer == 1 && state.kind == Kind::kDict) {
        arena->copy_items(state.items, object);
      }
      return;
    case Kind::kNumpyDType:
      // (version, byte order, ...)
      if (opens_with(state.items, {Kind::kInt, Kind::kString}) &&
          (state.items[1]->text == "<" || state.items[1]->text == "|")) {
        return;
      }
      fail("{}: a NumPy value that is not little-endian is not supported",
           arena->source());
    case Kind::kTensor:  // Python attributes of a tensor or parameter
    case Kind::kOpaque:
      return;
    default:
      fail("{}: damaged pickle: state for a value that has none",
           arena->source());
  }
}

}  // namespace limner::pickle
