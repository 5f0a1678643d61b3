#include "app/batch.h"

#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <new>
#include <string>
#include <vector>

#include "app/console.h"
#include "util/parallel.h"
#include "util/test_folder.h"

namespace limner::app {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::CaptureStdout;
using ::testing::internal::GetCapturedStderr;
using ::testing::internal::GetCapturedStdout;

class BatchTest : public ::testing::TestWithParam<size_t> {
 protected:
  ~BatchTest() override { set_threads(before_); }

  // Runs `body` on that many workers; `said` and `printed` get what was told.
  BatchResult run(size_t count, const std::function<void(BatchItem&)>& body) {
    set_threads(static_cast<int>(GetParam()));
    CaptureStderr();
    CaptureStdout();
    const auto told = [&] {
      said = GetCapturedStderr();
      finish_output();
      printed = GetCapturedStdout();
    };
    try {
      BatchResult result = run_batch({count, "", true}, GetParam(), body);
      told();
      return result;
    } catch (...) {
      told();
      throw;
    }
  }

  std::string printed;
  std::string said;

 private:
  int before_ = threads();
};

TEST_P(BatchTest, EveryItemOnceAndOneOfAWorkerAtATime) {
  std::vector<int> done(100);
  std::vector<std::atomic<int>> busy(GetParam());
  const BatchResult result = run(done.size(), [&](BatchItem& item) {
    EXPECT_EQ(busy.at(item.worker)++, 0);
    ++done[item.index];
    item.step();
    --busy[item.worker];
  });
  EXPECT_EQ(result.failures, 0U);
  EXPECT_THAT(done, ::testing::Each(1));
  EXPECT_EQ(said, "");
  EXPECT_EQ(printed, "");
}

TEST_P(BatchTest, ErrorsAndTextsAreToldInOrder) {
  std::string errors, texts;
  for (int i = 0; i < 50; ++i) {
    if (i % 7 == 0) errors += fmt::format("limner: no {}\n", i);
    texts += fmt::format("at {}\n", i);
  }
  const BatchResult result = run(50, [](BatchItem& item) {
    item.told.text = fmt::format("at {}\n", item.index);
    item.told.photos.push_back(fmt::format("photo {}", item.index));
    if (item.index % 7 == 0) fail("no {}", item.index);
  });
  EXPECT_EQ(result.failures, 8U);
  EXPECT_EQ(said, errors);
  EXPECT_EQ(printed, texts);
  // Also what one that failed had to say.
  ASSERT_EQ(result.told.size(), 50U);
  for (size_t i = 0; i < 50; ++i) {
    EXPECT_EQ(result.told[i].photos.at(0), fmt::format("photo {}", i));
  }
}

TEST_P(BatchTest, WhatStopsAll) {
  std::atomic<int> begun{0};
  const auto ends_with = [&](const std::function<void(size_t)>& body) {
    return error_of(
        [&] { run(1000, [&](BatchItem& item) { body(item.index); }); });
  };
  // Of all that stop the batch the first item counts, whichever comes first.
  EXPECT_EQ(ends_with([&](size_t i) {
              ++begun;
              if (i == 1) fail("no 1");
              if (i >= 4) throw ErrorOfAll(fmt::format("bad {}", i));
            }),
            "bad 4");
  EXPECT_EQ(said, "limner: no 1\n");
  // No worker begins another one.
  EXPECT_LE(begun, 5 + static_cast<int>(GetParam()));
  EXPECT_EQ(ends_with([](size_t i) {
              stopping_all([&] {
                if (i == 9) fail("the disk is full");
              });
            }),
            "the disk is full");
  EXPECT_THROW(run(10,
                   [](BatchItem& item) {
                     if (item.index == 3) throw std::bad_alloc();
                   }),
               std::bad_alloc);
}

TEST_P(BatchTest, TheErrorOfASingleItemGoesOn) {
  EXPECT_EQ(error_of([&] { run(1, [](BatchItem&) { fail("alone"); }); }),
            "alone");
  EXPECT_EQ(said, "");
}

INSTANTIATE_TEST_SUITE_P(Workers, BatchTest, ::testing::Values(1, 2, 5));

TEST(Report, WarningsThenNotesOfPhotosThenOfDrawings) {
  std::vector<Told> told(2);
  AlignedPhoto photo;
  photo.note = "aligned";
  told[0].add("p\n.jpg", photo);
  photo.note = "";
  photo.warning = "no face";
  told[1].add("q.jpg", photo);
  Sketch sketch;
  sketch.notes = {"moved", "doubtful"};
  told[0].add("d.svg", sketch);
  for (const bool quiet : {false, true}) {
    CaptureStderr();
    CaptureStdout();
    report(told, quiet);
    finish_output();
    EXPECT_EQ(GetCapturedStderr(), "limner: warning: q.jpg: no face\n");
    EXPECT_EQ(GetCapturedStdout(), quiet ? ""
                                         : "p\\x0a.jpg: aligned\nd.svg: moved\n"
                                           "d.svg: doubtful\n");
  }
}

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
