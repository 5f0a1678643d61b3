#include "sketch/sketch_rnn.h"

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "image/known_files.h"
#include "sketch/drawing_limits.h"
#include "sketch/quickdraw.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr std::array<const char*, 3> kSets = {"train.npy", "valid.npy",
                                              "test.npy"};
// Three numbers of 16 bits.
constexpr size_t kRowBytes = 6;

// Steps through the instructions of a pickle, without doing what they say.
class PickleTexts {
 public:
  PickleTexts(Bytes data, size_t at) : data_(data), at_(at) {}

  // The next text of bytes; nothing at the end. Throws Error for an
  // instruction that pickles of arrays do not have.
  std::optional<Bytes> next() {
    while (at_ < data_.size()) {
      const int code = data_[at_++];
      switch (code) {
        case '.':  // the end
          return {};
        case 'C':
        case 'U':
          return take(1);
        case 'B':
        case 'T':
          return take(4);
        case 0x8e:
          return take(8);
        case 0x8c:
        case 0x8a:
          take(1);
          break;
        case 'X':
          take(4);
          break;
        case 'c':  // a module and a name, a line each
          skip_line();
          skip_line();
          break;
        default:
          skip(width_of(code));
      }
    }
    return {};
  }

 private:
  // Bytes that belong to an instruction.
  static size_t width_of(int code) {
    switch (code) {
      case 0x80:  // the protocol
      case 'q':
      case 'h':
      case 'K':
        return 1;
      case 'M':
        return 2;
      case 'J':
      case 'r':
      case 'j':
        return 4;
      case 'G':
      case 0x95:
        return 8;
      case '(':
      case ')':
      case ']':
      case '}':
      case 'N':
      case 'R':
      case 'b':
      case 'a':
      case 'e':
      case 't':
      case 's':
      case 'u':
      case 0x85:
      case 0x86:
      case 0x87:
      case 0x88:
      case 0x89:
      case 0x93:
      case 0x94:
        return 0;
      default:
        fail("it holds what no drawings have (instruction {:#x})", code);
    }
  }

  void skip(size_t count) {
    if (count > data_.size() - at_) fail("the archive is damaged");
    at_ += count;
  }

  void skip_line() {
    while (at_ < data_.size() && data_[at_] != '\n') ++at_;
    skip(1);
  }

  // A text behind its length of so many bytes.
  Bytes take(int width) {
    const size_t from = at_;
    skip(width);
    uint64_t size = 0;
    for (int i = width - 1; i >= 0; --i) size = size << 8 | data_[from + i];
    const size_t begin = at_;
    skip(size);
    return data_.subspan(begin, size);
  }

  Bytes data_;
  size_t at_;
};

int short_at(Bytes text, size_t at) {
  return static_cast<int16_t>(text[at] | text[at + 1] << 8);
}

// Rows whose third number is 0 or 1.
bool are_rows(Bytes text) {
  if (text.size() < kRowBytes || text.size() % kRowBytes != 0) return false;
  for (size_t at = 4; at < text.size(); at += kRowBytes) {
    if (text[at] > 1 || text[at + 1] != 0) return false;
  }
  return true;
}

Drawing drawing_of(Bytes rows) {
  Drawing drawing;
  Stroke stroke;
  double x = 0;
  double y = 0;
  for (size_t at = 0; at < rows.size(); at += kRowBytes) {
    x += short_at(rows, at);
    y += short_at(rows, at + 2);
    stroke.points.push_back({static_cast<float>(x), static_cast<float>(y)});
    if (rows[at + 4] == 0 && at + kRowBytes < rows.size()) continue;
    drawing.strokes.push_back(std::move(stroke));
    stroke = {};
  }
  crop_to_strokes(drawing);
  check_drawing(drawing);
  return drawing;
}

// Where the values of an .npy file of objects begin.
size_t values_of(Bytes npy) {
  if (npy.size() < 10 || std::memcmp(npy.data(), "\x93NUMPY", 6) != 0) {
    fail("the archive is damaged");
  }
  const size_t length = npy[8] | npy[9] << 8;
  if (npy[6] != 1 || length > npy.size() - 10) fail("the archive is damaged");
  return 10 + length;
}

}  // namespace

bool is_sketch_rnn(Bytes data) {
  for (const char* name : {kSets.front(), kSets.back()}) {
    if (has_zip_member(data, name)) return true;
  }
  return false;
}

Drawing read_sketch_rnn(Bytes data, int64_t index) {
  int64_t found = 0;
  for (const char* name : kSets) {
    const std::vector<unsigned char> set =
        zip_member(data, name, kMaxDrawingFile, name);
    if (set.empty()) continue;
    PickleTexts texts(set, values_of(set));
    while (const std::optional<Bytes> text = texts.next()) {
      if (!are_rows(*text)) continue;
      if (found == index) return drawing_of(*text);
      ++found;
    }
  }
  fail("no drawing {}, the file has {}, counted from 0", index, found);
}

}  // namespace limner
