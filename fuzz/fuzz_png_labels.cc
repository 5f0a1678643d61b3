#include <zlib.h>

#include <algorithm>
#include <vector>

#include "image/codec.h"
#include "outcome.h"
#include "sketch/classes.h"
#include "sketch/drawing_file.h"
#include "sketch/trace.h"

namespace {

using Data = std::vector<unsigned char>;

uint32_t big_endian(const unsigned char* at) {
  return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 |
         at[3];
}

// Without right check sums the reader would see nothing but refusals.
void mend_sums(Data& png) {
  for (size_t at = 8; at + 12 <= png.size();) {
    const size_t length = big_endian(&png[at]);
    if (length > png.size() - at - 12) return;
    const auto sum = static_cast<uint32_t>(
        crc32(0, &png[at + 4], static_cast<uInt>(length + 4)));
    for (size_t i = 0; i < 4; ++i) {
      png[at + 8 + length + i] =
          static_cast<unsigned char>(sum >> (24 - 8 * i));
    }
    at += length + 12;
  }
}

// A label image of up to 64 x 64: the first byte is its width.
void trace_pixels(const uint8_t* data, size_t size) {
  const int width = data[0] % 64 + 1;
  const int height = static_cast<int>((size - 1) / static_cast<size_t>(width));
  if (height < 1) return;
  limner::Image labels(width, std::min(height, 64), 1);
  for (size_t i = 0; i < labels.pixels.size(); ++i) {
    labels.pixels[i] =
        static_cast<uint8_t>(data[i + 1] % (limner::kStrokeClasses + 1));
  }
  limner::trace_labels(labels);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  if (data[0] != 0x89) {
    trace_pixels(data, size);
    return 0;
  }
  // Large pictures are slow to trace and teach nothing: a small file can hold
  // 2^27 pixels. Width and height are at bytes 16 to 23.
  Data png(data, data + size);
  if (size < 33 || big_endian(&png[16]) > 512 || big_endian(&png[20]) > 512) {
    return 0;
  }
  mend_sums(png);
  limner::allow_errors([&] { limner::decode_drawing(png, "fuzz.png"); });
  limner::allow_errors([&] { limner::decode_indices(png, "fuzz.png"); });
  limner::allow_errors([&] { limner::decode_rgb(png, "fuzz.png"); });
  return 0;
}
