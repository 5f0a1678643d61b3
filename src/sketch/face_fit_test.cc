#include "sketch/face_fit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "sketch/deform.h"
#include "sketch/face_measures.h"
#include "sketch/test_shapes.h"
#include "util/error.h"

namespace limner {
namespace {

using Change = PartFit::Change;

bool same(const Drawing& a, const Drawing& b) {
  if (a.side != b.side || a.strokes.size() != b.strokes.size()) return false;
  for (size_t i = 0; i < a.strokes.size(); ++i) {
    const Stroke& s = a.strokes[i];
    const Stroke& t = b.strokes[i];
    if (s.label != t.label || s.points.size() != t.points.size()) return false;
    for (size_t k = 0; k < s.points.size(); ++k) {
      if (s.points[k].x != t.points[k].x || s.points[k].y != t.points[k].y) {
        return false;
      }
    }
  }
  return true;
}

bool is_sound(const FitResult& fit) {
  if (fit.source.size() != fit.drawing.strokes.size()) return false;
  for (const Stroke& stroke : fit.drawing.strokes) {
    if (stroke.points.empty()) continue;
    for (const Point& p : stroke.points) {
      if (!std::isfinite(p.x) || !std::isfinite(p.y)) return false;
    }
  }
  return true;
}

// Sum of the parts' distances from real ones.
double strangeness(const Drawing& drawing) {
  double sum = 0;
  for (const PartMeasured& part :
       measure_face(drawing, simple_shapes()).parts) {
    sum += part.distance;
  }
  return sum;
}

Drawing mask_drawing(uint64_t seed) {
  return sketch_of(simple_mask(seed), nullptr, {});
}

TEST(FaceFit, ExamplesGiveOtherFacesToOtherDrawings) {
  const auto fitted = [](double wide, double smile) {
    Drawing doodle = simple_doodle();
    doodle.strokes[0] = arc_stroke(classes::kContour, 256, 290, wide, 190);
    doodle.strokes[3] =
        arc_stroke(classes::kMouth, 256, 340, smile, 40, 0, M_PI);
    return fit_drawing(doodle, example_shapes(), 0.0);
  };
  const FitResult narrow = fitted(150, 60);
  const FitResult wide = fitted(210, 110);
  ASSERT_TRUE(is_sound(narrow));
  ASSERT_TRUE(is_sound(wide));
  const auto part = [](const FitResult& fit, ShapePart which) {
    return fit.parts[static_cast<size_t>(which)];
  };
  EXPECT_EQ(part(narrow, ShapePart::kHair).change, Change::kAdded);
  EXPECT_LT(part(narrow, ShapePart::kMouth).to->width,
            part(wide, ShapePart::kMouth).to->width);
  const auto hair_of = [](const FitResult& fit) {
    return hair_radii(fit.drawing.strokes);
  };
  EXPECT_NE(hair_of(narrow), hair_of(wide));
  EXPECT_LT(strangeness(wide.drawing), 8);
}

TEST(FaceFit, DrawnHairStaysAndIsCompleted) {
  Drawing doodle = simple_doodle();
  Stroke lock;
  lock.label = classes::kHair;
  lock.points = {{200, 60}, {210, 90}, {205, 120}};
  doodle.strokes.push_back(lock);
  const auto hair_lines = [](const FitResult& fit, bool drawn) {
    int count = 0;
    for (size_t i = 0; i < fit.source.size(); ++i) {
      const bool is_hair = fit.drawing.strokes[i].label == classes::kHair;
      if (is_hair && (fit.source[i] >= 0) == drawn) ++count;
    }
    return count;
  };
  const FitResult locks = fit_drawing(doodle, example_shapes(), 0.0);
  EXPECT_EQ(hair_lines(locks, true), 1);
  EXPECT_GT(hair_lines(locks, false), 0);
  // Hair that goes around the head needs no other outline.
  doodle.strokes.back() =
      arc_stroke(classes::kHair, 256, 290, 240, 250, 0.97 * M_PI, 1.06 * M_PI);
  const FitResult whole = fit_drawing(doodle, example_shapes(), 0.0);
  EXPECT_EQ(hair_lines(whole, true), 1);
  EXPECT_EQ(hair_lines(whole, false), 0);
}

// By how much a part's place differs.
double moved(const FitResult& a, const FitResult& b, ShapePart part) {
  const auto& one = a.parts[static_cast<size_t>(part)].to;
  const auto& other = b.parts[static_cast<size_t>(part)].to;
  if (!one || !other) return one || other ? HUGE_VAL : 0;
  return std::max({std::abs(one->x - other->x), std::abs(one->y - other->y),
                   std::abs(one->width - other->width),
                   std::abs(one->height - other->height)});
}

TEST(FaceFit, AChangeOfOnePartLeavesTheOthers) {
  using Parts = std::set<ShapePart>;
  const Parts eyes = {ShapePart::kEyeRight, ShapePart::kEyeLeft};
  const FitResult before = fit_drawing(simple_doodle(), example_shapes(), {});
  const auto expect_local = [&](const Drawing& edited, const Parts& parts) {
    const FitResult after = fit_drawing(edited, example_shapes(), {});
    for (int k = 0; k < kShapeParts; ++k) {
      const auto part = static_cast<ShapePart>(k);
      const double by = moved(before, after, part);
      if (parts.count(part) > 0) {
        EXPECT_GT(by, 2) << k;
      } else {
        EXPECT_LT(by, 1.5) << k;
      }
    }
    // What is around the face is the same.
    const auto a = hair_radii(before.drawing.strokes);
    const auto b = hair_radii(after.drawing.strokes);
    for (int k = 0; k < kOutlineRays; ++k) EXPECT_NEAR(a[k], b[k], 1.5) << k;
  };
  Drawing large = simple_doodle();
  large.strokes[1] = arc_stroke(classes::kLeftEye, 186, 230, 26, 26);
  large.strokes[2] = arc_stroke(classes::kRightEye, 326, 230, 26, 26);
  expect_local(large, eyes);
  Drawing low = simple_doodle();
  for (Point& p : low.strokes[3].points) p.y += 25;
  expect_local(low, {ShapePart::kMouth});
}

TEST(FaceFit, HairAtTheSidesAloneIsABaldHeads) {
  const auto count_hair = [](const FitResult& fit) {
    return std::count_if(
        fit.drawing.strokes.begin(), fit.drawing.strokes.end(),
        [](const Stroke& one) { return one.label == classes::kHair; });
  };
  const auto borders_on_hair = [](const FitResult& fit) {
    for (const Stroke& one : fit.drawing.strokes) {
      if (one.label != classes::kHairFace) continue;
      for (const Point& p : one.points) {
        if (p.y < kOutlineCentre.y - 100) return true;
      }
    }
    return false;
  };
  Drawing doodle = simple_doodle();
  const FitResult usual = fit_drawing(doodle, example_shapes(), 0.0);
  EXPECT_GT(count_hair(usual), 0);
  EXPECT_TRUE(borders_on_hair(usual));
  const FitResult asked = fit_drawing(doodle, example_shapes(), 0.0, false);
  EXPECT_EQ(count_hair(asked), 0);
  EXPECT_FALSE(borders_on_hair(asked));
  EXPECT_LT(asked.parts[static_cast<size_t>(ShapePart::kOutline)].to->y,
            usual.parts[static_cast<size_t>(ShapePart::kOutline)].to->y);

  for (const double side : {-1, 1}) {
    Stroke tuft;
    tuft.label = classes::kHair;
    for (const double y : {230, 255, 280, 305}) {
      tuft.points.push_back(
          {static_cast<float>(256 + side * 205), static_cast<float>(y)});
    }
    doodle.strokes.push_back(tuft);
    const FitResult fit = fit_drawing(doodle, example_shapes(), 0.0);
    // On one side it may be the beginning of anything.
    EXPECT_EQ(count_hair(fit) > (side < 0 ? 1 : 2), side < 0);
    EXPECT_EQ(borders_on_hair(fit), side < 0);
  }
  // Longer, it is hair that was begun.
  for (Point& p : doodle.strokes.back().points) p.y += 150;
  EXPECT_GT(count_hair(fit_drawing(doodle, example_shapes(), 0.0)), 2);
}

TEST(FaceFit, AtOneNothingMoves) {
  for (const Drawing& drawing : {simple_doodle(), mask_drawing(100)}) {
    const FitResult fit = fit_drawing(drawing, simple_shapes(), 1.0);
    EXPECT_TRUE(same(fit.drawing, drawing));
    EXPECT_FALSE(fit.changed());
    for (size_t i = 0; i < fit.source.size(); ++i) {
      EXPECT_EQ(fit.source[i], static_cast<int>(i));
    }
  }
}

TEST(FaceFit, PlausibleFacesStay) {
  for (uint64_t seed = 100; seed < 112; ++seed) {
    const Drawing drawing = mask_drawing(seed);
    const FitResult chosen = fit_drawing(drawing, simple_shapes(), {});
    EXPECT_GT(chosen.faithful, 0.95) << seed << " " << chosen.distance;
    const FitResult fit = fit_drawing(drawing, simple_shapes(), 0.0);
    // A part or other on the edge of what is usual may move a little.
    for (const PartFit& part : fit.parts) {
      EXPECT_NE(part.change, Change::kAdded) << seed;
      if (!part.from || !part.to) continue;
      EXPECT_NEAR(part.from->x, part.to->x, 4) << seed;
      EXPECT_NEAR(part.from->y, part.to->y, 6) << seed;
    }
  }
}

TEST(FaceFit, DoodleBecomesAFace) {
  const FitResult fit = fit_drawing(simple_doodle(), simple_shapes(), {});
  EXPECT_GT(fit.distance, 0.5);
  EXPECT_LT(fit.faithful, 0.1);
  EXPECT_TRUE(is_sound(fit));
  std::set<int> labels;
  for (const Stroke& stroke : fit.drawing.strokes) labels.insert(stroke.label);
  for (const int label : {1, 2, 4, 5, 6, 7, 14, 17, 18}) {
    EXPECT_EQ(labels.count(label), 1U) << label;
  }
  EXPECT_EQ(fit.parts[static_cast<size_t>(ShapePart::kNose)].change,
            Change::kRedrawn);
  EXPECT_EQ(fit.parts[static_cast<size_t>(ShapePart::kBrowLeft)].change,
            Change::kAdded);
  EXPECT_LT(strangeness(fit.drawing), 0.3 * strangeness(simple_doodle()));
}

TEST(FaceFit, AFittedDrawingStays) {
  const FitResult once = fit_drawing(simple_doodle(), simple_shapes(), 0.0);
  const FitResult twice = fit_drawing(once.drawing, simple_shapes(), {});
  EXPECT_TRUE(same(once.drawing, twice.drawing));
  EXPECT_LT(twice.distance, 0.1);
}

TEST(FaceFit, LessFaithfulIsMorePlausible) {
  double last = strangeness(simple_doodle()) + 1e-9;
  for (const double faithful : {0.9, 0.6, 0.4, 0.2, 0.0}) {
    const FitResult fit =
        fit_drawing(simple_doodle(), simple_shapes(), faithful);
    EXPECT_TRUE(is_sound(fit));
    const double now = strangeness(fit.drawing);
    EXPECT_LE(now, 1.02 * last) << faithful;
    last = now;
  }
}

TEST(FaceFit, MirroredDoodleGivesAMirroredFace) {
  Drawing doodle = simple_doodle();
  // Askew, so that there is something to mirror.
  for (Point& p : doodle.strokes[1].points) p.y += 20;
  Drawing mirrored = doodle;
  for (Stroke& stroke : mirrored.strokes) {
    stroke.label = mirrored_class(stroke.label);
    for (Point& p : stroke.points) p.x = 512 - p.x;
  }
  const FitResult a = fit_drawing(doodle, simple_shapes(), 0.0);
  const FitResult b = fit_drawing(mirrored, simple_shapes(), 0.0);
  const auto& nose = [](const FitResult& fit, ShapePart part) {
    return *fit.parts[static_cast<size_t>(part)].to;
  };
  const std::pair<ShapePart, ShapePart> pairs[] = {
      {ShapePart::kEyeLeft, ShapePart::kEyeRight},
      {ShapePart::kEyeRight, ShapePart::kEyeLeft},
      {ShapePart::kNose, ShapePart::kNose},
      {ShapePart::kMouth, ShapePart::kMouth}};
  for (const auto& [part, other] : pairs) {
    EXPECT_NEAR(nose(a, part).x, 512 - nose(b, other).x, 1.5);
    EXPECT_NEAR(nose(a, part).y, nose(b, other).y, 1.5);
    EXPECT_NEAR(nose(a, part).width, nose(b, other).width, 1.5);
  }
}

TEST(FaceFit, AMovedBrowStillMoves) {
  Drawing low = fit_drawing(simple_doodle(), simple_shapes(), 0.0).drawing;
  Drawing high = low;
  for (Stroke& stroke : high.strokes) {
    if (stroke.label != classes::kLeftBrow) continue;
    for (Point& p : stroke.points) p.y -= 12;
  }
  const auto height = [](const Drawing& drawing) {
    return place_of(fit_drawing(drawing, simple_shapes(), 0.0).drawing,
                    FacePart::kBrowLeft)
        ->y;
  };
  EXPECT_LT(height(high), height(low) - 3);
}

TEST(FaceFit, TiltedDoodleComesUpright) {
  Drawing doodle = simple_doodle();
  Framing turn;
  turn.angle = 18;
  turn.dx = 90;
  turn.dy = -60;
  doodle = apply_framing(doodle, turn);
  const FitResult fit = fit_drawing(doodle, simple_shapes(), 0.0);
  const PartPlace left = *place_of(fit.drawing, FacePart::kEyeLeft);
  const PartPlace right = *place_of(fit.drawing, FacePart::kEyeRight);
  EXPECT_NEAR(left.y, right.y, 6);
  EXPECT_NEAR(left.x + right.x, 512, 12);
}

TEST(FaceFit, WhateverComesIsSurvived) {
  const auto of = [](std::vector<Stroke> strokes) {
    Drawing drawing;
    drawing.strokes = std::move(strokes);
    return drawing;
  };
  Stroke dot;
  dot.label = classes::kLeftEye;
  dot.points = {{200, 240}};
  Stroke twice = dot;
  twice.points = {{200, 240}, {200, 240}};
  Stroke hair;
  hair.label = classes::kHair;
  hair.points = {{1, 1}, {400, 3}};
  Drawing huge = simple_doodle();
  for (Stroke& stroke : huge.strokes) {
    for (Point& p : stroke.points) p = {p.x * 1500, p.y * 1500};
  }
  Drawing flat = simple_doodle();
  for (Stroke& stroke : flat.strokes) {
    for (Point& p : stroke.points) p.x = 256;
  }
  Drawing many = simple_doodle();
  for (int i = 0; i < 3000; ++i) many.strokes.push_back(dot);
  Drawing without = simple_doodle();
  without.strokes.erase(without.strokes.begin());
  for (const Drawing& drawing : {of({}), of({dot}), of({twice}), of({hair}),
                                 of({dot, hair}), huge, flat, many, without}) {
    for (const double faithful : {0.0, 0.5, 0.7, 1.0}) {
      EXPECT_TRUE(is_sound(fit_drawing(drawing, simple_shapes(), faithful)));
    }
  }
  EXPECT_TRUE(
      same(fit_drawing(of({hair}), simple_shapes(), 0.0).drawing, of({hair})));
}

TEST(FaceFit, DeformedFacesAreSurvivedAndMended) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed, 1);
    DeformOptions options;
    options.stroke_shift = 25;
    options.stroke_size = 0.5;
    options.warp = 20;
    const Drawing drawing = deform(mask_drawing(200 + seed), options, random);
    const FitResult fit = fit_drawing(drawing, simple_shapes(), 0.0);
    EXPECT_TRUE(is_sound(fit));
    EXPECT_LE(strangeness(fit.drawing), strangeness(drawing) + 0.2) << seed;
  }
}

TEST(FaceFit, RefusesWrongNumbers) {
  EXPECT_THROW(fit_drawing(simple_doodle(), simple_shapes(), -0.1), Error);
  EXPECT_THROW(fit_drawing(simple_doodle(), simple_shapes(), NAN), Error);
  Drawing other = simple_doodle();
  other.side = 100;
  EXPECT_THROW(fit_drawing(other, simple_shapes(), 0.0), Error);
  Drawing broken = simple_doodle();
  broken.strokes[0].points[3].x = NAN;
  EXPECT_THROW(fit_drawing(broken, simple_shapes(), 0.0), Error);
}

}  // namespace
}  // namespace limner
