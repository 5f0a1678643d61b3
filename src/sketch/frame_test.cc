#include "sketch/frame.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "image/codec.h"
#include "sketch/labels.h"
#include "sketch/mask_sketch.h"
#include "util/error.h"
#include "util/random.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using testing::HasSubstr;

const std::filesystem::path kFaces =
    std::filesystem::path(LIMNER_SHARED) / "faces";

// Of the faces of a split ("train", "val"), at most `max`. Empty where there
// are no faces.
std::vector<Drawing> sketches(const std::string& split, size_t max) {
  std::vector<Drawing> out;
  std::ifstream manifest(kFaces / "manifest.csv");
  for (std::string line; std::getline(manifest, line) && out.size() < max;) {
    if (line.find("," + split) == std::string::npos) continue;
    const std::string id = line.substr(0, 5);
    const Image mask = read_labels(kFaces / "masks" / (id + ".png"), 18);
    const Image photo = read_rgb(kFaces / "images" / (id + ".jpg"));
    out.push_back(sketch_of(mask, &photo));
  }
  return out;
}

const std::vector<Drawing>& val_sketches() {
  static const std::vector<Drawing> drawings = sketches("val", 150);
  return drawings;
}

// A box of the given class.
Stroke box(int label, const PartPlace& place) {
  const auto left = static_cast<float>(place.x - place.width / 2);
  const auto right = static_cast<float>(place.x + place.width / 2);
  const auto top = static_cast<float>(place.y - place.height / 2);
  const auto bottom = static_cast<float>(place.y + place.height / 2);
  Stroke stroke;
  stroke.label = label;
  stroke.points = {
      {left, top}, {right, top}, {right, bottom}, {left, bottom}, {left, top}};
  return stroke;
}

constexpr std::array<int, 8> kClassOf = {1, 2, 4, 5, 3, 6, 7, 10};

// Boxes where the parts usually are, without glasses.
Drawing usual_face() {
  Drawing drawing;
  for (int i = 0; i < 8; ++i) {
    if (kClassOf[i] == 3) continue;
    drawing.strokes.push_back(
        box(kClassOf[i], usual_place(static_cast<FacePart>(i))));
  }
  return drawing;
}

struct Move {
  double scale = 1, angle = 0, dx = 0, dy = 0;
};

Drawing moved(const Drawing& drawing, const Move& move, float side) {
  const double c = move.scale * std::cos(move.angle * M_PI / 180);
  const double s = move.scale * std::sin(move.angle * M_PI / 180);
  Drawing out = drawing;
  out.side = side;
  for (Stroke& stroke : out.strokes) {
    for (Point& p : stroke.points) {
      p = {static_cast<float>(c * p.x - s * p.y + move.dx),
           static_cast<float>(s * p.x + c * p.y + move.dy)};
    }
  }
  return out;
}

Drawing with_only(const Drawing& drawing,
                  const std::function<bool(int)>& wanted) {
  Drawing out;
  out.side = drawing.side;
  for (const Stroke& stroke : drawing.strokes) {
    if (wanted(stroke.label)) out.strokes.push_back(stroke);
  }
  return out;
}

// Largest distance between the middles of eyes and mouth in the two.
double face_error(const Drawing& a, const Drawing& b) {
  double worst = 0;
  for (const FacePart part :
       {FacePart::kEyeLeft, FacePart::kEyeRight, FacePart::kMouth}) {
    const auto p = place_of(a, part);
    const auto q = place_of(b, part);
    if (!p || !q) continue;
    worst = std::max(worst, std::hypot(p->x - q->x, p->y - q->y));
  }
  return worst;
}

double quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share *
                                    static_cast<double>(values.size() - 1))];
}

double farthest(const Drawing& a, const Drawing& b) {
  double worst = 0;
  for (size_t i = 0; i < a.strokes.size(); ++i) {
    for (size_t k = 0; k < a.strokes[i].points.size(); ++k) {
      const Point p = a.strokes[i].points[k];
      const Point q = b.strokes[i].points[k];
      worst = std::max(worst, std::hypot(double{p.x} - q.x, double{p.y} - q.y));
    }
  }
  return worst;
}

TEST(PlaceOf, IsTheBoxOfThePart) {
  const Drawing drawing = usual_face();
  for (int i = 0; i < 8; ++i) {
    const auto part = static_cast<FacePart>(i);
    const auto place = place_of(drawing, part);
    ASSERT_EQ(place.has_value(), part != FacePart::kGlasses);
    if (!place) continue;
    const PartPlace& usual = usual_place(part);
    EXPECT_NEAR(place->x, usual.x, 0.5);
    EXPECT_NEAR(place->y, usual.y, 0.5);
    EXPECT_NEAR(place->width, usual.width, 2);
    EXPECT_NEAR(place->height, usual.height, 3);
  }
  EXPECT_FALSE(place_of(Drawing(), FacePart::kAll));
}

TEST(PlaceOf, LeavesOutAStrayStroke) {
  Drawing drawing = usual_face();
  Stroke stray = drawing.strokes[0];
  stray.points = {{20, 480}, {22, 480}};
  drawing.strokes.push_back(stray);
  const auto place = place_of(drawing, FacePart::kEyeRight);
  EXPECT_NEAR(place->x, usual_place(FacePart::kEyeRight).x, 1);
}

TEST(FindFraming, LeavesAFramedDrawingExactlyAlone) {
  const Drawing drawing = usual_face();
  const Framing framing = find_framing(drawing);
  EXPECT_EQ(framing.scale, 1);
  EXPECT_EQ(framing.dx, 0);
  EXPECT_EQ(framing.dy, 0);
  EXPECT_EQ(framing.angle, 0);
  EXPECT_EQ(framing.basis, "eyes, brows, nose, mouth, outline");
  EXPECT_EQ(farthest(apply_framing(drawing, framing), drawing), 0);
  // In other units.
  const Drawing large = moved(drawing, {4, 0, 0, 0}, 2048);
  const Framing quarter = find_framing(large, true);
  EXPECT_EQ(quarter.scale, 0.25);
  EXPECT_EQ(quarter.dx, 0);
  const Drawing back = apply_framing(large, quarter);
  EXPECT_EQ(back.side, 512);
  EXPECT_EQ(farthest(back, drawing), 0);
  const Framing turned = {1.7, 30, -12, 20, ""};
  const Drawing undone =
      undo_framing(apply_framing(large, turned), turned, 2048);
  EXPECT_EQ(undone.side, 2048);
  EXPECT_LT(farthest(undone, large), 0.01);
}

TEST(FindFraming, UndoesMoves) {
  const Drawing drawing = usual_face();
  for (const Move& move :
       {Move{0.4, 0, 30, 250}, Move{3, 0, -500, 100}, Move{1, 0, 100, 0},
        Move{0.001, 0, 0, 0}, Move{1e4, 0, 1e6, -1e6}}) {
    const Drawing other = moved(drawing, move, 700);
    const Framing framing = find_framing(other);
    EXPECT_NEAR(framing.scale * move.scale, 1, 0.005) << move.scale;
    EXPECT_LT(farthest(apply_framing(other, framing), drawing), 4)
        << move.scale;
  }
}

TEST(FindFraming, TurnsWhereItMay) {
  const Drawing drawing = usual_face();
  for (const double angle : {-25.0, -10.0, 15.0, 29.0}) {
    const Drawing other = moved(drawing, {0.7, angle, 200, 100}, 512);
    EXPECT_EQ(find_framing(other).angle, 0);
    const Framing framing = find_framing(other, true);
    EXPECT_NEAR(framing.angle, -angle, 1);
    EXPECT_LT(face_error(apply_framing(other, framing), drawing), 4) << angle;
  }
  const Drawing other = moved(drawing, {0.7, 50, 200, 100}, 512);
  EXPECT_EQ(find_framing(other, true).angle, -30);
}

TEST(FindFraming, WithFewParts) {
  const Drawing drawing = usual_face();
  const std::vector<std::pair<std::vector<int>, std::string>> cases = {
      {{1, 2}, "eyes"},        {{2}, "eyes"},
      {{7}, "mouth"},          {{6}, "nose"},
      {{10}, "outline"},       {{4, 5}, "brows"},
      {{1, 7}, "eyes, mouth"}, {{6, 7, 10}, "nose, mouth, outline"}};
  for (const auto& each : cases) {
    // Lambdas may not capture structured bindings.
    const std::vector<int>& classes = each.first;
    const std::string& basis = each.second;
    const Drawing some = with_only(drawing, [&](int label) {
      return std::count(classes.begin(), classes.end(), label) > 0;
    });
    const Drawing other = moved(some, {0.5, 0, 60, 170}, 512);
    const Framing framing = find_framing(other);
    EXPECT_EQ(framing.basis, basis);
    // One small box gives the size to a few percent.
    EXPECT_LT(farthest(apply_framing(other, framing), some), 8) << basis;
  }
}

// Classes that all belong to the outline count as one.
TEST(FindFraming, TakesAllClassesOfTheOutline) {
  for (const int label : {10, 17, 18, 19, 20, 21}) {
    Drawing drawing;
    drawing.strokes = {box(label, {100, 100, 69, 91.3})};
    const Framing framing = find_framing(drawing);
    EXPECT_NEAR(framing.scale, 4, 0.1) << label;
  }
}

TEST(FindFraming, RefusesWhatHasNoFace) {
  const auto message = [](const Drawing& drawing) {
    return error_of([&] { find_framing(drawing, true); });
  };
  EXPECT_THAT(message(Drawing()), HasSubstr("no face in the drawing"));
  Drawing hair;
  hair.strokes = {box(15, {256, 200, 400, 300}), box(16, {256, 480, 300, 50}),
                  box(0, {256, 200, 100, 100})};
  EXPECT_THAT(message(hair), HasSubstr("none of its 3 strokes has a class"));
  Drawing dot;
  dot.strokes.resize(1);
  dot.strokes[0].label = 1;
  EXPECT_THAT(message(dot), HasSubstr("no face in the drawing"));
  dot.strokes[0].points = {{5, 5}};
  EXPECT_THAT(message(dot), HasSubstr("dots without extent"));
  dot.strokes[0].points = {{5, 5}, {5, 5}};
  EXPECT_THAT(message(dot), HasSubstr("dots without extent"));
  for (const float value : {std::numeric_limits<float>::quiet_NaN(),
                            std::numeric_limits<float>::infinity()}) {
    Drawing drawing = usual_face();
    drawing.strokes[2].points[1].y = value;
    EXPECT_THAT(message(drawing), HasSubstr("expected finite"));
    EXPECT_THROW(rough_framing(drawing), Error);
    EXPECT_THROW(apply_framing(drawing, {}), Error);
    drawing = usual_face();
    drawing.side = value;
    EXPECT_THAT(message(drawing), HasSubstr("side must be positive"));
  }
  Drawing far = usual_face();
  far.strokes[0].points[0].x = 3e38F;
  EXPECT_THAT(message(far), HasSubstr("expected finite"));
  Drawing flat = usual_face();
  flat.side = 0;
  EXPECT_THAT(message(flat), HasSubstr("side must be positive"));
}

// Two dots for eyes are enough: they have a distance.
TEST(FindFraming, OfDots) {
  Drawing drawing;
  drawing.strokes.resize(2);
  drawing.strokes[0].label = 1;
  drawing.strokes[0].points = {{60, 20}};
  drawing.strokes[1].label = 2;
  drawing.strokes[1].points = {{40, 20}};
  const Drawing framed = apply_framing(drawing, find_framing(drawing));
  EXPECT_NEAR(framed.strokes[0].points[0].x, 317.7, 3);
  EXPECT_NEAR(framed.strokes[1].points[0].x, 194.3, 3);
  EXPECT_NEAR(framed.strokes[1].points[0].y, 240.5, 3);
}

TEST(FindFraming, SurvivesRandomDrawings) {
  Random random(11);
  for (int i = 0; i < 300; ++i) {
    Drawing drawing;
    drawing.side = static_cast<float>(1 + 1000 * random.uniform());
    drawing.strokes.resize(random.next() % 6);
    const double size = std::pow(10, 8 * random.uniform() - 2);
    for (Stroke& stroke : drawing.strokes) {
      stroke.label = static_cast<int>(random.next() % 23);
      stroke.points.resize(random.next() % 5);
      for (Point& p : stroke.points) {
        p = {static_cast<float>(size * random.normal()),
             static_cast<float>(size * random.normal())};
      }
    }
    for (const bool turn : {false, true}) {
      try {
        const Framing framing = find_framing(drawing, turn);
        EXPECT_GT(framing.scale, 0);
        EXPECT_FALSE(framing.basis.empty());
        const Drawing out = apply_framing(drawing, framing);
        for (const Stroke& stroke : out.strokes) {
          for (const Point& p : stroke.points) {
            EXPECT_TRUE(std::isfinite(p.x) && std::isfinite(p.y));
          }
        }
      } catch (const Error&) {
      }
    }
  }
}

TEST(RoughFraming, FillsTheFrame) {
  Drawing drawing;
  drawing.side = 1000;
  drawing.strokes = {box(0, {300, 400, 96.5, 116.8})};
  const Framing framing = rough_framing(drawing);
  EXPECT_NEAR(framing.scale, 4, 0.1);
  EXPECT_EQ(framing.basis, "all strokes");
  const auto place = place_of(apply_framing(drawing, framing), FacePart::kAll);
  EXPECT_NEAR(place->x, 256, 2);
  EXPECT_NEAR(place->y, 259.4, 2);

  const PartPlace usual = usual_place(FacePart::kAll);
  drawing.side = 512;
  drawing.strokes = {box(0, usual)};
  EXPECT_EQ(rough_framing(drawing).scale, 1);
  EXPECT_EQ(rough_framing(drawing).dx, 0);
  drawing.strokes[0].points.resize(1);
  EXPECT_THROW(rough_framing(drawing), Error);
  EXPECT_THROW(rough_framing(Drawing()), Error);
}

TEST(Framing, KeepsWhatElseAStrokeHas) {
  Drawing drawing = usual_face();
  drawing.strokes[0].detail = 0.25F;
  drawing.strokes[0].confidence = 0.5F;
  drawing.strokes[0].pressure = {0.1F, 0.2F, 0.3F, 0.4F, 0.5F};
  const Drawing out = apply_framing(drawing, {2, 1, 1, 0, ""});
  EXPECT_EQ(out.strokes[0].detail, 0.25F);
  EXPECT_EQ(out.strokes[0].confidence, 0.5F);
  EXPECT_EQ(out.strokes[0].pressure.size(), 5u);
  EXPECT_EQ(out.strokes[0].label, drawing.strokes[0].label);
}

// Moved sketches of faces that are not in the training data come back. What
// is left is how far a face is from the mean one.
TEST(FramingOfFaces, ComesBack) {
  const std::vector<Drawing>& drawings = val_sketches();
  if (drawings.empty()) GTEST_SKIP() << "no faces beside this checkout";
  using Wanted = std::function<bool(int)>;
  const std::vector<std::pair<std::string, Wanted>> views = {
      {"all", [](int) { return true; }},
      {"no eyes", [](int c) { return c > 3; }},
      {"no mouth", [](int c) { return c != 7; }},
      {"eyes alone", [](int c) { return c < 3; }},
      {"outline alone", [](int c) { return c == 10 || c >= 17; }}};
  // Of the middles of eyes and mouth, in units of the frame.
  const std::vector<std::pair<double, double>> limits = {
      {5, 13}, {7, 16}, {5, 18}, {12, 30}, {20, 60}};
  for (size_t view = 0; view < views.size(); ++view) {
    Random random(view);
    std::vector<double> errors;
    int same = 0;
    for (const Drawing& drawing : drawings) {
      const Drawing part = with_only(drawing, views[view].second);
      if (!place_of(part, FacePart::kOutline) &&
          !place_of(part, FacePart::kEyeLeft) &&
          !place_of(part, FacePart::kEyeRight)) {
        continue;
      }
      same += find_framing(part).scale == 1 ? 1 : 0;
      const Move move = {std::exp(1.5 * random.normal()), 0,
                         400 * random.normal(), 400 * random.normal()};
      const Drawing other = moved(part, move, 512);
      const Framing framing = fit_framing(other);
      Drawing whole = apply_framing(moved(drawing, move, 512), framing);
      errors.push_back(face_error(whole, drawing));
    }
    const double median = quantile(errors, 0.5);
    const double max = quantile(errors, 0.95);
    EXPECT_LT(median, limits[view].first) << views[view].first;
    EXPECT_LT(max, limits[view].second) << views[view].first;
    std::printf("%-14s median %.1f, 95 %%: %.1f, left alone %d of %zu\n",
                views[view].first.c_str(), median, max, same, errors.size());
    EXPECT_GE(same, 0.9 * static_cast<double>(errors.size()))
        << views[view].first;
  }
}

TEST(FramingOfFaces, ComesBackTurned) {
  const std::vector<Drawing>& drawings = val_sketches();
  if (drawings.empty()) GTEST_SKIP() << "no faces beside this checkout";
  Random random(3);
  std::vector<double> errors;
  for (const Drawing& drawing : drawings) {
    const Move move = {std::exp(random.normal()), 50 * (random.uniform() - 0.5),
                       300 * random.normal(), 300 * random.normal()};
    const Drawing other = moved(drawing, move, 512);
    errors.push_back(
        face_error(apply_framing(other, fit_framing(other, true)), drawing));
  }
  std::printf("turned: median %.1f, 95 %%: %.1f\n", quantile(errors, 0.5),
              quantile(errors, 0.95));
  EXPECT_LT(quantile(errors, 0.5), 5);
  EXPECT_LT(quantile(errors, 0.95), 14);
}

TEST(FramingOfFaces, RoughlyStaysToo) {
  const std::vector<Drawing>& drawings = val_sketches();
  if (drawings.empty()) GTEST_SKIP() << "no faces beside this checkout";
  int same = 0;
  for (const Drawing& drawing : drawings) {
    same += rough_framing(drawing).scale == 1 ? 1 : 0;
  }
  EXPECT_GE(same, 135);
}

// Where the numbers of frame.cc come from; run with
// --gtest_also_run_disabled_tests --gtest_filter=FrameMeasure.*
TEST(FrameMeasure, DISABLED_Places) {
  const std::vector<Drawing> drawings = sketches("train", 100'000);
  ASSERT_FALSE(drawings.empty());
  for (int i = 0; i < kFaceParts; ++i) {
    std::array<double, 4> sums = {};
    std::array<double, 4> squares = {};
    double count = 0;
    const auto add = [&](int part, bool mirror) {
      for (const Drawing& drawing : drawings) {
        const auto place = place_of(drawing, static_cast<FacePart>(part));
        if (!place) continue;
        ++count;
        const std::array<double, 4> values = {
            mirror ? 512 - place->x : place->x, place->y, place->width,
            place->height};
        for (int k = 0; k < 4; ++k) {
          sums[k] += values[k];
          squares[k] += values[k] * values[k];
        }
      }
    };
    add(i, false);
    // Eyes and brows change places.
    add(i < 4 ? i ^ 1 : i, true);
    std::printf("part %d:", i);
    for (const double sum : sums) std::printf(" %.1f", sum / count);
    std::printf(" spread");
    for (int k = 0; k < 4; ++k) {
      const double mean = sums[k] / count;
      std::printf(" %.1f", std::sqrt(squares[k] / count - mean * mean));
    }
    std::printf("\n");
  }
}

}  // namespace
}  // namespace limner
