// Pictures of every format, with their profiles and EXIF blocks.
#include <vector>

#include "image/codec.h"
#include "image/exif.h"
#include "outcome.h"
#include "png_sums.h"

namespace {

// A small file may hold a large picture, which is slow and teaches nothing.
constexpr int64_t kMaxPixels = 1 << 18;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  limner::set_most_pixels(kMaxPixels);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::vector<unsigned char> file(data, data + size);
  limner::exif_orientation(file);
  if (size > 8 && file[0] == 0x89) limner::mend_sums(file);
  limner::allow_errors([&] {
    limner::Notes notes;
    const limner::Image image =
        limner::decode_rgb(file, "fuzz", limner::Ground::kContrast, notes);
    limner::expect(image.channels == 3);
    limner::expect(image.pixels.size() ==
                   size_t{3} * image.width * image.height);
  });
  return 0;
}
