// The .npy header is described in NumPy's NEP 1: magic, version, length, and
// a Python dict literal with descr, fortran_order and shape.
#include "weights/npz.h"

#include <cctype>
#include <cstring>
#include <map>
#include <utility>

#include "util/error.h"
#include "util/files.h"
#include "weights/storage.h"
#include "weights/zip_file.h"

namespace limner {
namespace {

constexpr size_t kLongestHeader = size_t{1} << 16;

// What an .npy header says.
struct Header {
  std::string descr;
  bool fortran = false;
  Shape shape;
};

// Parses the dict literal that NumPy writes; not Python in general.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, std::string what)
      : text_(text), what_(std::move(what)) {}

  Header run() {
    Header header;
    bool has_descr = false;
    bool has_order = false;
    bool has_shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr" && !has_descr) {
        skip_space();
        if (text_.substr(at_, 1) == "[") {
          fail("{} has fields, expected plain numbers", what_);
        }
        header.descr = quoted();
        has_descr = true;
      } else if (key == "fortran_order" && !has_order) {
        header.fortran = boolean();
        has_order = true;
      } else if (key == "shape" && !has_shape) {
        header.shape = tuple();
        has_shape = true;
      } else {
        damaged();
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (!has_descr || !has_order || !has_shape) damaged();
    skip_space();
    if (at_ != text_.size()) damaged();
    return header;
  }

 private:
  [[noreturn]] void damaged() const {
    fail("{} has a damaged .npy header", what_);
  }
  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) {
      ++at_;
    }
  }
  bool accept(char c) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) damaged();
  }
  std::string quoted() {
    expect('\'');
    const size_t end = text_.find('\'', at_);
    if (end == std::string_view::npos) damaged();
    std::string found(text_.substr(at_, end - at_));
    at_ = end + 1;
    return found;
  }
  bool boolean() {
    skip_space();
    for (const bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      return value;
    }
    damaged();
  }
  Shape tuple() {
    Shape shape;
    expect('(');
    while (!accept(')')) {
      skip_space();
      int64_t value = 0;
      size_t digits = 0;
      for (; at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9';
           ++at_) {
        if (++digits > 18) damaged();
        value = value * 10 + (text_[at_] - '0');
      }
      if (digits == 0) damaged();
      shape.push_back(value);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return shape;
  }

  std::string_view text_;
  std::string what_;
  size_t at_ = 0;
};

DType type_of(const std::string& descr, const std::string& what) {
  static const std::map<std::string, DType> kTypes = {
      {"<f8", DType::kF64}, {"<f4", DType::kF32}, {"<f2", DType::kF16},
      {"<i8", DType::kI64}, {"<i4", DType::kI32}, {"<i2", DType::kI16},
      {"|i1", DType::kI8},  {"|u1", DType::kU8},  {"|b1", DType::kBool},
  };
  const auto found = kTypes.find(descr);
  if (found != kTypes.end()) return found->second;
  if (descr.find('O') != std::string::npos) {
    fail("{} holds Python objects, expected numbers", what);
  }
  if (!descr.empty() && descr[0] == '>') {
    fail("{} is big-endian, only little-endian is supported", what);
  }
  fail("{} has type '{}', which is not supported", what, printable(descr));
}

Tensor parse_npy(const Blob& blob, const std::string& what) {
  const Bytes bytes = blob.bytes;
  if (bytes.size() < 10 || std::memcmp(bytes.data(), "\x93NUMPY", 6) != 0) {
    fail("{} is no .npy array", what);
  }
  const int version = bytes[6];
  if (version < 1 || version > 3) {
    fail("{} has .npy version {}, expected 1 to 3", what, version);
  }
  const size_t begin = version == 1 ? 10 : 12;
  if (bytes.size() < begin) fail("{} is truncated", what);
  const size_t length =
      version == 1 ? read_u16(bytes.data() + 8) : read_u32(bytes.data() + 8);
  if (length > bytes.size() - begin) fail("{} is truncated", what);
  if (length > kLongestHeader) {
    fail("{} has a header of {} bytes, at most {} are accepted", what, length,
         kLongestHeader);
  }
  const std::string_view text(
      reinterpret_cast<const char*>(bytes.data()) + begin, length);
  Header header = HeaderParser(text, what).run();

  const DType type = type_of(header.descr, what);
  Blob values = blob;
  values.bytes = bytes.subspan(begin + length, bytes.size() - begin - length);
  const auto count = static_cast<uint64_t>(checked_count(header.shape, what));
  if (values.bytes.size() != count * size_of(type)) {
    fail("{} has {} bytes of values, expected {} of {} for shape {}", what,
         values.bytes.size(), count * size_of(type), name_of(type),
         to_string(header.shape));
  }
  std::vector<int64_t> strides;
  if (header.fortran) {
    const Shape reversed(header.shape.rbegin(), header.shape.rend());
    strides = contiguous_strides(reversed);
    strides = {strides.rbegin(), strides.rend()};
  } else {
    strides = contiguous_strides(header.shape);
  }
  return checked_tensor(values, type, header.shape, strides, 0, what);
}

}  // namespace

TensorMap read_npz(const std::filesystem::path& path) {
  const MappedFile file(path);
  const std::string shown = printable(path.string());
  if (!looks_like_zip(file.bytes())) fail("{}: not an .npz archive", shown);
  ZipFile zip(file);
  TensorMap map;
  map.source = path.string();
  constexpr std::string_view kSuffix = ".npy";
  for (const auto& [name, member] : zip.members()) {
    const std::string what =
        fmt::format("{}: array '{}'", shown, printable(name));
    if (name.size() < kSuffix.size() ||
        name.substr(name.size() - kSuffix.size()) != kSuffix) {
      fail("{} is no .npy array", what);
    }
    const Blob blob = zip.open(name, true, ~uint64_t{0});
    Tensor tensor = parse_npy(blob, what);
    tensor.release();  // the checksum has read its pages
    map.tensors.emplace(name.substr(0, name.size() - kSuffix.size()),
                        std::move(tensor));
  }
  return map;
}

}  // namespace limner
