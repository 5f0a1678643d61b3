// The three formats behind codec.h, one file each. Every `data` given to a
// decoder starts with its format's signature, every Image given to an encoder
// has passed check_encodable(), and `name` is already printable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "image/codec.h"
#include "image/image.h"
#include "util/span.h"

namespace limner {

// Pixels as RGB, alpha over `ground`, EXIF orientation applied. Throw Error.
Image decode_png(Bytes data, const std::string& name, Ground ground);
Image decode_jpeg(Bytes data, const std::string& name);
Image decode_webp(Bytes data, const std::string& name, Ground ground);
Image decode_bmp(Bytes data, const std::string& name);

// Gray levels or palette indices as stored, one channel. Throws Error.
Image decode_png_indices(Bytes data, const std::string& name);

// A palette makes a PNG of one channel show its numbers in these colours.
// quality: 1..100.
std::vector<unsigned char> encode_png(const Image& image,
                                      const Palette& palette = {});
std::vector<unsigned char> encode_jpeg(const Image& image, int quality);
std::vector<unsigned char> encode_webp(const Image& image, int quality);

// Throws Error unless width x height, read from the header of `name`, is at
// least 1x1 and within kMaxImageSide and what set_most_pixels() allows.
void check_size(uint64_t width, uint64_t height, const std::string& name);

// RGBA [h,w,4] laid over `ground`: RGB [h,w,3], rounded to nearest.
Image over_ground(const Image& rgba, Ground ground);

}  // namespace limner
