// Drawings that are cut, garbled or hostile: each must be read or refused with
// an Error of one line, and nothing else may happen (run it with the
// sanitizers, too).
#include <gmock/gmock.h>

#include <algorithm>
#include <exception>
#include <string>
#include <vector>

#include "sketch/drawing_file.h"
#include "sketch/drawing_limits.h"
#include "sketch/svg_read.h"
#include "sketch/test_drawings.h"
#include "util/error.h"
#include "util/files.h"
#include "util/random.h"

namespace limner {
namespace {

using ::testing::HasSubstr;
using Data = std::vector<unsigned char>;

// "read", or the message; a text that starts with BAD for anything else.
std::string outcome(const Data& data, const std::string& name) {
  try {
    decode_drawing(data, name);
    return "read";
  } catch (const Error& error) {
    const std::string message = error.what();
    if (message.find('\n') == message.npos) return message;
    return "BAD, two lines: " + message;
  } catch (const std::exception& error) {
    return std::string("BAD, another exception: ") + error.what();
  }
}

std::string outcome(const std::string& text, const std::string& name = "a") {
  return outcome(Data(text.begin(), text.end()), name);
}

bool is_bad(const std::string& result) { return result.rfind("BAD", 0) == 0; }

class DrawingBadInput : public ::testing::TestWithParam<const char*> {};

TEST_P(DrawingBadInput, EveryCutIsReadOrRefused) {
  const std::string name = GetParam();
  const Data data = read_file(kDrawings + name);
  ASSERT_EQ(outcome(data, name), "read");
  for (size_t size = 0; size < data.size(); ++size) {
    const Data cut(data.begin(), data.begin() + static_cast<ptrdiff_t>(size));
    const std::string result = outcome(cut, name);
    ASSERT_FALSE(is_bad(result)) << size << ": " << result;
    // What is left may be whole: the last line end, or the first lines.
    if (result == "read" && name.find("ndjson") == name.npos) {
      EXPECT_GE(size + 1, data.size()) << "cut at " << size;
    }
  }
}

TEST_P(DrawingBadInput, EveryGarbledByteIsReadOrRefused) {
  const std::string name = GetParam();
  Data data = read_file(kDrawings + name);
  for (size_t at = 0; at < data.size(); ++at) {
    const unsigned char right = data[at];
    for (const int wrong :
         {0, 0xff, right ^ 0x01, right ^ 0x80, int{'9'}, int{'<'}, int{'"'}}) {
      data[at] = static_cast<unsigned char>(wrong);
      const std::string result = outcome(data, name);
      ASSERT_FALSE(is_bad(result)) << at << " as " << wrong << ": " << result;
    }
    data[at] = right;
  }
}

TEST_P(DrawingBadInput, MixedUpPiecesAreReadOrRefused) {
  const std::string name = GetParam();
  const Data data = read_file(kDrawings + name);
  Random random(11);
  const auto place = [&] { return random.next() % data.size(); };
  for (int round = 0; round < 2000; ++round) {
    Data mixed = data;
    for (uint32_t i = random.next() % 4 + 1; i > 0; --i) {
      const size_t from = place();
      const size_t size = std::min<size_t>(place() % 40, data.size() - from);
      const auto begin = data.begin() + static_cast<ptrdiff_t>(from);
      mixed.insert(
          mixed.begin() + static_cast<ptrdiff_t>(random.next() % mixed.size()),
          begin, begin + static_cast<ptrdiff_t>(size));
    }
    const std::string result = outcome(mixed, name);
    ASSERT_FALSE(is_bad(result)) << "round " << round << ": " << result;
  }
}

INSTANTIATE_TEST_SUITE_P(Files, DrawingBadInput,
                         ::testing::Values("shapes.svg", "strokes.svg",
                                           "strokes.json", "raw.ndjson",
                                           "simplified.ndjson", "parts.ndjson",
                                           "labels.png", "colours.png"),
                         [](const auto& test) {
                           std::string name = test.param;
                           for (char& c : name) {
                             if (c == '.') c = '_';
                           }
                           return name;
                         });

std::string repeated(const std::string& text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST(SvgBadInput, EntitiesAreNotExpanded) {
  std::string bomb = "<!DOCTYPE svg [<!ENTITY a0 \"lol\">";
  for (int i = 1; i < 40; ++i) {
    bomb += fmt::format("<!ENTITY a{} \"{}\">", i,
                        repeated(fmt::format("&a{};", i - 1), 10));
  }
  bomb +=
      "<!ENTITY x SYSTEM \"file:///etc/passwd\">]><svg viewBox='0 0 9 9'>"
      "<title>&a39;&x;</title>";
  EXPECT_EQ(outcome(bomb + "<path d='M1 1h1'/></svg>"), "read");
  EXPECT_THAT(outcome(bomb + "<path d='M1 1&a39;'/></svg>"),
              HasSubstr("no command '&' here, at character 4"));
}

TEST(SvgBadInput, ScriptsAndReferencesDoNothing) {
  EXPECT_EQ(outcome("<?xml-stylesheet href='http://example.com/a.css'?><svg "
                    "viewBox='0 0 9 9' onload='alert(1)'><script>alert(1)"
                    "</script><image href='file:///etc/passwd'/><use "
                    "href='file:///etc/passwd#a'/><foreignObject><iframe "
                    "src='http://example.com'/></foreignObject><style>@import "
                    "url(http://example.com)</style><path fill='url(#x)' "
                    "d='M1 1h1' stroke='url(http://example.com#a)'/></svg>"),
            "read");
}

TEST(SvgBadInput, NestingIsBounded) {
  for (const int depth : {257, 10'000, 300'000}) {
    const std::string open = "<svg viewBox='0 0 9 9'>" + repeated("<g>", depth);
    EXPECT_THAT(outcome(open + repeated("</g>", depth) + "</svg>"),
                HasSubstr("more than 256 elements inside each other"));
    EXPECT_THAT(outcome(open), HasSubstr("is no SVG that can be read"));
  }
  EXPECT_EQ(outcome("<svg viewBox='0 0 9 9'>" + repeated("<g>", 250) +
                    repeated("</g>", 250) + "</svg>"),
            "read");
  // Deep where nothing is drawn, and looked through for an id.
  EXPECT_EQ(outcome("<svg viewBox='0 0 9 9'><use href='#a'/><defs>" +
                    repeated("<g>", 300'000) + repeated("</g>", 300'000) +
                    "</defs></svg>"),
            "read");
}

TEST(SvgBadInput, PointsStrokesAndElementsAreBounded) {
  const auto svg = [](const std::string& body) {
    return outcome("<svg viewBox='0 0 9 9'>" + body + "</svg>");
  };
  EXPECT_THAT(svg("<path d='M0 0" + repeated("h1", 1'000'001) + "'/>"),
              HasSubstr("more than 1000000 points"));
  EXPECT_THAT(svg("<g transform='scale(1e5)'>" +
                  repeated("<circle r='9'/>", 10'000) + "</g>"),
              HasSubstr("more than 1000000 points"));
  EXPECT_THAT(svg("<path d='" + repeated("M0 0h1", 100'001) + "'/>"),
              HasSubstr("more than 100000 strokes"));
  EXPECT_THAT(svg(repeated("<g/>", 1'000'001)),
              HasSubstr("more than 1000000 elements"));
  EXPECT_THAT(svg(repeated("<a/>", 4'000'001)),
              HasSubstr("at most 4000000 are accepted"));
}

TEST(SvgBadInput, NumbersMustBeFinite) {
  for (const char* number :
       {"nan", "NaN", "inf", "-inf", "Infinity", "1e999", "1e17", "0x10"}) {
    for (const std::string shape :
         {"<path d='M1 {}'/>", "<line x1='{}'/>", "<polyline points='1 {}'/>",
          "<circle r='{}'/>", "<g transform='scale({})'/>",
          "<svg viewBox='0 0 {} 1'/>"}) {
      const std::string result =
          outcome("<svg viewBox='0 0 9 9'>" +
                  fmt::format(fmt::runtime(shape), number) + "</svg>");
      EXPECT_NE(result, "read") << shape << " " << number;
      EXPECT_FALSE(is_bad(result)) << result;
    }
  }
  EXPECT_THAT(outcome("<svg viewBox='0 0 9 9'><g transform='" +
                      repeated("scale(1e6)", 100) +
                      "'><circle r='1'/><path d='M0 0h1'/></g></svg>"),
              HasSubstr("expected numbers within"));
}

TEST(JsonBadInput, DeepAndBrokenTextsAreRefused) {
  const std::string front =
      R"({"format":"limner-drawing","version":1,"strokes":[{"points":)";
  EXPECT_THAT(outcome(front + repeated("[", 100'000)),
              HasSubstr("inside each other"));
  EXPECT_THAT(outcome("{\"drawing\":" + repeated("[", 100'000), "a.ndjson"),
              HasSubstr("line 1: more than 32 arrays inside each other"));
  EXPECT_THAT(outcome(repeated("{\"a\":", 100'000)), HasSubstr("inside each"));
  EXPECT_THAT(outcome(front + "[[NaN,1]]}]}"), HasSubstr("is no JSON"));
  EXPECT_THAT(outcome(front + "[[1e400,1]]}]}"), HasSubstr("is no JSON"));
  const std::string points = "[[1,2]" + repeated(",[1,2]", 1'000'000) + "]}]}";
  EXPECT_THAT(outcome(front + points), HasSubstr("1000001 points"));
}

TEST(DrawingBadInput, HugeFilesAreRefusedUnread) {
  const Data data(kMaxDrawingFile + 1, '<');
  EXPECT_THAT(outcome(data, "a.svg"),
              HasSubstr("a.svg: is 67108865 bytes long"));
}

}  // namespace
}  // namespace limner
