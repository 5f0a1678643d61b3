// Four-channel JPEGs as other programs write them: with libjpeg directly,
// since our own encoder has no use for ink.
#include <gmock/gmock.h>
#include <stddef.h>
#include <stdio.h>
// After stdio: it uses FILE and size_t without including them.
#include <jpeglib.h>

#include <cstdlib>

#include "image/codec.h"

namespace limner {
namespace {

// A 16x16 file of one ink colour in all pixels.
std::vector<unsigned char> ink_file(const JSAMPLE (&ink)[4],
                                    J_COLOR_SPACE stored, bool adobe_marker) {
  jpeg_error_mgr errors;
  jpeg_compress_struct info = {};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* memory = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &memory, &size);
  info.image_width = info.image_height = 16;
  info.input_components = 4;
  info.in_color_space = JCS_CMYK;
  jpeg_set_defaults(&info);
  jpeg_set_colorspace(&info, stored);
  info.write_Adobe_marker = adobe_marker ? TRUE : FALSE;
  jpeg_set_quality(&info, 100, TRUE);
  jpeg_start_compress(&info, TRUE);
  JSAMPLE row[16 * 4];
  for (int i = 0; i < 64; ++i) row[i] = ink[i % 4];
  JSAMPROW rows = row;
  for (int y = 0; y < 16; ++y) jpeg_write_scanlines(&info, &rows, 1);
  jpeg_finish_compress(&info);
  std::vector<unsigned char> out(memory, memory + size);
  jpeg_destroy_compress(&info);
  std::free(memory);
  return out;
}

void expect_colour(const Image& image, int red, int green, int blue) {
  ASSERT_EQ(image.channels, 3);
  ASSERT_EQ(image.pixels.size(), 16u * 16 * 3);
  for (size_t i = 0; i < image.pixels.size(); i += 3) {
    ASSERT_NEAR(image.pixels[i], red, 3);
    ASSERT_NEAR(image.pixels[i + 1], green, 3);
    ASSERT_NEAR(image.pixels[i + 2], blue, 3);
  }
}

TEST(Jpeg, AdobeInksAreInverted) {
  // 255 is no ink: red = 200 * 204 / 255.
  const JSAMPLE ink[4] = {200, 100, 50, 204};
  expect_colour(decode_rgb(ink_file(ink, JCS_CMYK, true), "t"), 160, 80, 40);
  expect_colour(decode_rgb(ink_file(ink, JCS_YCCK, true), "t"), 160, 80, 40);
}

TEST(Jpeg, OtherInksAreNot) {
  const JSAMPLE ink[4] = {55, 155, 205, 51};
  expect_colour(decode_rgb(ink_file(ink, JCS_CMYK, false), "t"), 160, 80, 40);
}

}  // namespace
}  // namespace limner
