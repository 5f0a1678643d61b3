#include "sketch/svg_path.h"

#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <vector>

#include "sketch/drawing_limits.h"
#include "sketch/flatten.h"
#include "sketch/svg_length.h"
#include "sketch/svg_text.h"
#include "sketch/svg_transform.h"
#include "util/error.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::HasSubstr;

std::vector<Polyline> lines_of(const std::string& data, double tolerance = 0.1,
                               const Affine& map = {}) {
  Pen pen(map, tolerance, kMaxDrawingPoints);
  draw_path(data, pen);
  return pen.finish();
}

std::string text_of(const std::string& data) {
  std::string out;
  for (const Polyline& line : lines_of(data)) {
    if (!out.empty()) out += " | ";
    for (size_t i = 0; i < line.size(); ++i) {
      out += fmt::format("{}{},{}", i == 0 ? "" : " ", line[i].x, line[i].y);
    }
  }
  return out;
}

double distance(Point a, Point b) { return std::hypot(a.x - b.x, a.y - b.y); }

TEST(SvgPath, DrawsLinesAbsoluteAndRelative) {
  EXPECT_EQ(text_of("M1 2L3 4"), "1,2 3,4");
  EXPECT_EQ(text_of(" , M1,2 3,4 5,6"), "1,2 3,4 5,6");
  EXPECT_EQ(text_of("m1 2 3 4 5 6"), "1,2 4,6 9,12");
  EXPECT_EQ(text_of("M1 2H5V7h1v1"), "1,2 5,2 5,7 6,7 6,8");
  EXPECT_EQ(text_of("M1 2l1 1l1 1"), "1,2 2,3 3,4");
  EXPECT_EQ(text_of("M1-2.5.5-1e1"), "1,-2.5 0.5,-10");
  EXPECT_EQ(text_of("M+1 2L3. +4"), "1,2 3,4");
}

TEST(SvgPath, ClosesAndGoesOn) {
  EXPECT_EQ(text_of("M1 1L5 1L5 5Z"), "1,1 5,1 5,5 1,1");
  EXPECT_EQ(text_of("M1 1L5 1L1 1Z"), "1,1 5,1 1,1");
  EXPECT_EQ(text_of("M1 1h4zl0 3"), "1,1 5,1 1,1 | 1,1 1,4");
  EXPECT_EQ(text_of("M1 1h4zm2 2h1"), "1,1 5,1 1,1 | 3,3 4,3");
  EXPECT_EQ(text_of("M1 1h4M7 7h1"), "1,1 5,1 | 7,7 8,7");
}

TEST(SvgPath, MakesDotsOfClosedMovesOnly) {
  EXPECT_EQ(text_of("M3 4Z"), "3,4");
  EXPECT_EQ(text_of("M3 4"), "");
  EXPECT_EQ(text_of("M3 4M5 6L7 8"), "5,6 7,8");
  EXPECT_EQ(text_of(""), "");
  EXPECT_EQ(text_of("none"), "");
}

// Each flattened point must lie on the curve and each piece of the curve near
// a chord.
TEST(SvgPath, FlattensCubicsToTheTolerance) {
  const auto curve = [](double t) {
    const double s = 1 - t;
    const double a = s * s * s, b = 3 * s * s * t, c = 3 * s * t * t,
                 d = t * t * t;
    return Point{static_cast<float>(a * 10 + b * 200 + c * 400 + d * 500),
                 static_cast<float>(a * 10 + b * 500 - c * 300 + d * 480)};
  };
  for (const double tolerance : {0.1, 1.0, 10.0}) {
    const auto lines = lines_of("M10 10C200 500 400-300 500 480", tolerance);
    ASSERT_EQ(lines.size(), 1u);
    const Polyline& line = lines[0];
    const size_t count = line.size() - 1;
    double worst = 0;
    for (size_t i = 0; i <= count; ++i) {
      const double t = static_cast<double>(i) / static_cast<double>(count);
      EXPECT_NEAR(distance(line[i], curve(t)), 0, 1e-3);
      if (i == count) break;
      const Point middle = {(line[i].x + line[i + 1].x) / 2,
                            (line[i].y + line[i + 1].y) / 2};
      worst = std::max(
          worst, distance(middle, curve(t + 0.5 / static_cast<double>(count))));
    }
    EXPECT_LE(worst, tolerance);
    EXPECT_GE(worst, tolerance / 10) << "far more points than needed";
  }
}

TEST(SvgPath, SmoothCommandsMirrorTheControlPoint) {
  EXPECT_EQ(text_of("M0 0C0 10 10 20 20 20S40 10 40 0"),
            text_of("M0 0C0 10 10 20 20 20C30 20 40 10 40 0"));
  EXPECT_EQ(text_of("m0 0c0 10 10 20 20 20s20-10 20-20"),
            text_of("M0 0C0 10 10 20 20 20C30 20 40 10 40 0"));
  // After another command there is nothing to mirror.
  EXPECT_EQ(text_of("M0 0L20 20S40 10 40 0"),
            text_of("M0 0L20 20C20 20 40 10 40 0"));
  EXPECT_EQ(text_of("M0 0Q10 20 20 0T40 0T60 0"),
            text_of("M0 0Q10 20 20 0Q30-20 40 0Q50 20 60 0"));
  EXPECT_EQ(text_of("M0 0q10 20 20 0t20 0"),
            text_of("M0 0Q10 20 20 0Q30-20 40 0"));
  EXPECT_EQ(text_of("M0 0C0 10 10 20 20 20T40 0"),
            text_of("M0 0C0 10 10 20 20 20Q20 20 40 0"));
}

TEST(SvgPath, ArcsRunAlongTheirCircle) {
  struct Case {
    const char* data;
    double cx, cy, sweep;  // sweep in degrees
  };
  // The four arcs of radius 5 between two points 6 apart.
  const std::vector<Case> cases = {
      {"M0 0A5 5 0 0 1 6 0", 3, 4, 73.74},
      {"M0 0A5 5 0 0 0 6 0", 3, -4, 73.74},
      {"M0 0A5 5 0 1 1 6 0", 3, -4, 286.26},
      {"M0 0a5-5 0 106 0", 3, 4, 286.26},
  };
  for (const Case& one : cases) {
    const auto lines = lines_of(one.data, 1e-4);
    ASSERT_EQ(lines.size(), 1u) << one.data;
    double length = 0;
    for (size_t i = 0; i < lines[0].size(); ++i) {
      const Point p = lines[0][i];
      EXPECT_NEAR(std::hypot(p.x - one.cx, p.y - one.cy), 5, 1e-4) << one.data;
      if (i > 0) length += distance(p, lines[0][i - 1]);
    }
    EXPECT_NEAR(length, one.sweep * M_PI / 180 * 5, 0.01) << one.data;
    EXPECT_EQ(lines[0].back().x, 6);
    EXPECT_EQ(lines[0].back().y, 0);
  }
}

TEST(SvgPath, TurnedArcsLieOnTheirEllipse) {
  const auto lines = lines_of("M10 10A 8 3 30 0 1 20 20", 1e-3);
  // Too small: grown until the points are opposite ends.
  for (const Point& p : lines.at(0)) {
    const double x = p.x - 15, y = p.y - 15;
    const double u = x * std::cos(M_PI / 6) + y * std::sin(M_PI / 6);
    const double v = y * std::cos(M_PI / 6) - x * std::sin(M_PI / 6);
    const double px = 5 * (std::cos(M_PI / 6) + std::sin(M_PI / 6));
    const double py = 5 * (std::cos(M_PI / 6) - std::sin(M_PI / 6));
    const double grown = std::hypot(px / 8, py / 3);
    EXPECT_NEAR(std::hypot(u / 8, v / 3), grown, 1e-4);
  }
  EXPECT_EQ(text_of("M0 0A0 5 0 0 1 6 0"), "0,0 6,0");
  EXPECT_EQ(text_of("M1 1A5 5 0 0 1 1 1L2 2"), "1,1 2,2");
}

TEST(SvgPath, ToleranceIsInTheDrawingsUnits) {
  const std::string data = "M0 0C0 100 100 100 100 0";
  const size_t small = lines_of(data, 0.1)[0].size();
  const size_t large = lines_of(data, 0.1, {100, 0, 0, 100, 0, 0})[0].size();
  EXPECT_NEAR(static_cast<double>(large) / static_cast<double>(small), 10, 1);
}

TEST(SvgPath, SaysWhereItIsBroken) {
  const auto error = [](const std::string& data) {
    return error_of([&] { lines_of(data); });
  };
  EXPECT_THAT(error("1 2"), HasSubstr("expected a command at character 0"));
  EXPECT_THAT(error("L1 2"), HasSubstr("a path starts with M"));
  EXPECT_THAT(error("M1 2X"), HasSubstr("no command 'X' here, at character 4"));
  EXPECT_THAT(error("M1"), HasSubstr("expected a number at character 2, got "
                                     "the end"));
  EXPECT_THAT(error("M1 2L3"), HasSubstr("got the end"));
  EXPECT_THAT(error("M1 2Z3"), HasSubstr("expected a command at character 5"));
  EXPECT_THAT(error("M1 2A1 1 0 2 0 3 3"), HasSubstr("expected a flag"));
  EXPECT_THAT(error("M1 nan"), HasSubstr("expected a number"));
  EXPECT_THAT(error("M1 inf"), HasSubstr("expected a number"));
  EXPECT_THAT(error("M1 1e17"), HasSubstr("is not within 1000000000000000"));
  EXPECT_THAT(error("M1 1e999"), HasSubstr("is not within 1000000000000000"));
  EXPECT_THAT(error("M1 1e"), HasSubstr("no command 'e'"));
  EXPECT_THAT(error("M9e5 0l9e5 0"), HasSubstr("a point lies at"));
  EXPECT_THAT(error(std::string("M1 1\x01", 5)), HasSubstr("\\x01"));
  EXPECT_THAT(error(std::string("M1 1\0L2 2", 9)), HasSubstr("\\x00"));
}

TEST(SvgPath, KeepsToTheNumberOfPoints) {
  Pen pen({}, 0.1, 3);
  draw_path("M0 0L1 1L2 2", pen);
  EXPECT_THAT(error_of([&] { draw_path("M0 0L1 1", pen); }),
              HasSubstr("more than 1000000 points"));
  EXPECT_THAT(error_of([] {
                Pen fine({}, 1e-15, kMaxDrawingPoints);
                draw_path("M0 0C0 9e5 9e5 0 9e5 9e5", fine);
              }),
              HasSubstr("a curve of more than"));
}

TEST(SvgTransform, ComposesFromTheRight) {
  const auto moved = [](const std::string& text, Vec p) {
    const Vec q = svg_transform(text)(p);
    return fmt::format("{:.3f} {:.3f}", q.x, q.y);
  };
  EXPECT_EQ(moved("", {1, 2}), "1.000 2.000");
  EXPECT_EQ(moved("translate(10)", {1, 2}), "11.000 2.000");
  EXPECT_EQ(moved("translate(10,20) scale(2)", {1, 2}), "12.000 24.000");
  EXPECT_EQ(moved("scale(2 3)translate(10 20)", {1, 2}), "22.000 66.000");
  EXPECT_EQ(moved("rotate(90)", {1, 2}), "-2.000 1.000");
  EXPECT_EQ(moved("rotate(90, 1, 2)", {1, 2}), "1.000 2.000");
  EXPECT_EQ(moved("skewX(45)", {1, 2}), "3.000 2.000");
  EXPECT_EQ(moved(" skewY( 45 ) ", {1, 2}), "1.000 3.000");
  EXPECT_EQ(moved("matrix(1 2 3 4 5 6)", {1, 2}), "12.000 16.000");
  for (const char* bad : {"translate", "translate(", "translate(1", "spin(1)",
                          "translate()", "matrix(1 2 3 4 5)", "rotate(1,2)",
                          "translate(1;2)", "(1)", "scale(1 2 3 4 5 6 7 8)"}) {
    EXPECT_THROW(svg_transform(bad), Error) << bad;
  }
}

TEST(SvgTransform, ReadsWhatCssWrites) {
  const auto moved = [](const std::string& text, Vec p) {
    const Vec q = svg_transform(text, {200, 100})(p);
    return fmt::format("{:.3f} {:.3f}", q.x, q.y);
  };
  EXPECT_EQ(moved("translate(10px, 50%) scale(2)", {1, 2}), "12.000 54.000");
  EXPECT_EQ(moved("translateX(10px) translateY(1in)", {}), "10.000 96.000");
  EXPECT_EQ(moved("rotate(0.25turn)", {1, 2}), "-2.000 1.000");
  EXPECT_EQ(moved("rotate(90deg)", {1, 2}), "-2.000 1.000");
  EXPECT_EQ(moved("scale3d(2, 3, 1) translate3d(1px, 1px, 0)", {1, 2}),
            "4.000 9.000");
  EXPECT_EQ(moved("skew(45deg)", {1, 2}), "3.000 2.000");
  EXPECT_EQ(moved("translate(calc(50% - 1px))", {}), "99.000 0.000");
  const Vec origin = css_origin("right 25%", {200, 100});
  EXPECT_EQ(origin.x, 200);
  EXPECT_EQ(origin.y, 25);
  EXPECT_EQ(css_origin("bottom center", {200, 100}).y, 100);
  EXPECT_EQ(css_origin("bottom center", {200, 100}).x, 100);
}

TEST(SvgView, AlignsTheBox) {
  const auto at = [](const char* preserve, Vec p) {
    const Vec q = svg_view({10, 20, 100, 50}, 200, 200, preserve)(p);
    return fmt::format("{:.3f} {:.3f}", q.x, q.y);
  };
  EXPECT_EQ(at("", {10, 20}), "0.000 50.000");
  EXPECT_EQ(at("xMidYMid meet", {110, 70}), "200.000 150.000");
  EXPECT_EQ(at("xMinYMin", {10, 20}), "0.000 0.000");
  EXPECT_EQ(at("defer xMaxYMax", {10, 20}), "0.000 100.000");
  EXPECT_EQ(at("none", {110, 70}), "200.000 200.000");
  EXPECT_EQ(at("xMidYMid slice", {60, 45}), "100.000 100.000");
  EXPECT_EQ(at("xMinYMid slice", {10, 45}), "0.000 100.000");
  for (const char* bad : {"middle", "xMidYMid cover", "xMudYMid",
                          "xMidYMid "
                          "meet meet"}) {
    EXPECT_THROW(at(bad, {}), Error) << bad;
  }
}

TEST(SvgLength, KnowsUnits) {
  EXPECT_DOUBLE_EQ(svg_length(" 12 ", 0), 12);
  EXPECT_DOUBLE_EQ(svg_length("12px", 0), 12);
  EXPECT_DOUBLE_EQ(svg_length("1in", 0), 96);
  EXPECT_DOUBLE_EQ(svg_length("25.4mm", 0), 96);
  EXPECT_DOUBLE_EQ(svg_length("2.54cm", 0), 96);
  EXPECT_DOUBLE_EQ(svg_length("72pt", 0), 96);
  EXPECT_DOUBLE_EQ(svg_length("6pc", 0), 96);
  EXPECT_DOUBLE_EQ(svg_length("101.6Q", 0), 96);
  EXPECT_DOUBLE_EQ(svg_length("2em", 0), 32);
  EXPECT_DOUBLE_EQ(svg_length("25%", 80), 20);
  EXPECT_DOUBLE_EQ(svg_length("512PX", 0), 512);
  EXPECT_DOUBLE_EQ(svg_length("24rem", 0), 384);
  EXPECT_DOUBLE_EQ(svg_length("50vw", 80), 40);
  EXPECT_DOUBLE_EQ(svg_length("calc(50% + 2px)", 80), 42);
  EXPECT_DOUBLE_EQ(svg_length("calc(2 * (1in - 6px) / 3)", 0), 60);
  EXPECT_DOUBLE_EQ(svg_length("1e-400", 0), 0);
  for (const char* bad : {"", "px", "1 px", "1furlong", "1%%", "1e", "nan",
                          "calc(1px", "calc(1px / 0)", "calc(px)"}) {
    EXPECT_THROW(svg_length(bad, 1), Error) << bad;
  }
}

}  // namespace
}  // namespace limner
