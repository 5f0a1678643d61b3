// Pictures in files: PNG, JPEG and WebP, in and out, and others that are read.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "image/image.h"
#include "util/span.h"

namespace limner {

// Largest side and largest area accepted from a header, checked before any
// memory is taken.
constexpr int kMaxImageSide = 16384;
constexpr int64_t kMaxImagePixels = int64_t{1} << 27;

// Enough for the largest picture accepted, stored as 16-bit RGBA.
constexpr uint64_t kMaxPictureFile = uint64_t{1} << 30;

// Lowers kMaxImagePixels for this process, whose pictures come from strangers:
// 1..kMaxImagePixels; throws Error outside it. Call it before any decoding.
void set_most_pixels(int64_t pixels);

// What transparent parts of a picture lie on.
enum class Ground {
  kWhite,
  // Black where what is not transparent is light and less than half of the
  // picture, white otherwise: lines stay lines.
  kContrast
};

// What is to be told of a file that was read, one line each, without its name.
using Notes = std::vector<std::string>;

// Whether decode_rgb() takes a file, by how it begins: a PNG, JPEG, WebP, BMP
// or GIF, a Krita or OpenRaster file, whose merged picture is taken, or a TIFF,
// HEIC or AVIF, which need libraries (it then says so).
bool is_picture(Bytes data);

// "PNG, JPEG, ...": the formats that decode_rgb() reads here.
std::string picture_formats();

// Endings of such files' names, in small letters, that are read here: those
// that people have most first, then others.
struct PictureEndings {
  std::vector<std::string> usual;
  std::vector<std::string> others;
};
PictureEndings picture_endings();

// Reads a photo as RGB: gray is spread, palettes are converted, colours are
// those of sRGB by the file's ICC profile (to_srgb(); CMYK without one by
// subtracting inks), 16 bits become 8 (the high byte), alpha is laid over
// `ground`, and the EXIF orientation is applied. Of an animation the first
// picture is taken, of several pages the first, which `notes` tells. `name`
// stands in messages. Throws Error when the data is no picture (is_picture()),
// is damaged or truncated, or is too large.
Image decode_rgb(Bytes data, const std::string& name, Ground ground,
                 Notes& notes);
Image decode_rgb(Bytes data, const std::string& name,
                 Ground ground = Ground::kWhite);
Image read_rgb(const std::filesystem::path& path, Notes& notes);
Image read_rgb(const std::filesystem::path& path);

// Reads a PNG whose pixels are numbers, not colours: 8-bit (or less) gray or
// palette indices, one channel. Throws Error for RGB, alpha and 16 bits.
Image decode_indices(Bytes data, const std::string& name);
Image read_indices(const std::filesystem::path& path);

enum class ImageFormat { kPng, kJpeg, kWebp };

// By the file name's ending (.png .jpg .jpeg .webp, any case); Error otherwise.
ImageFormat format_for(const std::filesystem::path& path);

// Encodes 1, 3 or 4 channels (JPEG: 1 or 3). quality 1..100 for JPEG and WebP
// (100: lossless WebP); PNG ignores it.
std::vector<unsigned char> encode(const Image& image, ImageFormat format,
                                  int quality = 95);

// RGB colours of the values 0, 1, ... of a picture of numbers.
using Palette = std::vector<std::array<uint8_t, 3>>;

// A PNG of one channel's numbers that shows them in these colours, 1..256 of
// them. Throws Error for a value without one.
std::vector<unsigned char> encode_indices(const Image& numbers,
                                          const Palette& palette);

// encode() by the name's ending, written atomically.
void write_image(const std::filesystem::path& path, const Image& image,
                 int quality = 95);

}  // namespace limner
