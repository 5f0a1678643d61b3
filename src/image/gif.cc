// GIF: the first picture of a file (GIF89a Specification, CompuServe 1990).
#include <algorithm>
#include <array>
#include <cstring>

#include "image/formats.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr int kMaxBits = 12;
constexpr size_t kCodes = size_t{1} << kMaxBits;

// Blocks of at most 255 bytes, as one run of bytes. Ends at an empty block.
class Blocks {
 public:
  Blocks(Bytes data, size_t at) : data_(data), at_(at) {}

  // The next byte, or -1 at the end.
  int next() {
    if (left_ == 0) {
      if (at_ >= data_.size()) return -1;
      left_ = data_[at_];
      if (left_ == 0) return -1;
      ++at_;
    }
    if (at_ >= data_.size()) return -1;
    --left_;
    return data_[at_++];
  }

 private:
  Bytes data_;
  size_t at_;
  int left_ = 0;
};

// Numbers of a run of codes of growing width (LZW).
class Unpacker {
 public:
  Unpacker(Blocks blocks, int bits) : blocks_(blocks), min_(bits) {
    for (int i = 0; i < 1 << bits; ++i) {
      entries_[i] = {0, static_cast<uint8_t>(i), static_cast<uint8_t>(i), 1};
    }
    restart();
  }

  // Fills `out`; returns how many numbers there were.
  size_t run(std::vector<uint8_t>& out) {
    size_t filled = 0;
    const int clear = 1 << min_;
    int before = -1;
    while (filled < out.size()) {
      const int code = next_code();
      if (code < 0 || code == clear + 1) break;
      if (code == clear) {
        restart();
        before = -1;
        continue;
      }
      if (code > used_ || (code == used_ && before < 0)) break;
      if (before >= 0 && used_ < static_cast<int>(kCodes)) {
        const Entry& old = entries_[before];
        entries_[used_] = {static_cast<uint16_t>(before),
                           code == used_ ? old.first : entries_[code].first,
                           old.first, static_cast<uint16_t>(old.length + 1)};
        ++used_;
        if (used_ == 1 << bits_ && bits_ < kMaxBits) ++bits_;
      } else if (code == used_) {
        break;
      }
      filled += put(code, out, filled);
      before = code;
    }
    return filled;
  }

 private:
  // A string of numbers: another string and one more.
  struct Entry {
    uint16_t before = 0;
    uint8_t last = 0;
    uint8_t first = 0;
    uint16_t length = 0;
  };

  void restart() {
    bits_ = min_ + 1;
    used_ = (1 << min_) + 2;
  }

  int next_code() {
    while (held_ < bits_) {
      const int byte = blocks_.next();
      if (byte < 0) return -1;
      buffer_ |= static_cast<uint32_t>(byte) << held_;
      held_ += 8;
    }
    const int code = static_cast<int>(buffer_ & ((1U << bits_) - 1));
    buffer_ >>= bits_;
    held_ -= bits_;
    return code;
  }

  // Writes a string from its end; what lies behind `out` is left.
  size_t put(int code, std::vector<uint8_t>& out, size_t at) const {
    const size_t length = entries_[code].length;
    const size_t room = out.size() - at;
    for (size_t i = length; i > 0; --i) {
      if (i <= room) out[at + i - 1] = entries_[code].last;
      code = entries_[code].before;
    }
    return std::min(length, room);
  }

  Blocks blocks_;
  int min_;
  int bits_ = 0;
  int used_ = 0;
  uint32_t buffer_ = 0;
  int held_ = 0;
  std::array<Entry, kCodes> entries_ = {};
};

class GifReader {
 public:
  GifReader(Bytes data, const std::string& name) : data_(data), name_(name) {}

  // RGBA, what the picture does not cover being clear.
  Image read(Notes& notes) {
    need(0, 13);
    width_ = number(6);
    height_ = number(8);
    check_size(width_, height_, name_);
    // A code of 12 bits stands for at most so many pixels.
    if (uint64_t{width_} * height_ / kCodes > data_.size()) {
      fail("{}: damaged GIF: {} bytes cannot hold {}x{} pixels", name_,
           data_.size(), width_, height_);
    }
    size_t at = 13;
    const Bytes shared = palette(data_[10], at);
    while (true) {
      need(at, 1);
      const int kind = data_[at];
      if (kind == kPicture) break;
      if (kind != kExtension) fail("{}: damaged GIF: no picture", name_);
      need(at, 2);
      if (data_[at + 1] == kControl) read_control(at + 2);
      at = behind_blocks(at + 2);
    }
    Image image(static_cast<int>(width_), static_cast<int>(height_), 4);
    const size_t end = read_picture(at, shared, image);
    if (has_more(end)) notes.push_back(kFirstOfAnimation);
    return image;
  }

 private:
  static constexpr int kPicture = 0x2c;
  static constexpr int kExtension = 0x21;
  static constexpr int kControl = 0xf9;

  void need(size_t at, size_t count) const {
    if (at > data_.size() || data_.size() - at < count) {
      fail("{}: damaged GIF: the data ends early", name_);
    }
  }

  uint32_t number(size_t at) const { return data_[at] | data_[at + 1] << 8; }

  Bytes palette(int flags, size_t& at) const {
    if ((flags & 0x80) == 0) return {};
    const size_t size = 3 * (size_t{2} << (flags & 7));
    need(at, size);
    at += size;
    return data_.subspan(at - size, size);
  }

  void read_control(size_t at) {
    need(at, 5);
    if (data_[at] >= 4 && (data_[at + 1] & 1) != 0) clear_ = data_[at + 4];
  }

  size_t behind_blocks(size_t at) const {
    while (true) {
      need(at, 1);
      const size_t size = data_[at];
      at += 1 + size;
      if (size == 0) return at;
    }
  }

  bool has_more(size_t at) const {
    while (at + 1 < data_.size() && data_[at] == kExtension) {
      at += 2;
      while (at < data_.size() && data_[at] != 0) at += 1 + data_[at];
      ++at;
    }
    return at < data_.size() && data_[at] == kPicture;
  }

  // Returns where what follows begins.
  size_t read_picture(size_t at, Bytes shared, Image& image) const {
    need(at, 10);
    const uint32_t left = number(at + 1);
    const uint32_t top = number(at + 3);
    const uint32_t width = number(at + 5);
    const uint32_t height = number(at + 7);
    const int flags = data_[at + 9];
    if (left + width > width_ || top + height > height_) {
      fail("{}: damaged GIF: its picture is not on the canvas", name_);
    }
    at += 10;
    const Bytes own = palette(flags, at);
    const Bytes colours = own.empty() ? shared : own;
    need(at, 1);
    const int bits = data_[at++];
    if (bits < 1 || bits > 8) fail("{}: damaged GIF: codes of no size", name_);
    std::vector<uint8_t> numbers(size_t{width} * height);
    if (Unpacker(Blocks(data_, at), bits).run(numbers) < numbers.size()) {
      fail("{}: damaged GIF: the data ends early", name_);
    }
    const bool interlaced = (flags & 0x40) != 0;
    for (uint32_t y = 0; y < height; ++y) {
      const uint32_t row = interlaced ? interlaced_row(y, height) : y;
      const uint8_t* from = numbers.data() + size_t{y} * width;
      uint8_t* to = image.row(static_cast<int>(top + row)) + 4 * size_t{left};
      for (uint32_t x = 0; x < width; ++x, to += 4) {
        const size_t colour = 3 * size_t{from[x]};
        if (from[x] == clear_ || colour + 3 > colours.size()) continue;
        std::memcpy(to, colours.data() + colour, 3);
        to[3] = 255;
      }
    }
    size_t end = at;
    while (end < data_.size() && data_[end] != 0) end += 1 + data_[end];
    return end + 1;
  }

  // Where the y-th stored row of an interlaced picture belongs.
  static uint32_t interlaced_row(uint32_t y, uint32_t height) {
    constexpr std::array<std::array<uint32_t, 2>, 4> kPasses = {
        {{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
    for (const auto& [first, step] : kPasses) {
      const uint32_t rows =
          first < height ? (height - first + step - 1) / step : 0;
      if (y < rows) return first + y * step;
      y -= rows;
    }
    return 0;
  }

  Bytes data_;
  const std::string& name_;
  uint32_t width_ = 0;
  uint32_t height_ = 0;
  int clear_ = -1;
};

}  // namespace

Image decode_gif(Bytes data, const std::string& name, Ground ground,
                 Notes& notes) {
  return over_ground(GifReader(data, name).read(notes), ground);
}

}  // namespace limner
