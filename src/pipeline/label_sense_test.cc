#include "pipeline/label_sense.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sketch/classes.h"
#include "sketch/curves.h"

namespace limner {
namespace {

// A drawing whose strokes a network took for given classes.
class Taken {
 public:
  void ring(double x, double y, double rx, double ry, int label) {
    Polyline line;
    for (int i = 0; i <= 32; ++i) {
      const double angle = 2 * M_PI * i / 32;
      line.push_back({static_cast<float>(x + rx * std::cos(angle)),
                      static_cast<float>(y + ry * std::sin(angle))});
    }
    stroke(line, label);
  }
  void stroke(const Polyline& line, int label) {
    Stroke one;
    one.points = line;
    drawing.strokes.push_back(one);
    taken.push_back(label);
  }
  // A person said what the last stroke is.
  void give(int label) {
    drawing.strokes.back().label = label;
    given_.resize(drawing.strokes.size(), false);
    given_.back() = true;
  }

  // The most probable class of each slot of stroke s, after make_sense().
  std::vector<int> classes(int s) {
    given_.resize(drawing.strokes.size(), false);
    const PointSequence points = sample_points(drawing);
    std::vector<float> shares(static_cast<size_t>(points.slots()) *
                              kStrokeClasses);
    for (int i = 0; i < points.slots(); ++i) {
      if (points.stroke[i] < 0) continue;
      for (int k = 1; k <= kStrokeClasses; ++k) {
        shares[static_cast<size_t>(i) * kStrokeClasses + k - 1] =
            k == taken[points.stroke[i]] ? sure : (1 - sure) / 21;
      }
    }
    make_sense(drawing, given_, points, shares);
    std::vector<int> out;
    for (int i = 0; i < points.slots(); ++i) {
      if (points.stroke[i] != s) continue;
      const auto row =
          shares.begin() + static_cast<int64_t>(i) * kStrokeClasses;
      float sum = 0;
      for (int k = 0; k < kStrokeClasses; ++k) sum += row[k];
      EXPECT_NEAR(sum, 1, 1e-4);
      out.push_back(static_cast<int>(
          std::max_element(row, row + kStrokeClasses) - row + 1));
    }
    return out;
  }
  void expect(int s, int label) {
    for (const int found : classes(s))
      EXPECT_EQ(found, label) << "stroke " << s;
  }

  Drawing drawing;
  std::vector<int> taken;
  float sure = 0.79F;  // the probability of what a stroke was taken for

 private:
  std::vector<bool> given_;
};

TEST(LabelSense, RingsAroundEyesWithABridgeAreGlasses) {
  for (const bool bridge : {true, false}) {
    Taken face;
    face.ring(250, 250, 150, 200, 10);
    for (const int x : {190, 310}) {
      face.ring(x, 230, 45, 35, x < 250 ? 2 : 1);
      face.ring(x, 230, 28, 9, 3);
      face.ring(x, 230, 8, 8, x < 250 ? 2 : 1);
    }
    if (bridge) face.stroke({{237, 230}, {263, 230}}, 6);
    face.expect(1, bridge ? classes::kGlasses : classes::kLeftEye);
    face.expect(4, bridge ? classes::kGlasses : classes::kRightEye);
    face.expect(2, classes::kLeftEye);
    face.expect(3, classes::kLeftEye);
    face.expect(6, classes::kRightEye);
    if (bridge) face.expect(7, classes::kGlasses);
  }
}

// Quickly drawn eyes have no pupils; a nose between round ones is no bridge.
TEST(LabelSense, ABridgeFromRingToRingMakesGlassesOfAny) {
  for (const bool flat : {true, false}) {
    Taken face;
    face.ring(250, 250, 150, 200, 10);
    for (const int x : {190, 310}) {
      face.ring(x, 230, 45, 35, x < 250 ? 2 : 1);
      face.ring(x, 230, 12, 5, x < 250 ? 2 : 4);
    }
    face.stroke({{236, 230}, {250, flat ? 226.F : 214.F}, {264, 230}}, 6);
    face.stroke({{143, 228}, {105, 222}}, 2);
    face.stroke({{357, 228}, {395, 222}}, 4);
    face.expect(1, flat ? classes::kGlasses : classes::kLeftEye);
    face.expect(3, flat ? classes::kGlasses : classes::kRightEye);
    face.expect(2, classes::kLeftEye);
    face.expect(4, classes::kRightEye);
    face.expect(5, flat ? classes::kGlasses : classes::kNose);
    if (!flat) continue;
    face.expect(6, classes::kGlasses);
    face.expect(7, classes::kGlasses);
  }
}

TEST(LabelSense, RingsWithoutABridgeAreEyes) {
  Taken face;
  face.ring(250, 250, 150, 200, 10);
  face.ring(190, 210, 25, 22, 3);
  face.ring(310, 210, 25, 22, 3);
  face.stroke({{160, 160}, {190, 150}, {220, 160}}, 3);
  face.expect(1, 2);
  face.expect(2, 1);
  face.expect(3, 5);
}

TEST(LabelSense, RingsAreEyesUnlessAnEyeLiesBelow) {
  for (const bool eye_below : {false, true}) {
    Taken face;
    face.ring(250, 250, 150, 200, 10);
    face.ring(190, 200, 25, 18, 5);
    face.ring(310, 200, 25, 18, 1);
    if (eye_below) face.ring(190, 245, 20, 10, 2);
    face.expect(1, eye_below ? classes::kLeftBrow : classes::kLeftEye);
    face.expect(2, classes::kRightEye);
  }
}

TEST(LabelSense, BrowsAloneAreEyes) {
  for (const int other : {0, 1, 3}) {
    Taken face;
    face.ring(250, 250, 150, 200, 10);
    face.stroke({{170, 205}, {190, 200}, {210, 205}}, 5);
    face.stroke({{290, 205}, {310, 200}, {330, 205}}, 4);
    if (other == 1) {
      face.ring(190, 240, 18, 10, 2);
      face.ring(310, 240, 18, 10, 1);
    } else if (other == 3) {  // dark glasses
      face.ring(190, 245, 35, 25, 3);
      face.ring(310, 245, 35, 25, 3);
      face.stroke({{225, 240}, {250, 235}, {275, 240}}, 3);
    }
    face.expect(1, other > 0 ? classes::kLeftBrow : classes::kLeftEye);
    face.expect(2, other > 0 ? classes::kRightBrow : classes::kRightEye);
  }
}

TEST(LabelSense, GlassesWithABridgeStay) {
  Taken face;
  face.ring(250, 250, 150, 200, 10);
  face.ring(190, 210, 35, 30, 3);
  face.ring(310, 210, 35, 30, 3);
  face.stroke({{225, 200}, {250, 195}, {275, 200}}, 3);
  face.ring(190, 210, 10, 10, 2);
  face.expect(1, 3);
  face.expect(2, 3);
  face.expect(3, 3);
  face.expect(4, 2);
}

TEST(LabelSense, GlassesThatAPersonNamedStay) {
  Taken face;
  face.ring(190, 210, 35, 30, 3);
  face.ring(310, 210, 35, 30, 3);
  face.give(3);
  face.expect(0, 3);
}

TEST(LabelSense, LeftEyesLieLeftOfRightOnes) {
  Taken swapped;
  swapped.ring(250, 250, 150, 200, 10);
  swapped.ring(190, 210, 25, 22, 1);
  swapped.ring(310, 210, 25, 22, 2);
  swapped.expect(1, 2);
  swapped.expect(2, 1);

  Taken same;
  same.ring(250, 250, 150, 200, 10);
  same.ring(190, 210, 25, 22, 1);
  same.ring(310, 210, 25, 22, 1);
  same.expect(1, 2);
  same.expect(2, 1);
}

TEST(LabelSense, ABrowIsAboveTheEye) {
  Taken face;
  face.ring(250, 250, 150, 200, 10);
  face.ring(190, 210, 20, 20, 5);  // a ring without an eye under it
  face.stroke({{290, 160}, {310, 150}, {330, 160}}, 4);
  face.ring(310, 210, 25, 22, 1);
  face.expect(1, 2);
  face.expect(2, 4);
  face.expect(3, 1);
}

TEST(LabelSense, WithoutHairNothingBordersOnHair) {
  Taken bald;
  bald.ring(250, 250, 150, 200, 17);
  int necks = 0;
  for (const int found : bald.classes(0)) {
    EXPECT_TRUE(found == 10 || found == 18) << found;
    necks += found == 18 ? 1 : 0;
  }
  EXPECT_GT(necks, 0);

  Taken haired;
  haired.ring(250, 250, 150, 200, 17);
  haired.stroke({{100, 200}, {150, 40}, {250, 20}, {350, 40}, {400, 200}}, 15);
  int borders = 0;
  int chin = 0;
  for (const int found : haired.classes(0)) {
    borders += found == 17 ? 1 : 0;
    chin += found == 18 ? 1 : 0;
  }
  EXPECT_GT(borders, chin);
  EXPECT_GT(chin, 0);
}

// A face without hair, with the lines of a neck; the forehead's height.
Taken portrait(float forehead) {
  Taken face;
  face.stroke({{110, 300},
               {120, 240 - 0.7F * forehead},
               {250, 240 - forehead},
               {380, 240 - 0.7F * forehead},
               {390, 300}},
              17);
  face.stroke({{110, 300}, {150, 400}, {250, 450}, {350, 400}, {390, 300}}, 10);
  face.stroke({{190, 430}, {185, 500}}, 14);
  face.stroke({{310, 430}, {315, 500}}, 14);
  face.ring(190, 240, 25, 12, 2);
  face.ring(310, 240, 25, 12, 1);
  face.stroke({{200, 380}, {250, 390}, {300, 380}}, 7);
  return face;
}

TEST(LabelSense, TheHairlineOfAPortraitStaysUnlessTheHeadIsBald) {
  portrait(130).expect(0, classes::kHairFace);
  for (const bool sure : {true, false}) {
    Taken face = portrait(200);
    face.sure = sure ? 0.79F : 0.55F;
    face.expect(0, sure ? classes::kHairFace : classes::kContour);
  }
}

TEST(LabelSense, WhatIsSurelyOfAPortraitsGlassesStays) {
  for (const bool sure : {true, false}) {
    Taken face = portrait(130);
    face.sure = sure ? 0.95F : 0.79F;
    for (const double x : {190.0, 310.0}) {
      face.ring(x, 230, 45, 35, x < 250 ? 2 : 1);
      face.ring(x, 230, 28, 9, 3);
      face.ring(x, 230, 8, 8, x < 250 ? 2 : 1);
    }
    face.stroke({{237, 230}, {263, 230}}, 6);  // the bridge
    face.expect(7, classes::kGlasses);
    face.expect(8, sure ? classes::kGlasses : classes::kLeftEye);
  }
}

TEST(LabelSense, WhatReachesDownToTheCornersOfAnEyeIsItsLid) {
  for (const double low : {215.0, 160.0}) {
    Taken face;
    face.ring(250, 250, 150, 200, 10);
    for (const double x : {190.0, 310.0}) {
      face.ring(x, 212, 14, 14, x < 250 ? 2 : 1);
      face.stroke({{static_cast<float>(x - 35), static_cast<float>(low)},
                   {static_cast<float>(x), static_cast<float>(low - 25)},
                   {static_cast<float>(x + 35), static_cast<float>(low)}},
                  x < 250 ? 5 : 4);
    }
    face.expect(2, low > 200 ? classes::kLeftEye : classes::kLeftBrow);
    face.expect(4, low > 200 ? classes::kRightEye : classes::kRightBrow);
  }
}

TEST(LabelSense, GlassesOfAPortraitNeedNoBridgeWhereTheyAreWide) {
  for (const bool wide : {true, false}) {
    Taken face = portrait(130);
    const double r = wide ? 55 : 30;
    const double x = wide ? 75 : 60;
    face.ring(250 - x, 240, r, 28, 3);
    face.ring(250 + x, 240, r, 28, 3);
    face.expect(7, wide ? classes::kGlasses : classes::kLeftEye);
    face.expect(8, wide ? classes::kGlasses : classes::kRightEye);
  }
}

TEST(LabelSense, ABrowOfAPortraitThatIsSureStays) {
  for (const bool sure : {true, false}) {
    Taken face = portrait(130);
    face.sure = sure ? 0.95F : 0.79F;
    // Its eye was left out.
    face.drawing.strokes[4] = face.drawing.strokes[5];
    face.taken[4] = 1;
    face.ring(190, 200, 40, 20, 5);
    face.expect(7, sure ? classes::kLeftBrow : classes::kLeftEye);
  }
}

TEST(LabelSense, WhatAPersonSaidStays) {
  Taken face;
  face.ring(190, 210, 25, 22, 2);
  face.ring(310, 210, 25, 22, 1);
  face.ring(250, 250, 150, 200, 17);
  face.give(17);
  face.expect(2, 17);
}

TEST(LabelSense, AMouthLiesBelowTheEyes) {
  Taken face;
  face.ring(250, 250, 150, 200, 10);
  face.ring(190, 210, 25, 22, 2);
  face.ring(310, 210, 25, 22, 1);
  face.stroke({{200, 120}, {250, 130}, {300, 120}}, 7);
  face.stroke({{200, 350}, {250, 370}, {300, 350}}, 7);
  for (const int found : face.classes(3)) EXPECT_NE(found, 7);
  face.expect(4, 7);
}

}  // namespace
}  // namespace limner
