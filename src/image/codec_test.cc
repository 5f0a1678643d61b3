#include "image/codec.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "image/formats.h"
#include "util/error.h"
#include "util/test_folder.h"

namespace limner {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kImages = LIMNER_TESTDATA "/images/";

int largest_difference(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height || a.channels != b.channels ||
      a.pixels.size() != b.pixels.size()) {
    return 256;
  }
  int largest = 0;
  for (size_t i = 0; i < a.pixels.size(); ++i) {
    largest = std::max(largest, std::abs(a.pixels[i] - b.pixels[i]));
  }
  return largest;
}

// Smooth colours with a white frame; the fourth channel is a ramp.
Image painting(int width, int height, int channels) {
  Image image(width, height, channels);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool frame = x == 0 || y == 0 || x == width - 1 || y == height - 1;
      for (int c = 0; c < channels; ++c) {
        const int ramp = (x * (c + 1) + y * (4 - c)) * 255 / 5;
        image.row(y)[x * channels + c] =
            frame && c < 3 ? 255 : ramp / (width + height);
      }
    }
  }
  return image;
}

// Reads every file of expected.csv; returns how many reads there were.
int compare_with_expected() {
  std::ifstream file(kImages + "expected.csv");
  std::string line;
  int reads = 0;
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::vector<std::string> field(6);
    for (std::string& text : field) std::getline(fields, text, ',');
    const bool indices = field[1] == "indices";
    Image expected(std::stoi(field[2]), std::stoi(field[3]), indices ? 1 : 3);
    EXPECT_EQ(field[5].size(), expected.pixels.size() * 2) << field[0];
    for (size_t i = 0; i < expected.pixels.size(); ++i) {
      expected.pixels[i] = std::stoi(field[5].substr(i * 2, 2), nullptr, 16);
    }
    const fs::path path = kImages + field[0];
    ++reads;
    if (path.extension() == ".tif" && !has_tiff()) continue;
    const Image image = indices ? read_indices(path) : read_rgb(path);
    EXPECT_LE(largest_difference(image, expected), std::stoi(field[4]))
        << field[0] << " as " << field[1];
  }
  return reads;
}

TEST(Codec, ReadsEveryKindOfFile) { EXPECT_EQ(compare_with_expected(), 71); }

TEST(Codec, RefusesWhatIsNoLabelImage) {
  const auto message = [](const std::string& name) {
    return error_of([&] { read_indices(kImages + name); });
  };
  const std::string wants = ": a label image needs one 8-bit channel, got ";
  EXPECT_EQ(message("rgb8.png"), kImages + "rgb8.png" + wants + "8-bit RGB");
  EXPECT_THAT(message("rgb16.png"), HasSubstr(wants + "16-bit RGB"));
  EXPECT_THAT(message("gray16.png"), HasSubstr(wants + "16-bit gray"));
  EXPECT_THAT(message("la8.png"), HasSubstr(wants + "8-bit gray with alpha"));
  EXPECT_THAT(message("rgba16.png"),
              HasSubstr(wants + "16-bit RGB with alpha"));
  EXPECT_THAT(message("gray.jpg"), HasSubstr("must be a PNG, got JPEG"));
  EXPECT_THAT(message("lossless.webp"), HasSubstr("must be a PNG, got WebP"));
  EXPECT_THAT(message("expected.csv"),
              HasSubstr("must be a PNG, got something else"));
}

TEST(Codec, TellsThatAFileHasMore) {
  const auto notes_of = [](const std::string& name) {
    Notes notes;
    read_rgb(kImages + name, notes);
    return notes;
  };
  for (const char* name : {"animated.png", "animated.webp", "animated.gif"}) {
    EXPECT_THAT(notes_of(name), ElementsAre(HasSubstr("is an animation")));
  }
  for (const char* name : {"rgb8.png", "lossy.webp", "palette.gif"}) {
    EXPECT_THAT(notes_of(name), IsEmpty());
  }
  if (!has_tiff()) return;
  EXPECT_THAT(notes_of("pages.tif"), ElementsAre(HasSubstr("several pages")));
  EXPECT_THAT(notes_of("rgb.tif"), IsEmpty());
}

TEST(Codec, RefusesWhatIsNoPicture) {
  const auto message = [](const std::string& path) {
    return error_of([&] { read_rgb(path); });
  };
  EXPECT_EQ(message(kImages + "expected.csv"),
            kImages + "expected.csv: is not a picture that limner reads (" +
                picture_formats() + ")");
  EXPECT_THAT(message(kImages), HasSubstr("images"));
  EXPECT_THAT(message(kImages + "missing.png"), HasSubstr("missing.png"));
  EXPECT_EQ(error_of([] { decode_rgb({}, "a.png"); }),
            "a.png: is empty; expected a picture");
  EXPECT_EQ(error_of([] { decode_indices({}, "a.png"); }),
            "a.png: is empty; expected a label image");
  // Nothing of a name reaches the terminal as a control character.
  EXPECT_EQ(error_of([] { decode_rgb({}, "a\n\x1b[2J"); }),
            "a\\x0a\\x1b[2J: is empty; expected a picture");
}

TEST(Codec, KnowsFormatsByTheirEnding) {
  EXPECT_EQ(format_for("a/b.png"), ImageFormat::kPng);
  EXPECT_EQ(format_for("b.JPG"), ImageFormat::kJpeg);
  EXPECT_EQ(format_for("b.jpeg"), ImageFormat::kJpeg);
  EXPECT_EQ(format_for("b.x.WebP"), ImageFormat::kWebp);
  EXPECT_EQ(error_of([] { format_for("b.tiff"); }),
            "b.tiff: the name must end in .png, .jpg, .jpeg or .webp");
  EXPECT_THAT(error_of([] { format_for("png"); }), HasSubstr("must end in"));
}

TEST(Codec, LosslessFormatsGiveBackEveryByte) {
  for (const ImageFormat format : {ImageFormat::kPng, ImageFormat::kWebp}) {
    for (const int width : {1, 2, 67}) {
      const Image rgb = painting(width, 41, 3);
      EXPECT_EQ(decode_rgb(encode(rgb, format, 100), "t").pixels, rgb.pixels);
    }
  }
}

TEST(Codec, GrayIsSpread) {
  const Image gray = painting(30, 20, 1);
  for (const ImageFormat format :
       {ImageFormat::kPng, ImageFormat::kJpeg, ImageFormat::kWebp}) {
    const Image rgb = decode_rgb(encode(gray, format, 100), "t");
    ASSERT_EQ(rgb.pixels.size(), gray.pixels.size() * 3);
    for (size_t i = 0; i < gray.pixels.size(); ++i) {
      const int tolerance = format == ImageFormat::kJpeg ? 2 : 0;
      for (int c = 0; c < 3; ++c) {
        ASSERT_NEAR(rgb.pixels[i * 3 + c], gray.pixels[i], tolerance) << i;
      }
    }
  }
}

TEST(Codec, LabelsGoThroughPng) {
  Image labels(50, 40, 1);
  for (size_t i = 0; i < labels.pixels.size(); ++i) labels.pixels[i] = i % 23;
  const auto few = encode(labels, ImageFormat::kPng);
  EXPECT_EQ(decode_indices(few, "t").pixels, labels.pixels);
  const Image many = painting(50, 40, 1);
  EXPECT_EQ(decode_indices(encode(many, ImageFormat::kPng), "t").pixels,
            many.pixels);
}

TEST(Codec, NumbersCanShowInColours) {
  Image numbers(5, 1, 1);
  numbers.pixels = {0, 1, 2, 1, 0};
  const Palette palette = {{10, 20, 30}, {200, 0, 7}, {255, 255, 255}};
  const std::vector<unsigned char> png = encode_indices(numbers, palette);
  EXPECT_EQ(decode_indices(png, "p").pixels, numbers.pixels);
  const Image rgb = decode_rgb(png, "p");
  for (size_t i = 0; i < numbers.pixels.size(); ++i) {
    for (size_t c = 0; c < 3; ++c) {
      EXPECT_EQ(rgb.pixels[3 * i + c], palette[numbers.pixels[i]][c]);
    }
  }
  numbers.pixels[2] = 3;
  EXPECT_THAT(error_of([&] { encode_indices(numbers, palette); }),
              HasSubstr("palette of 3"));
}

TEST(Codec, AServerTakesSmallerPictures) {
  const std::vector<unsigned char> png =
      encode(Image(30, 20, 3), ImageFormat::kPng);
  set_most_pixels(599);
  const std::string refused = error_of([&] { decode_rgb(png, "p"); });
  set_most_pixels(kMaxImagePixels);
  EXPECT_THAT(refused, HasSubstr("30x20 pixels; at most 599"));
  EXPECT_EQ(decode_rgb(png, "p").width, 30);
  EXPECT_THAT(error_of([] { set_most_pixels(0); }), HasSubstr("expected 1"));
}

TEST(Codec, AlphaIsLaidOverWhite) {
  const Image rgba = painting(64, 48, 4);
  Image expected(64, 48, 3);
  for (size_t i = 0; i < expected.pixels.size(); ++i) {
    const double share = rgba.pixels[i / 3 * 4 + 3] / 255.0;
    const double value =
        rgba.pixels[i / 3 * 4 + i % 3] * share + 255 * (1 - share);
    expected.pixels[i] = static_cast<uint8_t>(value + 0.5);
  }
  for (const ImageFormat format : {ImageFormat::kPng, ImageFormat::kWebp}) {
    const Image rgb = decode_rgb(encode(rgba, format, 100), "t");
    EXPECT_LE(largest_difference(rgb, expected), 1);
  }
}

TEST(Codec, LossyFormatsStayClose) {
  const Image rgb = painting(96, 80, 3);
  const auto jpeg = encode(rgb, ImageFormat::kJpeg, 95);
  EXPECT_LE(largest_difference(decode_rgb(jpeg, "t"), rgb), 32);
  const auto webp = encode(rgb, ImageFormat::kWebp, 95);
  EXPECT_LE(largest_difference(decode_rgb(webp, "t"), rgb), 64);
  EXPECT_LT(encode(rgb, ImageFormat::kJpeg, 1).size(), jpeg.size());
  EXPECT_LT(encode(rgb, ImageFormat::kWebp, 1).size(), webp.size());
}

TEST(Codec, JpegKeepsThinColouredLines) {
  Image image(64, 64, 3);
  for (uint8_t& value : image.pixels) value = 255;
  for (int y = 0; y < 64; ++y) {
    image.row(y)[33 * 3 + 1] = image.row(y)[33 * 3 + 2] = 0;
  }
  const Image back = decode_rgb(encode(image, ImageFormat::kJpeg, 95), "t");
  EXPECT_LE(largest_difference(back, image), 16);  // 4:2:0 errs by over 100
}

TEST(Codec, TheSamePictureGivesTheSameBytes) {
  for (const int channels : {1, 3, 4}) {
    const Image image = painting(120, 90, channels);
    for (const ImageFormat format :
         {ImageFormat::kPng, ImageFormat::kJpeg, ImageFormat::kWebp}) {
      if (channels == 4 && format == ImageFormat::kJpeg) continue;
      EXPECT_EQ(encode(image, format, 90), encode(image, format, 90));
    }
  }
}

TEST(Codec, RefusesToEncodeNonsense) {
  const auto message = [](const Image& image, ImageFormat format, int quality) {
    return error_of([&] { encode(image, format, quality); });
  };
  const auto png = ImageFormat::kPng;
  EXPECT_THAT(message(Image(), png, 95), HasSubstr("0x0 pixels"));
  EXPECT_THAT(message(Image(4, 4, 2), png, 95), HasSubstr("2 channels"));
  EXPECT_THAT(message(Image(16385, 1, 1), png, 95), HasSubstr("16385x1"));
  EXPECT_THAT(message(Image(4, 4, 4), ImageFormat::kJpeg, 95),
              HasSubstr("JPEG has no alpha"));
  EXPECT_THAT(message(Image(4, 4, 3), png, 0), HasSubstr("1 to 100, got 0"));
  EXPECT_THAT(message(Image(4, 4, 3), png, 101), HasSubstr("got 101"));
  EXPECT_THAT(message(Image(16384, 1, 3), ImageFormat::kWebp, 95),
              HasSubstr("at most 16383 a side"));
  Image torn(4, 4, 3);
  torn.pixels.resize(5);
  EXPECT_THAT(message(torn, png, 95), HasSubstr("needs 48 bytes, got 5"));
}

TEST(Codec, WritesByTheEnding) {
  const TestFolder folder;
  const Image image = painting(20, 10, 3);
  write_image(folder / "a.png", image);
  EXPECT_EQ(read_rgb(folder / "a.png").pixels, image.pixels);
  write_image(folder / "a.jpg", image, 100);
  EXPECT_LE(largest_difference(read_rgb(folder / "a.jpg"), image), 4);
  write_image(folder / "a.webp", image, 100);
  EXPECT_EQ(read_rgb(folder / "a.webp").pixels, image.pixels);
  EXPECT_THROW(write_image(folder / "a.gif", image), Error);
  EXPECT_THROW(write_image(folder / "none" / "a.png", image), Error);
}

}  // namespace
}  // namespace limner
