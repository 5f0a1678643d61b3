// Photos in the colours of other profiles, which are made here, must come out
// as they were in sRGB.
#include "image/colour.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <cmath>
#include <cstdlib>
#include <string>

#include "image/codec.h"
#include "util/files.h"
#include "util/test_bytes.h"

#ifdef LIMNER_HAS_LCMS
#include <lcms2.h>
#endif
#ifdef LIMNER_HAS_TIFF
#include <tiffio.h>
#endif

namespace limner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Data = std::vector<unsigned char>;

TEST(ColourProfiles, GarbageIsToldAndPassedOver) {
  Image image(2, 1, 3);
  image.pixels = {1, 2, 3, 200, 100, 50};
  const Image before = image;
  const Data garbage(300, 'x');
  Notes notes;
  to_srgb(image, garbage, false, notes);
  EXPECT_EQ(image.pixels, before.pixels);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("colour profile")));
  to_srgb(image, {}, false, notes);
  EXPECT_EQ(notes.size(), 1U);
}

#ifdef LIMNER_HAS_LCMS

Image sweep() {
  Image image(48, 32, 3);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      uint8_t* p = image.row(y) + 3 * x;
      p[0] = static_cast<uint8_t>(40 + 4 * x);
      p[1] = static_cast<uint8_t>(60 + 4 * y);
      p[2] = static_cast<uint8_t>(200 - 2 * x);
    }
  }
  return image;
}

double mean_difference(const Image& a, const Image& b) {
  EXPECT_EQ(a.pixels.size(), b.pixels.size());
  if (a.pixels.size() != b.pixels.size()) return 256;
  double sum = 0;
  for (size_t i = 0; i < a.pixels.size(); ++i) {
    sum += std::abs(a.pixels[i] - b.pixels[i]);
  }
  return sum / static_cast<double>(a.pixels.size());
}

Data saved(cmsHPROFILE profile) {
  cmsUInt32Number size = 0;
  EXPECT_TRUE(cmsSaveProfileToMem(profile, nullptr, &size));
  Data out(size);
  EXPECT_TRUE(cmsSaveProfileToMem(profile, out.data(), &size));
  cmsCloseProfile(profile);
  return out;
}

Data rgb_profile(cmsCIExyY white, cmsCIExyYTRIPLE primaries, double gamma) {
  cmsToneCurve* tone = cmsBuildGamma(nullptr, gamma);
  cmsToneCurve* tones[3] = {tone, tone, tone};
  cmsHPROFILE profile = cmsCreateRGBProfile(&white, &primaries, tones);
  cmsFreeToneCurve(tone);
  return saved(profile);
}

constexpr cmsCIExyY kD65 = {0.3127, 0.3290, 1};
constexpr cmsCIExyY kD50 = {0.3457, 0.3585, 1};

Data adobe_rgb() {
  return rgb_profile(kD65, {{0.64, 0.33, 1}, {0.21, 0.71, 1}, {0.15, 0.06, 1}},
                     2.19921875);
}

Data prophoto() {
  return rgb_profile(
      kD50, {{0.7347, 0.2653, 1}, {0.1596, 0.8404, 1}, {0.0366, 0.0001, 1}},
      1.8);
}

Data srgb() { return saved(cmsCreate_sRGBProfile()); }

Data gray_profile(double gamma) {
  cmsToneCurve* tone = cmsBuildGamma(nullptr, gamma);
  cmsHPROFILE profile = cmsCreateGrayProfile(&kD50, tone);
  cmsFreeToneCurve(tone);
  return saved(profile);
}

// Inks on paper, each taking one colour of light away, none perfectly.
cmsInt32Number inked(const cmsUInt16Number in[], cmsUInt16Number out[],
                     void* to_lab) {
  double rgb[3];
  const double key = in[3] / 65535.0;
  for (int c = 0; c < 3; ++c) {
    const double ink = in[c] / 65535.0;
    rgb[c] = (1 - 0.9 * ink) * (1 - 0.92 * key);
  }
  cmsCIELab lab;
  cmsDoTransform(static_cast<cmsHTRANSFORM>(to_lab), rgb, &lab, 1);
  cmsFloat2LabEncodedV2(out, &lab);
  return TRUE;
}

Data ink_profile() {
  cmsHPROFILE light = cmsCreate_sRGBProfile();
  cmsHPROFILE lab = cmsCreateLab4Profile(nullptr);
  cmsHTRANSFORM to_lab = cmsCreateTransform(
      light, TYPE_RGB_DBL, lab, TYPE_Lab_DBL, INTENT_RELATIVE_COLORIMETRIC, 0);
  cmsPipeline* table = cmsPipelineAlloc(nullptr, 4, 3);
  cmsStage* stage = cmsStageAllocCLut16bit(nullptr, 9, 4, 3, nullptr);
  EXPECT_TRUE(cmsStageSampleCLut16bit(stage, inked, to_lab, 0));
  EXPECT_TRUE(cmsPipelineInsertStage(table, cmsAT_END, stage));
  cmsHPROFILE profile = cmsCreateProfilePlaceholder(nullptr);
  cmsSetProfileVersion(profile, 2.1);
  cmsSetDeviceClass(profile, cmsSigOutputClass);
  cmsSetColorSpace(profile, cmsSigCmykData);
  cmsSetPCS(profile, cmsSigLabData);
  for (const cmsTagSignature tag : {cmsSigAToB0Tag, cmsSigAToB1Tag}) {
    EXPECT_TRUE(cmsWriteTag(profile, tag, table));
  }
  cmsPipelineFree(table);
  cmsDeleteTransform(to_lab);
  cmsCloseProfile(lab);
  cmsCloseProfile(light);
  return saved(profile);
}

// `image` of sRGB in the colours of another profile.
Image in_colours_of(const Image& image, const Data& profile) {
  cmsHPROFILE from = cmsCreate_sRGBProfile();
  cmsHPROFILE to = cmsOpenProfileFromMem(
      profile.data(), static_cast<cmsUInt32Number>(profile.size()));
  cmsHTRANSFORM transform = cmsCreateTransform(from, TYPE_RGB_8, to, TYPE_RGB_8,
                                               INTENT_RELATIVE_COLORIMETRIC, 0);
  Image out = image;
  cmsDoTransform(transform, image.pixels.data(), out.pixels.data(),
                 static_cast<cmsUInt32Number>(image.pixels.size() / 3));
  cmsDeleteTransform(transform);
  cmsCloseProfile(to);
  cmsCloseProfile(from);
  return out;
}

std::string big_endian(size_t value, int bytes) {
  const std::string little = le(value, bytes);
  return {little.rbegin(), little.rend()};
}

std::string text_from(const Data& data) { return {data.begin(), data.end()}; }
Data bytes_from(const std::string& text) { return {text.begin(), text.end()}; }

// A JPEG with a profile in parts of `part` bytes.
Data jpeg_with(const Image& image, const Data& profile, size_t part) {
  const std::string plain = text_from(encode(image, ImageFormat::kJpeg, 100));
  const std::string all = text_from(profile);
  const size_t count = (all.size() + part - 1) / part;
  std::string segments;
  for (size_t i = 0; i < count; ++i) {
    const std::string piece = all.substr(i * part, part);
    segments += "\xff\xe2" + big_endian(piece.size() + 16, 2) +
                std::string("ICC_PROFILE\0", 12) + big_endian(i + 1, 1) +
                big_endian(count, 1) + piece;
  }
  return bytes_from(plain.substr(0, 2) + segments + plain.substr(2));
}

Data png_with(const Image& image, const Data& profile) {
  const std::string plain = text_from(encode(image, ImageFormat::kPng));
  uLongf size = compressBound(profile.size());
  std::string packed(size, '\0');
  EXPECT_EQ(compress(reinterpret_cast<Bytef*>(packed.data()), &size,
                     profile.data(), profile.size()),
            Z_OK);
  packed.resize(size);
  const std::string body = "iCCP" + std::string("made\0\0", 6) + packed;
  const uLong sum =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), body.size());
  constexpr size_t kHeader = 33;
  return bytes_from(plain.substr(0, kHeader) + big_endian(body.size() - 4, 4) +
                    body + big_endian(sum, 4) + plain.substr(kHeader));
}

Data webp_with(const Image& image, const Data& profile) {
  const std::string plain = text_from(encode(image, ImageFormat::kWebp, 100));
  std::string colours = text_from(profile);
  std::string chunks = "VP8X" + le(10, 4) + le(0x20, 4) +
                       le(image.width - 1, 3) + le(image.height - 1, 3) +
                       "ICCP" + le(colours.size(), 4) + colours;
  if (colours.size() % 2 == 1) chunks += '\0';
  chunks += plain.substr(12);
  return bytes_from("RIFF" + le(chunks.size() + 4, 4) + "WEBP" + chunks);
}

// Reads `file`, whose colours `expected` has, by the profile.
void expect_colours(const Data& file, const Image& expected, double max) {
  Notes notes;
  const Image read = decode_rgb(file, "a", Ground::kWhite, notes);
  EXPECT_LT(mean_difference(read, expected), max);
  EXPECT_THAT(notes, IsEmpty());
}

TEST(ColourProfiles, WideColoursComeOutAsInSrgb) {
  const Image image = sweep();
  for (const Data& profile :
       {adobe_rgb(), prophoto(), profile_of_primaries(12)}) {
    ASSERT_FALSE(profile.empty());
    const Image wide = in_colours_of(image, profile);
    ASSERT_GT(mean_difference(wide, image), 5);
    expect_colours(jpeg_with(wide, profile, 60000), image, 2);
    expect_colours(jpeg_with(wide, profile, 100), image, 2);
    expect_colours(png_with(wide, profile), image, 1);
    expect_colours(webp_with(wide, profile), image, 1);
  }
}

TEST(ColourProfiles, SrgbChangesNothing) {
  const Image image = sweep();
  const Data png = png_with(image, srgb());
  EXPECT_EQ(decode_rgb(png, "a").pixels, image.pixels);
  const Data jpeg = encode(image, ImageFormat::kJpeg, 100);
  EXPECT_EQ(decode_rgb(jpeg_with(image, srgb(), 60000), "a").pixels,
            decode_rgb(jpeg, "a").pixels);
}

TEST(ColourProfiles, AlphaStays) {
  Image image = sweep();
  const Image wide = in_colours_of(image, adobe_rgb());
  Image clear(image.width, image.height, 4);
  for (size_t i = 0; i < wide.pixels.size() / 3; ++i) {
    for (int c = 0; c < 3; ++c) {
      clear.pixels[4 * i + c] = wide.pixels[3 * i + c];
    }
    const bool seen = i % 2 == 0;
    clear.pixels[4 * i + 3] = seen ? 255 : 0;
    for (int c = 0; c < 3 && !seen; ++c) image.pixels[3 * i + c] = 255;
  }
  expect_colours(png_with(clear, adobe_rgb()), image, 1);
}

TEST(ColourProfiles, GraysHaveTheirOwn) {
  Image gray(256, 1, 1);
  for (int i = 0; i < 256; ++i) gray.pixels[i] = static_cast<uint8_t>(i);
  const Image read = decode_rgb(png_with(gray, gray_profile(1.0)), "a");
  ASSERT_EQ(read.channels, 3);
  // Half the light is 188 in sRGB.
  EXPECT_NEAR(read.pixels[3 * 128], 188, 2);
  EXPECT_EQ(read.pixels[3 * 128], read.pixels[3 * 128 + 2]);
  EXPECT_EQ(read.pixels[0], 0);
  EXPECT_EQ(read.pixels[3 * 255], 255);
}

TEST(ColourProfiles, OnesForOtherChannelsAreTold) {
  const Image image = sweep();
  Notes notes;
  const Data jpeg = jpeg_with(image, ink_profile(), 60000);
  const Image read = decode_rgb(jpeg, "a", Ground::kWhite, notes);
  EXPECT_LT(mean_difference(read, image), 1.5);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("of another kind")));
}

TEST(ColourProfiles, InksAreSeenAsPrinted) {
  const Data profile = ink_profile();
  Image inks(3, 1, 4);
  inks.pixels = {0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 128};
  for (const bool inverted : {false, true}) {
    Image stored = inks;
    if (inverted) {
      for (uint8_t& ink : stored.pixels) ink = 255 - ink;
    }
    Notes notes;
    const auto read = inks_to_srgb(stored, inverted, profile, notes);
    ASSERT_TRUE(read);
    EXPECT_THAT(notes, IsEmpty());
    const auto& p = read->pixels;
    for (int c = 0; c < 3; ++c) EXPECT_NEAR(p[c], 255, 1);
    // Cyan takes nine tenths of red away, half of the key near half of all.
    EXPECT_LT(p[3], 30);
    EXPECT_GT(p[4], 245);
    EXPECT_NEAR(p[6], 255 * (1 - 0.92 * 128 / 255), 12);
    EXPECT_NEAR(p[6], p[8], 3);
  }
  Notes notes;
  EXPECT_FALSE(inks_to_srgb(inks, false, {}, notes));
  EXPECT_FALSE(inks_to_srgb(inks, false, adobe_rgb(), notes));
  EXPECT_EQ(notes.size(), 1U);
}

#ifdef LIMNER_HAS_TIFF

Data tiff_with(const Image& image, const Data& profile, int photometric) {
  const std::string name =
      (std::filesystem::temp_directory_path() / "limner-colour-XXXXXX")
          .string();
  std::string path = name;
  const int descriptor = ::mkstemp(path.data());
  TIFF* file = TIFFFdOpen(descriptor, path.c_str(), "w");
  TIFFSetField(file, TIFFTAG_IMAGEWIDTH, image.width);
  TIFFSetField(file, TIFFTAG_IMAGELENGTH, image.height);
  TIFFSetField(file, TIFFTAG_SAMPLESPERPIXEL, image.channels);
  TIFFSetField(file, TIFFTAG_BITSPERSAMPLE, 8);
  TIFFSetField(file, TIFFTAG_PHOTOMETRIC, photometric);
  TIFFSetField(file, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(file, TIFFTAG_ICCPROFILE, static_cast<uint32_t>(profile.size()),
               profile.data());
  Image copy = image;
  for (int y = 0; y < image.height; ++y) {
    EXPECT_EQ(TIFFWriteScanline(file, copy.row(y), y, 0), 1);
  }
  TIFFClose(file);
  const Data data = read_file(path);
  std::filesystem::remove(path);
  return data;
}

TEST(ColourProfiles, OfTiffAreUsed) {
  const Image image = sweep();
  const Image wide = in_colours_of(image, adobe_rgb());
  expect_colours(tiff_with(wide, adobe_rgb(), PHOTOMETRIC_RGB), image, 1);
  Image inks(2, 1, 4);
  inks.pixels = {0, 0, 0, 0, 255, 0, 0, 0};
  const Image read =
      decode_rgb(tiff_with(inks, ink_profile(), PHOTOMETRIC_SEPARATED), "a");
  EXPECT_NEAR(read.pixels[0], 255, 1);
  EXPECT_LT(read.pixels[3], 30);
  EXPECT_GT(read.pixels[4], 245);
}

#endif
#endif

}  // namespace
}  // namespace limner
