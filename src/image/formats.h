// The formats behind codec.h, one file each. Every `data` given to a
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

// Pixels as RGB in sRGB's colours, alpha over `ground`, EXIF orientation
// applied; `notes` gets what is to be told. Throw Error.
Image decode_png(Bytes data, const std::string& name, Ground ground,
                 Notes& notes);
Image decode_jpeg(Bytes data, const std::string& name, Notes& notes);
Image decode_webp(Bytes data, const std::string& name, Ground ground,
                  Notes& notes);
Image decode_bmp(Bytes data, const std::string& name);
Image decode_gif(Bytes data, const std::string& name, Ground ground,
                 Notes& notes);
// These two throw Error where limner was built without their library, or it
// cannot be loaded.
Image decode_tiff(Bytes data, const std::string& name, Ground ground,
                  Notes& notes);
Image decode_heif(Bytes data, const std::string& name, Ground ground,
                  Notes& notes);
bool has_tiff();
bool has_heif();

// Whether "ftyp" opens `data` with a brand of still pictures that
// decode_heif() takes.
bool is_heif(Bytes data);

// A note of an animation.
constexpr const char* kFirstOfAnimation =
    "is an animation; its first picture is taken";

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
