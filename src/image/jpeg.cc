// JPEG over libjpeg-turbo.
//
// The library reports an error by a callback that must not return. Every call
// to it runs inside guarded(), whose bodies own nothing that needs a
// destructor; memory is taken outside.
#include <stddef.h>
#include <stdio.h>
// After stdio: these headers use FILE and size_t without including them.
#include <jerror.h>
#include <jpeglib.h>

#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <utility>

#include "image/colour.h"
#include "image/exif.h"
#include "image/formats.h"
#include "util/error.h"

namespace limner {
namespace {

struct Failure {
  jpeg_error_mgr manager;  // first, so that cinfo->err points at the Failure
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

// Runs body() and returns true, or false once libjpeg reports an error.
template <typename Body>
bool guarded(Failure& failure, const Body& body) {
  if (setjmp(failure.jump)) return false;
  body();
  return true;
}

[[noreturn]] void on_error(j_common_ptr info) {
  auto* failure = reinterpret_cast<Failure*>(info->err);
  info->err->format_message(info, failure->message);
  std::longjmp(failure->jump, 1);
}

// Warnings (level below 0) are where libjpeg tells of missing or garbled
// picture data, for which it would invent pixels.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:  // padding between segments: some cameras do
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_BOGUS_ICC:  // then there is no profile
      return;
    default:
      on_error(info);
  }
}

void print_nothing(j_common_ptr) {}

jpeg_error_mgr* install(Failure& failure) {
  jpeg_error_mgr* manager = jpeg_std_error(&failure.manager);
  manager->error_exit = on_error;
  manager->emit_message = on_message;
  manager->output_message = print_nothing;
  failure.message[0] = '\0';
  return manager;
}

// A progressive file of a few kilobytes may order thousands of passes over
// the whole picture. Real ones have about ten.
void limit_scans(j_common_ptr info) {
  constexpr int kMaxScans = 200;
  auto* decoder = reinterpret_cast<j_decompress_ptr>(info);
  if (decoder->input_scan_number > kMaxScans)
    ERREXIT(info, JERR_BAD_PROGRESSION);
}

struct Decoder {
  Decoder() {
    info.err = install(failure);
    progress.progress_monitor = limit_scans;
    created = guarded(failure, [&] { jpeg_create_decompress(&info); });
    if (!created) fail("libjpeg does not start: {}", failure.message);
    info.progress = &progress;
  }
  ~Decoder() { jpeg_destroy_decompress(&info); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  Failure failure;
  jpeg_progress_mgr progress = {};
  jpeg_decompress_struct info = {};
  bool created = false;
};

[[noreturn]] void fail_damaged(const Decoder& decoder,
                               const std::string& name) {
  fail("{}: damaged JPEG: {}", name, printable(decoder.failure.message));
}

int orientation(const jpeg_decompress_struct& info) {
  for (auto* marker = info.marker_list; marker; marker = marker->next) {
    const Bytes data(marker->data, marker->data_length);
    if (marker->marker == JPEG_APP0 + 1 && data.size() > 6 &&
        std::memcmp(data.data(), "Exif\0", 6) == 0) {
      return exif_orientation(data);
    }
  }
  return 1;
}

struct Free {
  void operator()(JOCTET* memory) const { std::free(memory); }
};

// The ICC profile, put together from its parts; empty when there is none.
struct StoredProfile {
  std::unique_ptr<JOCTET, Free> memory;
  Bytes data;
};

// To be asked for before the picture is read to its end.
StoredProfile stored_profile(Decoder& decoder) {
  JOCTET* memory = nullptr;
  unsigned int size = 0;
  const bool ok = guarded(decoder.failure, [&] {
    if (!jpeg_read_icc_profile(&decoder.info, &memory, &size)) memory = nullptr;
  });
  StoredProfile out;
  if (!ok || memory == nullptr) return out;
  out.memory.reset(memory);
  out.data = Bytes(memory, size);
  return out;
}

// CMYK [h,w,4] to RGB. `inverted`: 255 means no ink, as Adobe writes it.
Image cmyk_to_rgb(const Image& cmyk, bool inverted) {
  Image rgb(cmyk.width, cmyk.height, 3);
  const uint8_t flip = inverted ? 0 : 255;
  const uint8_t* from = cmyk.pixels.data();
  uint8_t* to = rgb.pixels.data();
  const size_t count = static_cast<size_t>(cmyk.width) * cmyk.height;
  for (size_t i = 0; i < count; ++i, from += 4, to += 3) {
    const int white = from[3] ^ flip;
    for (int c = 0; c < 3; ++c) {
      to[c] = ((from[c] ^ flip) * white + 127) / 255;
    }
  }
  return rgb;
}

// ---- Writing ----

struct Encoder;

// A libjpeg destination that appends to a vector.
struct Destination {
  jpeg_destination_mgr manager;  // first: info.dest points at the Destination
  Encoder* encoder;
};

struct Encoder {
  Encoder();
  ~Encoder() { jpeg_destroy_compress(&info); }
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;

  Failure failure;
  Destination destination = {};
  jpeg_compress_struct info = {};
  std::vector<unsigned char> out;
  unsigned char buffer[1 << 16];
};

void rewind_buffer(j_compress_ptr info) {
  Encoder& encoder = *reinterpret_cast<Destination*>(info->dest)->encoder;
  info->dest->next_output_byte = encoder.buffer;
  info->dest->free_in_buffer = sizeof encoder.buffer;
}

void append(j_compress_ptr info, size_t count) {
  Encoder& encoder = *reinterpret_cast<Destination*>(info->dest)->encoder;
  bool ok = true;
  try {
    encoder.out.insert(encoder.out.end(), encoder.buffer,
                       encoder.buffer + count);
  } catch (const std::exception&) {  // must not pass through C code
    ok = false;
  }
  if (!ok) ERREXIT1(info, JERR_OUT_OF_MEMORY, 0);
}

boolean append_full(j_compress_ptr info) {
  // The whole buffer, whatever free_in_buffer says: libjpeg's rule.
  append(info, sizeof(Encoder::buffer));
  rewind_buffer(info);
  return TRUE;
}

void append_rest(j_compress_ptr info) {
  append(info, sizeof(Encoder::buffer) - info->dest->free_in_buffer);
}

Encoder::Encoder() {
  info.err = install(failure);
  if (!guarded(failure, [&] { jpeg_create_compress(&info); })) {
    fail("libjpeg does not start: {}", failure.message);
  }
  destination.manager.init_destination = rewind_buffer;
  destination.manager.empty_output_buffer = append_full;
  destination.manager.term_destination = append_rest;
  destination.encoder = this;
  info.dest = &destination.manager;
}

}  // namespace

namespace {

bool has_end_mark(Bytes data) {
  const size_t size = data.size();
  return size >= 2 && data[size - 2] == 0xff && data[size - 1] == JPEG_EOI;
}

// Whether every number of a picture that comes in several scans has come, and
// whole.
bool is_complete(const jpeg_decompress_struct& info) {
  // Parts one after the other, of which nobody counts how many came.
  if (info.coef_bits == nullptr) return false;
  for (int c = 0; c < info.num_components; ++c) {
    for (int k = 0; k < DCTSIZE2; ++k) {
      if (info.coef_bits[c][k] != 0) return false;
    }
  }
  return true;
}

}  // namespace

Image decode_jpeg(Bytes data, const std::string& name, Notes& notes) {
  // Some programs leave out the end mark, or a copy lost it: then pixels that
  // are missing, too, are told from what the decoder runs out of.
  std::vector<unsigned char> whole;
  const bool ended = has_end_mark(data);
  if (!ended) {
    whole.assign(data.begin(), data.end());
    whole.push_back(0xff);
    whole.push_back(JPEG_EOI);
    data = whole;
  }
  Decoder decoder;
  jpeg_decompress_struct& info = decoder.info;
  bool ok = guarded(decoder.failure, [&] {
    jpeg_mem_src(&info, data.data(), data.size());
    jpeg_save_markers(&info, JPEG_APP0 + 1, 0xffff);
    jpeg_save_markers(&info, JPEG_APP0 + 2, 0xffff);
    jpeg_read_header(&info, TRUE);
  });
  if (!ok) fail_damaged(decoder, name);
  check_size(info.image_width, info.image_height, name);
  const int stored = orientation(info);  // finishing drops the markers
  const StoredProfile profile = stored_profile(decoder);
  const bool gray = info.jpeg_color_space == JCS_GRAYSCALE;

  const bool cmyk =
      info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  Image image(info.image_width, info.image_height, cmyk ? 4 : 3);
  bool complete = true;
  ok = guarded(decoder.failure, [&] {
    info.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
    jpeg_start_decompress(&info);
    complete = ended || !jpeg_has_multiple_scans(&info) || is_complete(info);
    while (info.output_scanline < info.output_height) {
      JSAMPROW row = image.row(info.output_scanline);
      jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);  // reads to the end mark
  });
  if (!ok) fail_damaged(decoder, name);
  if (!complete) fail("{}: damaged JPEG: the data ends early", name);

  if (cmyk) {
    const bool inverted = info.saw_Adobe_marker;
    std::optional<Image> rgb =
        inks_to_srgb(image, inverted, profile.data, notes);
    image = rgb ? std::move(*rgb) : cmyk_to_rgb(image, inverted);
  } else {
    to_srgb(image, profile.data, gray, notes);
  }
  return upright(std::move(image), stored);
}

std::vector<unsigned char> encode_jpeg(const Image& image, int quality) {
  Encoder encoder;
  jpeg_compress_struct& info = encoder.info;
  const bool ok = guarded(encoder.failure, [&] {
    info.image_width = image.width;
    info.image_height = image.height;
    info.input_components = image.channels;
    info.in_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, quality, TRUE);
    info.optimize_coding = TRUE;
    for (int c = 0; c < info.num_components; ++c) {
      info.comp_info[c].h_samp_factor = 1;  // 4:4:4: thin coloured lines stay
      info.comp_info[c].v_samp_factor = 1;
    }
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
      // libjpeg takes rows without const and does not write to them.
      JSAMPROW row = const_cast<JSAMPROW>(image.row(info.next_scanline));
      jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
  });
  if (!ok) {
    fail("cannot encode a JPEG: {}", printable(encoder.failure.message));
  }
  return std::move(encoder.out);
}

}  // namespace limner
