#include "image/known_files.h"

#include <gmock/gmock.h>

#include <string>

#include "image/codec.h"
#include "util/error.h"
#include "util/test_bytes.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using Data = std::vector<unsigned char>;

Data data_of(const std::string& text) { return {text.begin(), text.end()}; }

// A picture with every pixel another colour.
Image colours(int width, int height) {
  Image image(width, height, 3);
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = static_cast<uint8_t>(i * 37 + 11);
  }
  return image;
}

std::string bmp(const Image& image, int bits, bool top_down) {
  const size_t row = (static_cast<size_t>(image.width) * bits + 31) / 32 * 4;
  const uint32_t begin = bits <= 8 ? 54 + 4 * 256 : 54;
  std::string out = "BM" + le(0, 4) + le(0, 4) + le(begin, 4) + le(40, 4) +
                    le(image.width, 4) +
                    le(top_down ? 0U - image.height : image.height, 4) +
                    le(1, 2) + le(bits, 2) + le(0, 4) + std::string(20, '\0');
  if (bits <= 8) {
    for (int i = 0; i < 256; ++i) out += le(i * 0x010101, 4);
  }
  for (int y = 0; y < image.height; ++y) {
    const uint8_t* p = image.row(top_down ? y : image.height - 1 - y);
    std::string line;
    for (int x = 0; x < image.width; ++x, p += 3) {
      if (bits == 8) {
        line += static_cast<char>(p[0]);
        continue;
      }
      line += static_cast<char>(p[2]);
      line += static_cast<char>(p[1]);
      line += static_cast<char>(p[0]);
      if (bits == 32) line += '\0';
    }
    line.resize(row);
    out += line;
  }
  return out;
}

TEST(Bmp, ReadsWhatScannersAndPaintWrite) {
  const Image image = colours(5, 3);
  for (const int bits : {24, 32}) {
    for (const bool top_down : {false, true}) {
      const Image read = decode_rgb(data_of(bmp(image, bits, top_down)), "a");
      EXPECT_EQ(read.pixels, image.pixels) << bits << top_down;
    }
  }
  const Image gray = decode_rgb(data_of(bmp(image, 8, false)), "a");
  EXPECT_EQ(gray.row(2)[3], image.row(2)[3]);
  EXPECT_EQ(gray.row(2)[4], image.row(2)[3]);
}

TEST(Bmp, BadOnesAreRefused) {
  const std::string good = bmp(colours(5, 3), 24, false);
  for (size_t size = 2; size < good.size(); ++size) {
    EXPECT_NE(error_of([&] { decode_rgb(data_of(good.substr(0, size)), "a"); }),
              "")
        << size;
  }
  for (size_t at = 2; at < 54; ++at) {
    for (const char wrong : {'\0', '\xff', '\x7f', '\x80'}) {
      std::string bad = good;
      bad[at] = wrong;
      try {
        decode_rgb(data_of(bad), "a");
      } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      }
    }
  }
}

TEST(Layers, TheMergedPictureIsTaken) {
  const Image image = colours(7, 5);
  const Data png = encode(image, ImageFormat::kPng);
  const std::string merged(png.begin(), png.end());
  for (const char* type : {"application/x-krita", "image/openraster"}) {
    const std::string good =
        zip_of({{"mimetype", type}, {"a", "b"}, {"mergedimage.png", merged}});
    EXPECT_TRUE(is_picture(data_of(good)));
    EXPECT_EQ(decode_rgb(data_of(good), "a").pixels, image.pixels);
    for (size_t size = 0; size < good.size(); ++size) {
      EXPECT_NE(
          error_of([&] { decode_rgb(data_of(good.substr(0, size)), "a"); }),
          "");
    }
    for (size_t at = 40; at < good.size(); ++at) {
      std::string bad = good;
      bad[at] = static_cast<char>(bad[at] ^ 0x81);
      try {
        decode_rgb(data_of(bad), "a");
      } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
      }
    }
  }
  EXPECT_THAT(
      error_of([] {
        decode_rgb(data_of(zip_of({{"mimetype", "application/x-krita"}})), "a");
      }),
      HasSubstr("without a merged picture"));
}

TEST(KnownFiles, SayWhatTheyAre) {
  using namespace std::string_literals;
  const auto what = [](const std::string& text) {
    return error_of([&] { decode_rgb(data_of(text), "a"); });
  };
  EXPECT_THAT(what("\0\0\0\x18"
                   "ftypheic"s),
              AnyOf(HasSubstr("HEIC"), HasSubstr("libheif")));
  EXPECT_THAT(what("II*\0abc"s), HasSubstr("TIFF"));
  EXPECT_THAT(what("\0\0\0\x18"
                   "ftypmp42"s),
              HasSubstr("is a video"));
  EXPECT_THAT(what("version https://git-lfs.github.com/spec/v1\n"),
              HasSubstr("Git LFS pointer"));
  EXPECT_THAT(what(zip_of({{"a.png", "b"}})),
              HasSubstr("is a zip file; unpack"));
}

}  // namespace
}  // namespace limner
