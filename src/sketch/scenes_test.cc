#include "sketch/scenes.h"

#include <gmock/gmock.h>

#include <string>

#include "sketch/drawing_file.h"
#include "util/error.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string points(const std::string& file, int64_t index = 0) {
  ReadOptions options;
  options.index = index;
  const Drawing drawing = decode_drawing(bytes_of(file), "a", options);
  std::string out = fmt::format("{}:", drawing.side);
  for (const Stroke& stroke : drawing.strokes) {
    out += " |";
    for (const Point& p : stroke.points)
      out += fmt::format(" {:.6g},{:.6g}", p.x, p.y);
  }
  return out;
}

std::string problem(const std::string& file) {
  return error_of([&] { points(file); });
}

TEST(Scenes, QuickDrawInOtherForms) {
  const std::string one =
      "{\n \"word\": \"face\",\n \"drawing\": [[[1, 5],\n "
      "[2, 6]]]\n}";
  EXPECT_EQ(points(one), "4: | 0,0 4,4");
  EXPECT_EQ(points("[" + one + ",\n{\"drawing\":[[[0,2],[0,0]]]}]", 1),
            "2: | 0,0 2,0");
  EXPECT_EQ(points("[[[1,5],[2,6]],[[1],[2]]]"), "4: | 0,0 4,4 | 0,0");
  EXPECT_THAT(error_of([&] { points("[" + one + "]", 1); }),
              HasSubstr("no drawing 1, the file has 1"));
  EXPECT_THAT(problem("[]"), HasSubstr("the list is empty"));
  EXPECT_THAT(problem("[1]"), HasSubstr("stroke 0"));
  EXPECT_THAT(problem("{\"a\":1}"), HasSubstr("\"format\""));
}

TEST(Scenes, QuickDrawBinary) {
  const auto drawing = [](const std::string& strokes, int count) {
    std::string out(8, '\1');
    out += "US";
    out += '\1';
    out += std::string(4, '\x55');
    out += static_cast<char>(count);
    return out + '\0' + strokes;
  };
  const std::string line = std::string("\2\0", 2) + "\1\5\2\6";
  const std::string dot = std::string("\1\0", 2) + "\7\7";
  const std::string file = drawing(line, 1) + drawing(dot + line, 2);
  EXPECT_EQ(points(file), "4: | 0,0 4,4");
  EXPECT_EQ(points(file, 1), "6: | 6,5 | 0,0 4,4");
  EXPECT_THAT(error_of([&] { points(file, 2); }),
              HasSubstr("no drawing 2, the file has 2"));
  for (size_t size = 0; size + 1 < file.size(); ++size) {
    if (size == drawing(line, 1).size()) continue;
    EXPECT_THAT(problem(file.substr(0, size)), StartsWith("a: ")) << size;
  }
}

TEST(Scenes, Excalidraw) {
  const auto scene = [](const std::string& elements) {
    return "{\n\"type\": \"excalidraw\", \"elements\": [" + elements +
           "], \"appState\": {\"viewBackgroundColor\": \"#fff\"}}";
  };
  EXPECT_EQ(points(scene(
                "{\"type\":\"freedraw\",\"x\":10,\"y\":20,\"strokeColor\":"
                "\"#1e1e1e\",\"points\":[[0,0],[30,40]]},"
                "{\"type\":\"line\",\"x\":10,\"y\":20,\"points\":[[0,0],[8,0]],"
                "\"angle\":1.5707963267948966},"
                "{\"type\":\"rectangle\",\"x\":11,\"y\":21,\"width\":2,"
                "\"height\":3},"
                "{\"type\":\"freedraw\",\"isDeleted\":true,\"points\":[[9,9]]},"
                "{\"type\":\"freedraw\",\"opacity\":0,\"points\":[[9,9]]},"
                "{\"type\":\"line\",\"strokeColor\":\"transparent\",\"points\":"
                "[[9,9]]},"
                "{\"type\":\"line\",\"strokeColor\":\"#ffffff\",\"points\":"
                "[[9,9]]},{\"type\":\"text\",\"text\":\"a\"}")),
            "44: | 0,4 30,44 | 4,0 4,8 | 1,5 3,5 3,8 1,8 1,5");
  EXPECT_THAT(problem(scene("")), HasSubstr("no lines that are seen"));
  EXPECT_THAT(problem(scene("{\"type\":\"line\",\"points\":[[1]]}")),
              HasSubstr("expected [x, y]"));
  EXPECT_THAT(problem(scene("{\"type\":\"line\",\"points\":[[1e300,1]]}")),
              HasSubstr("expected numbers within"));
  EXPECT_THAT(problem("{\"type\":\"excalidraw\"}"),
              HasSubstr("no list of elements"));
}

TEST(Scenes, Tldraw) {
  const auto file = [](const std::string& records) {
    return "{\"tldrawFileFormatVersion\":1,\n\"records\":[" + records + "]}";
  };
  EXPECT_EQ(
      points(file(
          "{\"typeName\":\"shape\",\"id\":\"shape:g\",\"type\":\"group\",\"x\":"
          "100,\"y\":0,\"rotation\":1.5707963267948966,\"props\":{}},"
          "{\"typeName\":\"shape\",\"id\":\"shape:a\",\"type\":\"draw\",\"x\":"
          "1,"
          "\"y\":2,\"parentId\":\"shape:g\",\"props\":{\"segments\":[{\"type\":"
          "\"free\",\"points\":[{\"x\":0,\"y\":0,\"z\":0.5},{\"x\":4,\"y\":0}]}"
          "]"
          "}},"
          "{\"typeName\":\"shape\",\"type\":\"line\",\"x\":98,\"y\":1,"
          "\"props\":"
          "{\"points\":{\"b\":{\"index\":\"a2\",\"x\":2,\"y\":0},\"a\":{"
          "\"index\":\"a1\",\"x\":0,\"y\":0}}}},{\"typeName\":\"page\"}")),
      "4: | 0,0 0,4 | 0,0 2,0");
  EXPECT_THAT(problem(file("")), HasSubstr("no lines that are seen"));
  EXPECT_THAT(
      problem(file("{\"typeName\":\"shape\",\"type\":\"draw\",\"props\":"
                   "{\"segments\":[{\"path\":\"AAA\"}]}}")),
      HasSubstr("export it as SVG"));
  // A shape inside of itself.
  EXPECT_THAT(points(file("{\"typeName\":\"shape\",\"id\":\"s\",\"parentId\":"
                          "\"s\",\"x\":1,\"type\":\"draw\",\"props\":{"
                          "\"segments\":[{\"points\":[{\"x\":0,\"y\":0},{\"x\":"
                          "4,\"y\":0}]}]}}")),
              StartsWith("4: | 0,0 4,0"));
}

TEST(Scenes, Inkml) {
  const auto ink = [](const std::string& body) {
    return "<?xml version='1.0'?><!-- --><inkml:ink xmlns:inkml='http://"
           "www.w3.org/2003/InkML'>" +
           body + "</inkml:ink>";
  };
  EXPECT_EQ(points(ink("<trace>1 2, 3 4, 5 2</trace><traceGroup><trace "
                       "type='penUp'>9 9</trace><trace>1 2\n,1 3</trace>"
                       "</traceGroup>")),
            "4: | 0,0 2,2 4,0 | 0,0 0,1");
  // Y first, with a force between, in differences.
  EXPECT_EQ(points(ink("<traceFormat><channel name='Y'/><channel name='F'/>"
                       "<channel name='X'/></traceFormat><trace>10 99 20,"
                       "'1 98'2, 1 97 2,\"1 96\"-1, 0 95 0</trace>")),
            "6: | 0,0 2,1 4,2 5,4 6,6")
      << "differences of differences add up";
  EXPECT_THAT(problem(ink("")), HasSubstr("the ink has no traces"));
  EXPECT_THAT(problem(ink("<trace>a b</trace>")),
              HasSubstr("expected a number"));
}

TEST(Scenes, UnknownFilesAreNamed) {
  using namespace std::string_literals;
  EXPECT_THAT(problem("II*\0\0\0\0\0"s), HasSubstr("is a TIFF picture"));
  EXPECT_THAT(problem("%PDF-1.4\n"), HasSubstr("PDF"));
  EXPECT_THAT(problem("GIF89a"), HasSubstr("is a GIF picture"));
  EXPECT_THAT(problem("\0\0\0\x18"
                      "ftypheic"s),
              HasSubstr("is a HEIC picture"));
  EXPECT_THAT(problem("\0\0\0\x18"
                      "ftypavif"s),
              HasSubstr("is an AVIF"));
  EXPECT_THAT(problem("8BPS"), HasSubstr("is a Photoshop file"));
  EXPECT_THAT(
      problem("PK\3\4"s + std::string(22, '\0') + "\x9\0\0\0train.npy"s),
      HasSubstr("is a NumPy archive"));
}

}  // namespace
}  // namespace limner
