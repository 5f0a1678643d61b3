// Pictures in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace limner {

// 8 bits a channel, interleaved rows from the top: pixel (x, y) channel c is
// pixels[(y * width + x) * channels + c]. channels: 1 gray or labels, 3 RGB,
// 4 RGBA.
struct Image {
  int width = 0;
  int height = 0;
  int channels = 0;
  std::vector<uint8_t> pixels;

  Image() = default;
  Image(int w, int h, int c)
      : width(w),
        height(h),
        channels(c),
        pixels(static_cast<size_t>(w) * h * c) {}

  uint8_t* row(int y) {
    return pixels.data() + static_cast<size_t>(y) * width * channels;
  }
  const uint8_t* row(int y) const {
    return pixels.data() + static_cast<size_t>(y) * width * channels;
  }
};

}  // namespace limner
