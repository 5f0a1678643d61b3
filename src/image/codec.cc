#include "image/codec.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "image/formats.h"
#include "image/known_files.h"
#include "util/endings.h"
#include "util/error.h"
#include "util/files.h"

namespace limner {
namespace {

// Paths are shown whole.
constexpr size_t kMaxName = 4096;

std::atomic<int64_t> max_pixels{kMaxImagePixels};

enum class Kind {
  kPng,
  kJpeg,
  kWebp,
  kBmp,
  kGif,
  kTiff,
  kHeif,
  kLayers,
  kUnknown
};

bool starts_with(Bytes data, size_t offset, const char* text, size_t size) {
  return data.size() >= offset + size &&
         std::memcmp(data.data() + offset, text, size) == 0;
}

Kind kind_of(Bytes data) {
  if (starts_with(data, 0, "\x89PNG\r\n\x1a\n", 8)) return Kind::kPng;
  if (starts_with(data, 0, "\xff\xd8\xff", 3)) return Kind::kJpeg;
  if (starts_with(data, 0, "RIFF", 4) && starts_with(data, 8, "WEBP", 4)) {
    return Kind::kWebp;
  }
  // "BM", a size, two zeros of two bytes.
  if (starts_with(data, 0, "BM", 2) && starts_with(data, 6, "\0\0\0\0", 4) &&
      data.size() > 54) {
    return Kind::kBmp;
  }
  if (starts_with(data, 0, "GIF87a", 6) || starts_with(data, 0, "GIF89a", 6)) {
    return Kind::kGif;
  }
  // Of both byte orders, and with long offsets.
  for (const char* magic : {"II*\0", "MM\0*", "II+\0", "MM\0+"}) {
    if (starts_with(data, 0, magic, 4)) return Kind::kTiff;
  }
  if (is_heif(data)) return Kind::kHeif;
  for (const char* type : {"application/x-krita", "image/openraster"}) {
    if (starts_with(data, 0, "PK\3\4", 4) &&
        starts_with(data, 38, type, std::strlen(type))) {
      return Kind::kLayers;
    }
  }
  return Kind::kUnknown;
}

void check_encodable(const Image& image, ImageFormat format, int quality) {
  const int w = image.width;
  const int h = image.height;
  const int c = image.channels;
  if (w < 1 || h < 1 || w > kMaxImageSide || h > kMaxImageSide) {
    fail("cannot encode a picture of {}x{} pixels; sides are 1 to {}", w, h,
         kMaxImageSide);
  }
  if (c != 1 && c != 3 && c != 4) {
    fail("cannot encode a picture with {} channels; expected 1, 3 or 4", c);
  }
  if (c == 4 && format == ImageFormat::kJpeg) {
    fail("JPEG has no alpha channel: got 4 channels, expected 1 or 3");
  }
  if (image.pixels.size() != static_cast<size_t>(w) * h * c) {
    fail("cannot encode: a picture of {}x{}x{} needs {} bytes, got {}", w, h, c,
         static_cast<size_t>(w) * h * c, image.pixels.size());
  }
  if (quality < 1 || quality > 100) {
    fail("picture quality must be 1 to 100, got {}", quality);
  }
}

}  // namespace

void check_size(uint64_t width, uint64_t height, const std::string& name) {
  if (width == 0 || height == 0) {
    fail("{}: is {}x{} pixels; at least 1 a side", name, width, height);
  }
  if (width > kMaxImageSide || height > kMaxImageSide) {
    fail("{}: is {}x{} pixels; at most {} a side", name, width, height,
         kMaxImageSide);
  }
  const int64_t max = max_pixels.load(std::memory_order_relaxed);
  if (width * height > static_cast<uint64_t>(max)) {
    fail("{}: is {}x{} pixels; at most {} in all", name, width, height,
         max < 2'000'000 ? fmt::format("{}", max)
                         : fmt::format("{} million", max / 1'000'000));
  }
}

void set_most_pixels(int64_t pixels) {
  if (pixels < 1 || pixels > kMaxImagePixels) {
    fail("at most {} pixels a picture, expected 1 to {}", pixels,
         kMaxImagePixels);
  }
  max_pixels = pixels;
}

namespace {

// Whether a picture [h,w,4] is light lines on nothing.
bool is_light_on_nothing(const Image& rgba) {
  double alpha = 0;
  double light = 0;
  for (size_t i = 0; i + 3 < rgba.pixels.size(); i += 4) {
    const uint8_t* p = &rgba.pixels[i];
    alpha += p[3];
    light += p[3] * (0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]) / 255;
  }
  const double max = 255.0 * rgba.width * rgba.height;
  constexpr double kLight = 0.8;
  return alpha < max / 2 && light > kLight * alpha;
}

}  // namespace

Image over_ground(const Image& rgba, Ground ground) {
  const bool black = ground == Ground::kContrast && is_light_on_nothing(rgba);
  const int under = black ? 0 : 255;
  Image rgb(rgba.width, rgba.height, 3);
  const uint8_t* from = rgba.pixels.data();
  uint8_t* to = rgb.pixels.data();
  const size_t count = static_cast<size_t>(rgba.width) * rgba.height;
  for (size_t i = 0; i < count; ++i, from += 4, to += 3) {
    const int alpha = from[3];
    for (int c = 0; c < 3; ++c) {
      to[c] = static_cast<uint8_t>(
          (from[c] * alpha + under * (255 - alpha) + 127) / 255);
    }
  }
  return rgb;
}

namespace {

Image decode_layers(Bytes data, const std::string& name, Ground ground,
                    Notes& notes) {
  std::vector<unsigned char> png;
  try {
    png = merged_picture(data, kMaxPictureFile);
  } catch (const Error& error) {
    fail("{}: {}", name, error.what());
  }
  if (kind_of(png) != Kind::kPng) {
    fail(
        "{}: is a drawing program's file without a merged picture; export it "
        "as PNG or SVG",
        name);
  }
  return decode_png(png, name, ground, notes);
}

}  // namespace

bool is_picture(Bytes data) { return kind_of(data) != Kind::kUnknown; }

std::string picture_formats() {
  std::string out = "PNG, JPEG, WebP, BMP, GIF";
  if (has_tiff()) out += ", TIFF";
  if (has_heif()) out += ", HEIC, AVIF";
  return out + ", Krita and OpenRaster";
}

PictureEndings picture_endings() {
  PictureEndings out{{".png", ".jpg", ".jpeg", ".webp"}, {".bmp", ".gif"}};
  if (has_tiff()) out.others.insert(out.others.end(), {".tif", ".tiff"});
  if (has_heif()) {
    out.others.insert(out.others.end(), {".heic", ".heif", ".avif"});
  }
  return out;
}

Image decode_rgb(Bytes data, const std::string& name, Ground ground) {
  Notes untold;
  return decode_rgb(data, name, ground, untold);
}

Image decode_rgb(Bytes data, const std::string& name, Ground ground,
                 Notes& notes) {
  const std::string shown = printable(name, kMaxName);
  if (data.empty()) fail("{}: is empty; expected a picture", shown);
  switch (kind_of(data)) {
    case Kind::kPng:
      return decode_png(data, shown, ground, notes);
    case Kind::kJpeg:
      return decode_jpeg(data, shown, notes);
    case Kind::kWebp:
      return decode_webp(data, shown, ground, notes);
    case Kind::kBmp:
      return decode_bmp(data, shown);
    case Kind::kGif:
      return decode_gif(data, shown, ground, notes);
    case Kind::kTiff:
      return decode_tiff(data, shown, ground, notes);
    case Kind::kHeif:
      return decode_heif(data, shown, ground, notes);
    case Kind::kLayers:
      return decode_layers(data, shown, ground, notes);
    case Kind::kUnknown:
      break;
  }
  const std::string what = describe_file(data);
  if (!what.empty()) {
    fail("{}: {}; limner reads {}", shown, what, picture_formats());
  }
  fail("{}: is not a picture that limner reads ({})", shown, picture_formats());
}

Image read_rgb(const std::filesystem::path& path, Notes& notes) {
  return decode_rgb(read_file(path, kMaxPictureFile), path.string(),
                    Ground::kWhite, notes);
}

Image read_rgb(const std::filesystem::path& path) {
  Notes untold;
  return read_rgb(path, untold);
}

Image decode_indices(Bytes data, const std::string& name) {
  const std::string shown = printable(name, kMaxName);
  if (data.empty()) fail("{}: is empty; expected a label image", shown);
  switch (kind_of(data)) {
    case Kind::kPng:
      return decode_png_indices(data, shown);
    case Kind::kJpeg:
      fail("{}: a label image must be a PNG, got JPEG (which changes values)",
           shown);
    case Kind::kWebp:
      fail("{}: a label image must be a PNG, got WebP", shown);
    case Kind::kBmp:
    case Kind::kGif:
    case Kind::kTiff:
    case Kind::kHeif:
    case Kind::kLayers:
    case Kind::kUnknown:
      break;
  }
  fail("{}: a label image must be a PNG, got something else", shown);
}

Image read_indices(const std::filesystem::path& path) {
  return decode_indices(read_file(path, kMaxPictureFile), path.string());
}

ImageFormat format_for(const std::filesystem::path& path) {
  const std::string ending = lower_case_ending(path);
  if (ending == ".png") return ImageFormat::kPng;
  if (ending == ".jpg" || ending == ".jpeg") return ImageFormat::kJpeg;
  if (ending == ".webp") return ImageFormat::kWebp;
  fail("{}: the name must end in .png, .jpg, .jpeg or .webp",
       printable(path.string(), kMaxName));
}

std::vector<unsigned char> encode(const Image& image, ImageFormat format,
                                  int quality) {
  check_encodable(image, format, quality);
  switch (format) {
    case ImageFormat::kJpeg:
      return encode_jpeg(image, quality);
    case ImageFormat::kWebp:
      return encode_webp(image, quality);
    case ImageFormat::kPng:
      break;
  }
  return encode_png(image);
}

std::vector<unsigned char> encode_indices(const Image& numbers,
                                          const Palette& palette) {
  check_encodable(numbers, ImageFormat::kPng, 100);
  const auto largest =
      std::max_element(numbers.pixels.begin(), numbers.pixels.end());
  if (numbers.channels != 1 || palette.size() > 256 ||
      *largest >= palette.size()) {
    fail("cannot encode {} channels up to {} with a palette of {} colours",
         numbers.channels, *largest, palette.size());
  }
  return encode_png(numbers, palette);
}

void write_image(const std::filesystem::path& path, const Image& image,
                 int quality) {
  write_file(path, encode(image, format_for(path), quality));
}

}  // namespace limner
