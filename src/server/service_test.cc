#include "server/service.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "image/codec.h"
#include "pipeline/random_model.h"
#include "pipeline/shape_file.h"
#include "pipeline/test_traits.h"
#include "server/assets.h"
#include "server/test_requests.h"
#include "sketch/drawing_json.h"
#include "sketch/test_shapes.h"
#include "util/test_folder.h"

namespace limner::server {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

constexpr int kSide = 32;

class ServiceTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = std::make_unique<TestFolder>();
    RandomModelOptions model;
    model.size = kSide;
    model.faithfulness = true;
    write_random_model(*folder / "m.safetensors", model);
    ServiceOptions options;
    options.model = *folder / "m.safetensors";
    service = std::make_unique<Service>(options);
  }
  static void TearDownTestSuite() {
    service.reset();
    folder.reset();
  }

  static Response get(const std::string& path) {
    return service->handle(request_of("GET", path));
  }
  static Response post(const std::string& path, const std::string& body,
                       const std::string& type = "application/json") {
    const Request out = posted(path, body, type);
    if (auto refused = service->refuse(out)) return *refused;
    return service->handle(out);
  }

  static json drawing() {
    return {{"format", "limner-drawing"},
            {"version", 1},
            {"strokes",
             {{{"points", {{100, 100}, {300, 120}}}, {"class", 15}},
              {{"points", {{200, 200}, {220, 280}}}, {"class", 6}}}}};
  }

  static std::string body(const json& looks, int size = 0) {
    return json({{"drawing", drawing()},
                 {"appearance", looks},
                 {"size", size},
                 {"frame", false}})
        .dump();
  }

  static std::string header(const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "missing";
  }

  static Image face(const Response& response) {
    EXPECT_EQ(response.status, 200) << *response.body;
    return decode_rgb(
        {reinterpret_cast<const unsigned char*>(response.body->data()),
         response.body->size()},
        "the face");
  }

  static std::string error(const Response& response) {
    return std::to_string(response.status) + " " +
           json::parse(*response.body).at("error").get<std::string>();
  }

  static std::unique_ptr<TestFolder> folder;
  static std::unique_ptr<Service> service;
};

std::unique_ptr<TestFolder> ServiceTest::folder;
std::unique_ptr<Service> ServiceTest::service;

TEST_F(ServiceTest, MakesFacesAndKeepsThem) {
  const Response first = post("/api/generate", body({{"seed", 3}}));
  EXPECT_EQ(face(first).width, kSide);
  EXPECT_NE(header(first, "X-Limner-Milliseconds"), "0");
  EXPECT_THAT(header(first, "Server-Timing"), HasSubstr("render;dur="));
  const Response again = post("/api/generate", body({{"seed", 3}}));
  EXPECT_EQ(header(again, "X-Limner-Milliseconds"), "0");
  EXPECT_EQ(header(again, "Server-Timing"), "missing");
  EXPECT_EQ(again.body, first.body);  // the same memory
  json loosely = json::parse(body({{"seed", 3}}));
  loosely["faithful"] = 0.2;
  EXPECT_NE(face(post("/api/generate", loosely.dump())).pixels,
            face(first).pixels);
  EXPECT_EQ(face(post("/api/generate", body({{"seed", 3}}, 16))).width, 16);
  EXPECT_NE(face(post("/api/generate", body({{"seed", 4}}))).pixels,
            face(first).pixels);
  EXPECT_THAT(error(post("/api/generate", body({{"seed", 3}}, 64))),
              HasSubstr("400 size is 64"));
}

// The parts of a multipart response: their headers and bodies.
std::vector<std::pair<std::string, std::string>> parts_of(
    const Response& response) {
  std::string text;
  while (const auto piece = response.next()) text += *piece;
  const std::string mark =
      "--" + response.content_type.substr(response.content_type.find('=') + 1);
  std::vector<std::pair<std::string, std::string>> parts;
  size_t at = 0;
  while (text.compare(at, mark.size() + 2, mark + "\r\n") == 0) {
    const size_t body = text.find("\r\n\r\n", at) + 4;
    const std::string head = text.substr(at, body - at);
    const size_t size =
        std::stoul(head.substr(head.find("Content-Length: ") + 16));
    parts.emplace_back(head, text.substr(body, size));
    at = body + size + 2;
  }
  EXPECT_EQ(text.substr(at), mark + "--\r\n");
  return parts;
}

json variations_of(const json& drawing, const json& appearances) {
  return {{"drawing", drawing},
          {"appearances", appearances},
          {"frame", false},
          {"format", "png"}};
}

TEST_F(ServiceTest, MakesVariations) {
  const json looks = {
      {{"seed", 21}},
      {{"seed", 22}},
      {{"mix",
        {{{"seed", 21}, {"weight", 1}}, {{"seed", 22}, {"weight", 1}}}}}};
  const std::string body = variations_of(drawing(), looks).dump();
  const Request request = posted("/api/variations", body);
  const Response response = service->handle(request);
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.content_type, HasSubstr("multipart/mixed; boundary="));
  EXPECT_EQ(response.body, nullptr);
  const auto parts = parts_of(response);
  ASSERT_EQ(parts.size(), 3U);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_THAT(parts[i].first, HasSubstr("Content-Type: image/png\r\n"));
    EXPECT_THAT(parts[i].first,
                HasSubstr("X-Limner-Index: " + std::to_string(i) + "\r\n"));
    // As if it had been asked for alone.
    const Response alone = post("/api/generate", this->body(looks[i]));
    EXPECT_EQ(*alone.body, parts[i].second) << i;
    EXPECT_EQ(header(alone, "X-Limner-Milliseconds"), "0") << i;
  }
  EXPECT_EQ(response.next(), nullptr);
}

TEST_F(ServiceTest, SaysWhatIsWrongWithVariations) {
  const auto asked = [&](const json& looks) {
    return error(
        post("/api/variations", variations_of(drawing(), looks).dump()));
  };
  EXPECT_THAT(asked(json::array()),
              HasSubstr("400 appearances must be an array of 1 to 16 looks"));
  EXPECT_THAT(asked({{{"seed", 1}}, 3}),
              HasSubstr("400 appearances[1] is a number, expected an object"));
  EXPECT_THAT(asked({{{"seed", 1}}, {{"mix", json::array()}}}),
              HasSubstr("400 appearances[1].mix must be an array"));
  // Before anything is made: none of them may be missing.
  EXPECT_THAT(asked({{{"seed", 31}}, {{"id", std::string(32, '0')}}}),
              HasSubstr("404 the appearance is not known"));
  // What happens on the way is the last part.
  const std::string body =
      variations_of(drawing(), {{{"seed", 41}}, {{"seed", 42}}, {{"seed", 43}}})
          .dump();
  Request request = posted("/api/variations", body);
  auto gone = std::make_shared<bool>(false);
  request.gone = [gone] { return *gone; };
  const Response response = service->handle(request);
  *gone = true;
  const auto parts = parts_of(response);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_THAT(parts[1].first, HasSubstr("X-Limner-Status: 499\r\n"));
  EXPECT_EQ(json::parse(parts[1].second).at("error"), "the client went away");
  EXPECT_NE(header(post("/api/generate", this->body({{"seed", 43}})),
                   "X-Limner-Milliseconds"),
            "0");
}

TEST(Service, ChangesTraitsOfLooks) {
  const TestFolder folder;
  RandomModelOptions model;
  model.size = kSide;
  write_random_model(folder / "m.safetensors", model);
  write_test_traits(folder / "m.safetensors");
  ServiceOptions options;
  options.model = folder / "m.safetensors";
  Service service(options);
  const json models =
      json::parse(*service.handle(request_of("GET", "/api/models")).body);
  EXPECT_EQ(models.at("traits"), json({{{"id", "hair"},
                                        {"name", "Hair"},
                                        {"low", "dark"},
                                        {"high", "light"}}}));
  const auto face = [&](const json& traits) {
    json looks = {{"seed", 3}};
    if (!traits.is_null()) looks["traits"] = traits;
    const std::string body =
        json({{"drawing",
               {{"format", "limner-drawing"},
                {"version", 1},
                {"strokes",
                 {{{"points", {{200, 200}, {220, 280}}}, {"class", 6}}}}}},
              {"appearance", looks}})
            .dump();
    return service.handle(posted("/api/generate", body));
  };
  const std::string plain = *face(nullptr).body;
  EXPECT_EQ(*face({{"hair", 0}}).body, plain);
  EXPECT_NE(*face({{"hair", 0.5}}).body, plain);
  EXPECT_NE(*face({{"hair", 1}}).body, *face({{"hair", 0.5}}).body);
  const Response unknown = face({{"age", 1}});
  EXPECT_EQ(unknown.status, 400);
  EXPECT_THAT(*unknown.body, HasSubstr("this model has no trait"));
}

TEST_F(ServiceTest, ReadsNoPdf) {
  const Response refused =
      post("/api/import", "%PDF-1.7\n", "application/octet-stream");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(*refused.body, HasSubstr("is a PDF, which is not taken here"));
}

TEST(Service, FitsDrawings) {
  const TestFolder folder;
  RandomModelOptions model;
  model.size = kSide;
  write_random_model(folder / "m.safetensors", model);
  write_face_shapes(folder / "s.safetensors", simple_shapes());
  ServiceOptions options;
  options.model = folder / "m.safetensors";
  options.shapes = folder / "s.safetensors";
  Service service(options);
  const auto post = [&](const std::string& path, const json& body) {
    const std::string text = body.dump();
    return service.handle(posted(path, text));
  };
  // On twice the side, as other programs have it.
  Drawing large = simple_doodle();
  large.side *= 2;
  for (Stroke& stroke : large.strokes) {
    for (Point& p : stroke.points) p = {2 * p.x, 2 * p.y};
  }
  json body = {{"drawing", json::parse(write_drawing_json(large))},
               {"fit", true}};
  const auto fit = [&] {
    return json::parse(*post("/api/label", body).body).at("fit");
  };
  const json fitted = fit();
  EXPECT_EQ(fitted.at("faithful"), 0);
  EXPECT_GT(fitted.at("distance"), 0.35);
  EXPECT_EQ(fitted.at("drawing").at("side"), 1024);
  const json& source = fitted.at("source");
  EXPECT_EQ(source.size(), fitted.at("drawing").at("strokes").size());
  EXPECT_EQ(source.back(), -1);
  const auto is_nose = [](const json& part) {
    return part.at("part") == "nose" && part.at("change") == "redrawn";
  };
  const json& parts = fitted.at("parts");
  EXPECT_TRUE(std::any_of(parts.begin(), parts.end(), is_nose));
  // The new mouth lies where one was drawn, on the drawing's own side.
  for (const json& stroke : fitted.at("drawing").at("strokes")) {
    if (stroke.at("class") != classes::kMouth) continue;
    for (const json& point : stroke.at("points")) {
      EXPECT_NEAR(point[1].get<double>(), 740, 120);
    }
  }
  body["faithful"] = 1;
  EXPECT_EQ(fit().at("drawing"), body.at("drawing"));
  // A line of hair alone is no face yet.
  json hair = body;
  hair["drawing"]["strokes"] = {
      {{"points", {{100, 100}, {300, 120}}}, {"class", 15}}};
  EXPECT_TRUE(json::parse(*post("/api/label", hair).body).at("fit").is_null());
  body.erase("fit");
  EXPECT_FALSE(json::parse(*post("/api/label", body).body).contains("fit"));
  // Of parts that the drawing lacks, one is a brow; its nose is there.
  EXPECT_FALSE(json::parse(*post("/api/label", body).body).contains("guide"));
  body["guide"] = true;
  const json guide = json::parse(*post("/api/label", body).body).at("guide");
  body.erase("guide");
  std::set<std::string> lacking;
  for (const json& part : guide) {
    lacking.insert(part.at("part").get<std::string>());
    EXPECT_EQ(part.at("drawing").at("side"), 1024);
    EXPECT_FALSE(part.at("drawing").at("strokes").empty());
  }
  EXPECT_EQ(lacking.count("left brow"), 1U);
  EXPECT_EQ(lacking.count("nose"), 0U);

  body["appearance"] = {{"seed", 3}};
  const auto used = [&] {
    for (const auto& [key, value] : post("/api/generate", body).headers) {
      if (key == "X-Limner-Faithful") return value;
    }
    return std::string("none");
  };
  EXPECT_EQ(used(), "1.000");
  body["faithful"] = "auto";
  EXPECT_EQ(used(), "0.000");
  body.erase("faithful");
  EXPECT_EQ(used(), "0.000");
}

TEST_F(ServiceTest, KeepsTheLooksOfPhotos) {
  Image photo(40, 40, 3);
  for (size_t i = 0; i < photo.pixels.size(); ++i) {
    photo.pixels[i] = static_cast<uint8_t>(i * 7);
  }
  const auto png = encode(photo, ImageFormat::kPng);
  const Response kept =
      post("/api/appearance", std::string(png.begin(), png.end()), "image/png");
  const json answer = json::parse(*kept.body);
  EXPECT_FALSE(answer.at("aligned").get<bool>());  // no parser
  EXPECT_FALSE(answer.contains("frame"));
  const json as_it_is = json::parse(
      *service
           ->handle([&] {
             Request request =
                 posted("/api/appearance",
                        {reinterpret_cast<const char*>(png.data()), png.size()},
                        "image/png");
             request.query["align"] = "false";
             return request;
           }())
           .body);
  EXPECT_NE(as_it_is.at("id"), answer.at("id"));
  const std::string id = answer.at("id");
  EXPECT_EQ(id.size(), 32U);
  const Image photo_face = face(post("/api/generate", body({{"id", id}})));
  // Mixed with random looks, which are codes of another kind.
  const auto mixed = [&](double photos, double seeds) {
    return face(
        post("/api/generate", body({{"mix",
                                     {{{"id", id}, {"weight", photos}},
                                      {{"seed", 3}, {"weight", seeds}}}}})));
  };
  const Image seed_face = face(post("/api/generate", body({{"seed", 3}})));
  EXPECT_EQ(mixed(1, 0).pixels, photo_face.pixels);
  EXPECT_EQ(mixed(0, 1).pixels, seed_face.pixels);
  EXPECT_NE(mixed(1, 1).pixels, seed_face.pixels);
  EXPECT_NE(mixed(1, 1).pixels, photo_face.pixels);
  const Image nearly = mixed(1e3, 1e-6);
  for (size_t i = 0; i < nearly.pixels.size(); ++i) {
    ASSERT_NEAR(nearly.pixels[i], photo_face.pixels[i], 1) << i;
  }
  EXPECT_EQ(get("/api/appearance/" + id).content_type, "image/jpeg");
  EXPECT_THAT(error(get("/api/appearance/" + std::string(32, '0'))),
              HasSubstr("404 the appearance is not known"));
}

TEST_F(ServiceTest, SaysWhatIsMissing) {
  json unknown = drawing();
  unknown["strokes"][0].erase("class");
  const std::string text = json({{"drawing", unknown}}).dump();
  EXPECT_THAT(error(post("/api/label", text)),
              HasSubstr("422 1 of 2 strokes have no class"));
  EXPECT_THAT(error(post("/api/parse", "x", "image/png")),
              HasSubstr("422 this server has no face parser"));
  const Response known =
      post("/api/label", json({{"drawing", drawing()}}).dump());
  const json labelled = json::parse(*known.body);
  EXPECT_THAT(header(known, "Server-Timing"), HasSubstr("write;dur="));
  EXPECT_TRUE(labelled.at("face").get<bool>());
  EXPECT_EQ(labelled.at("strokes").at(1).at("class"), 6);
  EXPECT_FALSE(labelled.at("strokes").at(1).contains("source"));
  const json cut = json::parse(
      *post("/api/label", json({{"drawing", drawing()}, {"cut", true}}).dump())
           .body);
  EXPECT_EQ(cut.at("strokes").at(1).at("source"), 1);
  EXPECT_EQ(cut.at("strokes").at(1).at("from"), 0);
  EXPECT_EQ(cut.at("strokes").at(1).at("to"), 1);
  json brief = json::parse(
      *post("/api/label",
            json({{"drawing", drawing()}, {"cut", true}, {"brief", true}})
                .dump())
           .body);
  EXPECT_FALSE(brief.contains("drawing"));
  brief["drawing"] = cut.at("drawing");
  EXPECT_EQ(brief, cut);
  EXPECT_THAT(
      error(post("/api/label",
                 json({{"drawing", drawing()}, {"cut", "yes"}}).dump())),
      HasSubstr("400 cut must be true or false"));
}

TEST_F(ServiceTest, KnowsItsRoutes) {
  EXPECT_THAT(error(*service->refuse(request_of("GET", "/none"))),
              HasSubstr("404"));
  const auto other = service->refuse(request_of("GET", "/api/label"));
  EXPECT_THAT(error(*other), HasSubstr("405 this path takes POST only"));
  EXPECT_EQ(header(*other, "Allow"), "POST");
  EXPECT_THAT(error(post("/api/label", "{}", "text/plain")), HasSubstr("415"));
  Request foreign = request_of("POST", "/api/label");
  foreign.content_type = "application/json";
  foreign.site = "cross-site";
  EXPECT_THAT(error(*service->refuse(foreign)), HasSubstr("403"));
  for (const char* path : {"/studio/", "/studio/a/b", "/studio/../x", "/studio",
                           "/api/appearance/", "/api/appearance/a/b"}) {
    const auto refused = service->refuse(request_of("GET", path));
    const int status = refused ? refused->status : get(path).status;
    EXPECT_EQ(status, std::string(path) == "/studio/" ? 200 : 404) << path;
  }
}

TEST_F(ServiceTest, ServesWhatIsEmbedded) {
  ASSERT_NE(find_asset("studio/index.html"), nullptr);
  EXPECT_EQ(find_asset("studio/"), nullptr);
  EXPECT_EQ(find_asset("studio/index"), nullptr);
  const Response page = get("/");
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(*page.body, find_asset("studio/index.html")->data);
  EXPECT_EQ(header(page, "Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_EQ(header(page, "Cross-Origin-Embedder-Policy"), "require-corp");
  Request again = request_of("GET", "/");
  again.if_none_match = header(page, "ETag");
  EXPECT_EQ(service->handle(again).status, 304);
  const json description = json::parse(*get("/openapi.json").body);
  EXPECT_EQ(description.at("openapi"), "3.0.3");
  EXPECT_EQ(json::parse(*get("/api/templates").body).size(), 14U);
}

TEST_F(ServiceTest, Counts) {
  service->count_connections([] { return size_t{12}; });
  service->count_other(431);
  get("/healthz");
  const std::string text = *get("/metrics").body;
  for (const char* line :
       {"limner_requests_total{route=\"/healthz\",status=\"200\"} ",
        "limner_requests_total{route=\"other\",status=\"431\"} 1\n",
        "limner_connections 12\n", "limner_queue_length{lane=\"faces\"} 0\n",
        "# TYPE limner_wait_seconds histogram\n",
        "limner_cache_entries{cache=\"faces\"} "}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(Assets, HaveTypes) {
  EXPECT_EQ(content_type_of("a/b.js"), "text/javascript; charset=utf-8");
  EXPECT_EQ(content_type_of("b.svg"), "image/svg+xml");
  EXPECT_EQ(content_type_of("b"), "application/octet-stream");
}

TEST(Service, EndsWhatWaits) {
  const TestFolder folder;
  RandomModelOptions model;
  model.size = kSide;
  write_random_model(folder / "m.safetensors", model);
  ServiceOptions options;
  options.model = folder / "m.safetensors";
  Service service(options);
  service.stop();
  Request request;
  request.method = "GET";
  request.path = "/api/templates";
  const Response refused = service.handle(request);
  EXPECT_EQ(refused.status, 503);
  EXPECT_THAT(*refused.body, HasSubstr("ending"));
  // As for any request that does not come to run.
  EXPECT_THAT(refused.headers,
              ::testing::Contains(::testing::Pair("Retry-After", "1")));
}

}  // namespace
}  // namespace limner::server
