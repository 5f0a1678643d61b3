#include "train/data/stroke_samples.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "data/test_faces.h"
#include "sketch/classes.h"
#include "sketch/curves.h"
#include "sketch/mask_sketch.h"
#include "sketch/point_sequence.h"
#include "train/data/scribbles.h"
#include "util/error.h"
#include "util/test_folder.h"

namespace limner::train {
namespace {

using ::testing::HasSubstr;

Drawing face() { return sketch_of(face_mask(128), nullptr); }

double length_of_all(const std::vector<MixedStroke>& strokes) {
  double sum = 0;
  for (const MixedStroke& stroke : strokes) sum += length_of(stroke.points);
  return sum;
}

StrokeVariation still() {
  StrokeVariation none = plain_variation();
  none.mirror = 0;
  return none;
}

TEST(PossibleClasses, AreOneForAStrokeClassAndSeveralForAPart) {
  EXPECT_EQ(possible_classes(1), 1U);
  EXPECT_EQ(possible_classes(22), 1U << 21);
  EXPECT_EQ(possible_classes(10), 1U << 9 | 1U << kFacialHair);
  EXPECT_EQ(possible_classes(kNothingLabel), 1U << kNothing);
  // Parts do not overlap: what is found tells the part.
  uint32_t seen = 0;
  for (int part = 0; part < kHandParts; ++part) {
    const uint32_t bits = possible_classes(kFirstHandLabel + part);
    EXPECT_NE(bits, 0U);
    EXPECT_EQ(seen & bits, 0U) << part;
    seen |= bits;
  }
  for (const int label : {0, 23, -1, kFirstHandLabel + kHandParts}) {
    EXPECT_THROW(possible_classes(label), Error) << label;
  }
}

TEST(Vary, LeavesADrawingAloneWhenAskedTo) {
  const Drawing drawing = face();
  Random random(1);
  const std::vector<MixedStroke> got = vary(drawing, still(), random);
  ASSERT_EQ(got.size(), drawing.strokes.size());
  EXPECT_NEAR(length_of_all(got), length_of_all(unvaried(drawing)), 1.0);
}

TEST(Vary, JoinsEndsThatMeetAndKeepsWhatEachPointIs) {
  Drawing drawing;
  const auto add = [&](std::vector<Point> points, int label) {
    Stroke stroke;
    stroke.points = std::move(points);
    stroke.label = label;
    drawing.strokes.push_back(stroke);
  };
  add({{100, 100}, {200, 100}}, 17);
  add({{203, 101}, {300, 110}}, 18);
  add({{302, 112}, {302, 300}}, 16);  // turns too sharply
  add({{200, 160}, {300, 160}}, 15);  // too far
  StrokeVariation variation = still();
  variation.join = 1;
  std::set<size_t> sizes;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    const std::vector<MixedStroke> got = vary(drawing, variation, random);
    sizes.insert(got.size());
    for (const MixedStroke& stroke : got) {
      ASSERT_EQ(stroke.points.size(), stroke.labels.size());
      for (size_t i = 0; i < stroke.points.size(); ++i) {
        const int wanted = stroke.points[i].y > 150     ? 15
                           : stroke.points[i].x < 201.5 ? 17
                                                        : 18;
        if (stroke.labels[i] == 16) continue;
        EXPECT_EQ(stroke.labels[i], wanted);
      }
    }
  }
  // Joined or not, by chance; never more than the two that fit.
  EXPECT_EQ(sizes, (std::set<size_t>{3, 4}));
}

TEST(Vary, MirrorsLabelsWithPlaces) {
  StrokeVariation variation = still();
  variation.mirror = 1;
  Random random(3);
  const Drawing drawing = face();
  int eyes = 0;
  for (const MixedStroke& stroke : vary(drawing, variation, random)) {
    for (size_t i = 0; i < stroke.points.size(); ++i) {
      if (stroke.labels[i] > 2) continue;
      EXPECT_EQ(stroke.labels[i], stroke.points[i].x > 256 ? 1 : 2);
      ++eyes;
    }
  }
  EXPECT_GT(eyes, 10);
}

TEST(Vary, PlainKeepsEveryStrokeOrItsMirrorImage) {
  const Drawing drawing = face();
  StrokeVariation variation = plain_variation();
  variation.deform.min_detail = variation.deform.max_detail = 1.0;
  // Whether `got` is `stroke`, in either direction, mirrored or not.
  const auto same = [&](const MixedStroke& got, const Stroke& stroke,
                        bool mirror) {
    const auto near = [&](const Point& p, const Point& q) {
      const float x = mirror ? drawing.side - q.x : q.x;
      return std::hypot(p.x - x, p.y - q.y) < 0.01F * drawing.side;
    };
    const std::vector<Point>& a = got.points;
    const std::vector<Point>& b = stroke.points;
    const int label = mirror ? mirrored_class(stroke.label) : stroke.label;
    return got.labels == std::vector<int>(a.size(), label) &&
           std::abs(length_of(a) - length_of(b)) < 0.01 * drawing.side &&
           ((near(a.front(), b.front()) && near(a.back(), b.back())) ||
            (near(a.front(), b.back()) && near(a.back(), b.front())));
  };
  int mirrored = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    const std::vector<MixedStroke> got = vary(drawing, variation, random);
    ASSERT_EQ(got.size(), drawing.strokes.size());
    int as_is = 0;
    int other = 0;
    for (const Stroke& stroke : drawing.strokes) {
      for (const bool mirror : {false, true}) {
        (mirror ? other : as_is) += std::any_of(
            got.begin(), got.end(),
            [&](const MixedStroke& one) { return same(one, stroke, mirror); });
      }
    }
    const auto all = static_cast<int>(drawing.strokes.size());
    EXPECT_TRUE(as_is == all || other == all) << seed;
    mirrored += other == all ? 1 : 0;
  }
  EXPECT_GT(mirrored, 0);
  EXPECT_LT(mirrored, 20);
}

TEST(Vary, IsTheSameForTheSameSeed) {
  const Drawing drawing = face();
  for (const StrokeVariation& variation :
       {plain_variation(), usual_variation(), strong_variation()}) {
    Random a(7, 2);
    Random b(7, 2);
    const std::vector<MixedStroke> one = vary(drawing, variation, a);
    const std::vector<MixedStroke> two = vary(drawing, variation, b);
    ASSERT_EQ(one.size(), two.size());
    for (size_t i = 0; i < one.size(); ++i) {
      EXPECT_EQ(one[i].labels, two[i].labels);
      ASSERT_EQ(one[i].points.size(), two[i].points.size());
      for (size_t k = 0; k < one[i].points.size(); ++k) {
        EXPECT_EQ(one[i].points[k].x, two[i].points[k].x);
      }
    }
  }
}

TEST(LabelsAt, FollowTheNearestPoint) {
  const std::vector<MixedStroke> strokes = {
      {{{0, 0}, {40, 0}, {100, 0}}, {3, 3, 9}}};
  EXPECT_EQ(labels_at(strokes, {0, 0, 0, 0, -1}, {0, 60, 75, 100, 0}),
            (std::vector<int>{3, 3, 9, 9, -1}));
}

TEST(Scribble, IsMadeOfWhatWasAskedFor) {
  const Drawing drawing = face();
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    const Drawing got = scribble(drawing, kNothingLabel, random);
    EXPECT_GE(got.strokes.size(), 1U);
    EXPECT_LE(got.strokes.size(), 40U);
    for (const Stroke& stroke : got.strokes) {
      EXPECT_EQ(stroke.label, kNothingLabel);
      for (const Point& p : stroke.points) {
        EXPECT_TRUE(std::isfinite(p.x) && std::isfinite(p.y));
      }
    }
    EXPECT_NO_THROW(sample_points(got));
  }
}

TEST(HandDrawings, CarryTheirParts) {
  const TestFolder folder;
  const auto file = folder.path() / "hand.ndjson";
  write_file(file, std::string(R"({"drawing":[[[0,50],[0,9],[6,6]],)"
                               R"([[20,21],[30,31],[1,1]]]})"
                               "\n"));
  const std::vector<Drawing> got = read_hand_drawings(file);
  ASSERT_EQ(got.size(), 1U);
  ASSERT_EQ(got[0].strokes.size(), 2U);
  EXPECT_EQ(got[0].strokes[0].label, kFirstHandLabel + 6);
  EXPECT_EQ(got[0].strokes[1].label, kFirstHandLabel + 1);

  write_file(file, std::string(R"({"drawing":[[[0,50],[0,9],[7,7]]]})"
                               "\n"));
  try {
    read_hand_drawings(file);
    ADD_FAILURE() << "a part of 7 was taken";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("line 1"));
  }
}

}  // namespace
}  // namespace limner::train
