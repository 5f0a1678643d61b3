#include "train/data/rough.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "data/test_faces.h"
#include "sketch/curves.h"
#include "sketch/frame.h"
#include "train/data/doodle.h"
#include "train/data/misread.h"

namespace limner::train {
namespace {

Drawing a_face() {
  const Image mask = face_mask(256);
  const Image photo = face_photo(mask);
  return sketch_of(mask, &photo);
}

Drawing mirrored(Drawing drawing) {
  for (Stroke& stroke : drawing.strokes) {
    stroke.label = mirrored_class(stroke.label);
    for (Point& p : stroke.points) p.x = drawing.side - p.x;
  }
  return drawing;
}

Drawing roughly(const Drawing& drawing, double faithfulness, uint64_t seed,
                const RoughOptions& options = {}) {
  Random random(seed);
  return make_rough(drawing, faithfulness, options, random);
}

void expect_same(const Drawing& a, const Drawing& b) {
  EXPECT_EQ(a.side, b.side);
  ASSERT_EQ(a.strokes.size(), b.strokes.size());
  for (size_t i = 0; i < a.strokes.size(); ++i) {
    EXPECT_EQ(a.strokes[i].label, b.strokes[i].label);
    ASSERT_EQ(a.strokes[i].points.size(), b.strokes[i].points.size());
    for (size_t k = 0; k < a.strokes[i].points.size(); ++k) {
      EXPECT_EQ(a.strokes[i].points[k].x, b.strokes[i].points[k].x);
      EXPECT_EQ(a.strokes[i].points[k].y, b.strokes[i].points[k].y);
    }
  }
}

double points_of(const Drawing& drawing) {
  double points = 0;
  for (const Stroke& stroke : drawing.strokes) {
    points += static_cast<double>(stroke.points.size());
  }
  return points;
}

TEST(Rough, AFaithfulDrawingIsLeftAsItIs) {
  const Drawing face = a_face();
  Random random(1), untouched(1);
  expect_same(make_rough(face, 1.0, {}, random), face);
  EXPECT_EQ(random.next(), untouched.next());
}

TEST(Rough, TheSameSeedGivesTheSameDrawing) {
  const Drawing face = a_face();
  for (const double faithfulness : {0.0, 0.4, 0.9}) {
    expect_same(roughly(face, faithfulness, 5), roughly(face, faithfulness, 5));
  }
  const Drawing other = roughly(face, 0.0, 6);
  const Drawing one = roughly(face, 0.0, 5);
  EXPECT_TRUE(other.strokes.size() != one.strokes.size() ||
              other.strokes[0].points[0].x != one.strokes[0].points[0].x);
}

TEST(Rough, StaysWithinBounds) {
  const Drawing face = a_face();
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const Drawing rough =
        roughly(face, static_cast<double>(seed % 6) / 5 * 0.99, seed);
    EXPECT_EQ(rough.side, face.side);
    for (const Stroke& stroke : rough.strokes) {
      EXPECT_GE(stroke.label, 1);
      EXPECT_LE(stroke.label, 22);
      EXPECT_FALSE(stroke.points.empty());
      for (const Point& p : stroke.points) {
        ASSERT_TRUE(std::isfinite(p.x) && std::isfinite(p.y));
        EXPECT_GT(p.x, -1.5F * face.side);
        EXPECT_LT(p.x, 2.5F * face.side);
        EXPECT_GT(p.y, -1.5F * face.side);
        EXPECT_LT(p.y, 2.5F * face.side);
      }
    }
  }
}

// Of points of the eyes, how far they are from where they are in `face`; and
// what is left of the drawing.
TEST(Rough, TheLessFaithfulTheFartherAndTheFewerLines) {
  const Drawing face = a_face();
  const PartPlace eye = *place_of(face, FacePart::kEyeRight);
  double moved_before = 0;
  double points_before = std::numeric_limits<double>::max();
  for (const double faithfulness : {0.95, 0.6, 0.0}) {
    double moved = 0;
    double points = 0;
    int eyes = 0;
    for (uint64_t seed = 0; seed < 40; ++seed) {
      RoughOptions options;
      options.misread = 0;
      const Drawing rough = roughly(face, faithfulness, seed, options);
      points += points_of(rough);
      const auto place = place_of(rough, FacePart::kEyeRight);
      if (!place) continue;
      moved += std::hypot(place->x - eye.x, place->y - eye.y);
      ++eyes;
    }
    ASSERT_GT(eyes, 20);
    EXPECT_GT(moved / eyes, moved_before);
    EXPECT_LT(points, points_before);
    moved_before = moved / eyes;
    points_before = points;
  }
  EXPECT_GT(moved_before, 5.0);
}

TEST(Rough, SidesStaySidesAlsoInAMirror) {
  RoughOptions options;
  options.misread = 0;
  const Drawing face = a_face();
  for (const Drawing& drawing : {face, mirrored(face)}) {
    int compared = 0;
    for (uint64_t seed = 0; seed < 40; ++seed) {
      const Drawing rough =
          roughly(drawing, seed % 2 == 0 ? 0.0 : 0.5, seed, options);
      const auto right = place_of(rough, FacePart::kEyeRight);
      const auto left = place_of(rough, FacePart::kEyeLeft);
      if (right && left) {
        EXPECT_GT(right->x, left->x);
        ++compared;
      }
      const auto right_brow = place_of(rough, FacePart::kBrowRight);
      const auto left_brow = place_of(rough, FacePart::kBrowLeft);
      if (right_brow && left_brow) {
        EXPECT_GT(right_brow->x, left_brow->x);
      }
    }
    EXPECT_GT(compared, 30);
  }
}

TEST(Rough, TheFaceKeepsItsPlaceAndSize) {
  const Drawing face = a_face();
  const Framing wanted = fit_framing(face);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const Framing is = fit_framing(roughly(face, 0.2, seed));
    // Least squares whose weights follow from the fit: nearly the same again.
    EXPECT_NEAR(is.scale / wanted.scale, 1.0, 0.05) << seed;
    EXPECT_NEAR(is.dx, wanted.dx, 20) << seed;
    EXPECT_NEAR(is.dy, wanted.dy, 20) << seed;
  }
}

TEST(Rough, WhatIsNoFaceIsLeftAsItIs) {
  Drawing hair;
  hair.strokes = {{{{10, 10}, {200, 30}}, 15}};
  expect_same(roughly(hair, 0.0, 1), hair);
  expect_same(roughly({}, 0.0, 1), {});
}

TEST(Doodle, EveryPartHasItsClasses) {
  const Drawing face = a_face();
  const FaceLayout layout = layout_of(face, fit_framing(face));
  EXPECT_TRUE(layout.hair);
  Random random(3);
  for (int part = 0; part < kDoodleParts; ++part) {
    int drawn = 0;
    for (int i = 0; i < 60; ++i) {
      for (const Stroke& stroke :
           doodle(static_cast<DoodlePart>(part), layout, random)) {
        EXPECT_EQ(static_cast<int>(doodle_part(stroke.label)), part);
        ++drawn;
      }
    }
    EXPECT_GT(drawn, 0) << part;
  }
}

TEST(Doodle, AnOutlineGetsTheClassesOfTheNearestBorders) {
  const std::vector<Stroke> borders = {{{{0, 0}, {0, 10}}, 17},
                                       {{{100, 0}, {100, 10}}, 18}};
  std::vector<Stroke> out;
  add_by_borders(out, {{10, 5}, {40, 5}, {60, 5}, {90, 5}}, borders);
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0].label, 17);
  EXPECT_EQ(out[1].label, 18);
  EXPECT_EQ(out[0].points.back().x, out[1].points.front().x);
}

TEST(Misread, ChangesClassesAndNothingElse) {
  const Drawing face = a_face();
  std::vector<Stroke> same = face.strokes;
  Random random(1);
  misread(same, 0.0, random);
  ASSERT_EQ(same.size(), face.strokes.size());

  std::map<int, int> glasses;  // points of true eyes: those called so
  for (int i = 0; i < 40; ++i) {
    std::vector<Stroke> read = face.strokes;
    misread(read, 1.0, random);
    double length = 0;
    double truth = 0;
    for (const Stroke& stroke : face.strokes) truth += length_of(stroke.points);
    for (const Stroke& stroke : read) {
      length += length_of(stroke.points);
      ++glasses[stroke.label];
    }
    EXPECT_NEAR(length, truth, 1e-3 * truth);
  }
  EXPECT_GT(glasses[3], 20);
  EXPECT_GT(glasses[17], 40);
  EXPECT_LT(glasses[1] + glasses[2], 60);
}

}  // namespace
}  // namespace limner::train
