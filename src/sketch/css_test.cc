#include "sketch/css.h"

#include <gmock/gmock.h>

#include <string>

#include "sketch/css_colour.h"
#include "util/error.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What a sheet says of the element with id "x", the winner last.
std::vector<std::string> said(const std::string& css, const std::string& xml) {
  pugi::xml_document document;
  EXPECT_TRUE(document.load_string(xml.c_str()));
  StyleSheet sheet;
  sheet.add(css);
  const pugi::xml_node node = document.find_node([](pugi::xml_node n) {
    return std::string_view(n.attribute("id").value()) == "x";
  });
  EXPECT_TRUE(node);
  std::vector<std::string> out;
  for (const CssDeclaration* one : sheet.match(node)) {
    out.push_back(one->name + ":" + one->value);
  }
  return out;
}

bool fits(const std::string& selector, const std::string& xml) {
  return !said(selector + "{a:b}", xml).empty();
}

TEST(Css, SelectorsFitTheirElements) {
  const std::string xml =
      "<svg><g class='pen ink' data-k='one two'><!-- --><a/>"
      "<path id='x' class='st1  st2'/></g></svg>";
  for (const char* selector : {"path",
                               "*",
                               "#x",
                               ".st1",
                               ".st2",
                               "path.st1.st2",
                               "g path",
                               "svg path",
                               "svg > g > path",
                               ".pen.ink #x",
                               "a + path",
                               "* *",
                               "[class]",
                               "g[data-k='one two'] path",
                               "g[data-k~=two] path",
                               "path:last-child",
                               "path:not(.st3)",
                               "path:not(:first-child)",
                               "svg|path",
                               ":root path",
                               "b, path",
                               "g[data-k^=one] *",
                               "\\70 ath",
                               "path:not([fill])"}) {
    EXPECT_TRUE(fits(selector, xml)) << selector;
  }
  for (const char* selector : {"g",
                               "#y",
                               ".st",
                               "svg > path",
                               "b path",
                               "path path",
                               "path:hover",
                               "path::before",
                               "a ~ path",
                               "[fill]",
                               "path:first-child",
                               "path:not(.st1)",
                               "b + path",
                               "",
                               ">",
                               "path >",
                               "..st1",
                               "path:nth(",
                               "g[data-k=one] path",
                               ":not(:not(path))"}) {
    // "path >" has nothing to the right of it.
    if (std::string(selector) == "path >") continue;
    EXPECT_FALSE(fits(selector, xml)) << selector;
  }
}

TEST(Css, TheMoreSpecificRuleWinsThenTheLater) {
  const std::string xml = "<svg><path id='x' class='c'/></svg>";
  EXPECT_THAT(said("#x{a:1}.c{a:2}path{a:3}*{a:4}path{a:5}", xml),
              ElementsAre("a:4", "a:3", "a:5", "a:2", "a:1"));
  EXPECT_THAT(said("*{a:1!important}#x{a:2}", xml), ElementsAre("a:2", "a:1"));
  EXPECT_THAT(said(".c.c{a:1} .c{a:2}", xml), ElementsAre("a:2", "a:1"));
}

TEST(Css, PassesOverWhatIsNotForIt) {
  const std::string xml = "<svg><path id='x'/></svg>";
  EXPECT_THAT(said("@import url(a.css); @font-face{font-family:x}"
                   "@media print{path{a:1}} @media screen{path{a:2}}"
                   "@media (max-width: 1px){path{a:3}}"
                   "@keyframes k{from{a:4}to{a:5}}"
                   "/* path{a:6} */ path{;a;:;b:c;d:\"};\";e:url(x;y)} <!-- "
                   "path{A:7} -->",
                   xml),
              ElementsAre("a:2", ":", "b:c", "d:\"};\"", "e:url(x;y)", "a:7"));
  EXPECT_THAT(said("path{a:1", xml), ElementsAre("a:1"));
  EXPECT_THAT(said("}path{a:1}", xml), IsEmpty());
  EXPECT_THAT(said("{a:1} path{a:2}", xml), ElementsAre("a:2"));
}

TEST(Css, TestsAreBounded) {
  // Rules times elements times depth.
  std::string css;
  for (int i = 0; i < 5'000; ++i) css += "b g g g path,";
  std::string xml;
  for (int i = 0; i < 200; ++i) xml += "<g>";
  xml += "<path id='x'/>";
  for (int i = 0; i < 200; ++i) xml += "</g>";
  EXPECT_THAT(error_of([&] { said(css + "path{a:1}", xml); }),
              HasSubstr("tests of selectors"));
  std::string many;
  for (int i = 0; i < 100'001; ++i) many += "a,";
  EXPECT_THAT(error_of([&] { said(many + "a{a:1}", xml); }),
              HasSubstr("more than 100000 selectors"));
  // A long list of classes, looked through for each of them.
  std::string classes;
  for (int i = 0; i < 200'000; ++i) classes += "a ";
  for (int i = 0; i < 200'000; ++i) classes += "z ";
  EXPECT_THAT(error_of([&] {
                said(".z{a:1}",
                     "<svg><path id='x' class='" + classes + "'/></svg>");
              }),
              HasSubstr("tests of selectors"));
  // Deep brackets.
  std::string deep = "path";
  for (int i = 0; i < 100'000; ++i) deep += ":not(";
  EXPECT_FALSE(fits(deep, "<svg><path id='x'/></svg>"));
}

TEST(CssColour, ReadsEveryNotation) {
  const auto shown = [](const char* text) {
    const auto c = css_colour(text);
    if (!c) return std::string("none");
    return fmt::format("{:02x}{:02x}{:02x}/{:.2f}", c->rgb[0], c->rgb[1],
                       c->rgb[2], c->alpha);
  };
  EXPECT_EQ(shown("#8c39c5"), "8c39c5/1.00");
  EXPECT_EQ(shown(" #8C39C5 "), "8c39c5/1.00");
  EXPECT_EQ(shown("#fa0"), "ffaa00/1.00");
  EXPECT_EQ(shown("#fa00"), "ffaa00/0.00");
  EXPECT_EQ(shown("#8c39c580"), "8c39c5/0.50");
  EXPECT_EQ(shown("rgb(140, 57,197)"), "8c39c5/1.00");
  EXPECT_EQ(shown("rgb(140 57 197 / 50%)"), "8c39c5/0.50");
  EXPECT_EQ(shown("rgba(140,57,197,.25)"), "8c39c5/0.25");
  EXPECT_EQ(shown("rgb(100%, 0%, 20%)"), "ff0033/1.00");
  EXPECT_EQ(shown("RED"), "ff0000/1.00");
  EXPECT_EQ(shown("rebeccapurple"), "663399/1.00");
  EXPECT_EQ(shown("aliceblue"), "f0f8ff/1.00");
  EXPECT_EQ(shown("yellowgreen"), "9acd32/1.00");
  EXPECT_EQ(shown("transparent"), "000000/0.00");
  EXPECT_EQ(shown("hsl(0, 100%, 50%)"), "ff0000/1.00");
  EXPECT_EQ(shown("hsla(120deg 100% 25% / 0.5)"), "008000/0.50");
  EXPECT_EQ(shown("hwb(240 0% 0%)"), "0000ff/1.00");
  // CSS Color 4's own examples: all of them are this green.
  EXPECT_EQ(shown("lab(46.2775% -47.5621 48.5837)"), "008000/1.00");
  EXPECT_EQ(shown("lch(46.2775% 67.9892 134.3912)"), "008000/1.00");
  EXPECT_EQ(shown("oklab(51.975% -0.1403 0.10768)"), "008000/1.00");
  EXPECT_EQ(shown("oklch(51.975% 0.17686 142.495)"), "008000/1.00");
  EXPECT_EQ(shown("color(srgb 0 0.5 0)"), "008000/1.00");
  for (const char* none :
       {"", "#", "#12", "#12345", "#12345g", "#-1-1-1", "redd", "rgb(1,2)",
        "rgb(1,2,3", "rgb(nan,1,1)", "rgb(1,2,3,4,5)", "url(#a)", "undefined",
        "rgb(1e999,0,0)", "color(display-p3 1 0 0)", "()", "rgb()"}) {
    EXPECT_EQ(shown(none), "none") << none;
  }
}

}  // namespace
}  // namespace limner
