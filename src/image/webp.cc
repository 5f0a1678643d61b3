// WebP over libwebp.
#include <webp/decode.h>
#include <webp/encode.h>

#include <cstring>
#include <utility>

#include "image/colour.h"
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

// The first chunk of that name, or nothing.
Bytes chunk(Bytes file, const char (&name)[5]) {
  size_t at = 12;
  while (file.size() - at >= 8) {
    const uint64_t size = little_endian(file.data() + at + 4);
    if (size > file.size() - at - 8) break;
    if (std::memcmp(file.data() + at, name, 4) == 0) {
      return file.subspan(at + 8, size);
    }
    const uint64_t next = at + 8 + size + size % 2;
    if (next > file.size()) break;
    at = next;
  }
  return {};
}

// The first frame of an animation as a file's worth of data, and where on the
// canvas it lies.
struct Frame {
  Bytes data;
  uint32_t left = 0;
  uint32_t top = 0;
};

uint32_t three_bytes(const unsigned char* p) {
  return p[0] | p[1] << 8 | p[2] << 16;
}

Frame first_frame(Bytes file, const std::string& name) {
  constexpr size_t kHeader = 16;
  const Bytes all = chunk(file, "ANMF");
  if (all.size() <= kHeader) fail("{}: damaged WebP: it has no frame", name);
  return {all.subspan(kHeader, all.size() - kHeader),
          2 * three_bytes(all.data()), 2 * three_bytes(all.data() + 3)};
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

namespace {

// One picture, RGB or RGBA; libwebp knows a frame without its container.
Image webp_picture(Bytes file, const std::string& name) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) fail("libwebp has another version");
  VP8StatusCode status =
      WebPGetFeatures(file.data(), file.size(), &config.input);
  if (status != VP8_STATUS_OK) {
    fail("{}: damaged WebP: {}", name, describe(status));
  }
  check_size(config.input.width, config.input.height, name);
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
  return image;
}

bool has_frames(Bytes file) {
  WebPBitstreamFeatures features;
  return WebPGetFeatures(file.data(), file.size(), &features) ==
             VP8_STATUS_OK &&
         features.has_animation;
}

// The first frame on its canvas, RGBA.
Image webp_frame(Bytes file, const std::string& name) {
  WebPBitstreamFeatures canvas;
  if (WebPGetFeatures(file.data(), file.size(), &canvas) != VP8_STATUS_OK) {
    fail("{}: damaged WebP", name);
  }
  check_size(canvas.width, canvas.height, name);
  const Frame frame = first_frame(file, name);
  const Image part = webp_picture(frame.data, name);
  if (frame.left + part.width > static_cast<uint32_t>(canvas.width) ||
      frame.top + part.height > static_cast<uint32_t>(canvas.height)) {
    fail("{}: damaged WebP: its frame is not on the canvas", name);
  }
  Image image(canvas.width, canvas.height, 4);
  for (int y = 0; y < part.height; ++y) {
    const uint8_t* from = part.row(y);
    uint8_t* to = image.row(frame.top + y) + 4 * size_t{frame.left};
    for (int x = 0; x < part.width; ++x, from += part.channels, to += 4) {
      std::memcpy(to, from, 3);
      to[3] = part.channels == 4 ? from[3] : 255;
    }
  }
  return image;
}

}  // namespace

Image decode_webp(Bytes data, const std::string& name, Ground ground,
                  Notes& notes) {
  const Bytes file = whole_file(data, name);
  check_canvas(file, name);
  const bool animation = has_frames(file);
  if (animation) notes.push_back(kFirstOfAnimation);
  Image image = animation ? webp_frame(file, name) : webp_picture(file, name);
  to_srgb(image, chunk(file, "ICCP"), false, notes);
  if (image.channels == 4) image = over_ground(image, ground);
  return upright(std::move(image), exif_orientation(chunk(file, "EXIF")));
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
