#include "sketch/svg_read.h"

#include <gmock/gmock.h>

#include <cmath>
#include <string>

#include "sketch/classes.h"
#include "sketch/curves.h"
#include "util/error.h"
#include "util/files.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A square picture of 100 with `body` in it.
Drawing read(const std::string& body) {
  return read_svg("<svg viewBox='0 0 100 100'>" + body + "</svg>", "a.svg");
}

std::string error(const std::string& body) {
  return error_of([&] { read(body); });
}

// Points of all strokes, each stroke with its class.
std::string text_of(const Drawing& drawing) {
  std::string out;
  for (const Stroke& stroke : drawing.strokes) {
    if (!out.empty()) out += " | ";
    out += fmt::format("{}:", stroke.label);
    for (const Point& p : stroke.points) out += fmt::format(" {},{}", p.x, p.y);
  }
  return out;
}

std::vector<int> classes_of(const std::string& body) {
  std::vector<int> classes;
  for (const Stroke& stroke : read(body).strokes) {
    classes.push_back(stroke.label);
  }
  return classes;
}

const std::string kLine = "<line x2='1' y2='2'/>";

TEST(ReadSvg, ReadsEveryShape) {
  EXPECT_EQ(text_of(read("<path d='M1 2h3'/>")), "0: 1,2 4,2");
  EXPECT_EQ(text_of(read("<line x1='1' y1='2' x2='3' y2='4%'/>")),
            "0: 1,2 3,4");
  EXPECT_EQ(text_of(read("<polyline points='1,2 3,4 5-6'/>")),
            "0: 1,2 3,4 5,-6");
  EXPECT_EQ(text_of(read("<polygon points='1,2 3,4 5,6'/>")),
            "0: 1,2 3,4 5,6 1,2");
  EXPECT_EQ(text_of(read("<rect x='1' y='2' width='3' height='4'/>")),
            "0: 1,2 4,2 4,6 1,6 1,2");
  const Drawing circle = read("<circle cx='50' cy='40' r='30'/>");
  ASSERT_EQ(circle.strokes.size(), 1u);
  EXPECT_TRUE(is_closed(circle.strokes[0].points));
  EXPECT_NEAR(length_of(circle.strokes[0].points), 60 * M_PI, 0.2);
  for (const Point& p : circle.strokes[0].points) {
    EXPECT_NEAR(std::hypot(p.x - 50, p.y - 40), 30, 1e-4);
  }
  const Drawing ellipse = read("<ellipse cx='50' cy='40' rx='30' ry='10'/>");
  for (const Point& p : ellipse.strokes.at(0).points) {
    EXPECT_NEAR(std::hypot((p.x - 50) / 30, (p.y - 40) / 10), 1, 1e-5);
  }
}

TEST(ReadSvg, RoundsTheCornersOfRectangles) {
  const Drawing drawing =
      read("<rect x='10' y='20' width='40' height='30' rx='10' ry='5'/>");
  const Polyline& line = drawing.strokes.at(0).points;
  EXPECT_TRUE(is_closed(line));
  for (const Point& p : line) {
    const double x = std::max(0.0, std::abs(p.x - 30.0) - 10) / 10;
    const double y = std::max(0.0, std::abs(p.y - 35.0) - 10) / 5;
    EXPECT_NEAR(std::max(std::hypot(x, y), 1.0), 1, 1e-5);
    EXPECT_TRUE(std::abs(std::hypot(x, y) - 1) < 1e-5) << p.x << "," << p.y;
  }
  // One radius stands for both, and half the sides is the most.
  const Drawing pill = read("<rect width='40' height='20' rx='50'/>");
  EXPECT_NEAR(length_of(pill.strokes.at(0).points),
              M_PI * (3 * 30 - std::sqrt((60 + 10) * (20 + 30))), 0.2);
}

TEST(ReadSvg, ShapesWithoutExtentDrawNothing) {
  EXPECT_THAT(read("<rect width='0' height='5'/><rect/><circle/><ellipse "
                   "rx='5' ry='0'/><path/><polyline/><polygon points=''/>"
                   "<circle r='-1'/>")
                  .strokes,
              IsEmpty());
}

TEST(ReadSvg, AppliesTransformsFromTheOutside) {
  EXPECT_EQ(text_of(read("<g transform='translate(10 20)'><g "
                         "transform='scale(2)'><path d='M1 1h1' "
                         "transform='translate(1)'/></g></g>" +
                         kLine)),
            "0: 14,22 16,22 | 0: 0,0 1,2");
}

TEST(ReadSvg, SideIsTheLongerAndTheShorterIsCentred) {
  const auto place = [](const std::string& attributes) {
    const Drawing drawing =
        read_svg("<svg " + attributes + "><path d='M0 0L10 20'/></svg>", "a");
    return fmt::format("{} {}", drawing.side, text_of(drawing));
  };
  EXPECT_EQ(place("viewBox='0 0 100 50'"), "100 0: 0,25 10,45");
  EXPECT_EQ(place("viewBox='-10 0 50 100'"), "100 0: 35,0 45,20");
  EXPECT_EQ(place("width='200' height='100'"), "200 0: 0,50 10,70");
  EXPECT_EQ(place("width='200' height='100' viewBox='0 0 100 50'"),
            "200 0: 0,50 20,90");
  // The box is centred in the viewport, the viewport in the square.
  EXPECT_EQ(place("width='200' height='100' viewBox='0 0 10 20'"),
            "200 0: 75,50 125,150");
  EXPECT_EQ(place("width='200' height='100' viewBox='0 0 10 20' "
                  "preserveAspectRatio='none'"),
            "200 0: 0,50 200,150");
  EXPECT_EQ(place("width='1in' height='1in'"), "96 0: 0,0 10,20");
  EXPECT_EQ(place("width='100%' height='100%' viewBox='0 0 50 50'"),
            "50 0: 0,0 10,20");
  EXPECT_EQ(place("width='100' viewBox='0 0 50 50'"), "100 0: 0,0 20,40");
  EXPECT_EQ(place("height='100' viewBox='0 0 100 50'"), "200 0: 0,50 20,90");
  // Nothing said: the bounding square of what is drawn.
  EXPECT_EQ(place(""), "20 0: 0,0 10,20");
  EXPECT_EQ(place("width='100%'"), "20 0: 0,0 10,20");
  const Drawing far = read_svg("<svg><path d='M30 40h50'/></svg>", "a");
  EXPECT_EQ(far.side, 50);
  EXPECT_EQ(text_of(far), "0: 0,0 50,0");
  EXPECT_EQ(read_svg("<svg/>", "a").side, 1);
}

TEST(ReadSvg, NestedViewportsHaveTheirOwnUnits) {
  EXPECT_EQ(text_of(read("<svg x='10' y='20' width='40' height='20' "
                         "viewBox='0 0 10 10'><line x2='100%' y2='10'/></svg>"
                         "<line x2='100%'/>")),
            "0: 20,20 40,40 | 0: 0,0 100,0");
  EXPECT_EQ(text_of(read("<svg width='0'>" + kLine + "</svg>")), "");
  EXPECT_EQ(text_of(read("<svg x='50%'><svg>" + kLine + "</svg></svg>")),
            "0: 50,0 51,2");
}

TEST(ReadSvg, ClassComesFromDataThenFromTheColour) {
  EXPECT_THAT(classes_of("<path d='M0 0h1' data-class='17'/>"),
              ElementsAre(17));
  EXPECT_THAT(classes_of("<path d='M0 0h1' data-class='brow, left side'/>"),
              ElementsAre(5));
  EXPECT_THAT(classes_of("<path d='M0 0h1' stroke='#8c39c5'/>"),
              ElementsAre(17));
  EXPECT_THAT(classes_of("<path d='M0 0h1' style='stroke: #8C39C5'/>"),
              ElementsAre(17));
  EXPECT_THAT(classes_of("<path d='M0 0h1' style='stroke:#ff9896' "
                         "stroke='#8c39c5'/>"),
              ElementsAre(7));
  EXPECT_THAT(classes_of("<path d='M0 0h1' stroke='#8c39c4'/>"),
              ElementsAre(0));
  EXPECT_THAT(classes_of("<path d='M0 0h1' stroke='black'/>"), ElementsAre(0));
  EXPECT_THAT(classes_of("<path d='M0 0h1' stroke='#fff'/>"), ElementsAre(0));
  EXPECT_THAT(classes_of("<path d='M0 0h1' stroke='#8c39c5' "
                         "data-class='1'/>"),
              ElementsAre(1));
  EXPECT_THAT(
      classes_of("<g data-class='6'>" + kLine + "<g data-class='7'>" + kLine +
                 "</g><line x2='1' stroke='#8c39c5' data-class='0'/>" + kLine +
                 "</g><g stroke='#8c39c5'>" + kLine +
                 "<line x2='1' stroke='inherit'/></g>" + kLine),
      ElementsAre(6, 7, 0, 6, 17, 17, 0));
  for (int id = 1; id <= kStrokeClasses; ++id) {
    EXPECT_THAT(classes_of(fmt::format("<path d='M0 0h1' data-class='{}'/>",
                                       stroke_class(id).name)),
                ElementsAre(id));
  }
}

TEST(ReadSvg, KeepsConfidenceDetailAndPressure) {
  const Drawing drawing = read(
      "<g data-confidence='0.5' data-detail='.25'>"
      "<path d='M0 0h1h1' data-pressure='0 .5 1'/>"
      "<path d='M0 0h1' data-pressure='0 .5 1' data-confidence='1'/></g>");
  ASSERT_EQ(drawing.strokes.size(), 2u);
  EXPECT_EQ(drawing.strokes[0].confidence, 0.5F);
  EXPECT_EQ(drawing.strokes[0].detail, 0.25F);
  EXPECT_THAT(drawing.strokes[0].pressure, ElementsAre(0, 0.5F, 1));
  EXPECT_EQ(drawing.strokes[1].confidence, 1);
  EXPECT_THAT(drawing.strokes[1].pressure, IsEmpty()) << "other points";
}

TEST(ReadSvg, LeavesOutWhatIsNoLine) {
  const std::string path = "<path d='M0 0h1' ";
  for (const char* attributes :
       {"display='none'", "style='display:none'", "visibility='hidden'",
        "visibility='collapse'", "stroke='none'", "fill='white'",
        "style='stroke:none;fill:#000'"}) {
    EXPECT_THAT(read(path + attributes + "/>").strokes, IsEmpty())
        << attributes;
  }
  for (const char* attributes :
       {"", "fill='none'", "fill='red' stroke='blue'",
        "stroke='none' data-class='3'", "fill='red' data-class='3'"}) {
    EXPECT_EQ(read(path + attributes + "/>").strokes.size(), 1u) << attributes;
  }
  EXPECT_THAT(
      read("<g display='none'><g display='inline'>" + kLine + "</g></g>")
          .strokes,
      IsEmpty());
  EXPECT_EQ(read("<g visibility='hidden'>" + kLine +
                 "<g visibility='visible'>" + kLine + "</g></g>")
                .strokes.size(),
            1u);
  for (const char* name :
       {"defs", "symbol", "clipPath", "mask", "marker", "pattern", "text",
        "foreignObject", "script", "style", "metadata", "title", "image"}) {
    EXPECT_THAT(read(fmt::format("<{0}>{1}</{0}>", name, kLine)).strokes,
                IsEmpty())
        << name;
  }
  EXPECT_EQ(
      read("<a>" + kLine + "<switch>" + kLine + "</switch></a>").strokes.size(),
      2u);
}

TEST(ReadSvg, FollowsLocalUse) {
  EXPECT_EQ(text_of(read("<defs><g id='a' transform='scale(2)'>" + kLine +
                         "</g></defs><use href='#a' x='10' data-class='4'/>"
                         "<use xlink:href='#a' transform='scale(3)' y='1'/>")),
            "4: 10,0 12,4 | 0: 0,3 6,15");
  EXPECT_EQ(text_of(read("<symbol id='a' viewBox='0 0 10 10'>" + kLine +
                         "</symbol><use href='#a' x='10' width='20' "
                         "height='20'/>")),
            "0: 10,0 12,4");
  // Neighbours of what is used are not.
  EXPECT_EQ(read("<defs><path id='a' d='M0 0h1'/>" + kLine +
                 "</defs><use href='#a'/>")
                .strokes.size(),
            1u);
  for (const char* href : {"#none", "other.svg#a", "file:///etc/passwd", "#",
                           "", "http://example.com/a.svg#a"}) {
    EXPECT_THAT(read(fmt::format("<use href='{}'/>", href)).strokes, IsEmpty())
        << href;
  }
}

TEST(ReadSvg, UseOfItselfEnds) {
  EXPECT_THAT(error("<g id='a'><use href='#a'/></g>"),
              HasSubstr("more than 256 elements inside each other"));
  EXPECT_THAT(error("<use id='a' href='#b'/><use id='b' href='#a'/>"),
              HasSubstr("inside each other"));
}

TEST(ReadSvg, RepeatedUseIsBounded) {
  std::string bomb = "<defs><g id='a0'><path d='M0 0'/></g>";
  for (int i = 1; i < 30; ++i) {
    bomb += fmt::format("<g id='a{}'>", i);
    for (int j = 0; j < 10; ++j) {
      bomb += fmt::format("<use href='#a{}'/>", i - 1);
    }
    bomb += "</g>";
  }
  EXPECT_THAT(error(bomb + "</defs><use href='#a29'/>"),
              HasSubstr("more than 1000000 elements"));
  // A long path that makes no points, again and again.
  std::string moves;
  for (int i = 0; i < 100000; ++i) moves += "M1 1";
  std::string uses = "<defs><path id='a' d='" + moves + "'/></defs>";
  for (int i = 0; i < 1000; ++i) uses += "<use href='#a'/>";
  EXPECT_THAT(error(uses), HasSubstr("characters to draw"));
}

TEST(ReadSvg, ErrorsNameElementAndLine) {
  EXPECT_EQ(error_of([] {
              read_svg("<svg>\n<g>\n<path d='M1'/></g></svg>", "a.svg");
            }),
            "a.svg: <path> on line 3: expected a number at character 2, got "
            "the end");
  EXPECT_THAT(error("<rect width='5furlongs' height='1'/>"),
              HasSubstr("width: the length 5furlongs has no known unit"));
  EXPECT_THAT(error("<g data-class='23'/>"),
              HasSubstr("data-class is 23, expected 1 to 22 or a class's"));
  EXPECT_THAT(error("<g data-class='ear'/>"), HasSubstr("data-class is ear"));
  EXPECT_THAT(error("<g data-confidence='2'/>"),
              HasSubstr("data-confidence is 2"));
  EXPECT_THAT(error("<g transform='spin(3)'/>"), HasSubstr("spin() with 1"));
  EXPECT_THAT(error("<polyline points='1 2 3'/>"),
              HasSubstr("points: 3 numbers, expected pairs"));
  EXPECT_THAT(error("<path d='M0 0h1' data-pressure='1 2'/>"),
              HasSubstr("data-pressure has 2"));
  EXPECT_THAT(error_of([] { read_svg("<svg viewBox='0 0 0 1'/>", "a"); }),
              HasSubstr("viewBox is 0 0 0 1"));
  EXPECT_THAT(error_of([] { read_svg("<svg width='-1'/>", "a"); }),
              HasSubstr("width is -1"));
  EXPECT_THAT(error_of([] { read_svg("<svg width='1e6mm'/>", "a"); }),
              HasSubstr("the longer side is"));
  EXPECT_THAT(error_of([] { read_svg("<html/>", "a"); }),
              HasSubstr("the root element is <html>, expected <svg>"));
  EXPECT_THAT(error_of([] { read_svg("<svg><g></svg>", "a"); }),
              HasSubstr("(line 1)"));
}

TEST(ReadSvg, ReadsWhatProgramsWrite) {
  // A namespace prefix, as XML allows.
  EXPECT_EQ(text_of(read_svg("<?xml version='1.0'?><!DOCTYPE svg><svg:svg "
                             "viewBox='0 0 9 9'><svg:g><svg:line x2='1'/>"
                             "</svg:g></svg:svg>",
                             "a")),
            "0: 0,0 1,0");
  const std::string path = LIMNER_TESTDATA "/drawings/shapes.svg";
  const auto bytes = read_file(path);
  const Drawing drawing = read_svg(
      {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path);
  EXPECT_NEAR(drawing.side, 377.95, 0.01);
  std::vector<int> classes;
  for (const Stroke& stroke : drawing.strokes) classes.push_back(stroke.label);
  EXPECT_THAT(classes, ElementsAre(17, 17, 17, 7, 6, 17, 7, 17, 17, 17, 17));
}

}  // namespace
}  // namespace limner
