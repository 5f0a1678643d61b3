#include "web/web.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pipeline/random_model.h"
#include "util/files.h"
#include "util/parallel.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr int kSide = 32;

class WebTest : public ::testing::Test {
 protected:
  void SetUp() override {
    RandomModelOptions model;
    model.size = kSide;
    write_random_model(folder_ / "m.safetensors", model);
    ASSERT_EQ(limner_open((folder_ / "m.safetensors").c_str(), 1), 1)
        << limner_problem();
  }
  void TearDown() override {
    limner_close();
    set_threads(0);
  }

  static int ask(const char* method, const char* target,
                 const std::string& body = "",
                 const char* type = "application/json") {
    return limner_ask(method, target, type,
                      reinterpret_cast<const uint8_t*>(body.data()),
                      body.size());
  }
  static std::string answer() {
    return {reinterpret_cast<const char*>(limner_answer_body()),
            limner_answer_size()};
  }
  static std::string drawing() {
    return R"({"format":"limner-drawing","version":1,"strokes":[
        {"points":[[100,100],[300,120]],"class":15}]})";
  }

  TestFolder folder_;
};

TEST_F(WebTest, AnswersAsTheServerDoes) {
  ASSERT_EQ(ask("GET", "/api/models", "", ""), 200);
  EXPECT_STREQ(limner_answer_type(), "application/json");
  EXPECT_EQ(json::parse(answer())["model"]["size"], kSide);
  EXPECT_THAT(limner_answer_headers(), HasSubstr("Cache-Control: no-store\n"));

  ASSERT_EQ(ask("POST", "/api/generate",
                "{\"appearance\":{\"seed\":7},\"frame\":false,\"drawing\":" +
                    drawing() + "}"),
            200)
      << answer();
  EXPECT_STREQ(limner_answer_type(), "image/png");
  EXPECT_EQ(answer().substr(1, 3), "PNG");
  EXPECT_THAT(limner_answer_headers(), HasSubstr("X-Limner-Faithful: "));
  limner_answer_done();
  EXPECT_EQ(limner_answer_size(), 0U);
}

TEST_F(WebTest, GivesFacesOneByOne) {
  const std::string wish =
      "{\"appearances\":[{\"seed\":1},{\"seed\":2}],\"frame\":false,"
      "\"drawing\":" +
      drawing() + "}";
  ASSERT_EQ(ask("POST", "/api/variations", wish), 200) << answer();
  EXPECT_THAT(limner_answer_type(), HasSubstr("multipart/mixed"));
  EXPECT_EQ(limner_answer_size(), 0U);
  const int stream = limner_answer_stream();
  ASSERT_GT(stream, 0);
  ASSERT_EQ(limner_more(stream), 1);
  EXPECT_THAT(answer(), HasSubstr("X-Limner-Index: 0"));
  // Others are answered between.
  ASSERT_EQ(ask("GET", "/healthz"), 200);
  EXPECT_EQ(limner_answer_stream(), 0);
  ASSERT_EQ(limner_more(stream), 1);
  EXPECT_THAT(answer(), HasSubstr("X-Limner-Index: 1"));
  ASSERT_EQ(limner_more(stream), 1);
  EXPECT_THAT(answer(), HasSubstr("--\r\n"));
  EXPECT_EQ(limner_more(stream), 0);
  EXPECT_EQ(limner_answer_size(), 0U);
  EXPECT_EQ(limner_more(stream), -1);
  EXPECT_THAT(limner_problem(), HasSubstr("given up"));
}

TEST_F(WebTest, KeepsOnlyTheNewestStreams) {
  const std::string wish =
      R"({"appearances":[{"seed":1}],"frame":false,"drawing":)" + drawing() +
      "}";
  std::vector<int> streams;
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(ask("POST", "/api/variations", wish), 200) << answer();
    streams.push_back(limner_answer_stream());
  }
  EXPECT_EQ(limner_more(streams[0]), -1);
  EXPECT_EQ(limner_more(streams[1]), 1);
  limner_enough(streams[2]);
  EXPECT_EQ(limner_more(streams[2]), -1);
  limner_close();
  EXPECT_EQ(limner_more(streams[4]), -1);
}

TEST_F(WebTest, ReadsTheQueryAndTheType) {
  ASSERT_EQ(
      ask("POST", "/api/convert?to=sv%67", "{\"drawing\":" + drawing() + "}",
          "Application/JSON; charset=utf-8"),
      200);
  EXPECT_STREQ(limner_answer_type(), "image/svg+xml");
  EXPECT_EQ(ask("POST", "/api/convert?to=svg", "{}", "text/plain"), 415);
}

TEST_F(WebTest, SaysWhatIsWrong) {
  EXPECT_EQ(ask("GET", "/api/none"), 404);
  EXPECT_TRUE(json::parse(answer()).contains("error"));
  EXPECT_EQ(ask("POST", "/api/generate", "{"), 400);
  EXPECT_EQ(ask("GET", "/a\nb"), 400);
  // And goes on.
  EXPECT_EQ(ask("GET", "/healthz"), 200);
}

TEST_F(WebTest, WithoutAModelNothingIsAnswered) {
  write_file(folder_ / "none", std::string("no model"));
  EXPECT_EQ(limner_open((folder_ / "none").c_str(), 1), 0);
  EXPECT_THAT(limner_problem(), HasSubstr("none"));
  EXPECT_EQ(ask("GET", "/healthz"), 500);
}

}  // namespace
}  // namespace limner
