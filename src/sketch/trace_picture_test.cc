#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "image/codec.h"
#include "image/resize.h"
#include "sketch/curves.h"
#include "sketch/labels.h"
#include "sketch/mask_sketch.h"
#include "sketch/rasterize.h"
#include "sketch/test_tracing.h"
#include "sketch/trace.h"
#include "util/error.h"
#include "util/random.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using testing::HasSubstr;

// How a drawing on paper comes out in a photo.
struct Scene {
  double line = 3;      // width, in pixels
  double ink = 0.25;    // brightness, of the paper's
  double pencil = 0;    // by how much the ink's brightness varies
  double light = 0.9;   // of the paper, 0..1
  double gradient = 0;  // light lost from the left to the right side
  double vignette = 0;  // and from the middle to the corners
  double noise = 0;     // standard deviation, 0..1
  bool inverted = false;
};

// `drawing` as a gray picture [side,side,1].
Image photo_of(Drawing drawing, int side, const Scene& scene,
               uint64_t seed = 1) {
  for (Stroke& stroke : drawing.strokes) stroke.label = 1;
  // Drawn finer, as far as rasterize() has lines so wide, and reduced.
  const int finer = scene.line <= 8 ? 2 : 1;
  Image lines = rasterize(drawing, side * finer,
                          static_cast<int>(std::lround(scene.line * finer)));
  for (uint8_t& value : lines.pixels) value = value != 0 ? 255 : 0;
  lines = resize(lines, side, side, Filter::kBilinear);
  Random random(seed);
  Image photo(side, side, 1);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const double u = static_cast<double>(x) / side - 0.5;
      const double v = static_cast<double>(y) / side - 0.5;
      const double light = scene.light * (1 - scene.gradient * (u + 0.5)) *
                           (1 - scene.vignette * 2 * (u * u + v * v));
      const double ink =
          scene.ink + scene.pencil * std::sin(9 * u + 3) * std::cos(7 * v);
      const double cover = lines.row(y)[x] / 255.0;
      double value = light * (1 - cover * (1 - ink));
      value += scene.noise * random.normal();
      if (scene.inverted) value = 1 - value;
      photo.row(y)[x] =
          static_cast<uint8_t>(std::lround(255 * std::clamp(value, 0.0, 1.0)));
    }
  }
  return photo;
}

Drawing labelled(Drawing drawing, int label = 1) {
  for (Stroke& stroke : drawing.strokes) stroke.label = label;
  return drawing;
}

// Simple face of long and short lines, 512 wide.
Drawing face() {
  return drawing_of(
      {stroke_of(circle(200, 230, 26)), stroke_of(circle(312, 230, 26)),
       stroke_of({{180, 180}, {205, 172}, {230, 180}}),
       stroke_of({{282, 180}, {307, 172}, {332, 180}}),
       stroke_of({{256, 240}, {240, 290}, {258, 296}}),
       stroke_of({{205, 340}, {256, 330}, {307, 340}, {256, 356}, {205, 340}}),
       stroke_of({{130, 160},
                  {140, 300},
                  {190, 390},
                  {256, 420},
                  {322, 390},
                  {372, 300},
                  {382, 160}}),
       stroke_of({{110, 400},
                  {90, 200},
                  {160, 80},
                  {256, 50},
                  {352, 80},
                  {422, 200},
                  {402, 400}})},
      512);
}

// Shares of what is found of the traced lines in the drawn ones and the other
// way around, redrawn in lines 3 wide of 512.
double agreement(const Drawing& drawn, const Drawing& traced) {
  const Image a = rasterize(labelled(drawn), 512, 3);
  const Image b = rasterize(labelled(traced), 512, 3);
  return std::min(found(a, b), found(b, a));
}

double total_length(const Drawing& drawing) {
  double sum = 0;
  for (const Stroke& stroke : drawing.strokes) sum += length_of(stroke.points);
  return sum / drawing.side;
}

TEST(TracePicture, DrawingsOnPaper) {
  const Drawing drawing = face();
  Scene pencil;
  pencil.line = 4;
  pencil.ink = 0.55;
  pencil.pencil = 0.25;
  pencil.noise = 0.02;
  Scene phone;
  phone.line = 5;
  phone.gradient = 0.5;
  phone.vignette = 0.5;
  phone.noise = 0.04;
  Scene faint;
  faint.ink = 0.75;
  faint.noise = 0.01;
  faint.gradient = 0.3;
  Scene board;
  board.inverted = true;
  board.noise = 0.02;
  board.vignette = 0.3;
  Scene thick;
  thick.line = 10;
  thick.ink = 0.1;
  Scene fine;
  fine.line = 1;
  fine.ink = 0;
  fine.light = 1;
  Scene dark;
  dark.light = 0.35;
  dark.noise = 0.01;
  const std::vector<Scene> scenes = {Scene(), pencil, phone, faint,
                                     board,   thick,  fine,  dark};
  for (size_t i = 0; i < scenes.size(); ++i) {
    for (const int side : {300, 512, 1000}) {
      Scene scene = scenes[i];
      scene.line *= side / 1000.0;
      if (scene.line < 1) scene.line = 1;
      const Drawing out = trace_picture(photo_of(drawing, side, scene, 7 + i));
      EXPECT_EQ(out.side, side);
      EXPECT_GT(agreement(drawing, out), 0.96) << "scene " << i << ", " << side;
      EXPECT_NEAR(total_length(out) / total_length(drawing), 1, 0.05)
          << "scene " << i << ", " << side;
      // Hairs of noise fork lines, which are then cut.
      EXPECT_LE(out.strokes.size(), drawing.strokes.size() + 5)
          << "scene " << i << ", " << side;
      for (const Stroke& stroke : out.strokes) EXPECT_EQ(stroke.label, 0);
    }
  }
}

TEST(TracePicture, SketchesOfFacesInUnevenLight) {
  const std::vector<std::string> ids = val_ids();
  if (ids.empty()) GTEST_SKIP() << "no faces beside this checkout";
  Scene phone;
  phone.line = 3;
  phone.ink = 0.35;
  phone.pencil = 0.2;
  phone.gradient = 0.4;
  phone.vignette = 0.4;
  phone.noise = 0.03;
  for (size_t i = 0; i < std::min<size_t>(ids.size(), 10); ++i) {
    const Image mask =
        read_labels(kShared / "faces" / "masks" / (ids[i] + ".png"), 18);
    const Drawing drawing = sketch_of(mask, nullptr);
    const Drawing out = trace_picture(photo_of(drawing, 1024, phone, i));
    EXPECT_GT(agreement(drawing, out), 0.97) << ids[i];
  }
}

TEST(TracePicture, CrossingsInThickLines) {
  const Drawing drawing = drawing_of(
      {stroke_of({{40, 60}, {220, 200}}), stroke_of({{40, 200}, {220, 60}}),
       stroke_of({{20, 30}, {235, 30}}), stroke_of({{128, 30}, {128, 90}})});
  for (const double line : {2.0, 5.0, 9.0}) {
    Scene scene;
    scene.line = line;
    const Drawing out = trace_picture(photo_of(drawing, 512, scene));
    EXPECT_EQ(out.strokes.size(), 4u) << line;
    EXPECT_GT(agreement(drawing, out), 0.97) << line;
  }
}

// The longest line of a picture.
double longest(const Drawing& drawing) {
  double max = 0;
  for (const Stroke& stroke : drawing.strokes) {
    max = std::max(max, length_of(stroke.points));
  }
  return max;
}

// Only what goes straight on at a fork is one line.
TEST(TracePicture, BentLinesAreCutAtForks) {
  const auto traced = [](const Polyline& bar, const Polyline& branch) {
    Scene scene;
    scene.line = 2;
    return trace_picture(photo_of(
        drawing_of({stroke_of(bar), stroke_of(branch)}, 512), 512, scene));
  };
  const Drawing bent =
      traced({{100, 300}, {250, 300}, {400, 360}}, {{250, 300}, {290, 140}});
  EXPECT_EQ(bent.strokes.size(), 3u);
  EXPECT_NEAR(longest(bent), 165, 5);
  const Drawing straight =
      traced({{100, 300}, {400, 300}}, {{250, 300}, {290, 140}});
  EXPECT_EQ(straight.strokes.size(), 2u);
  EXPECT_NEAR(longest(straight), 300, 5);
  // Where lines cross, they may be a little bent.
  const Drawing crossing =
      traced({{100, 290}, {250, 300}, {400, 290}}, {{250, 420}, {250, 180}});
  EXPECT_EQ(crossing.strokes.size(), 2u);
  EXPECT_NEAR(longest(crossing), 300, 5);
}

// The sides of an iris lead from lid to lid: no crossing of the lids.
TEST(TracePicture, ARingBetweenTwoLinesStays) {
  const Polyline iris = circle(256, 250, 20);
  const Drawing drawing = drawing_of(
      {stroke_of({{190, 240}, {230, 231}, {256, 230}, {282, 231}, {322, 240}}),
       stroke_of({{190, 260}, {230, 269}, {256, 270}, {282, 269}, {322, 260}}),
       stroke_of(iris)},
      512);
  for (const double line : {2.0, 3.0}) {
    Scene scene;
    scene.line = line;
    const Drawing out = trace_picture(photo_of(drawing, 512, scene));
    EXPECT_GT(agreement(drawing, out), 0.97) << line;
  }
}

TEST(TracePicture, SmallPicturesAreAsExactAsTheirPixelsAllow) {
  for (const double line : {1.0, 1.5}) {
    Scene scene;
    scene.line = line;
    scene.light = 1;
    scene.ink = 0;
    const Drawing out = trace_picture(photo_of(face(), 128, scene));
    EXPECT_EQ(out.side, 128);
    EXPECT_GT(agreement(face(), out), 0.95) << line;
    EXPECT_LE(out.strokes.size(), face().strokes.size() + 3) << line;
  }
  // Two lines, a pixel and a half of paper between.
  const Drawing pair = drawing_of(
      {stroke_of({{60, 200}, {440, 230}}), stroke_of({{60, 210}, {440, 240}})},
      512);
  Scene fine;
  fine.line = 1;
  fine.light = 1;
  fine.ink = 0;
  const Drawing out = trace_picture(photo_of(pair, 128, fine));
  EXPECT_EQ(out.strokes.size(), 2u);
}

// `count` lines side by side, of 512.
Drawing hatch(int count, float apart, double degrees) {
  const double angle = degrees * M_PI / 180;
  const auto u = static_cast<float>(std::cos(angle));
  const auto v = static_cast<float>(std::sin(angle));
  std::vector<Stroke> strokes;
  for (int k = 0; k < count; ++k) {
    const float away =
        apart * (static_cast<float>(k) - static_cast<float>(count - 1) / 2);
    const Point middle = {256 - away * v, 256 + away * u};
    strokes.push_back(stroke_of({{middle.x - 100 * u, middle.y - 100 * v},
                                 {middle.x + 100 * u, middle.y + 100 * v}}));
  }
  return drawing_of(std::move(strokes), 512);
}

// Less than a pixel and a half of paper lies between them: blur leaves pale
// bridges there, and pale places in the lines.
TEST(TracePicture, HatchingInSmallPicturesStaysApart) {
  constexpr int kLines = 12;
  Scene pen;
  pen.line = 4;  // one pixel of the small picture
  pen.light = 1;
  pen.ink = 0;
  const auto traced = [&](const Drawing& drawing) {
    const Image large = photo_of(drawing, 512, pen);
    return trace_picture(resize(large, 128, 128, Filter::kBilinear));
  };
  for (const double degrees : {0, 20, 45, 63, 90, 117, 160}) {
    const Drawing wide = hatch(kLines, 10, degrees);
    const Drawing out = traced(wide);
    EXPECT_EQ(out.strokes.size(), size_t{kLines}) << degrees;
    EXPECT_GT(agreement(wide, out), 0.99) << degrees;
    const Drawing narrow = hatch(kLines, 9, degrees);
    const Drawing close = traced(narrow);
    EXPECT_LE(close.strokes.size(), size_t{kLines} + 2) << degrees;
    EXPECT_GT(agreement(narrow, close), 0.98) << degrees;
  }
}

TEST(TracePicture, LeavesOutSpecks) {
  Image picture = photo_of(face(), 800, Scene());
  const size_t strokes = trace_picture(picture).strokes.size();
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    const auto x = static_cast<int>(random.next() % 790);
    const auto y = static_cast<int>(random.next() % 790);
    picture.row(y)[x] = picture.row(y + 1)[x + 1] = 20;
  }
  EXPECT_NEAR(static_cast<double>(trace_picture(picture).strokes.size()),
              static_cast<double>(strokes), 2);
}

TEST(TracePicture, ColourAndAlpha) {
  const Image gray = photo_of(face(), 512, Scene());
  const Drawing expected = trace_picture(gray);
  Image colour(512, 512, 3);
  Image alpha(512, 512, 4);  // black everywhere, seen where the lines are
  for (size_t i = 0; i < gray.pixels.size(); ++i) {
    std::fill_n(&colour.pixels[3 * i], 3, gray.pixels[i]);
    alpha.pixels[4 * i + 3] = static_cast<uint8_t>(255 - gray.pixels[i]);
  }
  for (const Image* picture : {&colour, &alpha}) {
    const Drawing out = trace_picture(*picture);
    EXPECT_EQ(out.strokes.size(), expected.strokes.size());
    EXPECT_GT(agreement(expected, out), 0.999);
  }
}

// A shape that is filled gives its outline.
TEST(TracePicture, OutlinesOfFilledShapes) {
  Image picture(600, 600, 1);
  std::fill(picture.pixels.begin(), picture.pixels.end(), uint8_t{240});
  for (int y = 200; y < 400; ++y) {
    for (int x = 0; x < 600; ++x) {
      if (std::hypot(x - 300, y - 300) < 60) picture.row(y)[x] = 10;
    }
  }
  const Drawing out = trace_picture(picture);
  ASSERT_EQ(out.strokes.size(), 1u);
  EXPECT_TRUE(is_closed(out.strokes[0].points));
  for (const Point& p : out.strokes[0].points) {
    EXPECT_NEAR(std::hypot(p.x - 300, p.y - 300), 57, 5);
  }
}

TEST(TracePicture, OblongPicturesKeepTheirUnits) {
  Image picture(3000, 800, 1);
  std::fill(picture.pixels.begin(), picture.pixels.end(), uint8_t{250});
  for (int x = 300; x < 2700; ++x) {
    for (int y = 396; y < 404; ++y) picture.row(y)[x] = 30;
  }
  const Drawing out = trace_picture(picture);
  EXPECT_EQ(out.side, 3000);
  ASSERT_EQ(out.strokes.size(), 1u);
  EXPECT_NEAR(length_of(out.strokes[0].points), 2400, 25);
  EXPECT_NEAR(out.strokes[0].points[0].y, 400, 3);
}

TEST(TracePicture, RefusesPicturesWithoutLines) {
  const auto message = [](const Image& picture) {
    TraceOptions options;
    options.name = "\"a.png\"";
    return error_of([&] { trace_picture(picture, options); });
  };
  for (const int value : {0, 90, 128, 255}) {
    Image even(300, 200, 1);
    std::fill(even.pixels.begin(), even.pixels.end(),
              static_cast<uint8_t>(value));
    EXPECT_THAT(message(even), HasSubstr("no lines found in \"a.png\""))
        << value;
  }
  EXPECT_THAT(message(Image(1, 1, 1)), HasSubstr("no lines found"));
  EXPECT_THAT(message(Image(500, 1, 3)), HasSubstr("no lines found"));
  EXPECT_THAT(message(Image(1, 500, 4)), HasSubstr("no lines found"));
  EXPECT_THAT(message(Image(16000, 2, 1)), HasSubstr("no lines found"));

  Random random(9);
  Image specks(400, 400, 1);
  std::fill(specks.pixels.begin(), specks.pixels.end(), uint8_t{255});
  for (int i = 0; i < 500; ++i) specks.pixels[random.next() % 160000] = 0;
  EXPECT_THAT(message(specks), HasSubstr("no lines found"));
  Image noise(400, 400, 1);
  for (uint8_t& v : noise.pixels) v = static_cast<uint8_t>(random.next());
  EXPECT_THAT(message(noise), HasSubstr("no lines found"));
  Image gentle(400, 400, 1);
  for (uint8_t& v : gentle.pixels) {
    v = static_cast<uint8_t>(std::lround(180 + 6 * random.normal()));
  }
  EXPECT_THAT(message(gentle), HasSubstr("no lines found"));
  Image ramp(400, 400, 1);
  for (int y = 0; y < 400; ++y) {
    for (int x = 0; x < 400; ++x) {
      ramp.row(y)[x] = static_cast<uint8_t>(60 + (x + y) / 5);
    }
  }
  EXPECT_THAT(message(ramp), HasSubstr("no lines found"));

  EXPECT_THROW(trace_picture(Image()), Error);
  EXPECT_THROW(trace_picture(Image(4, 4, 2)), Error);
  EXPECT_THROW(trace_picture(Image(kMaxImageSide + 1, 1, 1)), Error);
}

TEST(TracePicture, RefusesPhotographs) {
  const std::vector<std::string> ids = val_ids();
  if (ids.empty()) GTEST_SKIP() << "no faces beside this checkout";
  int refused = 0;
  constexpr int kCount = 40;
  for (int i = 0; i < kCount; ++i) {
    const Image photo = read_rgb(kShared / "faces" / "images" /
                                 (ids[static_cast<size_t>(i)] + ".jpg"));
    const std::string message = error_of([&] { trace_picture(photo); });
    refused += message != "no error" ? 1 : 0;
  }
  EXPECT_GE(refused, kCount - 3);
}

TEST(TracePicture, LevelsTellADrawingFromAPhotograph) {
  // Small, with lines that are wide for its size.
  const Drawing lines = drawing_of(
      {stroke_of(circle(64, 64, 50)), stroke_of(circle(45, 50, 9)),
       stroke_of(circle(83, 50, 9)), stroke_of({{45, 92}, {64, 97}, {83, 92}}),
       stroke_of({{64, 55}, {60, 75}, {68, 76}}),
       stroke_of({{20, 30}, {64, 6}, {108, 30}})},
      128);
  const Image small = rasterize(lines, 128, 4);
  Image picture(128, 128, 1);
  for (size_t i = 0; i < picture.pixels.size(); ++i) {
    picture.pixels[i] = small.pixels[i] != 0 ? 0 : 255;
  }
  EXPECT_GE(trace_picture(picture).strokes.size(), 4U);
  // A third of it scribbled black.
  for (int y = 0; y < 44; ++y) std::fill_n(picture.row(y), 128, uint8_t{10});
  EXPECT_GE(trace_picture(picture).strokes.size(), 3U);
  // Smooth shades, however bright the rest.
  for (int y = 0; y < 60; ++y) {
    for (int x = 0; x < 128; ++x) {
      picture.row(y)[x] = static_cast<uint8_t>(140 + 60 * std::sin(x * 0.21) *
                                                         std::cos(y * 0.17));
    }
  }
  EXPECT_THAT(error_of([&] { trace_picture(picture); }),
              HasSubstr("no lines found"));
}

}  // namespace
}  // namespace limner
