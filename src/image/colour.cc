#include "image/colour.h"

#include <cmath>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#ifdef LIMNER_HAS_LCMS
#include <lcms2.h>
#endif

namespace limner {

#ifdef LIMNER_HAS_LCMS

namespace {

struct CloseContext {
  void operator()(cmsContext context) const { cmsDeleteContext(context); }
};
struct CloseProfile {
  void operator()(void* profile) const { cmsCloseProfile(profile); }
};
struct CloseTransform {
  void operator()(void* transform) const { cmsDeleteTransform(transform); }
};
using Context =
    std::unique_ptr<std::remove_pointer_t<cmsContext>, CloseContext>;
using Profile = std::unique_ptr<void, CloseProfile>;
using Transform = std::unique_ptr<void, CloseTransform>;

void say_nothing(cmsContext, cmsUInt32Number, const char*) {}

// What is done with a profile, if it is one.
class Conversion {
 public:
  explicit Conversion(Bytes data) : context_(cmsCreateContext(nullptr, this)) {
    if (!context_) return;
    cmsSetLogErrorHandlerTHR(context_.get(), say_nothing);
    profile_.reset(
        cmsOpenProfileFromMemTHR(context_.get(), data.data(),
                                 static_cast<cmsUInt32Number>(data.size())));
    srgb_.reset(cmsCreate_sRGBProfileTHR(context_.get()));
  }

  bool is_for(cmsColorSpaceSignature space) const {
    return profile_ && cmsGetColorSpace(profile_.get()) == space;
  }

  // Of pixels as they are stored to those wanted.
  bool open(cmsUInt32Number from, cmsUInt32Number to) {
    if (!profile_ || !srgb_) return false;
    transform_.reset(cmsCreateTransformTHR(context_.get(), profile_.get(), from,
                                           srgb_.get(), to,
                                           INTENT_RELATIVE_COLORIMETRIC, 0));
    return transform_ != nullptr;
  }

  void run(const uint8_t* from, uint8_t* to, int count) const {
    cmsDoTransform(transform_.get(), from, to,
                   static_cast<cmsUInt32Number>(count));
  }

  // Whether it leaves colours of three bytes where they are, but for rounding.
  bool keeps_colours() const {
    constexpr int kStep = 51;
    std::vector<uint8_t> colours;
    for (int r = 0; r < 256; r += kStep) {
      for (int g = 0; g < 256; g += kStep) {
        for (int b = 0; b < 256; b += kStep) {
          for (const int value : {r, g, b}) {
            colours.push_back(static_cast<uint8_t>(value));
          }
        }
      }
    }
    std::vector<uint8_t> out(colours.size());
    run(colours.data(), out.data(), static_cast<int>(colours.size() / 3));
    for (size_t i = 0; i < out.size(); ++i) {
      if (std::abs(out[i] - colours[i]) > 1) return false;
    }
    return true;
  }

 private:
  Context context_;
  Profile profile_;
  Profile srgb_;
  Transform transform_;
};

void tell(Notes& notes) {
  notes.push_back(
      "its colour profile is damaged or of another kind, and not used");
}

void gray_to_srgb(Image& image, const Conversion& conversion) {
  const int channels = image.channels;
  std::vector<uint8_t> gray(image.width);
  std::vector<uint8_t> rgb(3 * gray.size());
  for (int y = 0; y < image.height; ++y) {
    uint8_t* row = image.row(y);
    for (int x = 0; x < image.width; ++x) gray[x] = row[x * channels];
    conversion.run(gray.data(), rgb.data(), image.width);
    for (int x = 0; x < image.width; ++x) {
      for (int c = 0; c < 3; ++c) row[x * channels + c] = rgb[3 * x + c];
    }
  }
}

}  // namespace

bool has_colour_profiles() { return true; }

void to_srgb(Image& image, Bytes profile, bool gray, Notes& notes) {
  if (profile.empty()) return;
  Conversion conversion(profile);
  if (gray && conversion.is_for(cmsSigGrayData) &&
      conversion.open(TYPE_GRAY_8, TYPE_RGB_8)) {
    return gray_to_srgb(image, conversion);
  }
  if (!conversion.is_for(cmsSigRgbData) ||
      !conversion.open(TYPE_RGB_8, TYPE_RGB_8)) {
    return tell(notes);
  }
  if (conversion.keeps_colours()) return;
  // In place: bytes of alpha are stepped over.
  if (image.channels == 4 && !conversion.open(TYPE_RGBA_8, TYPE_RGBA_8)) {
    return tell(notes);
  }
  for (int y = 0; y < image.height; ++y) {
    conversion.run(image.row(y), image.row(y), image.width);
  }
}

std::optional<Image> inks_to_srgb(const Image& inks, bool inverted,
                                  Bytes profile, Notes& notes) {
  if (profile.empty()) return {};
  Conversion conversion(profile);
  if (!conversion.is_for(cmsSigCmykData) ||
      !conversion.open(inverted ? TYPE_CMYK_8_REV : TYPE_CMYK_8, TYPE_RGB_8)) {
    tell(notes);
    return {};
  }
  Image rgb(inks.width, inks.height, 3);
  for (int y = 0; y < inks.height; ++y) {
    conversion.run(inks.row(y), rgb.row(y), inks.width);
  }
  return rgb;
}

std::vector<unsigned char> profile_of_primaries(int number) {
  constexpr int kBt2020 = 9;
  constexpr int kDisplayP3 = 12;
  if (number != kBt2020 && number != kDisplayP3) return {};
  const cmsCIExyYTRIPLE primaries =
      number == kDisplayP3
          ? cmsCIExyYTRIPLE{{0.680, 0.320, 1},
                            {0.265, 0.690, 1},
                            {0.150, 0.060, 1}}
          : cmsCIExyYTRIPLE{
                {0.708, 0.292, 1}, {0.170, 0.797, 1}, {0.131, 0.046, 1}};
  const cmsCIExyY daylight = {0.3127, 0.3290, 1};
  // a, b, c, d, e of IEC 61966-2-1.
  const double curve[5] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  cmsToneCurve* tone = cmsBuildParametricToneCurve(nullptr, 4, curve);
  if (tone == nullptr) return {};
  cmsToneCurve* tones[3] = {tone, tone, tone};
  const Profile profile(cmsCreateRGBProfile(&daylight, &primaries, tones));
  cmsFreeToneCurve(tone);
  cmsUInt32Number size = 0;
  if (!profile || !cmsSaveProfileToMem(profile.get(), nullptr, &size)) {
    return {};
  }
  std::vector<unsigned char> out(size);
  if (!cmsSaveProfileToMem(profile.get(), out.data(), &size)) return {};
  return out;
}

#else

namespace {

// Whether a profile says that it is sRGB's, in either kind of text.
bool says_srgb(Bytes profile) {
  using namespace std::string_view_literals;
  const std::string_view text(reinterpret_cast<const char*>(profile.data()),
                              profile.size());
  return text.find("sRGB"sv) != text.npos ||
         text.find("s\0R\0G\0B"sv) != text.npos;
}

void tell_unless_srgb(Bytes profile, Notes& notes) {
  if (profile.empty() || says_srgb(profile)) return;
  notes.push_back(
      "its colour profile is not used: limner was built without Little CMS; "
      "save the picture in sRGB");
}

}  // namespace

bool has_colour_profiles() { return false; }

void to_srgb(Image&, Bytes profile, bool, Notes& notes) {
  tell_unless_srgb(profile, notes);
}

std::optional<Image> inks_to_srgb(const Image&, bool, Bytes profile,
                                  Notes& notes) {
  tell_unless_srgb(profile, notes);
  return {};
}

std::vector<unsigned char> profile_of_primaries(int) { return {}; }

#endif

}  // namespace limner
