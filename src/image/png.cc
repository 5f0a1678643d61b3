// PNG over libpng.
//
// libpng reports an error by longjmp. Every call to it runs inside guarded(),
// whose bodies own nothing that needs a destructor; memory is taken outside.
#include <png.h>
#include <zlib.h>

#include <bitset>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <exception>
#include <utility>

#include "image/colour.h"
#include "image/exif.h"
#include "image/formats.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr size_t kMessageSize = 120;

void keep_message(char (&message)[kMessageSize], const char* text) {
  std::snprintf(message, kMessageSize, "%s", text);
}

// Runs body() and returns true, or false once libpng reports an error.
template <typename Body>
bool guarded(png_structp png, const Body& body) {
  if (setjmp(png_jmpbuf(png))) return false;
  body();
  return true;
}

template <typename State>
[[noreturn]] void on_error(png_structp png, png_const_charp text) {
  keep_message(static_cast<State*>(png_get_error_ptr(png))->message, text);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

// ---- Reading ----

struct Reader {
  explicit Reader(Bytes bytes) : data(bytes) {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error<Reader>,
                                 on_warning);
    if (png) info = png_create_info_struct(png);
    if (!info) {
      png_destroy_read_struct(&png, nullptr, nullptr);
      fail("libpng does not start (out of memory?)");
    }
  }
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  Bytes data;
  size_t offset = 0;
  png_structp png = nullptr;
  png_infop info = nullptr;
  char message[kMessageSize] = {};
};

void read_bytes(png_structp png, png_bytep to, size_t count) {
  auto* reader = static_cast<Reader*>(png_get_io_ptr(png));
  if (count > reader->data.size() - reader->offset) {
    png_error(png, "the data ends early");
  }
  std::memcpy(to, reader->data.data() + reader->offset, count);
  reader->offset += count;
}

[[noreturn]] void fail_damaged(const Reader& reader, const std::string& name) {
  fail("{}: damaged PNG: {}", name, printable(reader.message));
}

struct Header {
  uint32_t width;
  uint32_t height;
  int depth;
  int colour;  // PNG_COLOR_TYPE_*
};

// Throws Error for a chunk that claims more than there is, for which libpng
// might take memory first.
void check_chunks(Bytes data, const std::string& name) {
  size_t at = 8;
  while (data.size() - at >= 12) {
    const uint64_t size = png_get_uint_32(data.data() + at);
    if (size > data.size() - at - 12) {
      fail("{}: damaged PNG: the data ends early", name);
    }
    if (std::memcmp(data.data() + at + 4, "IEND", 4) == 0) return;
    at += 12 + size;
  }
}

// IHDR by hand: libpng would refuse a wrong size with a vaguer message.
Header read_header(Bytes data, const std::string& name) {
  if (data.size() < 33) fail("{}: damaged PNG: the data ends early", name);
  const unsigned char* p = data.data() + 8;
  if (std::memcmp(p, "\0\0\0\rIHDR", 8) != 0) {
    fail("{}: damaged PNG: the header is missing", name);
  }
  const Header header{png_get_uint_32(p + 8), png_get_uint_32(p + 12), p[16],
                      p[17]};
  check_size(header.width, header.height, name);
  check_chunks(data, name);
  // Deflate shrinks at most 1032 times, so a small file that claims a large
  // picture is refused before memory is taken for it.
  const uint64_t channels = header.colour == PNG_COLOR_TYPE_RGB          ? 3
                            : header.colour == PNG_COLOR_TYPE_RGB_ALPHA  ? 4
                            : header.colour == PNG_COLOR_TYPE_GRAY_ALPHA ? 2
                                                                         : 1;
  const uint64_t row = (header.width * channels * header.depth + 7) / 8;
  if (row * header.height / 1032 > data.size()) {
    fail("{}: damaged PNG: {} bytes cannot hold {}x{} pixels", name,
         data.size(), header.width, header.height);
  }
  return header;
}

void read_info(Reader& reader, const std::string& name) {
  const bool ok = guarded(reader.png, [&] {
    png_structp png = reader.png;
    png_set_read_fn(png, &reader, read_bytes);
    // Texts and private chunks are passed over unread: they are not needed,
    // and may unpack to any size. eXIf and iCCP stay.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_AS_DEFAULT,
                                reinterpret_cast<png_const_bytep>("eXIf\0iCCP"),
                                2);
    png_set_chunk_malloc_max(png, 1 << 20);
    png_read_info(png, reader.info);
  });
  if (!ok) fail_damaged(reader, name);
}

// Reads the rows into `image`, whose channels must be those after the
// transformations asked for, and then to the end of the file.
void read_pixels(Reader& reader, Image& image, const std::string& name) {
  const size_t row_size = static_cast<size_t>(image.width) * image.channels;
  uint8_t* pixels = image.pixels.data();
  const int height = image.height;
  const bool ok = guarded(reader.png, [&] {
    png_structp png = reader.png;
    const int passes = png_set_interlace_handling(png);
    png_read_update_info(png, reader.info);
    if (png_get_rowbytes(png, reader.info) != row_size) {
      png_error(png, "unexpected row size");
    }
    for (int pass = 0; pass < passes; ++pass) {
      for (int y = 0; y < height; ++y) {
        png_read_row(png, pixels + y * row_size, nullptr);
      }
    }
    png_read_end(png, reader.info);
  });
  if (!ok) fail_damaged(reader, name);
}

int orientation(Reader& reader) {
  png_uint_32 size = 0;
  png_bytep exif = nullptr;
  const bool ok = guarded(reader.png, [&] {
    if (!png_get_eXIf_1(reader.png, reader.info, &size, &exif)) size = 0;
  });
  return ok && size > 0 ? exif_orientation(Bytes(exif, size)) : 1;
}

// The profile's bytes belong to libpng.
Bytes profile(Reader& reader) {
  png_charp title = nullptr;
  int packing = 0;
  png_bytep data = nullptr;
  png_uint_32 size = 0;
  const bool ok = guarded(reader.png, [&] {
    if (!png_get_iCCP(reader.png, reader.info, &title, &packing, &data,
                      &size)) {
      size = 0;
    }
  });
  return ok && size > 0 ? Bytes(data, size) : Bytes();
}

// An APNG's chunk of animation, ahead of the picture.
bool is_apng(Bytes data) {
  size_t at = 8;
  while (data.size() - at >= 12) {
    const uint64_t size = png_get_uint_32(data.data() + at);
    if (std::memcmp(data.data() + at + 4, "acTL", 4) == 0) return true;
    if (std::memcmp(data.data() + at + 4, "IDAT", 4) == 0) return false;
    if (size > data.size() - at - 12) return false;
    at += 12 + size;
  }
  return false;
}

const char* colour_name(int colour) {
  switch (colour) {
    case PNG_COLOR_TYPE_RGB:
      return "RGB";
    case PNG_COLOR_TYPE_RGB_ALPHA:
      return "RGB with alpha";
    case PNG_COLOR_TYPE_GRAY_ALPHA:
      return "gray with alpha";
    case PNG_COLOR_TYPE_PALETTE:
      return "palette";
    default:
      return "gray";
  }
}

// ---- Writing ----

struct Writer {
  Writer() {
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, this, on_error<Writer>,
                                  on_warning);
    if (png) info = png_create_info_struct(png);
    if (!info) {
      png_destroy_write_struct(&png, nullptr);
      fail("libpng does not start (out of memory?)");
    }
  }
  ~Writer() { png_destroy_write_struct(&png, &info); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  std::vector<unsigned char> out;
  png_structp png = nullptr;
  png_infop info = nullptr;
  char message[kMessageSize] = {};
};

void write_bytes(png_structp png, png_bytep from, size_t count) {
  auto* writer = static_cast<Writer*>(png_get_io_ptr(png));
  bool ok = true;
  try {
    writer->out.insert(writer->out.end(), from, from + count);
  } catch (const std::exception&) {  // must not pass through C code
    ok = false;
  }
  if (!ok) png_error(png, "out of memory");
}

void flush_nothing(png_structp) {}

// Label images and other flat drawings: filters only hurt them.
bool is_flat(const Image& image) {
  if (image.channels != 1) return false;
  std::bitset<256> seen;
  for (const uint8_t value : image.pixels) seen.set(value);
  return seen.count() <= 32;
}

}  // namespace

Image decode_png(Bytes data, const std::string& name, Ground ground,
                 Notes& notes) {
  const Header header = read_header(data, name);
  Reader reader(data);
  read_info(reader, name);

  bool alpha = false;
  const bool ok = guarded(reader.png, [&] {
    png_structp png = reader.png;
    png_set_expand(png);    // palette and gray below 8 bits; tRNS to alpha
    png_set_strip_16(png);  // the high byte
    png_set_gray_to_rgb(png);
    alpha = (header.colour & PNG_COLOR_MASK_ALPHA) != 0 ||
            png_get_valid(png, reader.info, PNG_INFO_tRNS) != 0;
  });
  if (!ok) fail_damaged(reader, name);

  Image image(header.width, header.height, alpha ? 4 : 3);
  read_pixels(reader, image, name);
  const bool gray = (header.colour & PNG_COLOR_MASK_COLOR) == 0;
  to_srgb(image, profile(reader), gray, notes);
  if (is_apng(data)) notes.push_back(kFirstOfAnimation);
  if (alpha) image = over_ground(image, ground);
  return upright(std::move(image), orientation(reader));
}

Image decode_png_indices(Bytes data, const std::string& name) {
  const Header header = read_header(data, name);
  const bool single = header.colour == PNG_COLOR_TYPE_GRAY ||
                      header.colour == PNG_COLOR_TYPE_PALETTE;
  if (!single || header.depth > 8) {
    fail("{}: a label image needs one 8-bit channel, got {}-bit {}", name,
         header.depth, colour_name(header.colour));
  }
  Reader reader(data);
  read_info(reader, name);
  // Values below 8 bits are spread to bytes, but not scaled.
  const bool ok = guarded(reader.png, [&] { png_set_packing(reader.png); });
  if (!ok) fail_damaged(reader, name);

  Image image(header.width, header.height, 1);
  read_pixels(reader, image, name);
  return image;
}

std::vector<unsigned char> encode_png(const Image& image,
                                      const Palette& palette) {
  const bool flat = is_flat(image);
  const int colour = !palette.empty()      ? PNG_COLOR_TYPE_PALETTE
                     : image.channels == 1 ? PNG_COLOR_TYPE_GRAY
                     : image.channels == 3 ? PNG_COLOR_TYPE_RGB
                                           : PNG_COLOR_TYPE_RGB_ALPHA;
  std::vector<png_color> colours;
  for (const auto& rgb : palette) colours.push_back({rgb[0], rgb[1], rgb[2]});
  Writer writer;
  const bool ok = guarded(writer.png, [&] {
    png_structp png = writer.png;
    png_set_write_fn(png, &writer, write_bytes, flush_nothing);
    png_set_IHDR(png, writer.info, image.width, image.height, 8, colour,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    if (!colours.empty()) {
      png_set_PLTE(png, writer.info, colours.data(),
                   static_cast<int>(colours.size()));
    }
    if (flat) {
      png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
      png_set_compression_level(png, 6);
    } else {
      // Measured on faces of 1024x1024: 33 ms and 0.69 MB. Level 3 without
      // Z_RLE: 64 ms, 0.81 MB; level 6: 206 ms, 0.72 MB.
      png_set_filter(png, PNG_FILTER_TYPE_BASE, PNG_FILTER_PAETH);
      png_set_compression_level(png, 1);
      png_set_compression_strategy(png, Z_RLE);
    }
    png_set_compression_buffer_size(png, 1 << 16);
    png_write_info(png, writer.info);
    for (int y = 0; y < image.height; ++y) png_write_row(png, image.row(y));
    png_write_end(png, writer.info);
  });
  if (!ok) fail("cannot encode a PNG: {}", printable(writer.message));
  return std::move(writer.out);
}

}  // namespace limner
