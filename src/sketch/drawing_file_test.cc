#include "sketch/drawing_file.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "image/codec.h"
#include "sketch/classes.h"
#include "sketch/labels.h"
#include "sketch/rasterize.h"
#include "sketch/svg_read.h"
#include "sketch/svg_write.h"
#include "sketch/test_drawings.h"
#include "util/files.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(WriteSvg, KeepsEverything) {
  for (const float side : {0.001F, 1.0F, 512.0F, 1000.5F, 1e5F, 9e5F}) {
    const Drawing drawing = sample_drawing(side);
    const std::string text = write_svg(drawing);
    expect_same(read_svg(text, "a"), drawing, 0.001 * side / 512, true);
    EXPECT_EQ(write_svg(read_svg(text, "a")), text);
  }
}

TEST(WriteSvg, IsReadable) {
  Drawing drawing;
  drawing.strokes = {{{{1, 2}, {3.25F, 4}}, 17, 0.5F, 0.75F, {0, 1}},
                     {{{9, 9}}, 0, 0, 1, {}}};
  EXPECT_EQ(write_svg(drawing),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" "
            "viewBox=\"0 0 512 512\">\n"
            "<g fill=\"none\" stroke-width=\"2\" stroke-linecap=\"round\" "
            "stroke-linejoin=\"round\">\n"
            "<path d=\"M 1 2 L 3.25 4\" stroke=\"#8c39c5\" data-class=\"17\" "
            "data-confidence=\"0.75\" data-detail=\"0.5\" "
            "data-pressure=\"0 1\"><title>hair-face border</title></path>\n"
            "<path d=\"M 9 9 Z\" stroke=\"#000000\"><title>not known</title>"
            "</path>\n</g>\n</svg>\n");
}

// Every vector format to every other and back, at half a pixel of 512 and
// with the classes exact; SVG and JSON keep all else, too.
TEST(DrawingFile, RoundTripsBetweenVectorFormats) {
  const TestFolder folder;
  const std::vector<std::string> endings = {"svg", "json", "ndjson"};
  Drawing drawing = sample_drawing();
  drawing.strokes[3].label = 0;
  for (const std::string& first : endings) {
    for (const std::string& second : endings) {
      SCOPED_TRACE(first + " to " + second);
      write_drawing(folder / ("a." + first), drawing);
      write_drawing(folder / ("b." + second),
                    read_drawing(folder / ("a." + first)));
      expect_same(read_drawing(folder / ("b." + second)), drawing, 0.5,
                  first != "ndjson" && second != "ndjson");
    }
  }
}

TEST(DrawingFile, GoesByContentNotByName) {
  const TestFolder folder;
  const Drawing drawing = sample_drawing();
  for (const char* ending : {"svg", "json", "ndjson"}) {
    const auto path = folder / (std::string("a.") + ending);
    write_drawing(path, drawing);
    std::filesystem::rename(path, folder / "drawing");
    expect_same(read_drawing(folder / "drawing"), drawing, 0.5, false);
    // A mark of UTF-8 and blanks in front.
    auto bytes = read_file(folder / "drawing");
    const std::string front = "\xef\xbb\xbf\n ";
    bytes.insert(bytes.begin(), front.begin(), front.end());
    expect_same(decode_drawing(bytes, "a"), drawing, 0.5, false);
  }
}

TEST(DrawingFile, ReadsTheExamples) {
  for (const char* name : {"strokes.svg", "strokes.json", "raw.ndjson",
                           "simplified.ndjson", "parts.ndjson"}) {
    const Drawing drawing = read_drawing(kDrawings + name);
    ASSERT_EQ(drawing.strokes.size(), 4u) << name;
    EXPECT_EQ(drawing.strokes[0].points.size(), 5u) << name;
    EXPECT_EQ(drawing.strokes[3].points.size(), 1u) << name;
  }
  EXPECT_EQ(read_drawing(kDrawings + "strokes.svg").strokes[0].label, 17);
  EXPECT_EQ(read_drawing(kDrawings + "strokes.json").strokes[0].confidence,
            0.5F);
}

TEST(DrawingFile, TracesLabelPictures) {
  for (const char* name : {"labels.png", "colours.png"}) {
    const Drawing drawing = read_drawing(kDrawings + name);
    EXPECT_EQ(drawing.side, 24) << name;
    std::vector<int> classes;
    for (const Stroke& stroke : drawing.strokes) {
      classes.push_back(stroke.label);
    }
    EXPECT_THAT(classes, ElementsAre(1, 7, 17)) << name;
  }
}

TEST(DrawingFile, WritesLabelPictures) {
  const TestFolder folder;
  const Drawing drawing = sample_drawing();
  write_drawing(folder / "a.PNG", drawing, {256, 2});
  EXPECT_EQ(read_labels(folder / "a.PNG", kStrokeClasses).pixels,
            rasterize(drawing, 256, 2).pixels);
  EXPECT_EQ(read_drawing(folder / "a.PNG").side, 256);
}

TEST(DrawingFile, PicturesNeedClasses) {
  const TestFolder folder;
  Drawing drawing = sample_drawing();
  drawing.strokes[3].label = 0;
  EXPECT_THAT(error_of([&] { write_drawing(folder / "a.png", drawing); }),
              HasSubstr("a.png: stroke 3 has no class"));
  EXPECT_FALSE(std::filesystem::exists(folder / "a.png"));
}

TEST(DrawingFile, TakesALineByIndex) {
  const TestFolder folder;
  const std::string two =
      "{\"drawing\":[[[1],[1]]]}\n{\"drawing\":[[[1,2],[1,1]]]}\n";
  write_file(folder / "a.ndjson", two);
  EXPECT_EQ(read_drawing(folder / "a.ndjson").strokes[0].points.size(), 1u);
  EXPECT_EQ(read_drawing(folder / "a.ndjson", {1, {}}).strokes[0].points.size(),
            2u);
  EXPECT_THAT(error_of([&] {
                read_drawing(folder / "a.ndjson", {2, {}});
              }),
              AllOf(HasSubstr("a.ndjson: no drawing 2"), Not(HasSubstr("\n"))));
}

TEST(DrawingFile, RefusesOtherFiles) {
  const auto error = [](const std::string& text, const std::string& name) {
    return error_of([&] {
      decode_drawing(std::vector<unsigned char>(text.begin(), text.end()),
                     name);
    });
  };
  EXPECT_THAT(error("", "a.svg"), HasSubstr("a.svg: is empty, expected SVG"));
  EXPECT_THAT(error(" \n", "a"), HasSubstr("a: holds nothing but blanks"));
  EXPECT_THAT(error("hello", "a"), HasSubstr("a: is no drawing, expected SVG"));
  EXPECT_THAT(error("\xff\xd8\xff\xe0", "a"), HasSubstr("a: is a photo"));
  EXPECT_THAT(error("\x1f\x8b\x08", "a.svgz"),
              HasSubstr("a.svgz: damaged gzip file"));
  EXPECT_THAT(error("{\"drawing\":", "a.ndjson"),
              HasSubstr("a.ndjson: line 1: is no JSON"));
  EXPECT_THAT(error("{\"drawing\":", "a.json"),
              HasSubstr("a.json: is no JSON that can be read"));
  EXPECT_THAT(error("\x89PNG", "a.png"), HasSubstr("a.png"));
  const std::string images = LIMNER_TESTDATA "/images/";
  EXPECT_THAT(error_of([&] { read_drawing(images + "gray8.png"); }),
              HasSubstr("labels are 0 to 22"));
  EXPECT_THAT(error_of([&] { read_drawing(images + "rgb8.png"); }),
              AllOf(HasSubstr("rgb8.png: colour #"),
                    HasSubstr("is no class of strokes")));
  EXPECT_THAT(error_of([&] { read_drawing("/nowhere/a.svg"); }),
              HasSubstr("/nowhere/a.svg: cannot open"));
}

TEST(DrawingFile, WritesKnownEndingsOnly) {
  const TestFolder folder;
  const Drawing drawing = sample_drawing();
  EXPECT_THAT(error_of([&] { write_drawing(folder / "a.jpg", drawing); }),
              HasSubstr("from the ending '.jpg', expected .svg, .json"));
  EXPECT_THAT(error_of([&] { write_drawing(folder / "a", drawing); }),
              HasSubstr("from the ending ''"));
  EXPECT_THAT(
      error_of([&] { write_drawing(folder / "none" / "a.svg", drawing); }),
      HasSubstr("a.svg: cannot write"));
  Drawing wrong = drawing;
  wrong.strokes[0].points[0].x = NAN;
  write_drawing(folder / "a.svg", drawing);
  const auto before = read_file(folder / "a.svg");
  EXPECT_THAT(error_of([&] { write_drawing(folder / "a.svg", wrong); }),
              HasSubstr("a.svg: stroke 0 has a point at nan"));
  EXPECT_EQ(read_file(folder / "a.svg"), before);
}

}  // namespace
}  // namespace limner
