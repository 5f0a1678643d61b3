#include "sketch/point_sequence.h"

#include <gmock/gmock.h>

#include <cmath>

#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::HasSubstr;

Stroke stroke(std::vector<Point> points) {
  Stroke out;
  out.points = std::move(points);
  return out;
}

Drawing two_strokes() {
  Drawing drawing;
  drawing.strokes.push_back(stroke({{0, 0}, {480, 0}}));
  drawing.strokes.push_back(stroke({{100, 100}, {100, 220}, {160, 220}}));
  return drawing;
}

TEST(PointSequence, TakesEvenStepsAndLeavesGaps) {
  const Drawing drawing = two_strokes();
  const PointSequence got = sample_points(drawing);
  // The box is 480 wide: steps of 10; 49 and 19 points, two empty slots after
  // each, whole groups.
  ASSERT_EQ(got.slots(), 56 + 24);
  for (int i = 0; i < got.slots(); ++i) {
    const bool first = i < 49;
    const bool second = i >= 56 && i < 56 + 19;
    EXPECT_EQ(got.used[i], first || second ? 1 : 0) << i;
    EXPECT_EQ(got.stroke[i], first ? 0 : second ? 1 : -1) << i;
    if (first || second) {
      EXPECT_NEAR(got.along[i], 10.0 * (first ? i : i - 56), 1e-9);
    }
  }
  // Halfway along the first stroke: the top middle of the box, going right.
  const float* row = &got.features[24 * kPointFeatures];
  EXPECT_NEAR(row[0], 0.0, 1e-6);
  EXPECT_NEAR(row[1], -110.0 / 240, 1e-6);
  EXPECT_NEAR(row[2], 1.0, 1e-6);
  EXPECT_NEAR(row[3], 0.0, 1e-6);
  EXPECT_NEAR(row[6], 0.5, 1e-6);
  // The corner of the second one bends by a right angle to the left.
  EXPECT_NEAR(got.features[(56 + 12) * kPointFeatures + 4], -1.0, 1e-3);
  for (int i = 49; i < 56; ++i) {
    for (int k = 0; k < kPointFeatures; ++k) {
      EXPECT_EQ(got.features[i * kPointFeatures + k], 0.0F);
    }
  }
}

TEST(PointSequence, AShortMarkThatLiesApartDoesNotMoveTheRest) {
  const Drawing drawing = two_strokes();
  const PointSequence plain = sample_points(drawing);
  Drawing marked = drawing;
  marked.strokes.push_back(stroke({{200, -60}, {203, -60}}));
  const PointSequence got = sample_points(marked);
  ASSERT_GT(got.slots(), plain.slots());
  for (size_t i = 0; i < plain.features.size(); ++i) {
    ASSERT_EQ(got.features[i], plain.features[i]) << i;
  }
  // It is above the box, not in it.
  EXPECT_NEAR(got.features[plain.slots() * kPointFeatures + 1], -170.0 / 240,
              1e-6);

  // One that lies at the others belongs to them, and so does a long one.
  for (const Stroke& more :
       {stroke({{200, -9}, {210, -9}}), stroke({{200, -60}, {320, -60}})}) {
    Drawing higher = drawing;
    higher.strokes.push_back(more);
    EXPECT_NE(sample_points(higher).features[1], plain.features[1]);
  }
  // Two of them are part of the drawing.
  marked.strokes.push_back(stroke({{260, -60}, {263, -60}}));
  EXPECT_NE(sample_points(marked).features[1], plain.features[1]);
  // A drawing of short marks alone is all of them.
  Drawing dots;
  for (const float x : {0.0F, 100.0F, 200.0F}) {
    dots.strokes.push_back(stroke({{x, 0}, {x + 1, 0}}));
  }
  EXPECT_NEAR(sample_points(dots).features[0], -1, 1e-6);
}

TEST(PointSequence, DependsNeitherOnPlaceNorSizeNorLabels) {
  const Drawing drawing = two_strokes();
  Drawing moved = drawing;
  moved.side = 3;
  for (Stroke& one : moved.strokes) {
    one.label = 7;
    for (Point& p : one.points) p = {p.x * 0.25F + 64, p.y * 0.25F - 32};
  }
  const PointSequence a = sample_points(drawing);
  const PointSequence b = sample_points(moved);
  EXPECT_EQ(a.used, b.used);
  ASSERT_EQ(a.features.size(), b.features.size());
  for (size_t i = 0; i < a.features.size(); ++i) {
    EXPECT_NEAR(a.features[i], b.features[i], 1e-4) << i;
  }
}

TEST(PointSequence, TakesLongerStepsForMuchToDraw) {
  Drawing drawing;
  for (int i = 0; i < 100; ++i) {
    const auto y = static_cast<float>(i);
    drawing.strokes.push_back(stroke({{0, y}, {100, y}}));
  }
  const PointSequence got = sample_points(drawing);
  int used = 0;
  for (const uint8_t one : got.used) used += one;
  EXPECT_LE(used, 512 + 2 * 100);
  EXPECT_GE(used, 512);
}

TEST(PointSequence, TakesDotsAndEmptyStrokes) {
  Drawing drawing;
  drawing.strokes.push_back(stroke({}));
  drawing.strokes.push_back(stroke({{5, 5}}));
  const PointSequence got = sample_points(drawing);
  EXPECT_EQ(got.slots(), 8);
  EXPECT_EQ(got.stroke[0], 1);
  for (const float value : got.features) EXPECT_TRUE(std::isfinite(value));
}

TEST(PointSequence, RefusesWhatIsNoDrawing) {
  const auto error = [](const Drawing& drawing) {
    return error_of([&] { sample_points(drawing); });
  };
  EXPECT_THAT(error({}), HasSubstr("no points"));
  Drawing bad = two_strokes();
  bad.strokes[1].points[0].x = NAN;
  EXPECT_THAT(error(bad), HasSubstr("stroke 2"));
  Drawing many;
  many.strokes.resize(50'001);
  EXPECT_THAT(error(many), HasSubstr("50001 strokes"));
}

}  // namespace
}  // namespace limner
