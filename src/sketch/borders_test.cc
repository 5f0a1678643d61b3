#include "sketch/borders.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "support/pictures.h"

namespace limner {
namespace {

// Class 10 times the smaller label plus the larger.
int pair_class(int a, int b) { return 10 * std::min(a, b) + std::max(a, b); }

// 0 against any other label is one class, two others another.
int ground_class(int a, int b) { return std::min(a, b) == 0 ? 5 : 6; }

const Border* find(const std::vector<Border>& borders, int label) {
  const Border* found = nullptr;
  for (const Border& border : borders) {
    if (border.label != label) continue;
    EXPECT_EQ(found, nullptr) << "two borders of class " << label;
    found = &border;
  }
  return found;
}

TEST(Borders, GoRoundARegion) {
  Image labels(20, 20, 1);
  fill_box(labels, 5, 6, 12, 15, 1);
  const auto borders = trace_borders(labels, pair_class);
  ASSERT_EQ(borders.size(), 1u);
  EXPECT_EQ(borders[0].label, 1);
  EXPECT_TRUE(is_closed(borders[0].line));
  EXPECT_EQ(borders[0].line.size(), 2 * (7 + 9) + 1u);
  for (const Point& p : borders[0].line) {
    EXPECT_TRUE(p.x == 5 || p.x == 12 || p.y == 6 || p.y == 15);
  }
}

TEST(Borders, SplitWhereThreeRegionsMeet) {
  Image labels(20, 20, 1);
  fill_box(labels, 10, 0, 20, 10, 1);
  fill_box(labels, 10, 10, 20, 20, 2);
  const auto borders = trace_borders(labels, pair_class);
  ASSERT_EQ(borders.size(), 3u);
  for (const int label : {1, 2, 12}) {
    const Border* border = find(borders, label);
    ASSERT_NE(border, nullptr);
    EXPECT_NEAR(length_of(border->line), 10, 1e-5);
    const auto is_middle = [](Point p) { return p.x == 10 && p.y == 10; };
    EXPECT_TRUE(is_middle(border->line.front()) ||
                is_middle(border->line.back()));
  }
}

TEST(Borders, GoOnWhereTheClassDoes) {
  Image labels(20, 20, 1);
  fill_box(labels, 10, 0, 20, 10, 1);
  fill_box(labels, 10, 10, 20, 20, 2);
  // A straight line from edge to edge.
  const auto borders = trace_borders(labels, ground_class);
  ASSERT_EQ(borders.size(), 2u);
  EXPECT_NEAR(length_of(find(borders, 5)->line), 20, 1e-5);
  EXPECT_NEAR(length_of(find(borders, 6)->line), 10, 1e-5);
  // Without a class between 1 and 2 the line just passes.
  const auto passing = trace_borders(
      labels, [](int a, int b) { return std::min(a, b) == 0 ? 5 : 0; });
  ASSERT_EQ(passing.size(), 1u);
}

// Two halves of a disc share one class outside: their outline is one closed
// line through two junctions.
TEST(Borders, CloseThroughJunctions) {
  Image labels(20, 20, 1);
  fill_box(labels, 5, 5, 15, 10, 1);
  fill_box(labels, 5, 10, 15, 15, 2);
  const auto borders = trace_borders(labels, ground_class);
  ASSERT_EQ(borders.size(), 2u);
  EXPECT_TRUE(is_closed(find(borders, 5)->line));
  EXPECT_FALSE(is_closed(find(borders, 6)->line));
}

TEST(Borders, ThePicturesOwnBorderIsNone) {
  Image labels(8, 8, 1);
  fill_box(labels, 0, 0, 8, 8, 3);
  EXPECT_TRUE(trace_borders(labels, pair_class).empty());
  labels.row(0)[0] = 4;
  const auto corner = trace_borders(labels, pair_class);
  ASSERT_EQ(corner.size(), 1u);
  EXPECT_FALSE(is_closed(corner[0].line));
}

// Where two pairs of pixels touch crosswise, four lines meet.
TEST(Borders, TakeCrossingsApart) {
  Image labels(4, 4, 1);
  fill_box(labels, 0, 0, 2, 2, 1);
  fill_box(labels, 2, 2, 4, 4, 1);
  const auto borders = trace_borders(labels, pair_class);
  EXPECT_EQ(borders.size(), 4u);
  double sum = 0;
  for (const Border& border : borders) sum += length_of(border.line);
  EXPECT_NEAR(sum, 8, 1e-5);
}

}  // namespace
}  // namespace limner
