// What is computed side by side.
#include <gmock/gmock.h>

#include <chrono>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "image/codec.h"
#include "pipeline/random_model.h"
#include "pipeline/test_labeler.h"
#include "server/service.h"
#include "server/test_requests.h"
#include "util/test_folder.h"

namespace limner::server {
namespace {

using nlohmann::json;

json lines(bool classes) {
  json strokes = {{{"points", {{100, 100}, {300, 120}}}},
                  {{"points", {{200, 200}, {220, 280}}}}};
  if (classes) {
    for (json& stroke : strokes) stroke["class"] = 6;
  }
  return {{"format", "limner-drawing"}, {"version", 1}, {"strokes", strokes}};
}

// A request whose client takes its time to say whether it is still there: until
// release(), the lane that asks does nothing else.
class Held {
 public:
  Held(Service& service, Request request) {
    std::future<void> held = held_.get_future();
    request.gone = [this, go_on = go_on_.get_future().share()] {
      std::call_once(first_, [this] { held_.set_value(); });
      go_on.wait();
      return false;
    };
    answer_ = std::async(std::launch::async,
                         [&service, request = std::move(request)] {
                           return service.handle(request);
                         });
    held.wait();
  }
  Response release() {
    go_on_.set_value();
    return answer_.get();
  }

 private:
  std::promise<void> held_, go_on_;
  std::once_flag first_;
  std::future<Response> answer_;
};

TEST(Lanes, DrawingsAndPhotosDoNotWaitForFaces) {
  const TestFolder folder;
  RandomModelOptions model;
  model.size = 32;
  write_random_model(folder / "m.safetensors", model);
  write_labeler(folder / "l.safetensors", random_labeler());
  ServiceOptions options;
  options.model = folder / "m.safetensors";
  options.labeler = folder / "l.safetensors";
  Service service(options);

  const json face = {{"drawing", lines(true)}, {"appearance", {{"seed", 7}}}};
  const std::string body = face.dump();
  Held held(service, posted("/api/generate", body));
  auto others = std::async(std::launch::async, [&] {
    const auto png = encode(Image(8, 8, 3), ImageFormat::kPng);
    const std::string picture(png.begin(), png.end());
    const Response label = service.handle(
        posted("/api/label", json({{"drawing", lines(false)}}).dump()));
    const Response photo =
        service.handle(posted("/api/appearance", picture, "image/png"));
    return std::pair(label.status, photo.status);
  });
  // In a lane that they shared with it they would wait for release().
  const bool done =
      others.wait_for(std::chrono::minutes(2)) == std::future_status::ready;
  EXPECT_EQ(held.release().status, 200);
  EXPECT_TRUE(done) << "they have waited for a face";
  EXPECT_EQ(others.get(), std::pair(200, 200));
}

// Others have their turn between two faces of a series: a face that is asked
// for while a series is made is there before the series' last.
TEST(Lanes, VariationsLetOthersIn) {
  const TestFolder folder;
  RandomModelOptions model;
  model.size = 32;
  write_random_model(folder / "m.safetensors", model);
  ServiceOptions options;
  options.model = folder / "m.safetensors";
  Service service(options);
  const json all = {{"drawing", lines(true)},
                    {"appearances", {{{"seed", 1}}, {{"seed", 2}}}}};
  const std::string body = all.dump();
  const Response series = service.handle(posted("/api/variations", body));
  ASSERT_EQ(series.status, 200);
  ASSERT_NE(series.next(), nullptr);  // the first, which was made already
  const json face = {{"drawing", lines(true)}, {"appearance", {{"seed", 3}}}};
  const std::string wish = face.dump();
  Request other = posted("/api/generate", wish);
  other.client = "there";
  // It waits for nothing, although the series is not at its end.
  EXPECT_EQ(service.handle(other).status, 200);
  EXPECT_NE(series.next(), nullptr);
  EXPECT_NE(series.next(), nullptr);  // the mark of its end
  EXPECT_EQ(series.next(), nullptr);
}

}  // namespace
}  // namespace limner::server
