#include "sketch/eye_parts.h"

#include <gtest/gtest.h>

#include <cmath>

namespace limner {
namespace {

using Kind = EyePart::Kind;
using Side = EyePart::Side;

// An arc of an ellipse; angles in turns, 0 is right, 0.25 below.
Polyline arc(double x, double y, double rx, double ry, double from, double to) {
  Polyline line;
  for (int i = 0; i <= 24; ++i) {
    const double angle = 2 * M_PI * (from + (to - from) * i / 24);
    line.push_back({static_cast<float>(x + rx * std::cos(angle)),
                    static_cast<float>(y + ry * std::sin(angle))});
  }
  return line;
}

StrokeBox face() {
  StrokeBox box;
  box.add(Point{100, 50});
  box.add(Point{400, 450});
  return box;
}

EyeParts tell(const std::vector<Polyline>& lines) {
  std::vector<const Polyline*> all;
  for (const Polyline& line : lines) all.push_back(&line);
  return tell_eye_parts(all, face());
}

void expect(const EyePart& part, Kind kind, Side side) {
  EXPECT_EQ(part.kind, kind);
  EXPECT_EQ(part.side, side);
}

TEST(EyeParts, RingsAreEyesOfTheirSides) {
  const EyeParts found =
      tell({arc(310, 200, 25, 25, 0, 1), arc(190, 210, 30, 20, 0, 0.95)});
  expect(found.parts[0], Kind::kEye, Side::kRight);
  expect(found.parts[1], Kind::kEye, Side::kLeft);
  EXPECT_NEAR(found.middle, 250, 1);
  EXPECT_EQ(eye_class(found.parts[0], 310, found.middle), 1);
  EXPECT_EQ(eye_class(found.parts[1], 190, found.middle), 2);
}

TEST(EyeParts, ArcsOverEyesAreBrows) {
  const EyeParts found =
      tell({arc(190, 210, 30, 20, 0, 1), arc(310, 210, 30, 20, 0, 1),
            arc(190, 160, 35, 12, 0.5, 1), arc(310, 160, 35, 12, 0.5, 1)});
  expect(found.parts[0], Kind::kEye, Side::kLeft);
  expect(found.parts[2], Kind::kBrow, Side::kLeft);
  expect(found.parts[3], Kind::kBrow, Side::kRight);
  EXPECT_EQ(eye_class(found.parts[3], 310, found.middle), 4);
  EXPECT_EQ(eye_class(found.parts[2], 190, found.middle), 5);
}

TEST(EyeParts, PupilsAndLidsBelongToTheEye) {
  const EyeParts found =
      tell({arc(190, 210, 30, 20, 0.5, 1), arc(190, 210, 30, 20, 0.5, 0),
            arc(190, 205, 6, 6, 0, 1), arc(310, 210, 30, 20, 0, 1)});
  for (const EyePart& part : found.parts) EXPECT_EQ(part.kind, Kind::kEye);
}

TEST(EyeParts, RingsWithABridgeAreGlasses) {
  const Polyline bridge = {{222, 200}, {250, 195}, {278, 200}};
  const EyeParts found =
      tell({arc(190, 210, 35, 30, 0, 1), arc(310, 210, 35, 30, 0, 1), bridge,
            arc(190, 210, 8, 8, 0, 1)});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(found.parts[i].kind, Kind::kGlasses);
  EXPECT_EQ(eye_class(found.parts[2], 250, found.middle), 3);
  expect(found.parts[3], Kind::kEye, Side::kLeft);
}

TEST(EyeParts, OneLineMayBeBothBrows) {
  const Polyline joined = {
      {150, 150}, {200, 140}, {250, 150}, {300, 140}, {350, 150}};
  const EyeParts found =
      tell({arc(190, 210, 30, 20, 0, 1), arc(310, 210, 30, 20, 0, 1), joined});
  expect(found.parts[2], Kind::kBrow, Side::kBoth);
  EXPECT_EQ(eye_class(found.parts[2], 180, found.middle), 5);
  EXPECT_EQ(eye_class(found.parts[2], 320, found.middle), 4);
}

TEST(EyeParts, AnEyeAloneHasTheSideOfTheFace) {
  EXPECT_EQ(tell({arc(330, 200, 20, 20, 0, 1)}).parts[0].side, Side::kRight);
  EXPECT_EQ(tell({arc(150, 200, 20, 20, 0, 1)}).parts[0].side, Side::kLeft);
  EXPECT_TRUE(tell({}).parts.empty());
}

TEST(EyeParts, LinesThatGoAround) {
  EXPECT_TRUE(goes_around(arc(0, 0, 10, 10, 0, 0.9)));
  EXPECT_FALSE(goes_around(arc(0, 0, 10, 10, 0, 0.5)));
  EXPECT_FALSE(goes_around({{0, 0}, {10, 0}}));
  EXPECT_FALSE(goes_around({{3, 3}}));
}

}  // namespace
}  // namespace limner
