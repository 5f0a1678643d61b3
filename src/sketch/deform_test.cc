#include "sketch/deform.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sketch/curves.h"

namespace limner {
namespace {

Drawing sample() {
  Drawing drawing;
  drawing.strokes.push_back({{{100, 100}, {300, 100}, {300, 250}}, 10, 0});
  drawing.strokes.push_back(
      {{{50, 50}, {90, 50}, {90, 90}, {50, 90}, {50, 50}}, 1, 0});
  drawing.strokes.push_back({{{200, 400}, {260, 430}}, 15, 0.6F});
  return drawing;
}

DeformOptions none() {
  DeformOptions options;
  options.shift = options.turn = options.size = options.warp = 0;
  options.stroke_shift = options.stroke_turn = options.stroke_size = 0;
  options.wobble = options.drop = options.shorten = 0;
  options.min_detail = options.max_detail = 1;
  return options;
}

TEST(Deform, WithoutStrengthsOnlyAddsPoints) {
  Random random(1);
  const Drawing from = sample();
  const Drawing to = deform(from, none(), random);
  ASSERT_EQ(to.strokes.size(), 3u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(to.strokes[i].label, from.strokes[i].label);
    EXPECT_EQ(to.strokes[i].detail, from.strokes[i].detail);
    const Polyline back = simplify(to.strokes[i].points, 0.01);
    ASSERT_EQ(back.size(), from.strokes[i].points.size());
    for (size_t k = 0; k < back.size(); ++k) {
      EXPECT_NEAR(back[k].x, from.strokes[i].points[k].x, 1e-3);
      EXPECT_NEAR(back[k].y, from.strokes[i].points[k].y, 1e-3);
    }
  }
}

TEST(Deform, IsTheSameForTheSameSeed) {
  Random first(5), second(5), other(6);
  const Drawing a = deform(sample(), {}, first);
  const Drawing b = deform(sample(), {}, second);
  const Drawing c = deform(sample(), {}, other);
  ASSERT_EQ(a.strokes.size(), b.strokes.size());
  for (size_t i = 0; i < a.strokes.size(); ++i) {
    ASSERT_EQ(a.strokes[i].points.size(), b.strokes[i].points.size());
    for (size_t k = 0; k < a.strokes[i].points.size(); ++k) {
      EXPECT_EQ(a.strokes[i].points[k].x, b.strokes[i].points[k].x);
      EXPECT_EQ(a.strokes[i].points[k].y, b.strokes[i].points[k].y);
    }
  }
  ASSERT_FALSE(c.strokes.empty());
  EXPECT_NE(a.strokes[0].points[0].x, c.strokes[0].points[0].x);
}

TEST(Deform, StaysNearTheDrawing) {
  DeformOptions options;
  options.drop = options.shorten = 0;
  for (int seed = 0; seed < 50; ++seed) {
    Random random(seed);
    const Drawing to = deform(sample(), options, random);
    ASSERT_GE(to.strokes.size(), 2u);
    EXPECT_TRUE(is_closed(to.strokes[1].points));
    const Point start = to.strokes[0].points.front();
    EXPECT_LT(std::hypot(start.x - 100, start.y - 100), 40);
    EXPECT_NEAR(length_of(to.strokes[0].points), 350, 60);
  }
}

TEST(Deform, LeavesOutFineAndDroppedStrokes) {
  DeformOptions options = none();
  options.min_detail = options.max_detail = 0.5;
  Random random(1);
  EXPECT_EQ(deform(sample(), options, random).strokes.size(), 2u);
  options.min_detail = options.max_detail = -1;
  EXPECT_EQ(deform(sample(), options, random).strokes.size(), 2u);
  options.drop = 1;
  EXPECT_TRUE(deform(sample(), options, random).strokes.empty());
}

TEST(Deform, CutsStrokesShort) {
  DeformOptions options = none();
  options.shorten = 1;
  options.cut = 0.5;
  bool front = false, back = false;
  for (int seed = 0; seed < 20; ++seed) {
    Random random(seed);
    const Drawing to = deform(sample(), options, random);
    const Polyline& line = to.strokes[0].points;
    EXPECT_GT(length_of(line), 0.4 * 350);
    EXPECT_LE(length_of(line), 350.001);
    front = front || line.front().x > 101;
    back = back || line.back().y < 249;
  }
  EXPECT_TRUE(front);
  EXPECT_TRUE(back);
}

TEST(Deform, TakesEmptyAndDegenerateStrokes) {
  Drawing drawing;
  drawing.strokes.push_back({{}, 3, 0});
  drawing.strokes.push_back({{{7, 7}}, 3, 0});
  drawing.strokes.push_back({{{7, 7}, {7, 7}, {7, 7}}, 3, 0});
  for (int seed = 0; seed < 10; ++seed) {
    Random random(seed);
    const Drawing to = deform(drawing, {}, random);
    for (const Stroke& stroke : to.strokes) {
      for (const Point& p : stroke.points) {
        EXPECT_TRUE(std::isfinite(p.x) && std::isfinite(p.y));
      }
    }
  }
}

}  // namespace
}  // namespace limner
