// TIFF over libtiff: the first page.
#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "image/colour.h"
#include "image/exif.h"
#include "image/formats.h"
#include "util/error.h"

#ifdef LIMNER_HAS_TIFF
#include <tiffio.h>
#endif

namespace limner {

#ifdef LIMNER_HAS_TIFF

namespace {

// More than any strip of a picture that is accepted has.
constexpr tmsize_t kMaxMemory = tmsize_t{1} << 30;

// A file in memory, and the first thing that libtiff has to say about it.
struct Source {
  Bytes data;
  uint64_t offset = 0;
  char message[200] = {};
};

Source& source_of(thandle_t handle) { return *static_cast<Source*>(handle); }

tmsize_t read_bytes(thandle_t handle, void* to, tmsize_t count) {
  Source& source = source_of(handle);
  const uint64_t size = source.data.size();
  const uint64_t left = size - std::min<uint64_t>(source.offset, size);
  const uint64_t taken = std::min<uint64_t>(left, std::max<tmsize_t>(count, 0));
  std::memcpy(to, source.data.data() + (size - left), taken);
  source.offset += taken;
  return static_cast<tmsize_t>(taken);
}

tmsize_t write_nothing(thandle_t, void*, tmsize_t) { return 0; }

toff_t seek(thandle_t handle, toff_t offset, int whence) {
  Source& source = source_of(handle);
  const uint64_t from = whence == SEEK_SET   ? 0
                        : whence == SEEK_CUR ? source.offset
                                             : source.data.size();
  source.offset = from + offset;
  return source.offset;
}

int close_nothing(thandle_t) { return 0; }

toff_t size_of(thandle_t handle) { return source_of(handle).data.size(); }

int keep_message(TIFF*, void* user, const char*, const char* format,
                 va_list arguments) {
  Source& source = *static_cast<Source*>(user);
  if (source.message[0] == '\0') {
    std::vsnprintf(source.message, sizeof source.message, format, arguments);
  }
  return 1;
}

int pass_over(TIFF*, void*, const char*, const char*, va_list) { return 1; }

struct Close {
  void operator()(TIFF* file) const { TIFFClose(file); }
};
using File = std::unique_ptr<TIFF, Close>;

File opened(Source& source) {
  TIFFOpenOptions* options = TIFFOpenOptionsAlloc();
  if (options == nullptr) fail("libtiff does not start (out of memory?)");
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, kMaxMemory);
  TIFFOpenOptionsSetErrorHandlerExtR(options, keep_message, &source);
  TIFFOpenOptionsSetWarningHandlerExtR(options, pass_over, nullptr);
  // Without mapping ("m"): then lengths that lie are met by read_bytes().
  File file(TIFFClientOpenExt("picture", "rm", &source, read_bytes,
                              write_nothing, seek, close_nothing, size_of,
                              nullptr, nullptr, options));
  TIFFOpenOptionsFree(options);
  return file;
}

uint16_t number(const File& file, uint32_t tag, uint16_t otherwise) {
  uint16_t value = otherwise;
  return TIFFGetFieldDefaulted(file.get(), tag, &value) == 1 ? value
                                                             : otherwise;
}

Bytes profile_of(const File& file) {
  uint32_t size = 0;
  const unsigned char* data = nullptr;
  if (TIFFGetField(file.get(), TIFFTAG_ICCPROFILE, &size, &data) != 1) {
    return {};
  }
  return {data, size};
}

class Page {
 public:
  Page(const File& file, const Source& source, const std::string& name)
      : file_(file), source_(source), name_(name) {
    uint32_t width = 0;
    uint32_t height = 0;
    TIFFGetField(file.get(), TIFFTAG_IMAGEWIDTH, &width);
    TIFFGetField(file.get(), TIFFTAG_IMAGELENGTH, &height);
    check_size(width, height, name);
    width_ = static_cast<int>(width);
    height_ = static_cast<int>(height);
    photometric_ = number(file, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  }

  // Inks that a profile can tell the colours of, [h,w,4].
  std::optional<Image> inks() const {
    if (photometric_ != PHOTOMETRIC_SEPARATED ||
        number(file_, TIFFTAG_BITSPERSAMPLE, 1) != 8 ||
        number(file_, TIFFTAG_SAMPLESPERPIXEL, 1) != 4 ||
        number(file_, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) !=
            PLANARCONFIG_CONTIG ||
        TIFFIsTiled(file_.get())) {
      return {};
    }
    Image inks(width_, height_, 4);
    if (TIFFScanlineSize(file_.get()) != tmsize_t{4} * width_) return {};
    for (int y = 0; y < height_; ++y) {
      if (TIFFReadScanline(file_.get(), inks.row(y), y, 0) != 1) damaged();
    }
    return inks;
  }

  // Anything as RGBA, rows as they are stored.
  Image rgba() const {
    Image image(width_, height_, 4);
    std::vector<uint32_t> raster(size_t{static_cast<uint32_t>(width_)} *
                                 height_);
    if (TIFFReadRGBAImageOriented(file_.get(), width_, height_, raster.data(),
                                  orientation(), 1) != 1) {
      damaged();
    }
    uint8_t* to = image.pixels.data();
    for (const uint32_t pixel : raster) {
      const uint32_t alpha = TIFFGetA(pixel);
      // Colours come multiplied by alpha.
      const auto plain = [alpha](uint32_t value) {
        return alpha == 0 ? uint8_t{0}
                          : static_cast<uint8_t>(std::min(
                                255U, (value * 255 + alpha / 2) / alpha));
      };
      *to++ = plain(TIFFGetR(pixel));
      *to++ = plain(TIFFGetG(pixel));
      *to++ = plain(TIFFGetB(pixel));
      *to++ = static_cast<uint8_t>(alpha);
    }
    return image;
  }

  int orientation() const {
    const int value = number(file_, TIFFTAG_ORIENTATION, 1);
    return value >= 1 && value <= 8 ? value : 1;
  }

  bool is_inks() const { return photometric_ == PHOTOMETRIC_SEPARATED; }

  bool is_gray() const {
    return photometric_ == PHOTOMETRIC_MINISBLACK ||
           photometric_ == PHOTOMETRIC_MINISWHITE;
  }

 private:
  [[noreturn]] void damaged() const {
    fail("{}: damaged TIFF, or one of a rare kind: {}; save it as PNG", name_,
         source_.message[0] == '\0' ? "it cannot be read"
                                    : printable(source_.message));
  }

  const File& file_;
  const Source& source_;
  const std::string& name_;
  int width_ = 0;
  int height_ = 0;
  int photometric_ = 0;
};

// Whether another page follows that is no small copy of this one.
bool has_more_pages(const File& file) {
  if (TIFFReadDirectory(file.get()) != 1) return false;
  uint32_t kind = 0;
  TIFFGetFieldDefaulted(file.get(), TIFFTAG_SUBFILETYPE, &kind);
  return (kind & (FILETYPE_REDUCEDIMAGE | FILETYPE_MASK)) == 0;
}

}  // namespace

bool has_tiff() { return true; }

Image decode_tiff(Bytes data, const std::string& name, Ground ground,
                  Notes& notes) {
  Source source{data};
  const File file = opened(source);
  if (!file) fail("{}: damaged TIFF: {}", name, printable(source.message));
  const Page page(file, source, name);
  const int orientation = page.orientation();
  Image image;
  if (const Bytes profile = profile_of(file); !profile.empty()) {
    if (std::optional<Image> inks = page.inks()) {
      image = inks_to_srgb(*inks, false, profile, notes).value_or(Image());
    }
  }
  if (image.pixels.empty()) {
    image = page.rgba();
    if (!page.is_inks()) {
      to_srgb(image, profile_of(file), page.is_gray(), notes);
    }
    image = over_ground(image, ground);
  }
  if (has_more_pages(file)) {
    notes.push_back("has several pages; the first is taken");
  }
  return upright(std::move(image), orientation);
}

#else

bool has_tiff() { return false; }

Image decode_tiff(Bytes, const std::string& name, Ground, Notes&) {
  fail(
      "{}: is a TIFF picture, which limner was built without (libtiff); save "
      "it as PNG",
      name);
}

#endif

}  // namespace limner
