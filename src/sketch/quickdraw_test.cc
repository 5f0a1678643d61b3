#include "sketch/quickdraw.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>

#include "sketch/test_drawings.h"
#include "util/files.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr QuickDrawOptions kParts = {QuickDrawOptions::Third::kParts, false};

std::string error(const std::string& line,
                  const QuickDrawOptions& options = {}) {
  return error_of([&] { read_quickdraw(line, options); });
}

TEST(QuickDraw, ReadsSimplifiedAndRaw) {
  for (const char* line :
       {R"({"key_id":"52","drawing":[[[10,30],[25,65]],[[20],[30]]]})",
        R"({"key_id":"52","drawing":[[[10,30],[25,65],[0,16]],
            [[20],[30],[99]]]})"}) {
    const QuickDrawing got = read_quickdraw(line);
    EXPECT_EQ(got.key_id, "52");
    EXPECT_EQ(got.drawing.side, 40) << "the longer side";
    ASSERT_EQ(got.drawing.strokes.size(), 2u);
    EXPECT_EQ(got.drawing.strokes[0].points[0].x, 0);
    EXPECT_EQ(got.drawing.strokes[0].points[0].y, 0);
    EXPECT_EQ(got.drawing.strokes[0].points[1].x, 20);
    EXPECT_EQ(got.drawing.strokes[0].points[1].y, 40);
    EXPECT_EQ(got.drawing.strokes[1].points[0].x, 10);
    EXPECT_EQ(got.drawing.strokes[1].label, 0);
    EXPECT_THAT(got.parts, ElementsAre(-1, -1));
  }
}

TEST(QuickDraw, ReadsPartsWhenAsked) {
  const std::string line =
      R"({"key_id":7,"drawing":[[[1,3],[2,6],[6,6]],[[2],[3],[0]],[[2],[3]]]})";
  EXPECT_THAT(read_quickdraw(line, kParts).parts, ElementsAre(6, 0, -1));
  EXPECT_THAT(read_quickdraw(line).parts, ElementsAre(-1, -1, -1));
  EXPECT_EQ(read_quickdraw(line).key_id, "7");
  EXPECT_THAT(error(R"({"drawing":[[[1],[2],[7]]]})", kParts),
              HasSubstr("stroke 0 has part 7, expected a whole number 0 to 6"));
  EXPECT_THAT(error(R"({"drawing":[[[1],[2],["\n"]]]})", kParts),
              HasSubstr("stroke 0 has part"));
  EXPECT_THAT(error(R"({"drawing":[[[1,1],[2,2],[1,3]]]})", kParts),
              HasSubstr("stroke 0 mixes parts 1 and 3"));
}

TEST(QuickDraw, ReadsOurSideAndClasses) {
  const QuickDrawing got = read_quickdraw(
      R"({"side":100,"classes":[17,0],"drawing":[[[10],[20]],[[30],[40]]]})");
  EXPECT_EQ(got.drawing.side, 100);
  EXPECT_EQ(got.drawing.strokes[0].label, 17);
  EXPECT_EQ(got.drawing.strokes[1].label, 0);
  EXPECT_EQ(got.drawing.strokes[1].points[0].y, 40);
  EXPECT_THAT(error(R"({"classes":[1,2],"drawing":[[[1],[2]]]})"),
              HasSubstr("an array of 2, expected one number for each of 1"));
  EXPECT_THAT(error(R"({"classes":[23],"drawing":[[[1],[2]]]})"),
              HasSubstr("classes[0] is 23"));
  EXPECT_THAT(error(R"({"classes":[1.0],"drawing":[[[1],[2]]]})"),
              HasSubstr("classes[0] is 1.0"));
  EXPECT_THAT(error(R"({"side":0,"drawing":[[[1],[2]]]})"),
              HasSubstr("the side is 0"));
  EXPECT_THAT(error(R"({"side":1e300,"drawing":[[[1],[2]]]})"),
              HasSubstr("the side is"));
  EXPECT_THAT(error(R"({"side":-1e300,"drawing":[[[1],[2]]]})"),
              HasSubstr("the side is"));
  EXPECT_THAT(error(R"({"side":"1","drawing":[[[1],[2]]]})"),
              HasSubstr("\"side\" is a string"));
}

TEST(QuickDraw, RefusesBrokenLines) {
  EXPECT_THAT(error("[]"), HasSubstr("the line is an array, expected an obj"));
  EXPECT_THAT(error("{}"), HasSubstr("\"drawing\" is missing"));
  EXPECT_THAT(error(R"({"drawing":{}})"), HasSubstr("expected a list of"));
  EXPECT_THAT(error(R"({"drawing":[7]})"),
              HasSubstr("stroke 0 is a number, expected lists of x and y"));
  EXPECT_THAT(error(R"({"drawing":[[[1]]]})"),
              HasSubstr("stroke 0 is an array of 1"));
  EXPECT_EQ(error(R"({"drawing":[[[1],[2],[3],[4]]]})"), "no error");
  EXPECT_THAT(error(R"({"drawing":[[1,2]]})"),
              HasSubstr("stroke 0 holds a number"));
  EXPECT_THAT(error(R"({"drawing":[[[],[]]]})"),
              HasSubstr("stroke 0 has no points"));
  EXPECT_THAT(error(R"({"drawing":[[[1,2],[3]]]})"),
              HasSubstr("lists of 2 and 1 numbers"));
  EXPECT_THAT(error(R"({"drawing":[[[1],[null]]]})"),
              HasSubstr("stroke 0, point 0 is null, expected a number"));
  EXPECT_THAT(error(R"({"drawing":[[[1],[1e9]]]})"),
              HasSubstr("is 1e+09, expected numbers within 1000000"));
  EXPECT_THAT(error(R"({"drawing":[[[1],[1],["t"]]]})"),
              HasSubstr("stroke 0 has a string among its times"));
  EXPECT_THAT(error("{\"drawing\":[[[1],[1"), HasSubstr("is no JSON"));
}

TEST(Ndjson, ErrorsNameTheLine) {
  const std::string good = R"({"drawing":[[[1,5],[2,2]]]})";
  const std::string text = good + "\r\n\n{\"drawing\":3}\n" + good + "\noops";
  EXPECT_THAT(error_of([&] { read_ndjson(text); }),
              HasSubstr("line 3: \"drawing\" is a number"));
  QuickDrawOptions options;
  options.skip_broken = true;
  std::vector<std::string> broken;
  EXPECT_EQ(read_ndjson(text, options, &broken).size(), 2u);
  EXPECT_THAT(broken, ElementsAre(HasSubstr("line 3: "),
                                  HasSubstr("line 5: is no JSON")));
  EXPECT_EQ(read_ndjson(text, options).size(), 2u);
  for (const char* none : {"", "\n \n", "oops"}) {
    EXPECT_THAT(error_of([&] { read_ndjson(none, options); }),
                HasSubstr("no drawing, expected one a line"));
  }
}

TEST(Ndjson, ReadsOneLineOfMany) {
  const std::string text =
      "{\"key_id\":\"a\",\"drawing\":[]}\n\n"
      "{\"key_id\":\"b\",\"drawing\":[]}\nbroken\n";
  EXPECT_EQ(read_ndjson_line(text, 0).key_id, "a");
  EXPECT_EQ(read_ndjson_line(text, 1).key_id, "b");
  EXPECT_THAT(error_of([&] { read_ndjson_line(text, 2); }),
              HasSubstr("line 4: is no JSON"));
  EXPECT_THAT(error_of([&] { read_ndjson_line(text, 3); }),
              HasSubstr("no drawing 3, the file has 3, counted from 0"));
  EXPECT_THAT(error_of([&] { read_ndjson_line(text, -1); }),
              HasSubstr("no drawing -1"));
}

TEST(QuickDraw, WritesRawLinesThatReadBack) {
  for (const float side : {1.0F, 512.0F}) {
    const QuickDrawing drawing = {sample_drawing(side), "5\"\n\xff", {}};
    const std::string line = write_quickdraw(drawing);
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    const QuickDrawing got = read_quickdraw(line);
    expect_same(got.drawing, drawing.drawing, 0.001 * side / 512, false);
    EXPECT_EQ(got.key_id, "5\"\n\xef\xbf\xbd");
  }
  Drawing plain;
  plain.strokes = {{{{1, 2}, {3, 4}}, 0, 0, 1, {}}, {{{5, 6}}, 0, 0, 1, {}}};
  EXPECT_EQ(write_quickdraw({plain, "", {}}),
            "{\"side\":512,\"drawing\":[[[1,3],[2,4],[0,1]],[[5],[6],[2]]]}\n");
  plain.strokes.clear();
  EXPECT_EQ(write_quickdraw({plain, "", {}}),
            "{\"side\":512,\"drawing\":[]}\n");
}

TEST(Ndjson, ReadsTheLabelledFaces) {
  const std::filesystem::path path =
      std::filesystem::path(LIMNER_SHARED) / "sketches/spg_face.ndjson";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here";
  const auto bytes = read_file(path);
  const auto drawings = read_ndjson(
      {reinterpret_cast<const char*>(bytes.data()), bytes.size()}, kParts);
  EXPECT_EQ(drawings.size(), 700u);
  std::map<int, int> strokes;
  size_t points = 0;
  for (const QuickDrawing& one : drawings) {
    for (const int part : one.parts) ++strokes[part];
    for (const Stroke& stroke : one.drawing.strokes) {
      points += stroke.points.size();
    }
  }
  // The counts of its read-me.
  EXPECT_EQ(strokes, (std::map<int, int>{{0, 1788},
                                         {1, 445},
                                         {2, 764},
                                         {3, 115},
                                         {4, 288},
                                         {5, 16},
                                         {6, 747}}));
  EXPECT_EQ(points, 131229u);
}

}  // namespace
}  // namespace limner
