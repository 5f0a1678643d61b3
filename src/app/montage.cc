#include "app/montage.h"

#include <algorithm>

#include "image/resize.h"

namespace limner::app {

Image square(const Image& image, int side) {
  if (image.width == side && image.height == side) return image;
  return resize(image, side, side, Filter::kBicubic);
}

Image side_by_side(const std::vector<Image>& pictures) {
  int width = 0;
  for (const Image& picture : pictures) width += picture.width;
  const int height = pictures.front().height;
  Image strip(width, height, 3);
  for (int y = 0; y < height; ++y) {
    uint8_t* out = strip.row(y);
    for (const Image& picture : pictures) {
      out = std::copy_n(picture.row(y), size_t{3} * picture.width, out);
    }
  }
  return strip;
}

Image grid_of(const std::vector<Image>& pictures, int max) {
  constexpr int kGap = 8;
  const int count = static_cast<int>(pictures.size());
  const int columns = std::min(max, count);
  const int rows = (count + columns - 1) / columns;
  const int width = pictures.front().width, height = pictures.front().height;
  Image grid(columns * (width + kGap) - kGap, rows * (height + kGap) - kGap, 3);
  std::fill(grid.pixels.begin(), grid.pixels.end(), uint8_t{255});
  for (int i = 0; i < count; ++i) {
    const int left = i % columns * (width + kGap);
    const int top = i / columns * (height + kGap);
    for (int y = 0; y < height; ++y) {
      std::copy_n(pictures[i].row(y), size_t{3} * width,
                  grid.row(top + y) + size_t{3} * left);
    }
  }
  return grid;
}

}  // namespace limner::app
