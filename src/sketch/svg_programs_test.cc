// The same three lines as different programs write them: each kind of file must
// give these lines, and nothing else that is in it.
#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <vector>

#include "sketch/svg_lines.h"

namespace limner {
namespace {

using ::testing::SizeIs;

// A straight line, a curve and a closed one, in a square of 512.
constexpr const char* kStraight = "M 100 120 L 400 140";
constexpr const char* kCurve = "M 100 300 C 200 450 300 450 400 300";
constexpr double kRingX = 256;
constexpr double kRingY = 220;
constexpr double kRing = 60;

struct Box {
  double left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;
};

// In units of a side of 512.
Box box_of(const Stroke& stroke, double side) {
  Box box;
  for (const Point& p : stroke.points) {
    box.left = std::min(box.left, p.x * 512 / side);
    box.top = std::min(box.top, p.y * 512 / side);
    box.right = std::max(box.right, p.x * 512 / side);
    box.bottom = std::max(box.bottom, p.y * 512 / side);
  }
  return box;
}

void expect_box(const Box& box, double left, double top, double right,
                double bottom, const std::string& program) {
  EXPECT_NEAR(box.left, left, 1) << program;
  EXPECT_NEAR(box.top, top, 1) << program;
  EXPECT_NEAR(box.right, right, 1) << program;
  EXPECT_NEAR(box.bottom, bottom, 1) << program;
}

void expect_lines(const std::string& program, const std::string& svg) {
  const SvgLines read = svg_lines(read_svg_content(svg, program), program);
  ASSERT_THAT(read.drawing.strokes, SizeIs(3)) << program;
  EXPECT_FALSE(read.traced) << program;
  const double side = read.drawing.side;
  const auto& strokes = read.drawing.strokes;
  expect_box(box_of(strokes[0], side), 100, 120, 400, 140, program);
  expect_box(box_of(strokes[1], side), 100, 300, 400, 412.5, program);
  expect_box(box_of(strokes[2], side), kRingX - kRing, kRingY - kRing,
             kRingX + kRing, kRingY + kRing, program);
}

// The three shapes with attributes of each.
std::string shapes(const std::string& attributes) {
  return "<path d='" + std::string(kStraight) + "' " + attributes +
         "/><path d='" + kCurve + "' " + attributes +
         "/><circle cx='256' cy='220' r='60' " + attributes + "/>";
}

constexpr const char* kHead =
    "<?xml version='1.0' encoding='UTF-8' standalone='no'?>\n";

TEST(SvgOf, Inkscape) {
  expect_lines(
      "inkscape",
      kHead +
          std::string(
              "<svg width='135.46667mm' height='135.46667mm' viewBox='0 0 512 "
              "512' version='1.1' id='svg5' inkscape:version='1.2.2' "
              "sodipodi:docname='a.svg' xmlns:inkscape='http://www.inkscape."
              "org/namespaces/inkscape' xmlns:sodipodi='http://sodipodi."
              "sourceforge.net/DTD/sodipodi-0.dtd' xmlns='http://www.w3.org/"
              "2000/svg'><sodipodi:namedview id='n' pagecolor='#ffffff'>"
              "<inkscape:grid type='xygrid' id='g'/></sodipodi:namedview>"
              "<defs id='d'><inkscape:path-effect effect='spiro' id='e'/>"
              "<marker id='m'><path d='M0 0 L9 9' style='stroke:#000'/>"
              "</marker></defs><g inkscape:label='Reference' inkscape:"
              "groupmode='layer' id='l0' style='display:none'><path "
              "d='M 0 0 L 512 512' style='stroke:#f00'/></g><g inkscape:label="
              "'Layer 1' inkscape:groupmode='layer' id='layer1' transform="
              "'translate(-10,-20)'><g transform='translate(10,20)'>") +
          shapes("style='fill:none;stroke:#000000;stroke-width:2;stroke-"
                 "linecap:round;stroke-miterlimit:4;stroke-dasharray:none;"
                 "stroke-opacity:1'") +
          "</g></g></svg>");
}

// Pages of PDF files have y upwards, points, and a clip around all.
TEST(SvgOf, InkscapeFromPdf) {
  expect_lines(
      "inkscape-pdf",
      kHead +
          std::string(
              "<svg xmlns='http://www.w3.org/2000/svg' width='512' height="
              "'512' viewBox='0 0 512 512'><defs><clipPath "
              "clipPathUnits='userSpaceOnUse' id='c'><path d='M 0,384 H 384 V "
              "0 H 0 Z' id='p'/></clipPath></defs><g id='g10' transform="
              "'matrix(1.3333333,0,0,-1.3333333,0,512)'><g id='g12'><g "
              "clip-path='url(#c)'><path d='M 0,384 H 384 V 0 H 0 Z' "
              "style='fill:#ffffff;fill-opacity:1;fill-rule:nonzero;stroke:"
              "none'/><g transform='matrix(0.75,0,0,-0.75,0,384)'>") +
          shapes("style='fill:none;stroke:#000000;stroke-width:1;stroke-"
                 "linecap:butt;stroke-linejoin:miter'") +
          "</g></g></g></g></svg>");
}

TEST(SvgOf, IllustratorWithStyleSheet) {
  expect_lines(
      "illustrator",
      "<?xml version='1.0' encoding='utf-8'?><!-- Generator: Adobe Illustrator "
      "27.0.0, SVG Export Plug-In . SVG Version: 6.00 Build 0)  -->"
      "<svg version='1.1' id='Layer_1' xmlns='http://www.w3.org/2000/svg' "
      "xmlns:xlink='http://www.w3.org/1999/xlink' x='0px' y='0px' viewBox='0 0 "
      "512 512' style='enable-background:new 0 0 512 512;' "
      "xml:space='preserve'>"
      "<style type='text/css'>\n\t.st0{display:none;}\n\t.st1{fill:none;stroke:"
      "#231F20;stroke-width:2;stroke-miterlimit:10;}\n\t.st2{fill:#FFFFFF;}\n"
      "</style><g id='Template' class='st0'><path class='st1' d='M0 0h512'/>"
      "</g><rect class='st2' width='512' height='512'/><g id='Lines'>" +
          shapes("class='st1'") + "</g></svg>");
}

TEST(SvgOf, IllustratorWithAttributes) {
  expect_lines(
      "illustrator-attributes",
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 512 512' "
      "width='512px' height='512px'><switch><foreignObject "
      "requiredExtensions='http://ns.adobe.com/AdobeIllustrator/10.0/' x='0' "
      "y='0' width='1' height='1'/><g>" +
          shapes("fill='none' stroke='#010101' stroke-width='2' "
                 "stroke-miterlimit='10'") +
          "</g></switch></svg>");
}

TEST(SvgOf, Figma) {
  expect_lines(
      "figma",
      "<svg width='512' height='512' viewBox='0 0 512 512' fill='none' "
      "xmlns='http://www.w3.org/2000/svg'><g clip-path='url(#clip0_1_2)'>"
      "<rect width='512' height='512' fill='white'/>" +
          shapes("stroke='black' stroke-width='2' stroke-linecap='round'") +
          "</g><defs><clipPath id='clip0_1_2'><rect width='512' height='512' "
          "fill='white'/></clipPath></defs></svg>");
}

TEST(SvgOf, Sketch) {
  expect_lines(
      "sketch",
      "<?xml version='1.0' encoding='UTF-8'?><svg width='512px' height='512px' "
      "viewBox='0 0 512 512' version='1.1' xmlns='http://www.w3.org/2000/svg' "
      "xmlns:xlink='http://www.w3.org/1999/xlink'><title>Face</title><defs>"
      "<path d='M 100 120 L 400 140' id='path-1'/></defs><g id='Page-1' "
      "stroke='none' stroke-width='1' fill='none' fill-rule='evenodd'><g "
      "id='Face' transform='translate(100, 50)' stroke='#979797'><g "
      "transform='translate(-100, -50)'><use xlink:href='#path-1'/><path d='" +
          std::string(kCurve) +
          "'/><circle cx='256' cy='220' r='60'/></g></g></g></svg>");
}

// A vector layer: points, shapes moved into their place.
TEST(SvgOf, Krita) {
  expect_lines(
      "krita",
      "<?xml version='1.0' standalone='no'?><!DOCTYPE svg PUBLIC '-//W3C//DTD "
      "SVG 20010904//EN' 'http://www.w3.org/TR/2001/REC-SVG-20010904/DTD/"
      "svg10.dtd'><svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://"
      "www.w3.org/1999/xlink' xmlns:krita='http://krita.org/namespaces/svg/"
      "krita' xmlns:sodipodi='http://sodipodi.sourceforge.net/DTD/"
      "sodipodi-0.dtd' width='384pt' height='384pt' viewBox='0 0 384 384'>"
      "<defs/><g id='group0' transform='scale(0.75)' fill='none'>" +
          shapes("stroke='#000000' stroke-width='2.4' stroke-linecap='square' "
                 "stroke-linejoin='bevel' fill='none' krita:marker-fill-method="
                 "'auto' sodipodi:nodetypes='cc'") +
          "</g></svg>");
}

// What librsvg's converter and other users of cairo write.
TEST(SvgOf, Cairo) {
  expect_lines(
      "cairo",
      "<?xml version='1.0' encoding='UTF-8'?><svg xmlns='http://www.w3.org/"
      "2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink' width='384pt' "
      "height='384pt' viewBox='0 0 384 384' version='1.1'><g id='surface1'>"
      "<rect x='0' y='0' width='384' height='384' style='fill:rgb(100%,100%,"
      "100%);fill-opacity:1;stroke:none;'/>" +
          shapes("style='fill:none;stroke-width:2;stroke-linecap:butt;stroke-"
                 "linejoin:miter;stroke:rgb(0%,0%,0%);stroke-opacity:1;stroke-"
                 "miterlimit:4;' transform='matrix(0.75,0,0,0.75,0,0)'") +
          "</g></svg>");
}

// Made small: relative commands, numbers without gaps, short names.
TEST(SvgOf, Svgo) {
  expect_lines(
      "svgo",
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 512 512'><style>"
      ".a{fill:none;stroke:#000}</style><path d='m100 120 300 20' class='a'/>"
      "<path d='M100 300c100 150 200 150 300 0' class='a'/><path d='M316 220"
      "a60 60 0 11-120 0 60 60 0 01120 0z' class='a'/></svg>");
}

}  // namespace
}  // namespace limner
