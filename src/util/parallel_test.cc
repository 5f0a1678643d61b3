#include "util/parallel.h"

#include <gmock/gmock.h>

#include <atomic>
#include <vector>

#include "util/error.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

class Parallel : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override { set_threads(GetParam()); }
  void TearDown() override { set_threads(0); }
};

TEST_P(Parallel, EveryItemOnce) {
  for (const int64_t count : {0, 1, 2, 3, 7, 100, 12345}) {
    for (const int64_t cost : {1, 1'000'000}) {
      std::vector<int> seen(static_cast<size_t>(count));
      std::atomic<bool> sound{true};
      parallel_for(count, cost, [&](int64_t begin, int64_t end) {
        if (begin >= end || begin < 0 || end > count) sound = false;
        for (int64_t i = begin; i < end; ++i) ++seen[static_cast<size_t>(i)];
      });
      EXPECT_TRUE(sound);
      EXPECT_THAT(seen, Each(1)) << count;
    }
  }
}

TEST_P(Parallel, RunsSeriallyInside) {
  std::atomic<int64_t> total{0};
  parallel_for(8, 1'000'000, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      int calls = 0;
      parallel_for(1000, 1'000'000, [&](int64_t from, int64_t to) {
        ++calls;
        total += to - from;
      });
      if (threads() > 1 && calls != 1) total += 1'000'000;
    }
  });
  EXPECT_EQ(total, 8000);
}

TEST_P(Parallel, TasksAllRunAndTheFirstErrorIsThrown) {
  std::atomic<int> ran{0};
  const auto good = [&] { ++ran; };
  const auto bad = [&](const char* what) {
    return [&ran, what] {
      ++ran;
      fail("{}", what);
    };
  };
  run_tasks({});
  run_tasks({good, good, good});
  EXPECT_EQ(ran, 3);
  EXPECT_EQ(error_of([&] {
              run_tasks({good, bad("first"), good, bad("second")});
            }),
            "first");
  EXPECT_EQ(ran, 7);
}

INSTANTIATE_TEST_SUITE_P(Threads, Parallel, ::testing::Values(1, 2, 3, 8));

TEST(SetThreads, CountsAndRefuses) {
  set_threads(3);
  EXPECT_EQ(threads(), 3);
  set_threads(0);
  EXPECT_GE(threads(), 1);
  EXPECT_THAT(error_of([] { set_threads(-1); }), HasSubstr("-1"));
  EXPECT_THAT(error_of([] { set_threads(1025); }), HasSubstr("1025"));
}

}  // namespace
}  // namespace limner
