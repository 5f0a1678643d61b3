#include "image/exif.h"

#include <cstring>
#include <utility>

namespace limner {
namespace {

// Reads unsigned numbers of a TIFF block in its byte order.
class TiffReader {
 public:
  TiffReader(Bytes data, bool big_endian)
      : data_(data), big_endian_(big_endian) {}

  bool holds(uint64_t offset, uint64_t count) const {
    return offset <= data_.size() && count <= data_.size() - offset;
  }
  uint32_t number(size_t offset, int bytes) const {
    uint32_t value = 0;
    for (int i = 0; i < bytes; ++i) {
      const int at = big_endian_ ? i : bytes - 1 - i;
      value = value << 8 | data_[offset + at];
    }
    return value;
  }

 private:
  Bytes data_;
  bool big_endian_;
};

}  // namespace

int exif_orientation(Bytes exif) {
  constexpr unsigned char kPrefix[6] = {'E', 'x', 'i', 'f', 0, 0};
  if (exif.size() >= 6 && std::memcmp(exif.data(), kPrefix, 6) == 0) {
    exif = exif.subspan(6, exif.size() - 6);
  }
  if (exif.size() < 8) return 1;
  const bool little = std::memcmp(exif.data(), "II*\0", 4) == 0;
  const bool big = std::memcmp(exif.data(), "MM\0*", 4) == 0;
  if (!little && !big) return 1;

  const TiffReader tiff(exif, big);
  const uint64_t directory = tiff.number(4, 4);
  if (!tiff.holds(directory, 2)) return 1;
  const uint32_t entries = tiff.number(directory, 2);
  for (uint32_t i = 0; i < entries; ++i) {
    const uint64_t entry = directory + 2 + uint64_t{12} * i;
    if (!tiff.holds(entry, 12)) return 1;
    constexpr uint32_t kOrientation = 0x0112;
    constexpr uint32_t kShort = 3;
    if (tiff.number(entry, 2) != kOrientation) continue;
    if (tiff.number(entry + 2, 2) != kShort) return 1;
    const uint32_t value = tiff.number(entry + 8, 2);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

Image upright(Image image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  const int c = image.channels;
  const int64_t right = c;  // bytes to the next column and row of the source
  const int64_t down = right * image.width;
  const int64_t last_column = right * (image.width - 1);
  const int64_t last_row = down * (image.height - 1);

  // Where the result's top left pixel lies, and the steps along its rows (x)
  // and columns (y).
  struct Walk {
    int64_t start, x, y;
  };
  const Walk walks[9] = {{},
                         {},
                         {last_column, -right, down},
                         {last_column + last_row, -right, -down},
                         {last_row, right, -down},
                         {0, down, right},
                         {last_row, -down, right},
                         {last_column + last_row, -down, -right},
                         {last_column, down, -right}};
  const Walk walk = walks[orientation];

  const bool swapped = orientation >= 5;
  Image out(swapped ? image.height : image.width,
            swapped ? image.width : image.height, c);
  for (int y = 0; y < out.height; ++y) {
    const uint8_t* from = image.pixels.data() + walk.start + walk.y * y;
    uint8_t* to = out.row(y);
    for (int x = 0; x < out.width; ++x, to += c) {
      std::memcpy(to, from + walk.x * x, c);
    }
  }
  return out;
}

}  // namespace limner
