#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "image/codec.h"
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

class TraceLabels : public testing::TestWithParam<int> {
 protected:
  Drawing traced(const Drawing& drawing) const {
    return trace_labels(rasterize(drawing, 256, GetParam()));
  }
};

TEST_P(TraceLabels, CrossingLinesStayTwo) {
  const std::vector<std::vector<Polyline>> crosses = {
      {{{40, 128}, {220, 128}}, {{128, 30}, {128, 220}}},
      {{{40, 40}, {220, 220}}, {{220, 40}, {40, 220}}},
      {{{40, 100}, {220, 150}}, {{40, 150}, {220, 100}}},
      {{{100, 30}, {150, 220}}, {{30, 60}, {220, 190}}}};
  for (size_t i = 0; i < crosses.size(); ++i) {
    const Drawing out = traced(
        drawing_of({stroke_of(crosses[i][0]), stroke_of(crosses[i][1])}));
    ASSERT_EQ(out.strokes.size(), 2u) << "cross " << i;
    for (const Stroke& stroke : out.strokes) {
      const double length = length_of(stroke.points);
      EXPECT_GT(length, 170);
      // Straight on.
      EXPECT_NEAR(length,
                  length_of({stroke.points.front(), stroke.points.back()}),
                  0.02 * length);
    }
  }
}

TEST_P(TraceLabels, ALineThatMeetsAnotherEndsThere) {
  const Drawing out = traced(drawing_of({stroke_of({{40, 100}, {220, 100}}),
                                         stroke_of({{130, 100}, {130, 220}})}));
  ASSERT_EQ(out.strokes.size(), 2u);
  const bool first = length_of(out.strokes[0].points) > 150;
  const Polyline& bar = out.strokes[first ? 0 : 1].points;
  const Polyline& stem = out.strokes[first ? 1 : 0].points;
  EXPECT_NEAR(length_of(bar), 180, 3);
  EXPECT_NEAR(length_of(stem), 120, 4);
  const float top = std::min(stem.front().y, stem.back().y);
  EXPECT_NEAR(top, 100, 2.5);
}

TEST_P(TraceLabels, ACircleIsOneClosedStroke) {
  const Drawing out =
      traced(drawing_of({stroke_of(circle(120.5F, 130.5F, 60), 7)}));
  ASSERT_EQ(out.strokes.size(), 1u);
  EXPECT_TRUE(is_closed(out.strokes[0].points));
  EXPECT_EQ(out.strokes[0].label, 7);
  for (const Point& p : out.strokes[0].points) {
    EXPECT_NEAR(std::hypot(p.x - 120.5, p.y - 130.5), 60, 1.2);
  }
}

// A line through a circle leaves both whole.
TEST_P(TraceLabels, ACircleThatIsCrossedStaysClosed) {
  const Drawing out = traced(drawing_of(
      {stroke_of(circle(128, 128, 60)), stroke_of({{20, 120}, {240, 140}})}));
  ASSERT_EQ(out.strokes.size(), 2u);
  EXPECT_NE(is_closed(out.strokes[0].points), is_closed(out.strokes[1].points));
}

INSTANTIATE_TEST_SUITE_P(Widths, TraceLabels, testing::Values(1, 2, 3));

TEST(TraceLabelsTo, StrokesOfTheirClasses) {
  const Drawing drawing = drawing_of({stroke_of({{20, 60}, {200, 60}}, 22),
                                      stroke_of({{20, 90}, {200, 95}}, 1),
                                      stroke_of({{50, 130}, {50, 200}}, 17)});
  const Drawing out = trace_labels(rasterize(drawing, 256, 1));
  ASSERT_EQ(out.strokes.size(), 3u);
  EXPECT_EQ(out.strokes[0].label, 1);
  EXPECT_EQ(out.strokes[1].label, 17);
  EXPECT_EQ(out.strokes[2].label, 22);
  for (const Stroke& stroke : out.strokes) {
    EXPECT_EQ(stroke.detail, 0);
    EXPECT_EQ(stroke.confidence, 1);
    EXPECT_TRUE(stroke.pressure.empty());
  }
}

TEST(TraceLabelsTo, ParallelLinesTwoApart) {
  std::vector<Stroke> strokes;
  for (int i = 0; i < 5; ++i) {
    const float at = 100.5F + 2 * static_cast<float>(i);
    strokes.push_back(stroke_of({{20.5F, at}, {230.5F, at}}));
  }
  const Drawing out = trace_labels(rasterize(drawing_of(strokes), 256, 1));
  ASSERT_EQ(out.strokes.size(), 5u);
  for (const Stroke& stroke : out.strokes) {
    ASSERT_EQ(stroke.points.size(), 2u);
    EXPECT_EQ(stroke.points[0].y, stroke.points[1].y);
    EXPECT_NEAR(length_of(stroke.points), 210, 1);
  }
}

TEST(TraceLabelsTo, DotsAndMiddlesOfPixels) {
  Image labels(9, 5, 1);
  labels.row(2)[3] = 8;
  const Drawing out = trace_labels(labels);
  EXPECT_EQ(out.side, 9);
  ASSERT_EQ(out.strokes.size(), 1u);
  ASSERT_EQ(out.strokes[0].points.size(), 1u);
  EXPECT_EQ(out.strokes[0].points[0].x, 3.5F);
  EXPECT_EQ(out.strokes[0].points[0].y, 2.5F);
  EXPECT_EQ(out.strokes[0].label, 8);
}

TEST(TraceLabelsTo, StrokesInTheMiddleOfLinesTwoWide) {
  Image labels(64, 40, 1);
  for (int x = 10; x < 50; ++x) labels.row(20)[x] = labels.row(21)[x] = 6;
  const Drawing out = trace_labels(labels);
  EXPECT_EQ(out.side, 64);
  ASSERT_EQ(out.strokes.size(), 1u);
  const Polyline& line = out.strokes[0].points;
  EXPECT_NEAR(line[line.size() / 2].y, 21, 0.6);
  EXPECT_NEAR(length_of(line), 39, 1.5);
}

TEST(TraceLabelsTo, OddShapes) {
  Image labels(1, 1, 1);
  EXPECT_TRUE(trace_labels(labels).strokes.empty());
  labels.row(0)[0] = 5;
  EXPECT_EQ(trace_labels(labels).strokes.size(), 1u);
  Image row(300, 1, 1);
  std::fill(row.pixels.begin(), row.pixels.end(), uint8_t{4});
  const Drawing out = trace_labels(row);
  ASSERT_EQ(out.strokes.size(), 1u);
  EXPECT_NEAR(length_of(out.strokes[0].points), 299, 0.1);
  Image column(1, 300, 1);
  column.row(7)[0] = 1;
  EXPECT_EQ(trace_labels(column).strokes.size(), 1u);
  Image full(40, 30, 1);
  std::fill(full.pixels.begin(), full.pixels.end(), uint8_t{22});
  EXPECT_FALSE(trace_labels(full).strokes.empty());
}

TEST(TraceLabelsTo, RandomLabelsWithoutHarm) {
  Random random(5);
  for (int i = 0; i < 20; ++i) {
    Image labels(1 + static_cast<int>(random.next() % 40),
                 1 + static_cast<int>(random.next() % 40), 1);
    const double share = random.uniform();
    for (uint8_t& value : labels.pixels) {
      value = random.uniform() < share
                  ? static_cast<uint8_t>(1 + random.next() % 3)
                  : 0;
    }
    const Drawing out = trace_labels(labels);
    const Image again =
        rasterize(out, std::max(labels.width, labels.height), 1);
    // Nothing that was not there.
    EXPECT_GT(found(again, labels), 0.9);
  }
}

TEST(TraceLabelsTo, RefusesWhatIsNoLabelImage) {
  EXPECT_THROW(trace_labels(Image(4, 4, 3)), Error);
  EXPECT_THROW(trace_labels(Image()), Error);
  Image labels(4, 4, 1);
  labels.row(2)[1] = 23;
  EXPECT_THAT(error_of([&] { trace_labels(labels); }),
              HasSubstr("label 23 at pixel 1,2"));
}

// The examples have lines two to five pixels wide; in lines of two nearly all
// of their pixels come back.
TEST(TraceLabelsTo, ThePublishedExamples) {
  const auto folder = kShared / "reference" / "examples" / "sketch";
  if (!std::filesystem::exists(folder)) {
    GTEST_SKIP() << "no examples beside this checkout";
  }
  for (int i = 1; i <= 6; ++i) {
    const Image labels = read_labels(folder / (std::to_string(i) + ".png"), 22);
    const Drawing drawing = trace_labels(labels);
    const Image thin = rasterize(drawing, 512, 1);
    const Image again = rasterize(drawing, 512, 2);
    EXPECT_GT(found(labels, again), 0.99) << i;
    EXPECT_GT(found(again, labels), 0.99) << i;
    EXPECT_GT(found(labels, thin), 0.97) << i;
    EXPECT_GT(found(thin, labels), 0.999) << i;
  }
}

TEST(TraceLabelsTo, SketchesOfFaces) {
  const std::vector<std::string> ids = val_ids();
  if (ids.empty()) GTEST_SKIP() << "no faces beside this checkout";
  for (size_t i = 0; i < std::min<size_t>(ids.size(), 50); ++i) {
    const auto faces = kShared / "faces";
    const Image mask = read_labels(faces / "masks" / (ids[i] + ".png"), 18);
    const Image photo = read_rgb(faces / "images" / (ids[i] + ".jpg"));
    const Drawing drawing = sketch_of(mask, &photo);
    for (const int width : {1, 2}) {
      const Image labels = rasterize(drawing, 512, width);
      const Image again = rasterize(trace_labels(labels), 512, width);
      EXPECT_GT(found(labels, again), 0.99)
          << ids[i] << " in lines of " << width;
      EXPECT_GT(found(again, labels), 0.99)
          << ids[i] << " in lines of " << width;
    }
  }
}

}  // namespace
}  // namespace limner
