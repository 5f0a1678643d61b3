#include "pipeline/drawings.h"

#include <gmock/gmock.h>

#include "image/codec.h"
#include "pipeline/test_drawings.h"
#include "pipeline/test_labeler.h"
#include "sketch/classes.h"
#include "sketch/rasterize.h"
#include "util/files.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using testing::HasSubstr;

Image black_on_white(int channels) {
  const Image labels = rasterize(plain_face(), 512, 3);
  Image picture(512, 512, channels);
  for (size_t i = 0; i < labels.pixels.size(); ++i) {
    for (int c = 0; c < channels; ++c) {
      picture.pixels[i * channels + c] = labels.pixels[i] != 0 ? 20 : 250;
    }
  }
  return picture;
}

class Drawings : public testing::Test {
 protected:
  std::filesystem::path put(const std::string& name, const Image& image) {
    write_image(folder / name, image);
    return folder / name;
  }
  std::filesystem::path put(const std::string& name, const std::string& text) {
    write_file(folder / name, text);
    return folder / name;
  }
  bool labels(const std::filesystem::path& path) {
    return holds_labels(read_file(path), path.string());
  }

  TestFolder folder;
};

TEST_F(Drawings, LabelImagesKeepTheirClasses) {
  const auto path = put("d.png", rasterize(plain_face(), 512, 2));
  EXPECT_TRUE(labels(path));
  const OpenedDrawing opened = open_drawing(path);
  EXPECT_FALSE(opened.traced);
  for (const Stroke& stroke : opened.drawing.strokes)
    EXPECT_NE(stroke.label, 0);
}

TEST_F(Drawings, LabelsOfWrongValuesAreNoPicture) {
  Image image = rasterize(plain_face(), 512, 2);
  image.pixels[77] = 23;
  const auto path = put("d.png", image);
  EXPECT_TRUE(labels(path));
  EXPECT_THAT(error_of([&] { open_drawing(path); }), HasSubstr("label 23"));
}

TEST_F(Drawings, PicturesAreTraced) {
  for (const char* name : {"gray.png", "rgb.png", "gray.jpg", "rgb.webp"}) {
    const auto path = put(name, black_on_white(name[0] == 'g' ? 1 : 3));
    EXPECT_FALSE(labels(path)) << name;
    const OpenedDrawing opened = open_drawing(path);
    EXPECT_TRUE(opened.traced) << name;
    EXPECT_GE(opened.drawing.strokes.size(), 5U) << name;
    for (const Stroke& stroke : opened.drawing.strokes) {
      EXPECT_EQ(stroke.label, 0);
    }
  }
}

TEST_F(Drawings, ColoursOfTheLegend) {
  const auto path = put("c.png", colour_map(rasterize(plain_face(), 512, 2)));
  EXPECT_FALSE(labels(path));  // not numbers
  const OpenedDrawing opened = open_drawing(path);
  EXPECT_FALSE(opened.traced);
  EXPECT_EQ(opened.drawing.strokes[0].label, 1);
}

TEST_F(Drawings, VectorFiles) {
  for (const char* name : {"a.svg", "a.json", "a.ndjson"}) {
    write_drawing(folder / name, plain_face());
    const OpenedDrawing opened = open_drawing(folder / name);
    EXPECT_FALSE(opened.traced);
    EXPECT_EQ(opened.drawing.strokes.size(), 5U) << name;
    EXPECT_FALSE(labels(folder / name));
  }
}

TEST_F(Drawings, NothingToDraw) {
  Image white(64, 64, 3);
  std::fill(white.pixels.begin(), white.pixels.end(), 255);
  EXPECT_THAT(error_of([&] { open_drawing(put("w.png", white)); }),
              HasSubstr("w.png"));
  EXPECT_THAT(error_of([&] { open_drawing(put("b.png", Image(64, 64, 3))); }),
              HasSubstr("no lines found"));
  EXPECT_THAT(error_of([&] { open_drawing(put("z.png", Image(64, 64, 1))); }),
              HasSubstr("z.png: the drawing has no strokes"));
  EXPECT_THAT(
      error_of([&] {
        open_drawing(put("e.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"));
      }),
      HasSubstr("e.svg"));
  EXPECT_THAT(error_of([&] { open_drawing(put("t.txt", "hello")); }),
              HasSubstr("t.txt"));
  EXPECT_THAT(error_of([&] { open_drawing(put("t.png", "\x89PNG")); }),
              HasSubstr("t.png"));
  EXPECT_THAT(error_of([&] { open_drawing(folder / "nowhere"); }),
              HasSubstr("nowhere"));
  EXPECT_THAT(error_of([&] { open_drawing(folder.path()); }),
              HasSubstr(folder.path().string()));
}

TEST(Prepare, AFaceInItsPlaceStays) {
  const Drawing drawing = plain_face();
  const PreparedDrawing prepared = prepare_drawing(drawing, nullptr);
  EXPECT_FALSE(prepared.moved);
  EXPECT_EQ(prepared.drawing.side, 512);
  EXPECT_EQ(prepared.drawing.strokes[3].points[7].x,
            drawing.strokes[3].points[7].x);
}

TEST(Prepare, AFaceElsewhereIsMoved) {
  const Drawing face = plain_face();
  Drawing drawing = face;
  drawing.side = 2000;
  for (Stroke& stroke : drawing.strokes) {
    for (Point& p : stroke.points) p = {1.5F * p.x + 700, 1.5F * p.y + 90};
  }
  PreparedDrawing prepared = prepare_drawing(drawing, nullptr);
  EXPECT_TRUE(prepared.moved);
  for (size_t s = 0; s < face.strokes.size(); ++s) {
    EXPECT_NEAR(prepared.drawing.strokes[s].points[9].x,
                face.strokes[s].points[9].x, 3);
    EXPECT_NEAR(prepared.drawing.strokes[s].points[9].y,
                face.strokes[s].points[9].y, 3);
  }
  PrepareOptions plain;
  plain.frame = false;
  prepared = prepare_drawing(drawing, nullptr, plain);
  EXPECT_FALSE(prepared.moved);
  EXPECT_FLOAT_EQ(prepared.drawing.strokes[0].points[0].x,
                  drawing.strokes[0].points[0].x * 512 / 2000);
}

TEST(Prepare, ClassesComeFromTheLabeler) {
  const Drawing drawing = without_classes(plain_face());
  EXPECT_THAT(error_of([&] { prepare_drawing(drawing, nullptr); }),
              HasSubstr("5 of 5 strokes need a class: name a stroke labeler "
                        "with --labeler FILE"));
  // Everything is a contour to it.
  const StrokeLabeler labeler(random_labeler({{9, 60.0F}}), kTestHeads);
  const PreparedDrawing prepared = prepare_drawing(drawing, &labeler);
  ASSERT_EQ(prepared.drawing.strokes.size(), 5U);
  for (const Stroke& stroke : prepared.drawing.strokes) {
    EXPECT_EQ(stroke.label, 10);
  }
  PrepareOptions options;
  options.keep_given = false;
  EXPECT_EQ(
      prepare_drawing(plain_face(), &labeler, options).drawing.strokes[0].label,
      10);
  EXPECT_EQ(prepare_drawing(plain_face(), &labeler).drawing.strokes[0].label,
            1);
}

TEST(Prepare, WrongInput) {
  EXPECT_THAT(error_of([] { prepare_drawing(Drawing(), nullptr); }),
              HasSubstr("no strokes"));
  Drawing hair = plain_face();
  for (Stroke& stroke : hair.strokes) stroke.label = 15;
  EXPECT_THAT(error_of([&] { prepare_drawing(hair, nullptr); }),
              HasSubstr("no face in the drawing"));
}

}  // namespace
}  // namespace limner
