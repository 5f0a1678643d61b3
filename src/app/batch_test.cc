#include "app/batch.h"

#include <gmock/gmock.h>

#include <atomic>
#include <new>
#include <string>
#include <vector>

namespace limner::app {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

class Batch : public ::testing::TestWithParam<size_t> {
 protected:
  ~Batch() override { set_threads(before_); }

  // Runs `body` on that many workers; `said` gets what was told.
  template <typename Body>
  size_t run(size_t count, const Body& body) {
    set_threads(static_cast<int>(GetParam()));
    CaptureStderr();
    try {
      const size_t failures = run_batch_on(GetParam(), count, "", true, body);
      said = GetCapturedStderr();
      return failures;
    } catch (...) {
      said = GetCapturedStderr();
      throw;
    }
  }

  std::string said;

 private:
  int before_ = threads();
};

TEST_P(Batch, EveryItemOnceAndOneOfAWorkerAtATime) {
  std::vector<int> done(100);
  std::vector<std::atomic<int>> busy(GetParam());
  EXPECT_EQ(run(done.size(),
                [&](size_t worker, size_t i) {
                  EXPECT_EQ(busy.at(worker)++, 0);
                  ++done[i];
                  --busy[worker];
                }),
            0);
  EXPECT_THAT(done, ::testing::Each(1));
  EXPECT_EQ(said, "");
}

TEST_P(Batch, ErrorsAreToldInOrder) {
  std::string expected;
  for (int i = 0; i < 50; i += 7) expected += fmt::format("limner: no {}\n", i);
  EXPECT_EQ(run(50,
                [](size_t, size_t i) {
                  if (i % 7 == 0) fail("no {}", i);
                }),
            8);
  EXPECT_EQ(said, expected);
}

TEST_P(Batch, WhatStopsAll) {
  std::atomic<int> begun{0};
  EXPECT_THROW(run(1000,
                   [&](size_t, size_t i) {
                     ++begun;
                     if (i == 0 || i > 5) throw ErrorOfAll("bad");
                   }),
               ErrorOfAll);
  // No worker begins another one.
  EXPECT_LE(begun, 5 + 2 * static_cast<int>(GetParam()));
  EXPECT_THROW(run(10,
                   [](size_t, size_t i) {
                     if (i == 3) throw std::bad_alloc();
                   }),
               std::bad_alloc);
}

TEST_P(Batch, TheErrorOfASingleItemGoesOn) {
  EXPECT_THROW(run(1, [](size_t, size_t) { fail("alone"); }), Error);
  EXPECT_EQ(said, "");
}

INSTANTIATE_TEST_SUITE_P(Workers, Batch, ::testing::Values(1, 2, 5));

TEST(Workers, AsManyAsThreadsUnlessThereAreFewerItems) {
  const int before = threads();
  set_threads(4);
  EXPECT_EQ(workers_for(1), 1);
  EXPECT_EQ(workers_for(3), 1);
  EXPECT_EQ(workers_for(4), 4);
  EXPECT_EQ(workers_for(1000), 4);
  set_threads(before);
}

}  // namespace
}  // namespace limner::app
