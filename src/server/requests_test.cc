#include "server/requests.h"

#include <gmock/gmock.h>

#include "util/base64.h"

namespace limner::server {
namespace {

using ::testing::HasSubstr;

const std::string kDrawing =
    R"("drawing":{"format":"limner-drawing","version":1,"strokes":[)"
    R"({"points":[[1,2],[3,4]],"class":7}]})";
const std::string kSeed = R"("appearance":{"seed":7})";
const std::string kId = "0123456789abcdef0123456789abcdef";

GenerateRequest generate(const std::string& inside) {
  return read_generate_request("{" + inside + "}", Limits());
}

// "STATUS sentence" of what a body is refused with.
template <typename Body>
std::string refusal(const Body& body) {
  try {
    body();
  } catch (const HttpError& error) {
    return std::to_string(error.status) + " " + error.what();
  }
  return "taken";
}

std::string refused(const std::string& inside) {
  return refusal([&] { generate(inside); });
}

TEST(GenerateRequest, SaysWhatToMake) {
  const GenerateRequest plain = generate(kDrawing + "," + kSeed);
  ASSERT_TRUE(plain.drawing);
  EXPECT_EQ(plain.drawing->strokes.at(0).label, 7);
  ASSERT_EQ(plain.looks.mix.size(), 1U);
  EXPECT_EQ(plain.looks.mix[0].seed, 7U);
  EXPECT_EQ(plain.size, 0);
  EXPECT_EQ(plain.quality, 95);
  EXPECT_TRUE(plain.frame);
  EXPECT_FALSE(plain.faithful.has_value());

  const GenerateRequest full = generate(
      R"("picture":")" + base64(std::vector<unsigned char>{1, 2, 3}) +
      R"(","appearance":{"id":")" + kId +
      R"("},"size":256,"format":"webp","quality":80,"frame":false,"faithful":0.25,"key":"k")");
  EXPECT_FALSE(full.drawing);
  EXPECT_EQ(full.picture, (std::vector<unsigned char>{1, 2, 3}));
  EXPECT_EQ(full.looks.mix.at(0).id, kId);
  EXPECT_EQ(full.size, 256);
  EXPECT_EQ(full.format, ImageFormat::kWebp);
  EXPECT_EQ(full.quality, 80);
  EXPECT_FALSE(full.frame);
  EXPECT_EQ(full.faithful, 0.25);
  EXPECT_EQ(full.key, "k");
}

TEST(GenerateRequest, SharesOfAMixSumToOne) {
  const GenerateRequest request = generate(
      kDrawing + R"(,"appearance":{"mix":[{"seed":1,"weight":3},{"id":")" +
      kId + R"(","weight":1},{"seed":2,"weight":0}]})");
  ASSERT_EQ(request.looks.mix.size(), 2U);
  EXPECT_DOUBLE_EQ(request.looks.mix[0].weight, 0.75);
  EXPECT_DOUBLE_EQ(request.looks.mix[1].weight, 0.25);
  EXPECT_EQ(request.looks.mix[1].id, kId);
  EXPECT_TRUE(request.looks.traits.empty());
}

TEST(GenerateRequest, TraitsAreNumbers) {
  const GenerateRequest request = generate(
      kDrawing +
      R"(,"appearance":{"seed":1,"traits":{"hair":0.5,"skin":-1,"none":0}})");
  EXPECT_EQ(request.looks.traits,
            (std::map<std::string, double>{{"hair", 0.5}, {"skin", -1}}));
}

TEST(VariationsRequest, HasLooksForEach) {
  const auto read = [](const std::string& inside) {
    return read_variations_request("{" + kDrawing + "," + inside + "}",
                                   Limits());
  };
  const VariationsRequest request = read(
      R"("appearances":[{"seed":1},{"seed":2,"traits":{"hair":1}}],"size":8)");
  ASSERT_EQ(request.looks.size(), 2U);
  EXPECT_EQ(request.looks[1].mix.at(0).seed, 2U);
  EXPECT_EQ(request.looks[1].traits.at("hair"), 1);
  EXPECT_EQ(request.each.size, 8);
  EXPECT_TRUE(request.each.drawing);
  std::string many = R"("appearances":[{"seed":1})";
  for (size_t i = 0; i < kMaxVariations; ++i) many += R"(,{"seed":1})";
  EXPECT_THAT(refusal([&] { read(many + "]"); }),
              HasSubstr("400 appearances must be an array of 1 to 16 looks"));
  EXPECT_THAT(refusal([&] { read(kSeed); }),
              HasSubstr("appearances is missing"));
}

TEST(GenerateRequest, RefusesWhatMakesNoSense) {
  const std::string d = kDrawing + ",";
  for (const auto& [inside, words] :
       std::vector<std::pair<std::string, std::string>>{
           {kSeed, "one of \"drawing\" and \"picture\""},
           {d + R"("picture":"AAAA",)" + kSeed, "one of \"drawing\""},
           {kDrawing, "appearance is missing"},
           {d + R"("appearance":7)", "appearance is a number"},
           {d + R"("appearance":{})", "one of \"seed\" and \"id\""},
           {d + R"("appearance":{"seed":-1})", "appearance.seed is -1"},
           {d + R"("appearance":{"seed":1e9})", "appearance.seed"},
           {d + R"("appearance":{"seed":18446744073709551615})",
            "appearance.seed is 18446744073709551615"},
           {d + R"("appearance":{"id":"../../etc/passwd"})", "appearance.id"},
           {d + R"("appearance":{"id":7})", "appearance.id is a number"},
           {d + R"("appearance":{"mix":[]})", "array of 1 to 8"},
           {d + R"("appearance":{"mix":[{"seed":1}]})", "weight is missing"},
           {d + R"("appearance":{"mix":[{"seed":1,"weight":-1}]})", "weight"},
           {d + R"("appearance":{"mix":[{"seed":1,"weight":0}]})", "sum to 0"},
           {d + R"("appearance":{"seed":1,"mix":[]})", "one of"},
           {d + R"("appearance":{"seed":1,"traits":[]})", "traits must be an"},
           {d + R"("appearance":{"seed":1,"traits":{"hair":1.5}})",
            "appearance.traits.hair must be a number -1 to 1"},
           {d + R"("appearance":{"seed":1,"traits":{"hair":null}})", "traits"},
           {d + kSeed + R"(,"size":-8)", "size is -8"},
           {d + kSeed + R"(,"size":2.5)", "size"},
           {d + kSeed + R"(,"format":"gif")", "png, jpeg or webp"},
           {d + kSeed + R"(,"quality":101)", "quality is 101"},
           {d + kSeed + R"(,"frame":1)", "true or false"},
           {d + kSeed + R"(,"faithful":1.5)", "faithful must be a number 0"},
           {d + kSeed + R"(,"faithful":"1")", "faithful must be a number 0"},
           {d + kSeed + R"(,"faithful":null)", "faithful must be a number 0"},
           {d + kSeed + R"(,"key":[])", "key is an array"},
           {d + kSeed + R"(,"key":")" + std::string(129, 'k') + "\"",
            "129 bytes"},
           {R"("picture":"A",)" + kSeed, "picture: base64"},
           {R"("picture":"",)" + kSeed, "picture: is empty"},
           {R"("drawing":{},)" + kSeed, "drawing: is no drawing"},
           {R"("drawing":[],)" + kSeed, "drawing: the document is an array"},
       }) {
    EXPECT_THAT(refused(inside), HasSubstr("400 ")) << inside;
    EXPECT_THAT(refused(inside), HasSubstr(words)) << inside;
  }
}

TEST(Requests, RefuseOtherBodies) {
  const auto read = [](const std::string& body) {
    return refusal([&] { read_drawing_request(body, Limits()); });
  };
  EXPECT_THAT(read(""), HasSubstr("400 is no JSON"));
  EXPECT_THAT(read("[]"), HasSubstr("400 the body is an array"));
  EXPECT_THAT(read("{}"), HasSubstr("400 drawing is missing"));
  EXPECT_THAT(read("{\"drawing\":" + std::string(100'000, '[')),
              HasSubstr("inside each other"));
  EXPECT_THAT(read("{\"x\":1e999}"), HasSubstr("400 "));
  EXPECT_THAT(read(std::string("{\"a\0b\"", 6)), HasSubstr("400 "));
  EXPECT_EQ(read("{" + kDrawing + "}"), "taken");
}

TEST(Requests, LimitsHold) {
  Limits limits;
  limits.points = 1;
  const auto read = [&] {
    return refusal([&] { read_drawing_request("{" + kDrawing + "}", limits); });
  };
  EXPECT_THAT(read(), HasSubstr("413 the drawing has 2 points, at most 1"));
  limits.points = 2;
  EXPECT_EQ(read(), "taken");
  limits.strokes = 0;
  EXPECT_THAT(read(), HasSubstr("413 the drawing has 1 strokes, at most 0"));
  // Values are counted before memory is taken for them.
  limits = Limits();
  std::string many = "{\"x\":[0";
  for (int i = 0; i < 500'000; ++i) many += ",0";
  many += "]," + kDrawing + "}";
  EXPECT_THAT(refusal([&] { read_drawing_request(many, limits); }),
              HasSubstr("commas and brackets"));
}

TEST(Query, FlagsAndNumbers) {
  Request request;
  request.query = {{"yes", "true"}, {"no", "false"}, {"odd", "1"},
                   {"half", "0.5"}, {"nan", "nan"},  {"word", "0.5x"}};
  EXPECT_TRUE(query_flag(request, "yes", false));
  EXPECT_FALSE(query_flag(request, "no", true));
  EXPECT_TRUE(query_flag(request, "absent", true));
  EXPECT_THAT(refusal([&] { query_flag(request, "odd", true); }),
              HasSubstr("400 odd is \"1\""));
  EXPECT_DOUBLE_EQ(query_number(request, "half", 0, 1, 0.2), 0.5);
  EXPECT_DOUBLE_EQ(query_number(request, "absent", 0, 1, 0.2), 0.2);
  for (const char* name : {"nan", "word", "yes"}) {
    EXPECT_THAT(refusal([&] { query_number(request, name, 0, 1, 0); }),
                HasSubstr("expected a number 0 to 1"));
  }
  EXPECT_THAT(refusal([&] { query_number(request, "half", 0.6, 1, 0); }),
              HasSubstr("400 half"));
}

}  // namespace
}  // namespace limner::server
