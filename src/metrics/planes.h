// Pictures as networks read them.
#pragma once

#include <vector>

#include "image/image.h"
#include "util/error.h"

namespace limner {

// RGB [h,w,3] -> planar [3, h, w] in [-1, 1]. Throws Error for others.
inline std::vector<float> planes_of(const Image& picture) {
  if (picture.channels != 3) {
    fail("a picture has {} channels, expected RGB", picture.channels);
  }
  const size_t area = picture.pixels.size() / 3;
  std::vector<float> planes(picture.pixels.size());
  for (size_t i = 0; i < area; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      planes[c * area + i] =
          static_cast<float>(picture.pixels[3 * i + c]) / 127.5F - 1.0F;
    }
  }
  return planes;
}

}  // namespace limner
