#include "sketch/face_guide.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "sketch/face_measures.h"
#include "sketch/test_shapes.h"
#include "util/error.h"

namespace limner {
namespace {

std::set<ShapePart> parts_of(const std::vector<GuidePart>& guide) {
  std::set<ShapePart> parts;
  for (const GuidePart& one : guide) parts.insert(one.part);
  return parts;
}

Point middle_of(const std::vector<GuidePart>& guide, ShapePart part) {
  for (const GuidePart& one : guide) {
    if (one.part != part) continue;
    Drawing drawing;
    drawing.strokes = one.strokes;
    const PartPlace all = *place_of(drawing, FacePart::kAll);
    return {static_cast<float>(all.x), static_cast<float>(all.y)};
  }
  ADD_FAILURE() << "no part " << static_cast<int>(part);
  return {};
}

// A head of radius r alone.
Drawing head(double x, double y, double r, float side) {
  Drawing drawing;
  drawing.side = side;
  drawing.strokes = {arc_stroke(classes::kContour, x, y, r, r)};
  return drawing;
}

TEST(FaceGuide, AnOutlineIsGivenAFaceWhereItLies) {
  for (const FaceShapes* shapes : {&simple_shapes(), &example_shapes()}) {
    const double x = 700, y = 420, r = 200;
    const std::vector<GuidePart> guide =
        guide_parts(head(x, y, r, 1000), *shapes);
    EXPECT_EQ(parts_of(guide).count(ShapePart::kOutline), 0U);
    EXPECT_EQ(guide.size(), 8U);
    const Point right = middle_of(guide, ShapePart::kEyeRight);
    const Point left = middle_of(guide, ShapePart::kEyeLeft);
    const Point nose = middle_of(guide, ShapePart::kNose);
    const Point mouth = middle_of(guide, ShapePart::kMouth);
    EXPECT_GT(right.x, x + 0.2 * r);
    EXPECT_LT(right.x, x + 0.7 * r);
    EXPECT_NEAR(left.x + right.x, 2 * x, 0.15 * r);
    EXPECT_NEAR(left.y, right.y, 0.1 * r);
    EXPECT_GT(nose.y, right.y);
    EXPECT_GT(mouth.y, nose.y);
    EXPECT_LT(mouth.y, y + 0.8 * r);
    EXPECT_LT(middle_of(guide, ShapePart::kBrowLeft).y, left.y);
  }
}

TEST(FaceGuide, ANeckOfBordersAloneIsOne) {
  for (const float y : {200.F, 430.F}) {
    Drawing drawing = head(250, 260, 150, 512);
    Stroke side;
    side.label = classes::kOther;
    side.points = {{210, y}, {205, y + 60}};
    drawing.strokes.push_back(side);
    EXPECT_EQ(parts_of(guide_parts(drawing, example_shapes()))
                  .count(ShapePart::kNeck),
              y < 300 ? 1U : 0U);
  }
}

TEST(FaceGuide, WhatIsTakenOverIsNotOfferedAgainAndTheRestStays) {
  Drawing drawing = head(250, 260, 150, 512);
  const std::vector<GuidePart> before = guide_parts(drawing, example_shapes());
  for (const GuidePart& one : before) {
    if (one.part != ShapePart::kEyeRight && one.part != ShapePart::kEyeLeft) {
      continue;
    }
    for (const Stroke& stroke : one.strokes) drawing.strokes.push_back(stroke);
  }
  const std::vector<GuidePart> after = guide_parts(drawing, example_shapes());
  EXPECT_EQ(after.size(), before.size() - 2);
  for (const ShapePart part : {ShapePart::kNose, ShapePart::kMouth}) {
    const Point a = middle_of(before, part);
    const Point b = middle_of(after, part);
    EXPECT_NEAR(a.x, b.x, 4);
    EXPECT_NEAR(a.y, b.y, 8);
  }
}

TEST(FaceGuide, AllThatIsTakenOverMakesAFace) {
  Drawing drawing = head(256, 285, 150, 512);
  for (const GuidePart& one : guide_parts(drawing, example_shapes())) {
    for (const Stroke& stroke : one.strokes) drawing.strokes.push_back(stroke);
  }
  EXPECT_TRUE(guide_parts(drawing, example_shapes()).empty());
  const FaceMeasures measures = measure_face(drawing, example_shapes());
  for (const ShapePart part : {ShapePart::kNose, ShapePart::kMouth}) {
    EXPECT_LT(measures.parts[static_cast<size_t>(part)].distance, 2.8);
  }
}

TEST(FaceGuide, WithoutAFaceThereIsAWholeOneInTheFrame) {
  Drawing hair;
  hair.side = 100;
  const std::vector<GuidePart> all = guide_parts(hair, simple_shapes());
  EXPECT_EQ(all.size(), 9U);
  EXPECT_NEAR(middle_of(all, ShapePart::kNose).x, 50, 5);
  hair.strokes = {arc_stroke(classes::kHair, 50, 50, 40, 40, M_PI, M_PI)};
  EXPECT_EQ(
      parts_of(guide_parts(hair, simple_shapes())).count(ShapePart::kHair), 0U);
  hair.side = 0;
  EXPECT_THROW(guide_parts(hair, simple_shapes()), Error);
}

}  // namespace
}  // namespace limner
