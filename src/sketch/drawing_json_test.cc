#include "sketch/drawing_json.h"

#include <gmock/gmock.h>

#include <cmath>
#include <string>

#include "sketch/test_drawings.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string document(const std::string& strokes) {
  return R"({"format":"limner-drawing","version":1,"side":100,"strokes":)" +
         strokes + "}";
}

std::string error(const std::string& strokes) {
  return error_of([&] { read_drawing_json(document(strokes), "a.json"); });
}

TEST(DrawingJson, ReadsEveryKey) {
  const Drawing drawing = read_drawing_json(
      document(R"([{"points":[[1,2],[3.5,-4]],"class":17,"confidence":0.93,
                    "detail":0.2,"pressure":[0,1],"colour":"red"},
                   {"points":[[9,9]]}])"),
      "a");
  EXPECT_EQ(drawing.side, 100);
  ASSERT_EQ(drawing.strokes.size(), 2u);
  const Stroke& stroke = drawing.strokes[0];
  ASSERT_EQ(stroke.points.size(), 2u);
  EXPECT_EQ(stroke.points[1].x, 3.5F);
  EXPECT_EQ(stroke.points[1].y, -4);
  EXPECT_EQ(stroke.label, 17);
  EXPECT_EQ(stroke.confidence, 0.93F);
  EXPECT_EQ(stroke.detail, 0.2F);
  EXPECT_THAT(stroke.pressure, ElementsAre(0, 1));
  EXPECT_EQ(drawing.strokes[1].label, 0);
  EXPECT_EQ(drawing.strokes[1].confidence, 1);
  EXPECT_THAT(drawing.strokes[1].pressure, IsEmpty());
}

TEST(DrawingJson, HasDefaults) {
  const Drawing drawing = read_drawing_json(
      R"({"version":1,"strokes":[],"format":"limner-drawing"})", "a");
  EXPECT_EQ(drawing.side, 512);
  EXPECT_THAT(drawing.strokes, IsEmpty());
}

TEST(DrawingJson, WrongTypesNameThePlace) {
  EXPECT_EQ(error(R"([{"points":[[1,2]]},{"points":[[1,2],[3,"4"]]}])"),
            "a.json: strokes[1].points[1][1] is a string, expected a number");
  EXPECT_THAT(error(R"([{"points":[[1,2],[3]]}])"),
              HasSubstr("strokes[0].points[1] is an array of 1, expected two"));
  EXPECT_THAT(error(R"([{"points":[[1,2],null]}])"),
              HasSubstr("strokes[0].points[1] is null, expected two numbers"));
  EXPECT_THAT(error(R"([{"points":{}}])"),
              HasSubstr("strokes[0].points is an object, expected an array"));
  EXPECT_THAT(error(R"([{"points":[]}])"),
              HasSubstr("strokes[0].points is empty"));
  EXPECT_THAT(error("[{}]"), HasSubstr("strokes[0].points is missing"));
  EXPECT_THAT(error("[7]"), HasSubstr("strokes[0] is a number, expected an"));
  EXPECT_THAT(error("7"), HasSubstr("strokes is a number, expected an array"));
  const auto with = [](const std::string& rest) {
    return error("[{\"points\":[[1,2]]," + rest + "}]");
  };
  EXPECT_THAT(with(R"("class":"hair")"),
              HasSubstr("strokes[0].class is a str"));
  EXPECT_THAT(with(R"("class":1.5)"), HasSubstr("expected a whole number"));
  EXPECT_THAT(with(R"("class":23)"),
              HasSubstr("class is 23, expected 0 to 22"));
  EXPECT_THAT(with(R"("class":-1)"), HasSubstr("class is -1, expected 0 to"));
  EXPECT_THAT(with(R"("class":18446744073709551615)"),
              HasSubstr("class is 1."));
  EXPECT_THAT(with(R"("confidence":1.01)"), HasSubstr("confidence is 1.01"));
  EXPECT_THAT(with(R"("detail":[])"), HasSubstr("detail is an array"));
  EXPECT_THAT(with(R"("pressure":[1,1])"),
              HasSubstr("pressure has 2 numbers for 1 points"));
  EXPECT_THAT(with(R"("pressure":[true])"),
              HasSubstr("strokes[0].pressure[0] is a boolean"));
  EXPECT_THAT(error(R"([{"points":[[1,1e7]]}])"),
              HasSubstr("points[0][1] is 1e+07, expected -1000000 to 1000000"));
}

TEST(DrawingJson, RefusesOtherDocuments) {
  const auto error = [](const std::string& text) {
    return error_of([&] { read_drawing_json(text, "a"); });
  };
  EXPECT_THAT(error("{}"), HasSubstr("\"format\" must be \"limner-drawing\""));
  EXPECT_THAT(error("[]"), HasSubstr("is an array, expected an object"));
  EXPECT_THAT(error(R"({"format":"limner-drawing","version":2})"),
              HasSubstr("version is 2, this limner reads 1"));
  EXPECT_THAT(error(R"({"format":"limner-drawing"})"),
              HasSubstr("version must be a whole number"));
  EXPECT_THAT(error(R"({"format":"limner-drawing","version":1})"),
              HasSubstr("strokes is missing"));
  EXPECT_THAT(error(R"({"format":"limner-drawing","version":1,"side":0})"),
              HasSubstr("side is 0, expected 0.001 to 1000000"));
  EXPECT_THAT(error(""), HasSubstr("is no JSON that can be read"));
  EXPECT_THAT(error("{\"a\":1e999}"), HasSubstr("is no JSON"));
  EXPECT_THAT(error("{\"a\":NaN}"), HasSubstr("is no JSON"));
  EXPECT_THAT(error("\"\xff\""), HasSubstr("is no JSON"));
}

TEST(DrawingJson, RefusesDeepAndHugeTexts) {
  const auto error = [](const std::string& text) {
    return error_of([&] { read_drawing_json(text, "a"); });
  };
  for (const int depth : {33, 100, 100000}) {
    EXPECT_THAT(error(std::string(depth, '[')),
                HasSubstr("more than 32 arrays inside each other"));
    EXPECT_THAT(error(std::string(depth, '[') + std::string(depth, ']')),
                HasSubstr("inside each other"));
  }
  std::string commas(8'000'001, ',');
  EXPECT_THAT(error("[" + commas), HasSubstr("at most 8000000 are accepted"));
  // Brackets in strings are text.
  EXPECT_THAT(error("{\"a\":\"\\\"" + std::string(100, '[') + "\"}"),
              HasSubstr("\"format\" must be"));
}

TEST(DrawingJson, KeepsEverything) {
  for (const float side : {0.01F, 1.0F, 512.0F, 1e5F}) {
    const Drawing drawing = sample_drawing(side);
    const std::string text = write_drawing_json(drawing);
    expect_same(read_drawing_json(text, "a"), drawing, 0.001 * side / 512,
                true);
    EXPECT_EQ(text, write_drawing_json(read_drawing_json(text, "a")));
  }
}

TEST(DrawingJson, WritesPlainText) {
  Drawing drawing;
  drawing.strokes = {{{{1, 2}, {3.25F, -0.0001F}}, 17, 0, 1, {}}};
  EXPECT_EQ(write_drawing_json(drawing),
            "{\"format\":\"limner-drawing\",\"version\":1,\"side\":512,"
            "\"strokes\":[\n{\"points\":[[1,2],[3.25,0]],\"class\":17}\n]}\n");
}

TEST(DrawingLimits, WritersRefuseWhatReadersWould) {
  const auto error = [](auto change) {
    Drawing drawing = sample_drawing();
    change(drawing);
    return error_of([&] { write_drawing_json(drawing); });
  };
  EXPECT_THAT(error([](Drawing& d) { d.side = NAN; }),
              HasSubstr("side is nan"));
  EXPECT_THAT(error([](Drawing& d) { d.side = 0; }), HasSubstr("side is 0"));
  EXPECT_THAT(error([](Drawing& d) { d.strokes[2].points[1].x = INFINITY; }),
              HasSubstr("stroke 2 has a point at inf"));
  EXPECT_THAT(error([](Drawing& d) { d.strokes[2].points.clear(); }),
              HasSubstr("stroke 2 has no points"));
  EXPECT_THAT(error([](Drawing& d) { d.strokes[2].label = 23; }),
              HasSubstr("stroke 2 has class 23"));
  EXPECT_THAT(error([](Drawing& d) { d.strokes[2].confidence = 2; }),
              HasSubstr("stroke 2 has confidence 2"));
  EXPECT_THAT(error([](Drawing& d) { d.strokes[2].detail = NAN; }),
              HasSubstr("stroke 2 has detail nan"));
  EXPECT_THAT(error([](Drawing& d) { d.strokes[2].pressure = {1}; }),
              HasSubstr("stroke 2 has 1 numbers of pressure"));
  EXPECT_THAT(error([](Drawing& d) {
                d.strokes[2].pressure.assign(d.strokes[2].points.size(), 2);
              }),
              HasSubstr("stroke 2 has a pressure outside"));
  EXPECT_THAT(error([](Drawing& d) { d.strokes.resize(100001); }),
              HasSubstr("100001 strokes, at most 100000"));
}

TEST(DrawingLimits, NumbersAreShort) {
  const auto text = [](double value, int decimals) {
    std::string out = "x";
    append_number(out, value, decimals);
    return out;
  };
  EXPECT_EQ(text(1.5, 3), "x1.5");
  EXPECT_EQ(text(100, 3), "x100");
  EXPECT_EQ(text(100, 0), "x100");
  EXPECT_EQ(text(-0.0001, 3), "x0");
  EXPECT_EQ(text(-0.25, 3), "x-0.25");
  EXPECT_EQ(decimals_for(512), 3);
  EXPECT_EQ(decimals_for(1e6), 0);
  EXPECT_EQ(decimals_for(1), 6);
  EXPECT_EQ(decimals_for(kMinDrawingSide), 9);
}

}  // namespace
}  // namespace limner
