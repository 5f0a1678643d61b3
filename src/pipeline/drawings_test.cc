#include "pipeline/drawings.h"

#include <gmock/gmock.h>

#include "image/codec.h"
#include "pipeline/test_drawings.h"
#include "pipeline/test_labeler.h"
#include "sketch/classes.h"
#include "sketch/rasterize.h"
#include "util/error.h"
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

// A picture of lines between paper and inks, saved with a palette of `colours`
// shades of each ink: the nearest of them at each pixel.
std::vector<unsigned char> few_colours(
    const std::vector<Palette::value_type>& inks, Palette::value_type paper,
    int shades) {
  // Smooth edges: drawn large, then averaged.
  constexpr int kLarge = 4;
  const Image large = rasterize(plain_face(), 512 * kLarge, 3 * kLarge);
  Palette palette = {paper};
  for (const auto& ink : inks) {
    for (int k = 1; k <= shades; ++k) {
      Palette::value_type colour;
      for (int c = 0; c < 3; ++c) {
        colour[c] =
            static_cast<uint8_t>(paper[c] + (ink[c] - paper[c]) * k / shades);
      }
      palette.push_back(colour);
    }
  }
  Image numbers(512, 512, 1);
  for (int y = 0; y < 512; ++y) {
    for (int x = 0; x < 512; ++x) {
      int covered = 0, label = 0;
      for (int j = 0; j < kLarge; ++j) {
        for (int i = 0; i < kLarge; ++i) {
          const int one = large.row(y * kLarge + j)[x * kLarge + i];
          covered += one != 0;
          label = std::max(label, one);
        }
      }
      const int shade = (covered * shades + 8) / (kLarge * kLarge);
      if (shade == 0) continue;
      const int ink = label % static_cast<int>(inks.size());
      numbers.row(y)[x] = static_cast<uint8_t>(ink * shades + shade);
    }
  }
  return encode_indices(numbers, palette);
}

TEST_F(Drawings, PicturesOfFewColoursAreNoLabels) {
  using Colours = std::vector<Palette::value_type>;
  const Palette::value_type white = {255, 255, 255}, cream = {250, 245, 230},
                            black = {0, 0, 0}, blue = {13, 46, 165},
                            red = {200, 20, 30}, sepia = {112, 66, 20};
  for (const auto& paper : {white, cream}) {
    for (const Colours& inks :
         {Colours{blue}, Colours{red}, Colours{sepia}, Colours{black},
          Colours{blue, red}, Colours{black, red}}) {
      for (const int shades : {1, 3, 7, 15}) {
        const auto data = few_colours(inks, paper, shades);
        EXPECT_FALSE(holds_labels(data, "a.png"))
            << inks.size() << " inks, first " << int{inks[0][0]} << ", "
            << shades << " shades";
        const OpenedDrawing opened = open_drawing(data, "a.png");
        EXPECT_TRUE(opened.traced);
        EXPECT_GE(opened.drawing.strokes.size(), 5U);
        EXPECT_LE(opened.drawing.strokes.size(), 12U);
      }
    }
  }
  // A blackboard.
  EXPECT_FALSE(holds_labels(few_colours({white}, black, 7), "a.png"));
}

TEST_F(Drawings, LabelImagesWithAPaletteStayLabels) {
  const Image numbers = rasterize(plain_face(), 512, 2);
  Palette legend = {{255, 255, 255}};
  for (int id = 1; id <= kStrokeClasses; ++id) {
    legend.push_back(stroke_class(id).colour);
  }
  Palette hues = {{0, 0, 0}};  // of no meaning, as labelling tools have them
  for (int id = 1; id <= kStrokeClasses; ++id) {
    hues.push_back({static_cast<uint8_t>(id % 3 == 0 ? 200 : 20 * (id % 7)),
                    static_cast<uint8_t>(id % 3 == 1 ? 190 : 11 * (id % 5)),
                    static_cast<uint8_t>(id % 3 == 2 ? 210 : 9 * (id % 9))});
  }
  for (const Palette& palette : {legend, hues}) {
    const auto data = encode_indices(numbers, palette);
    EXPECT_TRUE(holds_labels(data, "a.png"));
    const OpenedDrawing opened = open_drawing(data, "a.png");
    EXPECT_TRUE(opened.labels);
    EXPECT_FALSE(opened.traced);
  }
}

TEST_F(Drawings, AnOptionSettlesWhatAPngIs) {
  ReadOptions options;
  options.png = PngKind::kPicture;
  const auto labels = put("l.png", rasterize(plain_face(), 512, 2));
  // Values up to 10 of 255 on 0: nothing to see.
  EXPECT_THAT(error_of([&] { open_drawing(labels, options); }),
              HasSubstr("no lines found"));
  options.png = PngKind::kLabels;
  const auto blue = few_colours({{13, 46, 165}}, {255, 255, 255}, 1);
  const OpenedDrawing opened = open_drawing(blue, "b.png", options);
  EXPECT_TRUE(opened.labels);
  EXPECT_EQ(opened.drawing.strokes[0].label, 1);
  EXPECT_THAT(
      error_of([&] { open_drawing(put("a.jpg", black_on_white(3)), options); }),
      HasSubstr("--as labels is for PNGs"));
}

TEST_F(Drawings, LightLinesOnNothing) {
  Image picture(512, 512, 4);
  const Image labels = rasterize(plain_face(), 512, 3);
  for (size_t i = 0; i < labels.pixels.size(); ++i) {
    for (int c = 0; c < 3; ++c) picture.pixels[4 * i + c] = 255;
    picture.pixels[4 * i + 3] = labels.pixels[i] != 0 ? 255 : 0;
  }
  EXPECT_GE(open_drawing(put("w.png", picture)).drawing.strokes.size(), 5U);
  EXPECT_GE(open_drawing(put("w.webp", picture)).drawing.strokes.size(), 5U);
  // Dark ones as before.
  for (size_t i = 0; i < labels.pixels.size(); ++i) {
    for (int c = 0; c < 3; ++c) picture.pixels[4 * i + c] = 0;
  }
  EXPECT_GE(open_drawing(put("d.png", picture)).drawing.strokes.size(), 5U);
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
