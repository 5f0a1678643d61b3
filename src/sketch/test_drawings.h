// For tests: a drawing that has everything, and how far two drawings differ.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "sketch/classes.h"
#include "sketch/drawing_limits.h"
#include "sketch/stroke.h"
#include "util/random.h"

namespace limner {

// The folder of drawings that tests read.
inline const std::string kDrawings = LIMNER_TESTDATA "/drawings/";

// A stroke of each class (wavy, some closed, one a dot), reaching a little
// beyond the picture; with confidence, detail and pressure on some.
inline Drawing sample_drawing(float side = 512) {
  Random random(7);
  Drawing drawing;
  drawing.side = side;
  for (int label = 1; label <= kStrokeClasses; ++label) {
    Stroke stroke;
    stroke.label = label;
    const int points = label == 8 ? 1 : 2 + label * 3;
    for (int i = 0; i < points; ++i) {
      stroke.points.push_back(
          {static_cast<float>((random.uniform() * 1.1 - 0.05) * side),
           static_cast<float>((random.uniform() * 1.1 - 0.05) * side)});
    }
    if (label % 3 == 0) stroke.points.push_back(stroke.points.front());
    if (label % 4 == 0) {
      stroke.confidence = static_cast<float>(random.uniform());
      stroke.detail = static_cast<float>(random.uniform());
    }
    if (label % 5 == 0 || label == 8) {
      for (size_t i = 0; i < stroke.points.size(); ++i) {
        stroke.pressure.push_back(static_cast<float>(random.uniform()));
      }
    }
    drawing.strokes.push_back(stroke);
  }
  return drawing;
}

// Expects the same strokes with points within `tolerance`; `all` also
// confidence, detail and pressure.
inline void expect_same(const Drawing& got, const Drawing& wanted,
                        double tolerance, bool all) {
  EXPECT_EQ(got.side, wanted.side);
  ASSERT_EQ(got.strokes.size(), wanted.strokes.size());
  for (size_t i = 0; i < wanted.strokes.size(); ++i) {
    const Stroke& a = got.strokes[i];
    const Stroke& b = wanted.strokes[i];
    EXPECT_EQ(a.label, b.label) << "stroke " << i;
    ASSERT_EQ(a.points.size(), b.points.size()) << "stroke " << i;
    double worst = 0;
    for (size_t j = 0; j < b.points.size(); ++j) {
      worst = std::max({worst, std::abs(double{a.points[j].x} - b.points[j].x),
                        std::abs(double{a.points[j].y} - b.points[j].y)});
    }
    EXPECT_LE(worst, tolerance) << "stroke " << i;
    if (!all) continue;
    EXPECT_EQ(a.confidence, b.confidence) << "stroke " << i;
    EXPECT_EQ(a.detail, b.detail) << "stroke " << i;
    ASSERT_EQ(a.pressure.size(), b.pressure.size()) << "stroke " << i;
    for (size_t j = 0; j < b.pressure.size(); ++j) {
      EXPECT_NEAR(a.pressure[j], b.pressure[j], 0.0005 + 1e-6);
    }
  }
}

}  // namespace limner
