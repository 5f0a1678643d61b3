// HEIC and AVIF over libheif, which is loaded with the first such file.
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

#include "image/colour.h"
#include "image/formats.h"
#include "util/error.h"
#include "util/shared_library.h"

#ifdef LIMNER_HAS_HEIF
#include <libheif/heif.h>
#endif

namespace limner {

bool is_heif(Bytes data) {
  if (data.size() < 12 || std::memcmp(data.data() + 4, "ftyp", 4) != 0) {
    return false;
  }
  const std::string_view brand(reinterpret_cast<const char*>(data.data()) + 8,
                               4);
  for (const std::string_view known :
       {"heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif",
        "avis"}) {
    if (brand == known) return true;
  }
  return false;
}

#ifdef LIMNER_HAS_HEIF

namespace {

// The functions that are used, under their names without "heif_".
struct Heif {
  SharedLibrary library{"libheif.so.1"};
  LIMNER_FOUND(library, context_alloc, heif_context_alloc);
  LIMNER_FOUND(library, context_free, heif_context_free);
  LIMNER_FOUND(library, limit_size, heif_context_set_maximum_image_size_limit);
  LIMNER_FOUND(library, read, heif_context_read_from_memory_without_copy);
  LIMNER_FOUND(library, count, heif_context_get_number_of_top_level_images);
  LIMNER_FOUND(library, primary, heif_context_get_primary_image_handle);
  LIMNER_FOUND(library, release_handle, heif_image_handle_release);
  LIMNER_FOUND(library, handle_width, heif_image_handle_get_width);
  LIMNER_FOUND(library, handle_height, heif_image_handle_get_height);
  LIMNER_FOUND(library, has_alpha, heif_image_handle_has_alpha_channel);
  LIMNER_FOUND(library, profile_size,
               heif_image_handle_get_raw_color_profile_size);
  LIMNER_FOUND(library, profile, heif_image_handle_get_raw_color_profile);
  LIMNER_FOUND(library, nclx, heif_image_handle_get_nclx_color_profile);
  LIMNER_FOUND(library, free_nclx, heif_nclx_color_profile_free);
  LIMNER_FOUND(library, options_alloc, heif_decoding_options_alloc);
  LIMNER_FOUND(library, options_free, heif_decoding_options_free);
  LIMNER_FOUND(library, decode, heif_decode_image);
  LIMNER_FOUND(library, release_image, heif_image_release);
  LIMNER_FOUND(library, image_width, heif_image_get_width);
  LIMNER_FOUND(library, image_height, heif_image_get_height);
  LIMNER_FOUND(library, plane, heif_image_get_plane_readonly);
};

const Heif& heif() {
  static const Heif loaded;
  return loaded;
}

struct FreeContext {
  void operator()(heif_context* context) const { heif().context_free(context); }
};
struct FreeHandle {
  void operator()(heif_image_handle* handle) const {
    heif().release_handle(handle);
  }
};
struct FreeOptions {
  void operator()(heif_decoding_options* options) const {
    heif().options_free(options);
  }
};
struct FreeImage {
  void operator()(const heif_image* image) const {
    heif().release_image(image);
  }
};
using HeifContext = std::unique_ptr<heif_context, FreeContext>;
using HeifHandle = std::unique_ptr<heif_image_handle, FreeHandle>;
using HeifOptions = std::unique_ptr<heif_decoding_options, FreeOptions>;
using HeifImage = std::unique_ptr<const heif_image, FreeImage>;

void check_heif(const heif_error& error, const std::string& name) {
  if (error.code == heif_error_Ok) return;
  if (error.code == heif_error_Unsupported_filetype ||
      error.code == heif_error_Unsupported_feature) {
    fail("{}: libheif cannot decode it here ({}); export it as JPEG or PNG",
         name, printable(error.message));
  }
  fail("{}: damaged HEIC or AVIF: {}", name, printable(error.message));
}

// The ICC profile, or one made of the numbers that stand for it.
std::vector<unsigned char> heif_profile(const HeifHandle& handle) {
  std::vector<unsigned char> profile(heif().profile_size(handle.get()));
  if (!profile.empty() &&
      heif().profile(handle.get(), profile.data()).code == heif_error_Ok) {
    return profile;
  }
  heif_color_profile_nclx* numbers = nullptr;
  if (heif().nclx(handle.get(), &numbers).code != heif_error_Ok) return {};
  profile = profile_of_primaries(numbers->color_primaries);
  heif().free_nclx(numbers);
  return profile;
}

Image heif_pixels(const HeifHandle& handle, const std::string& name) {
  const bool alpha = heif().has_alpha(handle.get()) != 0;
  const HeifOptions options(heif().options_alloc());
  if (!options) fail("libheif does not start (out of memory?)");
  options->convert_hdr_to_8bit = 1;
  heif_image* out = nullptr;
  check_heif(heif().decode(handle.get(), &out, heif_colorspace_RGB,
                           alpha ? heif_chroma_interleaved_RGBA
                                 : heif_chroma_interleaved_RGB,
                           options.get()),
             name);
  const HeifImage picture(out);
  const int width = heif().image_width(out, heif_channel_interleaved);
  const int height = heif().image_height(out, heif_channel_interleaved);
  int stride = 0;
  const uint8_t* from = heif().plane(out, heif_channel_interleaved, &stride);
  if (from == nullptr || width < 1 || height < 1) {
    fail("{}: damaged HEIC or AVIF: no pixels", name);
  }
  check_size(width, height, name);
  Image image(width, height, alpha ? 4 : 3);
  for (int y = 0; y < height; ++y) {
    std::memcpy(image.row(y), from + static_cast<ptrdiff_t>(y) * stride,
                static_cast<size_t>(width) * image.channels);
  }
  return image;
}

}  // namespace

bool has_heif() { return heif().library.is_whole(); }

Image decode_heif(Bytes data, const std::string& name, Ground ground,
                  Notes& notes) {
  if (!has_heif()) {
    fail(
        "{}: is a HEIC or AVIF picture, and libheif cannot be loaded ({}); "
        "install it, or export the picture as JPEG",
        name, heif().library.problem());
  }
  const HeifContext context(heif().context_alloc());
  if (!context) fail("libheif does not start (out of memory?)");
  heif().limit_size(context.get(), kMaxImageSide);
  check_heif(heif().read(context.get(), data.data(), data.size(), nullptr),
             name);
  heif_image_handle* primary = nullptr;
  check_heif(heif().primary(context.get(), &primary), name);
  const HeifHandle handle(primary);
  check_size(heif().handle_width(primary), heif().handle_height(primary), name);
  const int count = heif().count(context.get());
  if (count > 1) {
    notes.push_back(
        fmt::format("holds {} pictures; its main one is taken", count));
  }
  // Turned upright by libheif.
  Image image = heif_pixels(handle, name);
  to_srgb(image, heif_profile(handle), false, notes);
  return image.channels == 4 ? over_ground(image, ground) : image;
}

#else

bool has_heif() { return false; }

Image decode_heif(Bytes, const std::string& name, Ground, Notes&) {
  fail(
      "{}: is a HEIC or AVIF picture, which limner was built without "
      "(libheif); export it as JPEG (iPhones save photos so; heif-convert "
      "photo.heic photo.jpg converts them)",
      name);
}

#endif

}  // namespace limner
