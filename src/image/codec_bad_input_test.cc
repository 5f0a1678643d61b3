// Files that are cut, garbled or lie: each must be read or refused with an
// Error, and nothing else may happen (run it with the sanitizers too).
#include <gmock/gmock.h>

#include <algorithm>
#include <exception>
#include <string>

#include "image/codec.h"
#include "util/error.h"
#include "util/files.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::HasSubstr;
using Data = std::vector<unsigned char>;

Data load(const std::string& name) {
  return read_file(LIMNER_TESTDATA "/images/" + name);
}

// "read", "refused", or what went wrong.
template <typename Call>
std::string outcome(const Call& call) {
  try {
    call();
    return "read";
  } catch (const Error& error) {
    const std::string message = error.what();
    return message.find('\n') == message.npos ? "refused"
                                              : "two lines: " + message;
  } catch (const std::exception& error) {
    return std::string("another exception: ") + error.what();
  }
}

std::string message_of(const Data& data) {
  return error_of([&] { decode_rgb(data, "a"); });
}

void put_big_endian(Data& data, size_t at, uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) {
    data[at + i] = value >> (8 * (bytes - 1 - i));
  }
}

class BadInput : public ::testing::TestWithParam<const char*> {};

TEST_P(BadInput, EveryCutIsRefused) {
  // The end mark alone may be missing from a JPEG and a GIF.
  const std::string name = GetParam();
  const size_t mark = name.find(".jpg") != std::string::npos   ? 2
                      : name.find(".gif") != std::string::npos ? 3
                                                               : 0;
  const Data data = load(GetParam());
  for (size_t size = 0; size < data.size(); ++size) {
    const Data cut(data.begin(), data.begin() + size);
    const bool whole = size + mark >= data.size();
    ASSERT_EQ(outcome([&] { decode_rgb(cut, "cut"); }),
              whole ? "read" : "refused")
        << size;
    ASSERT_EQ(outcome([&] { decode_indices(cut, "cut"); }), "refused") << size;
  }
}

TEST_P(BadInput, EveryGarbledByteIsReadOrRefused) {
  Data data = load(GetParam());
  for (size_t at = 0; at < data.size(); ++at) {
    const unsigned char right = data[at];
    for (const int wrong : {0, 0xff, right ^ 0x01, right ^ 0x80}) {
      data[at] = static_cast<unsigned char>(wrong);
      for (const bool indices : {false, true}) {
        const std::string result = outcome([&] {
          indices ? decode_indices(data, "t") : decode_rgb(data, "t");
        });
        ASSERT_TRUE(result == "read" || result == "refused")
            << "byte " << at << " as " << wrong << ": " << result;
      }
    }
    data[at] = right;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Files, BadInput,
    ::testing::Values("gray4-interlaced.png", "palette4-clear.png", "rgb8.png",
                      "rgb16-clear.png", "orientation6.png", "animated.png",
                      "444.jpg", "420.jpg", "progressive.jpg", "gray.jpg",
                      "cmyk.jpg", "orientation5.jpg", "lossy.webp",
                      "lossless.webp", "lossy-alpha.webp", "orientation8.webp",
                      "animated.webp", "palette.gif", "interlaced.gif"),
    [](const auto& test) {
      std::string name = test.param;
      std::replace_if(
          name.begin(), name.end(), [](char c) { return c == '-' || c == '.'; },
          '_');
      return name;
    });

TEST(BadHeaders, PngOfWrongSize) {
  Data data = load("rgb8.png");
  put_big_endian(data, 16, 60000, 4);
  put_big_endian(data, 20, 60000, 4);
  EXPECT_EQ(message_of(data), "a: is 60000x60000 pixels; at most 16384 a side");
  put_big_endian(data, 16, 0, 4);
  put_big_endian(data, 20, 0, 4);
  EXPECT_EQ(message_of(data), "a: is 0x0 pixels; at least 1 a side");
  put_big_endian(data, 16, 16000, 4);
  put_big_endian(data, 20, 16000, 4);
  EXPECT_EQ(message_of(data),
            "a: is 16000x16000 pixels; at most 134 million in all");
  put_big_endian(data, 20, 8000, 4);
  EXPECT_EQ(message_of(data),
            "a: damaged PNG: 109 bytes cannot hold 16000x8000 pixels");
}

TEST(BadHeaders, PngChunksThatClaimMoreThanThereIs) {
  Data data = load("orientation6.png");
  const std::string name = "eXIf";
  const auto found =
      std::search(data.begin(), data.end(), name.begin(), name.end());
  ASSERT_NE(found, data.end());
  put_big_endian(data, found - data.begin() - 4, 0x37620000, 4);
  EXPECT_EQ(message_of(data), "a: damaged PNG: the data ends early");
}

// Position of a JPEG marker's two bytes.
size_t find_marker(const Data& data, unsigned char marker, size_t from = 0) {
  for (size_t i = from; i + 1 < data.size(); ++i) {
    if (data[i] == 0xff && data[i + 1] == marker) return i;
  }
  return data.size();
}

TEST(BadHeaders, JpegOfWrongSize) {
  Data data = load("444.jpg");
  const size_t frame = find_marker(data, 0xc0);
  ASSERT_LT(frame + 9, data.size());
  put_big_endian(data, frame + 5, 60000, 2);
  put_big_endian(data, frame + 7, 60001, 2);
  EXPECT_EQ(message_of(data), "a: is 60001x60000 pixels; at most 16384 a side");
  put_big_endian(data, frame + 5, 0, 2);
  put_big_endian(data, frame + 7, 0, 2);
  EXPECT_THAT(message_of(data), HasSubstr("a: damaged JPEG: Empty"));
}

TEST(BadHeaders, WebpOfWrongSize) {
  Data data = load("lossy-alpha.webp");
  const std::string kind(data.begin() + 12, data.begin() + 16);
  ASSERT_EQ(kind, "VP8X");
  for (const size_t at : {24, 27}) {  // 59999, little endian: one is added
    data[at] = 0x5f;
    data[at + 1] = 0xea;
    data[at + 2] = 0;
  }
  EXPECT_EQ(message_of(data), "a: is 60000x60000 pixels; at most 16384 a side");

  Data zero = load("lossy.webp");
  ASSERT_EQ(std::string(zero.begin() + 12, zero.begin() + 16), "VP8 ");
  for (const size_t at : {26, 27, 28, 29}) zero[at] = 0;
  EXPECT_THAT(message_of(zero), HasSubstr("a: damaged WebP"));
}

TEST(BadHeaders, JpegWithEndlessScans) {
  const Data data = load("progressive.jpg");
  const size_t scan = find_marker(data, 0xda);
  ASSERT_LT(scan, data.size());
  size_t end = scan + 2;  // of the scan: the next marker that is no stuffing
  while (data[end] != 0xff || data[end + 1] == 0) ++end;
  Data bomb(data.begin(), data.begin() + end);
  for (int i = 0; i < 2; ++i) {
    bomb.insert(bomb.end(), data.begin() + scan, data.begin() + end);
  }
  Data harmless = bomb;
  harmless.insert(harmless.end(), data.begin() + end, data.end());
  EXPECT_EQ(message_of(harmless), "no error");
  for (int i = 0; i < 1000; ++i) {
    bomb.insert(bomb.end(), data.begin() + scan, data.begin() + end);
  }
  bomb.insert(bomb.end(), data.begin() + end, data.end());
  EXPECT_THAT(message_of(bomb), HasSubstr("a: damaged JPEG"));
}

TEST(BadHeaders, WhatFollowsAPictureIsLeft) {
  for (const char* name : {"rgb8.png", "444.jpg", "lossless.webp"}) {
    Data data = load(name);
    data.insert(data.end(), 100, 'x');
    EXPECT_EQ(message_of(data), "no error") << name;
  }
}

}  // namespace
}  // namespace limner
