#include "sketch/hatching.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sketch/curves.h"
#include "sketch/test_shapes.h"

namespace limner {
namespace {

// Parallel strokes `gap` apart that fill a square.
Drawing hatched(int label, float gap) {
  Drawing drawing;
  for (float x = 200; x < 320; x += gap) {
    Stroke stroke;
    stroke.label = label;
    stroke.points = {{x, 60}, {x + 20, 160}};
    drawing.strokes.push_back(stroke);
  }
  return drawing;
}

double all_lengths(const Drawing& drawing) {
  double sum = 0;
  for (const Stroke& stroke : drawing.strokes) sum += length_of(stroke.points);
  return sum;
}

TEST(Hatching, BecomesItsOutlineAndAFewLines) {
  const Drawing drawing = hatched(classes::kHair, 5);
  const WithoutHatching plain = without_hatching(drawing);
  // The outermost ones may lie beyond.
  EXPECT_GE(plain.hatches, static_cast<int>(drawing.strokes.size()) - 3);
  EXPECT_LE(plain.drawing.strokes.size(), 12U);
  EXPECT_LT(all_lengths(plain.drawing), 0.6 * all_lengths(drawing));
  EXPECT_EQ(plain.source.size(), plain.drawing.strokes.size());
  const auto closed = std::count_if(
      plain.drawing.strokes.begin(), plain.drawing.strokes.end(),
      [](const Stroke& stroke) { return is_closed(stroke.points); });
  EXPECT_EQ(closed, 1);
  for (const Stroke& stroke : plain.drawing.strokes) {
    EXPECT_EQ(stroke.label, classes::kHair);
    for (const Point& p : stroke.points) {
      EXPECT_GT(p.x, 185);
      EXPECT_LT(p.x, 355);
      EXPECT_GT(p.y, 45);
      EXPECT_LT(p.y, 175);
    }
  }
}

TEST(Hatching, OnSkinIsShadeAndGoes) {
  Drawing drawing = hatched(classes::kContour, 5);
  drawing.strokes.push_back(arc_stroke(classes::kContour, 256, 290, 150, 190));
  const WithoutHatching plain = without_hatching(drawing);
  ASSERT_EQ(plain.drawing.strokes.size(), 1U);
  EXPECT_EQ(plain.source[0], static_cast<int>(drawing.strokes.size()) - 1);
}

// `count` short lines beside each other from (x, y) on.
void add_row(Drawing& drawing, int label, int count, float x, float y,
             float gap) {
  for (int k = 0; k < count; ++k) {
    Stroke stroke;
    stroke.label = label;
    const float at = x + gap * static_cast<float>(k);
    stroke.points = {{at, y}, {at + 6, y - 14}};
    drawing.strokes.push_back(stroke);
  }
}

TEST(Hatching, AFewLinesBesideEachOtherAreShade) {
  for (const int label : {classes::kContour, classes::kNeck}) {
    Drawing drawing;
    add_row(drawing, label, 6, 300, 340, 12);
    EXPECT_EQ(without_hatching(drawing).hatches, 6);
    // Four are lines, and so are those that lie far apart or one after another.
    Drawing lines;
    add_row(lines, label, 4, 300, 340, 12);
    add_row(lines, label, 6, 100, 440, 40);
    for (int k = 0; k < 6; ++k) {
      const float y = 100 + 20 * static_cast<float>(k);
      Stroke stroke;
      stroke.label = label;
      stroke.points = {{400, y}, {400, y + 14}};
      lines.strokes.push_back(stroke);
    }
    EXPECT_EQ(without_hatching(lines).hatches, 0);
  }
}

TEST(Hatching, ShadeOfTheLipsGoesUnlessItIsAllThereIs) {
  Drawing drawing;
  add_row(drawing, classes::kMouth, 6, 220, 390, 10);
  EXPECT_EQ(without_hatching(drawing).hatches, 0);
  drawing.strokes.push_back(arc_stroke(classes::kMouth, 256, 370, 50, 30));
  EXPECT_EQ(without_hatching(drawing).hatches, 6);
}

TEST(Hatching, ARowOfHairsAboveAnEyeIsItsBrow) {
  Drawing drawing;
  Stroke eye = arc_stroke(classes::kLeftEye, 320, 240, 32, 12);
  drawing.strokes.push_back(eye);
  add_row(drawing, classes::kContour, 7, 285, 215, 10);
  const WithoutHatching plain = without_hatching(drawing);
  EXPECT_EQ(plain.hatches, 7);
  ASSERT_EQ(plain.drawing.strokes.size(), 2U);
  const Stroke& brow = plain.drawing.strokes[1];
  EXPECT_EQ(brow.label, classes::kLeftBrow);
  EXPECT_TRUE(is_closed(brow.points));
  for (const Point& p : brow.points) {
    EXPECT_GT(p.x, 284);
    EXPECT_LT(p.x, 352);
    EXPECT_GT(p.y, 200);
    EXPECT_LT(p.y, 216);
  }
  // Where there is a brow, they are shade.
  drawing.strokes.push_back(arc_stroke(classes::kLeftBrow, 320, 210, 36, 6));
  const WithoutHatching two = without_hatching(drawing);
  EXPECT_EQ(two.hatches, 7);
  EXPECT_EQ(two.drawing.strokes.size(), 2U);
}

TEST(Hatching, AScribbleIsHatching) {
  Drawing drawing;
  drawing.strokes.resize(1);
  drawing.strokes[0].label = classes::kHair;
  for (int k = 0; k < 40; ++k) {
    drawing.strokes[0].points.push_back(
        {180.0F + 4 * k, k % 2 == 0 ? 60.0F : 150.0F});
  }
  const WithoutHatching plain = without_hatching(drawing);
  EXPECT_EQ(plain.hatches, 1);
  EXPECT_GT(plain.drawing.strokes.size(), 2U);
}

TEST(Hatching, LinesAreNone) {
  for (const Drawing& drawing :
       {hatched(classes::kHair, 16), hatched(classes::kMouth, 5),
        sketch_of(simple_mask(3), nullptr, {}), simple_doodle(), Drawing()}) {
    const WithoutHatching plain = without_hatching(drawing);
    EXPECT_EQ(plain.hatches, 0);
    EXPECT_EQ(plain.drawing.strokes.size(), drawing.strokes.size());
  }
  // An outline gone over three times.
  Drawing thrice;
  for (const double r : {150, 153, 156}) {
    thrice.strokes.push_back(arc_stroke(classes::kContour, 256, 290, r, r));
  }
  EXPECT_EQ(without_hatching(thrice).hatches, 0);
}

}  // namespace
}  // namespace limner
