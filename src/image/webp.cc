// WebP over libwebp.
#include <webp/decode.h>
#include <webp/encode.h>

#include <cstring>
#include <utility>

#include "image/exif.h"
#include "image/formats.h"
#include "util/error.h"

namespace limner {
namespace {

uint32_t little_endian(const unsigned char* p) {
  return p[0] | p[1] << 8 | p[2] << 16 | static_cast<uint32_t>(p[3]) << 24;
}

// Throws Error unless `data` holds all that its RIFF header announces, and
// returns that part.
Bytes whole_file(Bytes data, const std::string& name) {
  const uint64_t size = uint64_t{8} + little_endian(data.data() + 4);
  if (size > data.size()) {
    fail("{}: damaged WebP: the data ends early ({} of {} bytes)", name,
         data.size(), size);
  }
  if (size < 12) fail("{}: damaged WebP: the header is garbled", name);
  return data.first(size);
}

// The canvas of an extended header. Checked first because libwebp calls a
// canvas that differs from its picture garbled, whatever its size.
void check_canvas(Bytes file, const std::string& name) {
  if (file.size() < 30 || std::memcmp(file.data() + 12, "VP8X", 4) != 0) return;
  const uint32_t width = (little_endian(file.data() + 24) & 0xffffff) + 1;
  const uint32_t height = (little_endian(file.data() + 26) >> 8) + 1;
  check_size(width, height, name);
}

// The EXIF chunk, or nothing.
Bytes exif_chunk(Bytes file) {
  size_t at = 12;
  while (file.size() - at >= 8) {
    const uint64_t size = little_endian(file.data() + at + 4);
    if (size > file.size() - at - 8) break;
    if (std::memcmp(file.data() + at, "EXIF", 4) == 0) {
      return file.subspan(at + 8, size);
    }
    const uint64_t next = at + 8 + size + size % 2;
    if (next > file.size()) break;
    at = next;
  }
  return {};
}

const char* describe(VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OUT_OF_MEMORY:
      return "out of memory";
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      return "the data ends early";
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      return "it uses a feature that libwebp does not know";
    default:
      return "the data is garbled";
  }
}

// Frees what libwebp took while encoding.
struct Picture {
  Picture() {
    if (!WebPPictureInit(&picture)) fail("libwebp has another version");
    WebPMemoryWriterInit(&writer);
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = &writer;
  }
  ~Picture() {
    WebPPictureFree(&picture);
    WebPMemoryWriterClear(&writer);
  }
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;

  WebPPicture picture;
  WebPMemoryWriter writer;
};

}  // namespace

Image decode_webp(Bytes data, const std::string& name, Ground ground) {
  const Bytes file = whole_file(data, name);
  check_canvas(file, name);
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) fail("libwebp has another version");
  VP8StatusCode status =
      WebPGetFeatures(file.data(), file.size(), &config.input);
  if (status != VP8_STATUS_OK) {
    fail("{}: damaged WebP: {}", name, describe(status));
  }
  check_size(config.input.width, config.input.height, name);
  if (config.input.has_animation) {
    fail("{}: is an animation; save one frame of it as a still picture", name);
  }

  const bool alpha = config.input.has_alpha;
  Image image(config.input.width, config.input.height, alpha ? 4 : 3);
  config.output.colorspace = alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = image.pixels.data();
  config.output.u.RGBA.stride = image.width * image.channels;
  config.output.u.RGBA.size = image.pixels.size();
  status = WebPDecode(file.data(), file.size(), &config);
  WebPFreeDecBuffer(&config.output);
  if (status != VP8_STATUS_OK) {
    fail("{}: damaged WebP: {}", name, describe(status));
  }
  if (alpha) image = over_ground(image, ground);
  return upright(std::move(image), exif_orientation(exif_chunk(file)));
}

std::vector<unsigned char> encode_webp(const Image& image, int quality) {
  if (image.width > WEBP_MAX_DIMENSION || image.height > WEBP_MAX_DIMENSION) {
    fail("cannot encode a WebP of {}x{} pixels; at most {} a side", image.width,
         image.height, WEBP_MAX_DIMENSION);
  }
  const bool lossless = quality == 100;
  WebPConfig config;
  if (!WebPConfigPreset(&config, WEBP_PRESET_DEFAULT, quality)) {
    fail("libwebp has another version");
  }
  if (lossless) {
    WebPConfigLosslessPreset(&config, 4);  // 0..9, speed against size
    config.exact = 1;  // colours under transparent pixels stay too
  }

  Picture picture;
  picture.picture.use_argb = lossless;
  picture.picture.width = image.width;
  picture.picture.height = image.height;
  const int stride = image.width * image.channels;
  bool ok = false;
  if (image.channels == 1) {
    std::vector<uint8_t> rgb;
    rgb.reserve(image.pixels.size() * 3);
    for (const uint8_t gray : image.pixels) rgb.insert(rgb.end(), 3, gray);
    ok = WebPPictureImportRGB(&picture.picture, rgb.data(), stride * 3);
  } else if (image.channels == 3) {
    ok = WebPPictureImportRGB(&picture.picture, image.pixels.data(), stride);
  } else {
    ok = WebPPictureImportRGBA(&picture.picture, image.pixels.data(), stride);
  }
  if (!ok || !WebPEncode(&config, &picture.picture)) {
    fail("cannot encode a WebP of {}x{} pixels: libwebp error {}", image.width,
         image.height, static_cast<int>(picture.picture.error_code));
  }
  return {picture.writer.mem, picture.writer.mem + picture.writer.size};
}

}  // namespace limner
