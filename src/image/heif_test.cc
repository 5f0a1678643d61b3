// HEIC and AVIF that libheif writes here.
#include <gmock/gmock.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "image/codec.h"
#include "image/formats.h"
#include "util/error.h"
#include "util/test_folder.h"

#ifdef LIMNER_HAS_HEIF
#include <libheif/heif.h>
#endif

#ifdef __SANITIZE_ADDRESS__
// libx265, which encodes here, keeps a block for good.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:libx265"; }
#endif

namespace limner {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using Data = std::vector<unsigned char>;

TEST(Heif, IsKnownByItsBrand) {
  const auto starts = [](const std::string& brand) {
    const std::string text = std::string(4, '\0') + "ftyp" + brand + "0000";
    return is_heif(Bytes(reinterpret_cast<const unsigned char*>(text.data()),
                         text.size()));
  };
  EXPECT_TRUE(starts("heic"));
  EXPECT_TRUE(starts("avif"));
  EXPECT_FALSE(starts("isom"));
  EXPECT_FALSE(is_heif({}));
}

TEST(Heif, DamageIsToldInOneLine) {
  const std::string text =
      std::string("\0\0\0\x18", 4) + "ftypheic" + std::string(200, '\0');
  const std::string message =
      error_of([&] { decode_rgb(Data(text.begin(), text.end()), "a"); });
  EXPECT_THAT(message, AnyOf(HasSubstr("a: damaged HEIC"),
                             HasSubstr("a: libheif cannot decode"),
                             HasSubstr("a: is a HEIC or AVIF picture")));
  EXPECT_EQ(message.find('\n'), std::string::npos);
}

#ifdef LIMNER_HAS_HEIF

heif_error append_bytes(heif_context*, const void* data, size_t size,
                        void* to) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  auto* out = static_cast<Data*>(to);
  out->insert(out->end(), bytes, bytes + size);
  return {heif_error_Ok, heif_suberror_Unspecified, "ok"};
}

// Left half red, right half blue; empty where libheif has no such encoder.
Data two_colours(heif_compression_format format, int width, int height) {
  heif_context* context = heif_context_alloc();
  heif_encoder* encoder = nullptr;
  Data out;
  if (heif_context_get_encoder_for_format(context, format, &encoder).code ==
      heif_error_Ok) {
    heif_encoder_set_lossy_quality(encoder, 90);
    heif_image* image = nullptr;
    heif_image_create(width, height, heif_colorspace_RGB,
                      heif_chroma_interleaved_RGB, &image);
    heif_image_add_plane(image, heif_channel_interleaved, width, height, 8);
    int stride = 0;
    uint8_t* plane =
        heif_image_get_plane(image, heif_channel_interleaved, &stride);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        uint8_t* p = plane + static_cast<ptrdiff_t>(y) * stride + 3 * x;
        p[0] = x < width / 2 ? 220 : 20;
        p[1] = 30;
        p[2] = x < width / 2 ? 20 : 220;
      }
    }
    EXPECT_EQ(
        heif_context_encode_image(context, image, encoder, nullptr, nullptr)
            .code,
        heif_error_Ok);
    heif_writer writer = {1, append_bytes};
    EXPECT_EQ(heif_context_write(context, &writer, &out).code, heif_error_Ok);
    heif_image_release(image);
    heif_encoder_release(encoder);
  }
  heif_context_free(context);
  return out;
}

class HeifKinds : public ::testing::TestWithParam<heif_compression_format> {};

TEST_P(HeifKinds, AreRead) {
  const Data file = two_colours(GetParam(), 96, 64);
  if (file.empty()) GTEST_SKIP() << "libheif has no encoder for it here";
  ASSERT_TRUE(is_picture(file));
  const Image image = decode_rgb(file, "a");
  ASSERT_EQ(image.width, 96);
  ASSERT_EQ(image.height, 64);
  const uint8_t* left = image.row(30) + 3 * 20;
  const uint8_t* right = image.row(30) + 3 * 80;
  EXPECT_NEAR(left[0], 220, 8);
  EXPECT_NEAR(left[2], 20, 8);
  EXPECT_NEAR(right[0], 20, 8);
  EXPECT_NEAR(right[2], 220, 8);

  for (size_t size = 12; size < file.size(); size += 37) {
    const Data cut(file.begin(), file.begin() + size);
    const std::string message = error_of([&] { decode_rgb(cut, "a"); });
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(Both, HeifKinds,
                         ::testing::Values(heif_compression_HEVC,
                                           heif_compression_AV1),
                         [](const auto& test) {
                           return test.param == heif_compression_HEVC ? "Heic"
                                                                      : "Avif";
                         });

#endif

}  // namespace
}  // namespace limner
