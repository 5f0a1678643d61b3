// GIFs of this file's own making; others are in tests/data/images.
#include <gmock/gmock.h>

#include <map>
#include <string>

#include "image/codec.h"
#include "util/error.h"
#include "util/random.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::HasSubstr;
using Data = std::vector<unsigned char>;

std::string le16(uint32_t value) {
  return {static_cast<char>(value & 255), static_cast<char>(value >> 8 & 255)};
}

// Codes of growing width for numbers below 256.
class Packer {
 public:
  std::string run(const std::vector<uint8_t>& numbers) {
    clear();
    std::string held;
    for (const uint8_t number : numbers) {
      const std::string longer = held + static_cast<char>(number);
      if (held.empty() || codes_.count(longer) != 0) {
        held = longer;
        continue;
      }
      put(code_of(held));
      if (used_ == 4096) {
        clear();
      } else {
        codes_[longer] = used_++;
        if (used_ > 1 << bits_ && bits_ < 12) ++bits_;
      }
      held = static_cast<char>(number);
    }
    if (!held.empty()) put(code_of(held));
    put(257);
    if (filled_ > 0) bytes_ += static_cast<char>(buffer_);
    return bytes_;
  }

 private:
  int code_of(const std::string& text) const {
    return text.size() == 1 ? static_cast<unsigned char>(text[0])
                            : codes_.at(text);
  }
  void clear() {
    if (bits_ == 0) bits_ = 9;
    put(256);
    codes_.clear();
    bits_ = 9;
    used_ = 258;
  }
  void put(uint32_t code) {
    buffer_ |= code << filled_;
    for (filled_ += bits_; filled_ >= 8; filled_ -= 8, buffer_ >>= 8) {
      bytes_ += static_cast<char>(buffer_ & 255);
    }
  }

  std::map<std::string, int> codes_;
  std::string bytes_;
  uint32_t buffer_ = 0;
  int filled_ = 0;
  int bits_ = 0;
  int used_ = 0;
};

std::string blocks(const std::string& bytes) {
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += 255) {
    const std::string block = bytes.substr(at, 255);
    out += static_cast<char>(block.size()) + block;
  }
  return out + '\0';
}

// Grays, one palette of 256.
std::string gif(int width, int height, const std::vector<uint8_t>& numbers) {
  std::string out =
      "GIF89a" + le16(width) + le16(height) + "\xf7" + std::string(2, '\0');
  for (int i = 0; i < 256; ++i) out += std::string(3, static_cast<char>(i));
  return out + "," + le16(0) + le16(0) + le16(width) + le16(height) + '\0' +
         '\x08' + blocks(Packer().run(numbers)) + ";";
}

Data gif_data(const std::string& text) { return {text.begin(), text.end()}; }

TEST(Gif, LongAndShortRunsOfCodes) {
  Random random(5);
  for (const int colours : {1, 2, 256}) {
    constexpr int kSide = 130;
    std::vector<uint8_t> numbers(size_t{kSide} * kSide);
    for (uint8_t& number : numbers) {
      number = static_cast<uint8_t>(random.next() % colours);
    }
    const Image image = decode_rgb(gif_data(gif(kSide, kSide, numbers)), "a");
    ASSERT_EQ(image.pixels.size(), 3 * numbers.size());
    for (size_t i = 0; i < numbers.size(); ++i) {
      ASSERT_EQ(image.pixels[3 * i], numbers[i]) << colours << ' ' << i;
    }
  }
}

TEST(Gif, LiesAreRefused) {
  const std::vector<uint8_t> numbers(35, 7);
  const std::string good = gif(7, 5, numbers);
  const auto message = [&](size_t at, const std::string& with) {
    std::string bad = good;
    bad.replace(at, with.size(), with);
    return error_of([&] { decode_rgb(gif_data(bad), "a"); });
  };
  EXPECT_EQ(message(0, ""), "no error");
  EXPECT_THAT(message(6, le16(20000)), HasSubstr("at most 16384 a side"));
  EXPECT_THAT(message(6, le16(16000) + le16(8000)),
              HasSubstr("cannot hold 16000x8000 pixels"));
  constexpr size_t kPicture = 13 + 768;
  EXPECT_THAT(message(kPicture + 5, le16(8)), HasSubstr("not on the canvas"));
  EXPECT_THAT(message(kPicture, "x"), HasSubstr("no picture"));
  EXPECT_THAT(message(kPicture + 10, "\x09"), HasSubstr("codes of no size"));
  for (size_t size = 6; size + 3 < good.size(); ++size) {
    EXPECT_THAT(
        error_of([&] { decode_rgb(gif_data(good.substr(0, size)), "a"); }),
        HasSubstr("damaged GIF"))
        << size;
  }
}

}  // namespace
}  // namespace limner
