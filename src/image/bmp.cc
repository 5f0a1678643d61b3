// Windows bitmaps as scanners and Paint save them: 1, 4, 8, 24 and 32 bits,
// uncompressed (BITMAPINFOHEADER and what came after it).
#include <algorithm>
#include <cstring>

#include "image/formats.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr size_t kFileHeader = 14;
constexpr uint32_t kMinHeader = 40;
constexpr uint32_t kPlain = 0;
constexpr uint32_t kFields = 3;  // with masks, which are the usual ones here

class BmpReader {
 public:
  BmpReader(Bytes data, const std::string& name) : data_(data), name_(name) {}

  Image read() {
    read_header();
    Image image(static_cast<int>(width_), static_cast<int>(height_), 3);
    const size_t row = (size_t{width_} * bits_ + 31) / 32 * 4;
    const size_t begin = number(10);
    if (begin > data_.size() || (data_.size() - begin) / row < height_) {
      fail("{}: damaged BMP: the data ends early", name_);
    }
    for (uint32_t y = 0; y < height_; ++y) {
      const uint32_t stored = flipped_ ? y : height_ - 1 - y;
      read_row(data_.data() + begin + stored * row,
               image.row(static_cast<int>(y)));
    }
    return image;
  }

 private:
  uint32_t number(size_t at, int bytes = 4) const {
    if (data_.size() < at + 4) fail("{}: damaged BMP: no header", name_);
    uint32_t value = 0;
    for (int i = bytes - 1; i >= 0; --i) value = value << 8 | data_[at + i];
    return value;
  }

  void read_header() {
    const uint32_t size = number(kFileHeader);
    const auto height = static_cast<int32_t>(number(22));
    width_ = number(18);
    flipped_ = height < 0;
    height_ = flipped_ ? 0U - static_cast<uint32_t>(height)
                       : static_cast<uint32_t>(height);
    bits_ = number(28, 2);
    const uint32_t packing = number(30);
    check_size(width_, height_, name_);
    const bool masks = packing == kFields && bits_ == 32 && usual_masks();
    if (size < kMinHeader || !(packing == kPlain || masks) ||
        (bits_ != 1 && bits_ != 4 && bits_ != 8 && bits_ != 24 &&
         bits_ != 32)) {
      fail("{}: is a BMP of a rare kind ({} bits, packing {}); save it as PNG",
           name_, bits_, packing);
    }
    if (bits_ > 8) return;
    const uint32_t colours = 1U << bits_;
    const uint32_t said = number(46);
    const uint32_t count = said == 0 ? colours : std::min(said, colours);
    for (uint32_t i = 0; i < count; ++i) {
      colours_[i] = number(kFileHeader + size + 4 * size_t{i});
    }
  }

  bool usual_masks() const {
    return number(54) == 0xff0000 && number(58) == 0xff00 && number(62) == 0xff;
  }

  void read_row(const unsigned char* from, uint8_t* to) const {
    for (uint32_t x = 0; x < width_; ++x, to += 3) {
      if (bits_ >= 24) {
        const unsigned char* p = from + size_t{x} * (bits_ / 8);
        to[0] = p[2];
        to[1] = p[1];
        to[2] = p[0];
        continue;
      }
      const uint32_t per_byte = 8 / bits_;
      const uint32_t shift = 8 - bits_ * (x % per_byte + 1);
      const uint32_t index = from[x / per_byte] >> shift & ((1U << bits_) - 1);
      to[0] = static_cast<uint8_t>(colours_[index] >> 16);
      to[1] = static_cast<uint8_t>(colours_[index] >> 8);
      to[2] = static_cast<uint8_t>(colours_[index]);
    }
  }

  Bytes data_;
  const std::string& name_;
  uint32_t width_ = 0;
  uint32_t height_ = 0;
  uint32_t bits_ = 0;
  bool flipped_ = false;
  uint32_t colours_[256] = {};
};

}  // namespace

Image decode_bmp(Bytes data, const std::string& name) {
  return BmpReader(data, name).read();
}

}  // namespace limner
