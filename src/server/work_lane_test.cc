#include "server/work_lane.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>
#include <vector>

#include "server/messages.h"
#include "support/eventually.h"
#include "util/error.h"

namespace limner::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Keeps a lane busy until release().
class Busy {
 public:
  explicit Busy(WorkLane& lane) {
    std::promise<void> started;
    done_ = std::async(std::launch::async, [this, &lane, &started] {
      lane.run({"busy", "", {}}, [&] {
        started.set_value();
        gate_.get_future().wait();
      });
    });
    started.get_future().wait();
  }
  ~Busy() {
    if (!released_) release();
  }
  void release() {
    released_ = true;
    gate_.set_value();
    done_.get();
  }

 private:
  std::promise<void> gate_;
  std::future<void> done_;
  bool released_ = false;
};

// Until `count` jobs wait.
void await_waiting(const WorkLane& lane, size_t count) {
  EXPECT_TRUE(eventually([&] { return lane.figures().waiting == count; }));
}

// The status that a request ends with: 200 when it is computed.
std::future<int> ask(WorkLane& lane, const WorkLane::Asker& asker,
                     const std::function<void()>& work) {
  return std::async(std::launch::async, [&lane, asker, work] {
    try {
      lane.run(asker, work);
      return 200;
    } catch (const HttpError& error) {
      return error.status;
    }
  });
}

TEST(WorkLane, ComputesAndMeasures) {
  WorkLane lane({});
  int value = 0;
  EXPECT_GE(lane.run({"a", "", {}}, [&] { value = 7; }), 0);
  EXPECT_EQ(value, 7);
  EXPECT_EQ(lane.waits().count(), 1U);
  EXPECT_EQ(lane.computes().count(), 1U);
}

TEST(WorkLane, WhatWorkThrowsComesOut) {
  WorkLane lane({});
  EXPECT_THROW(lane.run({"a", "", {}}, [] { fail("no {}", "luck"); }), Error);
  EXPECT_THROW(
      lane.run({"a", "", {}}, [] { throw std::logic_error("broken"); }),
      std::logic_error);
  // The lane is as good as before.
  EXPECT_GE(lane.run({"a", "", {}}, [] {}), 0);
}

TEST(WorkLane, ClientsTakeTurns) {
  WorkLane lane({});
  Busy busy(lane);
  std::vector<int> order;
  std::vector<std::future<int>> asked;
  size_t waiting = 0;
  const auto add = [&](const char* client, int job) {
    asked.push_back(
        ask(lane, {client, "", {}}, [&order, job] { order.push_back(job); }));
    await_waiting(lane, ++waiting);
  };
  add("a", 1);
  add("a", 2);
  add("b", 11);
  busy.release();
  for (auto& one : asked) EXPECT_EQ(one.get(), 200);
  EXPECT_THAT(order, ElementsAre(1, 11, 2));
}

TEST(WorkLane, AFullQueueRefuses) {
  LaneLimits limits;
  limits.waiting = 1;
  WorkLane lane(limits);
  Busy busy(lane);
  auto first = ask(lane, {"a", "", {}}, [] {});
  await_waiting(lane, 1);
  try {
    lane.run({"b", "", {}}, [] {});
    FAIL() << "the queue was not full";
  } catch (const HttpError& error) {
    EXPECT_EQ(error.status, 503);
    EXPECT_GE(error.retry_after, 1);
    EXPECT_THAT(error.what(), HasSubstr("too many"));
  }
  busy.release();
  EXPECT_EQ(first.get(), 200);
  EXPECT_EQ(lane.figures().refused, 1U);
}

TEST(WorkLane, ANewerRequestReplacesAnOlderOne) {
  WorkLane lane({});
  Busy busy(lane);
  std::atomic<int> computed{0};
  const auto work = [&] { ++computed; };
  auto older = ask(lane, {"a", "drawing", {}}, work);
  await_waiting(lane, 1);
  auto newer = ask(lane, {"a", "drawing", {}}, work);
  EXPECT_EQ(older.get(), 409);
  busy.release();
  EXPECT_EQ(newer.get(), 200);
  EXPECT_EQ(computed, 1);
  EXPECT_EQ(lane.figures().replaced, 1U);
}

TEST(WorkLane, NothingIsComputedForWhoWentAway) {
  WorkLane lane({});
  Busy busy(lane);
  std::atomic<bool> away{false};
  std::atomic<int> computed{0};
  auto asked =
      ask(lane, {"a", "", [&] { return away.load(); }}, [&] { ++computed; });
  await_waiting(lane, 1);
  away = true;
  EXPECT_EQ(asked.get(), 499);  // while the lane is busy still
  busy.release();
  EXPECT_EQ(computed, 0);
  EXPECT_EQ(lane.figures().gone, 1U);
}

TEST(WorkLane, WaitingHasAnEnd) {
  LaneLimits limits;
  limits.seconds = 0.01;
  WorkLane lane(limits);
  Busy busy(lane);
  std::atomic<int> computed{0};
  EXPECT_EQ(ask(lane, {"a", "", {}}, [&] { ++computed; }).get(), 503);
  busy.release();
  EXPECT_EQ(computed, 0);
  EXPECT_EQ(lane.figures().late, 1U);
}

TEST(WorkLane, StopFinishesWhatRunsAndRefusesTheRest) {
  WorkLane lane({});
  std::atomic<int> computed{0};
  Busy busy(lane);
  auto waiting = ask(lane, {"a", "", {}}, [&] { ++computed; });
  await_waiting(lane, 1);
  lane.stop();
  EXPECT_EQ(waiting.get(), 503);
  busy.release();  // would throw if what ran had not come to its end
  EXPECT_EQ(ask(lane, {"a", "", {}}, [&] { ++computed; }).get(), 503);
  EXPECT_EQ(computed, 0);
}

TEST(Histogram, CountsInBuckets) {
  Histogram histogram;
  for (const double seconds : {0.001, 0.005, 0.3, 100.0}) {
    histogram.add(seconds);
  }
  EXPECT_EQ(histogram.count(), 4U);
  const std::string text = histogram.text("t", "lane=\"x\"");
  EXPECT_THAT(text, HasSubstr("t_bucket{lane=\"x\",le=\"0.005\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("t_bucket{lane=\"x\",le=\"0.25\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("t_bucket{lane=\"x\",le=\"0.5\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("t_bucket{lane=\"x\",le=\"30\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("t_bucket{lane=\"x\",le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("t_sum{lane=\"x\"} 100.306000\n"));
  EXPECT_THAT(text, HasSubstr("t_count{lane=\"x\"} 4\n"));
}

}  // namespace
}  // namespace limner::server
