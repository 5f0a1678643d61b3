#include <algorithm>
#include <vector>

#include "image/codec.h"
#include "outcome.h"
#include "png_sums.h"
#include "sketch/classes.h"
#include "sketch/drawing_file.h"
#include "sketch/trace.h"

namespace {

using Data = std::vector<unsigned char>;

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
  if (size < 33 || limner::big_endian(&png[16]) > 512 ||
      limner::big_endian(&png[20]) > 512) {
    return 0;
  }
  limner::mend_sums(png);
  limner::allow_errors([&] { limner::decode_drawing(png, "fuzz.png"); });
  limner::allow_errors([&] { limner::decode_indices(png, "fuzz.png"); });
  limner::allow_errors([&] { limner::decode_rgb(png, "fuzz.png"); });
  return 0;
}
