// Lines that programs cut, double or fill.
#include "sketch/svg_lines.h"

#include <gmock/gmock.h>

#include <cmath>
#include <string>

#include "image/codec.h"
#include "sketch/curves.h"
#include "sketch/svg_join.h"
#include "sketch/svg_write.h"
#include "sketch/test_tracing.h"
#include "util/base64.h"
#include "util/error.h"
#include "util/random.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

SvgLines lines(const std::string& body) {
  return svg_lines(
      read_svg_content("<svg viewBox='0 0 512 512'>" + body + "</svg>",
                       "a.svg"),
      "a.svg");
}

// Some lines of a face: a contour, a wave, an eye, a corner, a short one.
std::vector<Polyline> some_lines() {
  std::vector<Polyline> out;
  Polyline contour;
  for (int i = 0; i <= 60; ++i) {
    const double t = M_PI * (0.1 + 0.8 * i / 60);
    contour.push_back({static_cast<float>(256 - 150 * std::cos(t)),
                       static_cast<float>(200 + 220 * std::sin(t))});
  }
  out.push_back(contour);
  Polyline wave;
  for (int i = 0; i <= 50; ++i) {
    wave.push_back({100.0F + 6 * static_cast<float>(i),
                    static_cast<float>(80 + 20 * std::sin(i * 0.4))});
  }
  out.push_back(wave);
  out.push_back(circle(190, 200, 25));
  out.push_back({{300, 190}, {330, 180}, {350, 205}});
  out.push_back({{230, 330}, {290, 332}});
  return out;
}

std::string number(float v) { return fmt::format("{:.2f}", v); }

std::string path_of(const Polyline& line, const std::string& attributes) {
  std::string d = "M";
  for (const Point& p : line) d += number(p.x) + " " + number(p.y) + "L";
  d.pop_back();
  return "<path d='" + d + "' " + attributes + "/>\n";
}

// One element for each step of each line.
std::string in_pieces(bool reversed, bool widths) {
  std::string out;
  for (const Polyline& line : some_lines()) {
    for (size_t i = 1; i < line.size(); ++i) {
      const Point a = reversed && i % 2 == 0 ? line[i] : line[i - 1];
      const Point b = reversed && i % 2 == 0 ? line[i - 1] : line[i];
      out += fmt::format(
          "<line x1='{:.2f}' y1='{:.2f}' x2='{:.2f}' y2='{:.2f}' "
          "stroke='#222' stroke-width='{}'/>\n",
          a.x, a.y, b.x, b.y, widths ? 1 + i % 3 : 2);
    }
  }
  return out;
}

// How far the points of `a` are from the lines of `b`, at most.
double away(const std::vector<Stroke>& a, const std::vector<Polyline>& b) {
  double max = 0;
  for (const Stroke& stroke : a) {
    for (const Point& p : stroke.points) {
      double nearest = INFINITY;
      for (const Polyline& line : b) {
        for (size_t i = 1; i < line.size(); ++i) {
          for (int k = 0; k <= 8; ++k) {
            const float t = static_cast<float>(k) / 8;
            nearest = std::min<double>(
                nearest,
                std::hypot(
                    line[i - 1].x + t * (line[i].x - line[i - 1].x) - p.x,
                    line[i - 1].y + t * (line[i].y - line[i - 1].y) - p.y));
          }
        }
      }
      max = std::max(max, nearest);
    }
  }
  return max;
}

double length_of_all(const std::vector<Stroke>& strokes) {
  double sum = 0;
  for (const Stroke& stroke : strokes) sum += length_of(stroke.points);
  return sum;
}

double length_of_some() {
  double sum = 0;
  for (const Polyline& line : some_lines()) sum += length_of(line);
  return sum;
}

TEST(SvgLines, PiecesBecomeLines) {
  for (const bool reversed : {false, true}) {
    for (const bool widths : {false, true}) {
      const SvgLines read = lines(in_pieces(reversed, widths));
      ASSERT_THAT(read.drawing.strokes, SizeIs(5)) << reversed << widths;
      EXPECT_FALSE(read.traced);
      for (size_t i = 0; i < 5; ++i) {
        EXPECT_EQ(read.drawing.strokes[i].points.size(),
                  some_lines()[i].size());
      }
      EXPECT_TRUE(is_closed(read.drawing.strokes[2].points));
      EXPECT_NEAR(length_of_all(read.drawing.strokes), length_of_some(), 1);
      EXPECT_THAT(read.notes.at(0), HasSubstr("pieces that meet"));
    }
  }
}

TEST(SvgLines, WholeLinesStayAsTheyAre) {
  std::string body;
  for (const Polyline& line : some_lines())
    body += path_of(line, "stroke='#000' fill='none'");
  // Lines that touch at corners, and in a star.
  body +=
      "<g stroke='#000' fill='none'><path d='M10 10h90'/><path d='M100 10v90'/>"
      "<path d='M400 400h50'/><path d='M400 400v50'/><path d='M400 400h-50'/>"
      "<path d='M400 400v-50'/></g>";
  const SvgLines read = lines(body);
  EXPECT_THAT(read.drawing.strokes, SizeIs(11));
  EXPECT_TRUE(read.notes.empty());
  // A line that was cut in two, going straight on; other colours are others.
  EXPECT_THAT(lines("<g stroke='#000'><path d='M10 10h90'/><path d='M100 "
                    "10h90'/><path d='M190 10h90' stroke='red'/></g>")
                  .drawing.strokes,
              SizeIs(2));
  // What somebody has named stays apart.
  EXPECT_THAT(lines("<g data-class='7'><path d='M10 10h90'/><path d='M100 "
                    "10h90'/></g>")
                  .drawing.strokes,
              SizeIs(2));
}

TEST(SvgLines, DoublesAreDropped) {
  // As rough.js: each line twice, both off by up to two units.
  Random random(3);
  std::string body;
  for (const Polyline& line : some_lines()) {
    std::string d;
    for (int pass = 0; pass < 2; ++pass) {
      const auto off = [&] {
        return static_cast<float>(random.uniform() * 3 - 1.5);
      };
      const Point shift = {off(), off()};
      for (size_t i = 0; i < line.size(); ++i) {
        d += (i == 0 ? "M" : "L") + number(line[i].x + shift.x) + " " +
             number(line[i].y + shift.y);
      }
    }
    body += "<path fill='none' stroke='#000' d='" + d + "'/>";
  }
  const SvgLines read = lines(body);
  EXPECT_THAT(read.drawing.strokes, SizeIs(5));
  EXPECT_LT(away(read.drawing.strokes, some_lines()), 4);
  // The same again, anywhere in the file, in either direction.
  const std::string one = path_of(some_lines()[0], "stroke='#000'");
  Polyline back = some_lines()[0];
  std::reverse(back.begin(), back.end());
  EXPECT_THAT(lines(one + "<path stroke='#000' d='M1 1h50'/>" + one +
                    path_of(back, "stroke='#000'"))
                  .drawing.strokes,
              SizeIs(2));
  // Neighbours that are lines of their own: an eyelid's two, two dots.
  EXPECT_THAT(lines("<g stroke='#000' fill='none'><path d='M10 10q50 -30 99 "
                    "0'/><path d='M20 8q40 -35 80 0'/><circle cx='200' "
                    "cy='200' r='2'/><circle cx='204' cy='200' r='2'/></g>")
                  .drawing.strokes,
              SizeIs(4));
}

TEST(SvgLines, ManyPiecesTakeLittleTime) {
  // All ends in one place, and a line of 100,000 pieces.
  std::string star, chain;
  for (int i = 0; i < 50'000; ++i) {
    star += fmt::format("<path d='M256 256L{} {}'/>", i % 512, i / 512);
    chain += fmt::format("<path d='M{0} {1}L{2} {3}'/>", i % 500, i / 500 * 5,
                         (i + 1) % 500, (i + 1) / 500 * 5);
  }
  EXPECT_GT(lines(star).drawing.strokes.size(), 1000U);
  EXPECT_LT(lines(chain).drawing.strokes.size(), 500U);
}

// The outline of a pen of this width along a line, closed.
Polyline outline(const Polyline& line, double width) {
  Polyline left, right;
  for (size_t i = 0; i < line.size(); ++i) {
    const Point a = line[i > 0 ? i - 1 : 0];
    const Point b = line[std::min(i + 1, line.size() - 1)];
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    const double u = (b.x - a.x) / length, v = (b.y - a.y) / length;
    const auto off = static_cast<float>(width / 2);
    const auto du = static_cast<float>(u), dv = static_cast<float>(v);
    left.push_back({line[i].x - off * dv, line[i].y + off * du});
    right.push_back({line[i].x + off * dv, line[i].y - off * du});
  }
  left.insert(left.end(), right.rbegin(), right.rend());
  left.push_back(left.front());
  return left;
}

std::string filled(const std::string& attributes, double width = 5) {
  std::string body;
  for (const Polyline& line : some_lines()) {
    body += path_of(outline(line, width), attributes);
  }
  return body;
}

void expect_centre_lines(const SvgLines& read) {
  EXPECT_TRUE(read.traced);
  EXPECT_LT(away(read.drawing.strokes, some_lines()), 3);
  EXPECT_NEAR(length_of_all(read.drawing.strokes), length_of_some(),
              0.06 * length_of_some());
  EXPECT_LE(read.drawing.strokes.size(), 7U);
}

TEST(SvgLines, FilledPensBecomeLinesThroughTheirMiddles) {
  for (const char* attributes :
       {"fill='black'", "fill='#1e1e1e' stroke='none'",
        // Inkscape's strokes to paths inside of a group with a stroke.
        "style='fill:#000' stroke='black' stroke-width='1'",
        // Black by default.
        ""}) {
    expect_centre_lines(lines(filled(attributes)));
  }
  // On a page, in another scale, all in one path as potrace has it.
  expect_centre_lines(lines("<rect width='512' height='512' fill='#fff'/>" +
                            filled("fill='#000'")));
  std::string all;
  for (const Polyline& line : some_lines()) {
    std::string one = path_of(outline(line, 4), "");
    all += one.substr(9, one.rfind("' ") - 9) + "z";
  }
  expect_centre_lines(
      lines("<g transform='scale(.1)'><path fill='#000' "
            "transform='scale(10)' d='" +
            all + "'/></g>"));
}

TEST(SvgLines, PensBesideLines) {
  // Two of the lines are filled, the others are strokes.
  std::string body;
  const std::vector<Polyline> all = some_lines();
  for (size_t i = 0; i < all.size(); ++i) {
    body += i < 2 ? path_of(outline(all[i], 5), "fill='#222'")
                  : path_of(all[i], "stroke='#222' fill='none'");
  }
  expect_centre_lines(lines(body));
  // Areas stay areas: skin, a beard, lips of another colour, light on hair.
  body.clear();
  for (const Polyline& line : all) {
    body += path_of(line, "stroke='#000' fill='none'");
  }
  const SvgLines plain = lines(
      "<path fill='#fdc' d='M100 100h300v300h-300z'/>"
      "<ellipse cx='250' cy='400' rx='90' ry='50' fill='#432'/>" +
      body + "<path fill='#fff' d='M10 10h90v3h-90z'/>");
  EXPECT_FALSE(plain.traced);
  EXPECT_THAT(plain.drawing.strokes, SizeIs(5));
}

// A PNG of two lines, in base 64.
std::string crossed_lines() {
  Image picture(256, 256, 1);
  std::fill(picture.pixels.begin(), picture.pixels.end(), 255);
  for (int i = 40; i < 200; ++i) {
    for (int k = 0; k < 3; ++k) picture.row(i)[60 + k] = 0;
    for (int k = 0; k < 3; ++k) picture.row(150 + k)[i] = 0;
  }
  return base64(encode(picture, ImageFormat::kPng));
}

// Pictures as Figma and cairo write them.
TEST(SvgLines, APictureThatFillsAShapeIsTraced) {
  const std::string image =
      "<image id='i' width='256' height='256' "
      "xlink:href='data:image/png;base64," +
      crossed_lines() + "'/>";
  for (const std::string& pattern :
       {"<pattern id='p' patternContentUnits='objectBoundingBox' width='1' "
        "height='1'><use xlink:href='#i' transform='scale(0.00390625)'/>"
        "</pattern>" +
            image,
        "<pattern id='p' patternUnits='userSpaceOnUse' width='256' "
        "height='256' patternTransform='translate(100 100)'>" +
            image + "</pattern>"}) {
    const SvgLines read =
        lines("<defs>" + pattern +
              "</defs><path fill='#fff' d='M0 0h512v512h-512z'"
              "/><rect x='100' y='100' width='256' "
              "height='256' fill='url(#p)'/>");
    EXPECT_TRUE(read.traced);
    ASSERT_THAT(read.drawing.strokes, SizeIs(2));
    double left = 512;
    for (const Stroke& stroke : read.drawing.strokes) {
      for (const Point& p : stroke.points) left = std::min<double>(left, p.x);
    }
    EXPECT_NEAR(left, 100 + 40, 2);
  }
}

TEST(SvgLines, APictureInsideIsTraced) {
  const std::string data = crossed_lines();
  const SvgLines read = lines(
      "<image x='100' width='256' height='128' xlink:href='data:image/"
      "png;base64," +
      data + "'/>");
  EXPECT_TRUE(read.traced);
  ASSERT_THAT(read.drawing.strokes, SizeIs(2));
  // Half as large, in the middle of the place it has.
  double left = 512;
  for (const Stroke& stroke : read.drawing.strokes) {
    for (const Point& p : stroke.points) left = std::min<double>(left, p.x);
  }
  EXPECT_NEAR(left, 100 + 64 + 20, 2);
  // Beside lines it is what was drawn over.
  EXPECT_THAT(lines("<image width='256' height='256' href='data:image/png;"
                    "base64," +
                    data + "'/><path d='M1 1h9'/>")
                  .drawing.strokes,
              SizeIs(1));
  EXPECT_THAT(error_of([] { lines("<image href='face.png' width='9'/>"); }),
              HasSubstr("a picture in another file, which is not opened: "
                        "face.png"));
  EXPECT_THAT(error_of([] {
                lines("<image href='data:image/png;base64,iVBORw0KGgo='/>");
              }),
              HasSubstr("the picture inside"));
  EXPECT_THAT(
      error_of([] { lines("<image href='data:image/png;base64,####'/>"); }),
      HasSubstr("a picture that is damaged"));
}

}  // namespace
}  // namespace limner
