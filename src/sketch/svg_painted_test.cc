// SVG as browsers paint it: what is no line, and where lines lie.
#include <gmock/gmock.h>
#include <zlib.h>

#include <string>

#include "sketch/drawing_file.h"
#include "sketch/svg_read.h"
#include "sketch/xml_entities.h"
#include "util/error.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const std::string kSeen = "<path stroke='#000' fill='none' d='M10 10h80'/>";

SvgContent content(const std::string& body, const std::string& root = "") {
  return read_svg_content(
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 100 100' " + root +
          ">" + body + "</svg>",
      "a.svg");
}

// The first point of each stroke.
std::vector<std::string> starts(const std::string& body,
                                const std::string& root = "") {
  std::vector<std::string> out;
  for (const Stroke& s : content(body, root).drawing.strokes) {
    out.push_back(fmt::format("{:.6g},{:.6g}", s.points[0].x, s.points[0].y));
  }
  return out;
}

TEST(SvgPainted, StyleSheetsSayWhatIsALine) {
  // As Illustrator writes them: a hidden layer, white areas, lines.
  EXPECT_THAT(
      starts("<style type='text/css'><![CDATA[.st0{display:none;}"
             ".st1{display:inline;fill:none;stroke:#000;}.st2{fill:#FFFFFF;}"
             ".st3{fill:none;stroke:#000000;stroke-width:2;}]]></style>"
             "<g class='st0'><path class='st1' d='M1 1h9'/></g>"
             "<rect class='st2' width='100' height='100'/>"
             "<path class='st3' d='M5 6h9'/>"),
      ElementsAre("5,6"));
  // The stroke by the sheet, the fill by the attribute.
  EXPECT_THAT(starts("<style>path{stroke:#000;stroke-width:2}</style>"
                     "<path fill='transparent' d='M5 6h9'/>"),
              ElementsAre("5,6"));
  // A sheet goes before an attribute, a style before a sheet, unless important.
  EXPECT_THAT(starts("<style>.a{stroke:none;fill:none}.b{stroke:none!important;"
                     "fill:none}</style>"
                     "<path class='a' stroke='#000' d='M1 0h9'/>"
                     "<path class='a' style='stroke:#000' d='M2 0h9'/>"
                     "<path class='b' style='stroke:#000' d='M3 0h9'/>"),
              ElementsAre("2,0"));
  EXPECT_THAT(starts("<style>:root{--ink:#000}path{stroke:var(--ink);"
                     "fill:var(--none, none)}</style><path d='M2 0h9'/>"),
              ElementsAre("2,0"));
}

TEST(SvgPainted, WhatPaintsNothingIsNoLine) {
  const std::string path = "<path fill='none' stroke='#000' d='M20 20L80 90' ";
  for (const char* unseen :
       {"opacity='0'", "style='opacity:0'", "stroke-opacity='0'",
        "style='stroke-opacity:0%'", "stroke-width='0'",
        "style='stroke-width:0px'", "style='stroke:transparent'",
        "style='stroke:#0000'", "style='stroke:rgba(0,0,0,0)'",
        "style='stroke:#fff'", "style='stroke:white'",
        "style='stroke:rgb(254 254 254)'", "style='stroke:#00000002'",
        "clip-path='url(#c)'", "style='clip-path:url(\"#c\")'",
        "mask='url(#m)'", "style='visibility:hidden'", "style='display:none'",
        "style='clip-path:inset(50%)'"}) {
    EXPECT_THAT(
        starts("<defs><clipPath id='c'><rect width='1' height='1'/></clipPath>"
               "<mask id='m'><rect width='0' height='0' fill='#fff'/></mask>"
               "</defs>" +
               path + unseen + "/>" + kSeen),
        ElementsAre("10,10"))
        << unseen;
  }
  EXPECT_THAT(starts("<g opacity='0'>" + kSeen + "</g>"), IsEmpty());
  EXPECT_THAT(starts("<g opacity='0.1'><g opacity='0.1'>" + kSeen + "</g></g>"),
              IsEmpty());
}

TEST(SvgPainted, WhiteIsALineOnDarkPaper) {
  const std::string white = "<path fill='none' stroke='#fff' d='M20 20h60'/>";
  EXPECT_THAT(starts("<rect width='100' height='100' fill='#123'/>" + white),
              ElementsAre("20,20"));
  EXPECT_THAT(starts(white, "style='background:#222'"), ElementsAre("20,20"));
  EXPECT_THAT(starts("<circle cx='50' cy='20' r='40' fill='black'/>" + white),
              ElementsAre("20,20"));
  // And the black one is none there.
  EXPECT_THAT(starts("<rect width='100' height='100'/>" + white + kSeen),
              ElementsAre("0,0", "10,10"))
      << "a shape that says nothing is a line, not paper";
  EXPECT_THAT(
      starts("<rect width='100' height='100' fill='#000'/>" + white + kSeen),
      ElementsAre("20,20"));
  // White lines and nothing else are for dark paper.
  EXPECT_THAT(starts(white), ElementsAre("20,20"));
}

TEST(SvgPainted, ClipsCutLines) {
  const std::string line =
      "<path fill='none' stroke='#000' d='M0 50h100' clip-path='url(#c)'/>";
  const SvgContent cut = content(
      "<clipPath id='c'><rect x='20' y='20' width='30' height='60'/>"
      "<rect x='70' y='20' width='10' height='60'/></clipPath>" +
      line);
  ASSERT_THAT(cut.drawing.strokes, SizeIs(2));
  EXPECT_NEAR(cut.drawing.strokes[0].points.front().x, 20, 0.3);
  EXPECT_NEAR(cut.drawing.strokes[0].points.back().x, 50, 0.3);
  EXPECT_NEAR(cut.drawing.strokes[1].points.front().x, 70, 0.3);
  // Of a clip with text in it nothing is known; one that is not there is none.
  EXPECT_THAT(starts("<clipPath id='c'><text>a</text></clipPath>" + line),
              ElementsAre("0,50"));
  EXPECT_THAT(starts(line), ElementsAre("0,50"));
  // A mask shows where it is light.
  const SvgContent masked = content(
      "<mask id='c'><rect width='100' height='100' fill='white'/>"
      "<rect x='40' width='60' height='100' fill='black'/></mask>"
      "<path fill='none' stroke='#000' d='M0 50h100' mask='url(#c)'/>");
  ASSERT_THAT(masked.drawing.strokes, SizeIs(1));
  EXPECT_NEAR(masked.drawing.strokes[0].points.back().x, 40, 0.3);
  // Boxes as units.
  EXPECT_THAT(starts("<clipPath id='c' clipPathUnits='objectBoundingBox'>"
                     "<rect width='1' height='.4'/></clipPath>"
                     "<path fill='none' stroke='#000' d='M0 0h50v60' "
                     "clip-path='url(#c)'/>"),
              ElementsAre("0,0"));
}

TEST(SvgPainted, TransformsOfCss) {
  const std::string line = "<path fill='none' stroke='#000' d='M10 0h9' ";
  EXPECT_THAT(starts(line + "style='transform:translate(12px,13px) scale(.5)'/>"
                            ""),
              ElementsAre("17,13"));
  EXPECT_THAT(
      starts("<style>path{transform:translateX(50%)}</style>" + line + "/>"),
      ElementsAre("60,0"));
  EXPECT_THAT(starts(line + "transform='rotate(90)' "
                            "transform-origin='50 50'/>"),
              ElementsAre("100,10"));
  EXPECT_THAT(starts(line + "style='rotate:180deg;transform-origin:center'/>"),
              ElementsAre("90,100"));
  EXPECT_THAT(starts("<rect x='10' y='10' width='20' height='20' fill='none' "
                     "stroke='#000' style='transform-box:fill-box;"
                     "transform-origin:right bottom;transform:scale(2)'/>"),
              ElementsAre("-10,-10"));
  // One that makes no sense is none, and noted.
  const SvgContent bad = content("<g transform='spin(3)'>" + kSeen + "</g>");
  EXPECT_THAT(bad.drawing.strokes, SizeIs(1));
  EXPECT_THAT(bad.notes, ElementsAre(HasSubstr("spin() with 1")));
}

TEST(SvgPainted, SwitchDrawsTheFirstThatFits) {
  EXPECT_THAT(starts("<switch><g systemLanguage='de'>" + kSeen +
                     "</g><path fill='none' stroke='#000' d='M1 1h9'/>" +
                     kSeen + "</switch>"),
              ElementsAre("1,1"));
  EXPECT_THAT(starts("<switch><foreignObject requiredExtensions='x'/>"
                     "<g requiredExtensions=''>" +
                     kSeen + "</g><g>" + kSeen + "</g></switch>"),
              ElementsAre("10,10"));
  EXPECT_THAT(starts("<switch><g systemLanguage='fr, en-GB'>" + kSeen +
                     "</g></switch>"),
              ElementsAre("10,10"));
}

TEST(SvgPainted, EntitiesOfTheFileAreExpanded) {
  const auto read = [](const std::string& doctype, const std::string& body) {
    return read_svg("<?xml version='1.0'?>\n<!DOCTYPE svg [" + doctype +
                        "]>\n<svg viewBox='0 0 100 100' "
                        "xmlns:xlink='&ns;'>" +
                        body + "</svg>",
                    "a.svg");
  };
  const Drawing drawing = read(
      "<!ENTITY st0 \"fill:none;stroke:#000000;\">\n<!ENTITY st1 "
      "'fill:#FFFFFF;'><!ENTITY ns 'http://x'><!ENTITY dot '<path d=\"M1 "
      "1h1\"/>'><!ENTITY two '&dot;&dot;'>",
      "<path style='&st1;' d='M9 9h9'/><path style='&st0;' d='M5 "
      "6h9'/>&two;<!-- &st0; -->");
  ASSERT_THAT(drawing.strokes, SizeIs(3));
  EXPECT_EQ(drawing.strokes[0].points[0].x, 5);
  // Quotes do not end a value, and lines keep their numbers.
  EXPECT_THAT(
      error_of([&] { read("<!ENTITY q 'M1 \"\n\n'>", "\n<path d='&q;'/>"); }),
      HasSubstr("<path> on line 6"));
  EXPECT_EQ(expand_entities("<!DOCTYPE svg [<!ENTITY a '&a;'>]><svg>&a;</svg>"),
            "<!DOCTYPE svg [<!ENTITY a '&a;'>]><svg>&a;</svg>");
  EXPECT_EQ(expand_entities("<svg>&lt;</svg>"), "");
}

TEST(SvgPainted, BadElementsAreLeftOutAndNoted) {
  for (const char* bad :
       {"<path d='MNaN,NaN LNaN,NaN'/>", "<rect x='NaN' width='NaN'/>",
        "<polyline points='10,10 20,20 30'/>", "<path d='undefined'/>",
        "<circle cx='1' cy='1' r='undefined'/>",
        "<svg width='9' height='9' viewBox='0 0 0 0'/>",
        "<path d='M0 0L1e17 5'/>", "<g data-class='99'/>"}) {
    const SvgContent read = content(kSeen + "\n" + bad);
    ASSERT_FALSE(read.drawing.strokes.empty()) << bad;
    EXPECT_EQ(read.drawing.strokes[0].points[0].x, 10) << bad;
    EXPECT_THAT(read.notes, ElementsAre(HasSubstr("on line 2"))) << bad;
    EXPECT_LE(read.drawing.strokes.size(), 2U) << bad;
  }
  // What came before it is drawn.
  EXPECT_THAT(starts("<path stroke='#000' fill='none' d='M1 2h3L4 x'/>"),
              ElementsAre("1,2"));
  // Numbers too small to write are 0; calc() is worked out.
  EXPECT_THAT(starts("<path d='M1e-400 1L 5.68e-14 2e-310'/><circle "
                     "cx='calc(50% + 2px)' cy='3' r='calc(1px + 1px)'/>"),
              ElementsAre("0,1", "54,3"));
  EXPECT_THAT(content(kSeen, "width='auto' height='x'").notes, SizeIs(1));
  std::string many;
  for (int i = 0; i < 50; ++i) many += "<path d='x'/>";
  EXPECT_THAT(content(kSeen + many).notes, SizeIs(6));
  EXPECT_THAT(content(kSeen + many).notes.back(), HasSubstr("45 more"));
}

TEST(SvgPainted, LargeNumbersThatTransformsMakeSmall) {
  EXPECT_THAT(starts("<path fill='none' stroke='#000' d='M5e7 5e7h1e8' "
                     "transform='scale(1e-6)'/>"),
              ElementsAre("50,50"));
  const Drawing far = read_svg(
      "<svg viewBox='5e7 5e7 2e7 1e7'><path d='M5e7 5e7h1e7'/></svg>", "a");
  EXPECT_EQ(far.side, 512);
  EXPECT_EQ(far.strokes.at(0).points[1].x, 256);
}

TEST(SvgPainted, PrefixesOfNamespaces) {
  const Drawing drawing = read_svg(
      "<ns0:svg xmlns:ns0='http://www.w3.org/2000/svg' "
      "xmlns:ns1='http://www.w3.org/1999/xlink' viewBox='0 0 9 9'><ns0:defs>"
      "<ns0:path id='a' d='M1 2h3'/></ns0:defs><ns0:use ns1:href='#a'/>"
      "<other:path d='M5 5h1'/></ns0:svg>",
      "a");
  ASSERT_THAT(drawing.strokes, SizeIs(1));
  EXPECT_EQ(drawing.strokes[0].points[0].x, 1);
}

TEST(SvgPainted, AColourThatSomebodyGaveWins) {
  const auto label = [](const std::string& attributes,
                        const std::string& title) {
    const Drawing drawing = content("<path d='M0 0h1' " + attributes +
                                    "><title>" + title + "</title></path>")
                                .drawing;
    return std::pair(drawing.strokes.at(0).label,
                     drawing.strokes.at(0).confidence);
  };
  // 7 is #ff9896, 15 is hair.
  EXPECT_EQ(
      label("stroke='#ff9896' data-class='15' data-confidence='.5'", "hair"),
      std::pair(7, 1.0F));
  for (const char* colour :
       {"style='stroke:#FF9896'", "stroke='rgb(255 152 150)'",
        "stroke='hsl(1.14 100% 79.4%)'", "style='stroke:rgb(100%,59.6%,58.8%)'",
        "stroke='#ff9896ff'"}) {
    EXPECT_EQ(label(std::string(colour) + " data-class='15'", "hair").first, 7)
        << colour;
  }
  // Somebody gave another number, the colour is as it was.
  EXPECT_EQ(label("stroke='#ff9896' data-class='15'", "lips and mouth"),
            std::pair(15, 1.0F));
  EXPECT_EQ(label("stroke='#ff9896' data-class='15'", "a").first, 15);
  EXPECT_EQ(label("stroke='#123456' data-class='15'", "hair").first, 15);
}

std::string gzip(const std::string& text) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 9,
                         Z_DEFAULT_STRATEGY),
            Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<unsigned char*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<unsigned char*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

size_t strokes_in(const std::string& file) {
  return decode_drawing(bytes_of(file), "a").strokes.size();
}

TEST(TextFiles, CompressedAndInUtf16) {
  const std::string svg =
      "<?xml version='1.0' encoding='UTF-16'?><svg viewBox='0 0 9 9'><title>"
      "\xc3\xa9\xf0\x9f\x98\x80</title><path d='M1 2h3'/></svg>";
  EXPECT_EQ(strokes_in(svg), 1U);
  EXPECT_EQ(strokes_in(gzip(svg)), 1U);
  EXPECT_EQ(strokes_in(gzip(svg.substr(0, 70)) + gzip(svg.substr(70))), 1U);
  const std::string packed = gzip(svg);
  EXPECT_THAT(error_of([&] { strokes_in(packed.substr(0, 40)); }),
              HasSubstr("damaged gzip file: the data ends early"));
  std::string broken = packed;
  broken[30] = static_cast<char>(broken[30] ^ 0x55);
  EXPECT_NE(error_of([&] { strokes_in(broken); }), "");
  // 100 MB of nothing in 100 kB.
  EXPECT_THAT(error_of([&] { strokes_in(gzip(std::string(100 << 20, ' '))); }),
              HasSubstr("more than 67108864 bytes long unpacked"));
  const auto utf16 = [](const std::string& text, bool big) {
    std::string out;
    for (const char c : text) {
      if (big) out += '\0';
      out += c;
      if (!big) out += '\0';
    }
    return out;
  };
  const std::string line = "{\"drawing\":[[[1,2],[3,4]]]}";
  const std::string plain = "<svg viewBox='0 0 9 9'><path d='M1 2h3'/></svg>";
  for (const bool big : {false, true}) {
    const std::string mark = big ? "\xfe\xff" : "\xff\xfe";
    for (const std::string& text : {line, plain}) {
      EXPECT_EQ(strokes_in(utf16(text, big)), 1U) << text;
      EXPECT_EQ(strokes_in(mark + utf16(text, big)), 1U) << text;
    }
  }
}

}  // namespace
}  // namespace limner
