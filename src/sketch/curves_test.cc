#include "sketch/curves.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace limner {
namespace {

Polyline circle(int count, double radius) {
  Polyline line;
  for (int i = 0; i < count; ++i) {
    const double angle = 2 * M_PI * i / count;
    line.push_back({static_cast<float>(radius * std::cos(angle)),
                    static_cast<float>(radius * std::sin(angle))});
  }
  line.push_back(line.front());
  return line;
}

TEST(Curves, Measure) {
  EXPECT_DOUBLE_EQ(length_of({{0, 0}, {3, 4}, {3, 5}}), 6);
  EXPECT_EQ(length_of({{1, 1}}), 0);
  EXPECT_EQ(length_of({}), 0);
  EXPECT_TRUE(is_closed(circle(8, 1)));
  EXPECT_FALSE(is_closed({{0, 0}, {1, 0}, {0, 1}}));
}

TEST(Curves, PointAtADistance) {
  const Polyline line = {{0, 0}, {3, 4}, {3, 5}};
  for (const auto& [along, x, y] : {std::array{0.0, 0.0, 0.0},
                                    {2.5, 1.5, 2.0},
                                    {5.5, 3.0, 4.5},
                                    {9.0, 3.0, 5.0}}) {
    EXPECT_NEAR(point_at(line, along).x, x, 1e-6);
    EXPECT_NEAR(point_at(line, along).y, y, 1e-6);
  }
}

TEST(Curves, SmoothingHoldsEndsAndStraightLines) {
  const Polyline line = {{0, 0}, {1, 2}, {2, 4}, {3, 6}, {4, 8}};
  const Polyline same = smooth(line, 1.5);
  ASSERT_EQ(same.size(), line.size());
  for (size_t i = 0; i < line.size(); ++i) {
    EXPECT_NEAR(same[i].x, line[i].x, 1e-5);
    EXPECT_NEAR(same[i].y, line[i].y, 1e-5);
  }
  const Polyline bent = smooth({{0, 0}, {5, 9}, {10, 0}, {15, 9}}, 1);
  EXPECT_EQ(bent.front().y, 0);
  EXPECT_EQ(bent.back().y, 9);
  EXPECT_LT(bent[1].y, 9);
}

TEST(Curves, SmoothingKeepsCirclesRound) {
  const Polyline line = smooth(circle(100, 20), 3);
  EXPECT_TRUE(is_closed(line));
  for (const Point& p : line) EXPECT_NEAR(std::hypot(p.x, p.y), 20, 0.5);
}

TEST(Curves, SimplifyingKeepsToTheTolerance) {
  EXPECT_EQ(simplify({{0, 0}, {1, 0.1F}, {2, 0}, {3, 0}}, 0.2).size(), 2u);
  EXPECT_EQ(simplify({{0, 0}, {1, 3}, {2, 0}}, 0.2).size(), 3u);
  const Polyline line = simplify(circle(200, 20), 0.3);
  EXPECT_LT(line.size(), 40u);
  EXPECT_TRUE(is_closed(line));
  for (size_t i = 1; i < line.size(); ++i) {
    const double x = 0.5 * (line[i].x + line[i - 1].x);
    const double y = 0.5 * (line[i].y + line[i - 1].y);
    EXPECT_GT(std::hypot(x, y), 19.6);
  }
}

}  // namespace
}  // namespace limner
