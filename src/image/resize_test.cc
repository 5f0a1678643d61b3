#include "image/resize.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>

#include "image/codec.h"
#include "util/parallel.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::HasSubstr;

// The bytes that make_resize_cases.py makes.
Image noise(int width, int height, int channels, uint32_t seed) {
  Image image(width, height, channels);
  uint32_t state = seed;
  for (uint8_t& value : image.pixels) {
    state = state * 1664525u + 1013904223u;
    value = seed % 2 ? (state >> 31 ? 255 : 0) : state >> 24;
  }
  return image;
}

std::string hex(const std::vector<uint8_t>& bytes) {
  std::string out;
  for (const uint8_t value : bytes) out += fmt::format("{:02x}", value);
  return out;
}

std::string message_of(const Image& image, int width, int height) {
  return error_of([&] { resize(image, width, height, Filter::kBilinear); });
}

// Compares with every line of resize_cases.csv; returns how many there are.
int compare_with_pillow() {
  const std::map<std::string, Filter> filters = {
      {"nearest", Filter::kNearest},
      {"bilinear", Filter::kBilinear},
      {"bicubic", Filter::kBicubic},
      {"lanczos", Filter::kLanczos}};
  std::ifstream file(LIMNER_TESTDATA "/resize_cases.csv");
  std::string line;
  std::getline(file, line);  // the heading
  int cases = 0;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::vector<std::string> field(9);
    for (std::string& text : field) std::getline(fields, text, ',');
    const auto number = [&](int i) { return std::stol(field[i]); };
    const Image source = noise(number(0), number(1), number(2), number(3));
    const Image out =
        resize(source, number(4), number(5), filters.at(field[6]));
    EXPECT_EQ(out.width, number(4)) << line;
    EXPECT_EQ(out.height, number(5)) << line;
    EXPECT_EQ(out.channels, source.channels) << line;
    if (field[8] != "-") {
      EXPECT_EQ(hex(out.pixels), field[8]) << line;
    }
    EXPECT_EQ(crc32(0, out.pixels.data(), out.pixels.size()),
              std::stoul(field[7]))
        << line;
    ++cases;
  }
  return cases;
}

TEST(Resize, EqualsPillowToTheByte) { EXPECT_EQ(compare_with_pillow(), 336); }

TEST(Resize, IsTheSameWithMoreThreads) {
  const int before = threads();
  set_threads(3);
  const Image source = noise(301, 203, 3, 8);
  for (const Filter filter : {Filter::kNearest, Filter::kLanczos}) {
    set_threads(3);
    const Image parallel = resize(source, 257, 399, filter);
    set_threads(1);
    EXPECT_EQ(parallel.pixels, resize(source, 257, 399, filter).pixels);
  }
  set_threads(before);
}

TEST(Resize, TreatsFourChannelsAsFourPictures) {
  const Image source = noise(19, 23, 4, 6);
  for (const Filter filter : {Filter::kNearest, Filter::kBilinear,
                              Filter::kBicubic, Filter::kLanczos}) {
    const Image together = resize(source, 29, 11, filter);
    for (int c = 0; c < 4; ++c) {
      Image one(19, 23, 1);
      for (size_t i = 0; i < one.pixels.size(); ++i) {
        one.pixels[i] = source.pixels[i * 4 + c];
      }
      const Image alone = resize(one, 29, 11, filter);
      for (size_t i = 0; i < alone.pixels.size(); ++i) {
        ASSERT_EQ(together.pixels[i * 4 + c], alone.pixels[i]) << i << " " << c;
      }
    }
  }
}

TEST(Resize, KeepsAConstantPicture) {
  Image source(37, 41, 3);
  for (uint8_t& value : source.pixels) value = 255;
  for (const Filter filter : {Filter::kNearest, Filter::kBilinear,
                              Filter::kBicubic, Filter::kLanczos}) {
    const Image out = resize(source, 53, 13, filter);
    EXPECT_THAT(out.pixels, ::testing::Each(255));
  }
}

TEST(Resize, TakesTheLargestSides) {
  const Image thin = noise(2, 1, 1, 2);
  const Image wide = resize(thin, kMaxImageSide, 1, Filter::kNearest);
  EXPECT_EQ(wide.pixels[kMaxImageSide / 2 - 1], thin.pixels[0]);
  EXPECT_EQ(wide.pixels[kMaxImageSide / 2], thin.pixels[1]);
  EXPECT_EQ(resize(wide, 2, 1, Filter::kBilinear).width, 2);
}

TEST(Resize, RefusesWrongSizes) {
  const Image image = noise(3, 3, 1, 2);
  EXPECT_EQ(message_of(image, 0, 5),
            "cannot resize to 0x5 pixels; sides are 1 to 16384");
  EXPECT_THAT(message_of(image, 5, -1), HasSubstr("5x-1 pixels"));
  EXPECT_THAT(message_of(image, 16385, 5), HasSubstr("16385x5 pixels"));
  EXPECT_THAT(message_of(Image(), 5, 5), HasSubstr("0x0 pixels, 0 channels"));
  EXPECT_THAT(message_of(Image(3, 3, 2), 5, 5), HasSubstr("2 channels"));
  Image torn = image;
  torn.pixels.pop_back();
  EXPECT_THAT(message_of(torn, 5, 5), HasSubstr("8 bytes"));
}

}  // namespace
}  // namespace limner
