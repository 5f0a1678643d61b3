#include "train/run/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "train/parallel/test_processes.h"
#include "train/run/checkpoint.h"
#include "train/run/metrics.h"
#include "train/run/test_stage.h"
#include "util/error.h"
#include "util/test_folder.h"
#include "weights/checkpoint.h"

namespace limner::train {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

RunOptions options_for(const fs::path& folder, int64_t steps,
                       bool resume = false) {
  RunOptions options;
  options.folder = folder;
  options.steps = steps;
  options.log_every = 4;
  options.checkpoint_every = 6;
  options.sheet_every = 6;
  options.validate_every = 6;
  options.resume = resume;
  return options;
}

void train(Stage& stage, const RunOptions& options,
           const nlohmann::json& settings = nlohmann::json::object()) {
  run(stage, options, settings, *Processes::alone());
}

// Every tensor of a checkpoint, as bytes.
std::map<std::string, std::string> bits(const fs::path& file) {
  const Checkpoint checkpoint = read_checkpoint(file);
  std::map<std::string, std::string> result;
  for (const auto& [name, tensor] : checkpoint.tensors.tensors) {
    const auto packed = tensor.packed();
    result[name] = std::string(packed.begin(), packed.end());
  }
  return result;
}

// What the metrics say, without the times.
std::vector<std::string> what_was_learnt(const fs::path& folder) {
  std::vector<std::string> lines;
  for (nlohmann::json line : read_metrics(folder / "metrics.jsonl")) {
    line.erase("seconds");
    line.erase("images_per_second");
    lines.push_back(line.dump());
  }
  return lines;
}

TEST(Run, LeavesItsFiles) {
  const TestFolder folder;
  ToyStage stage;
  train(stage, options_for(folder / "run", 13), {{"lr", 0.01}});
  for (const char* name :
       {"config.json", "metrics.jsonl", "checkpoint.safetensors",
        "checkpoint-previous.safetensors", "report.html", "sheets/0000006.png",
        "sheets/0000012.png", "sheets/0000013.png", "models/toy.safetensors"}) {
    EXPECT_TRUE(fs::exists(folder / "run" / name)) << name;
  }
  EXPECT_FALSE(fs::exists(folder / "run" / "checkpoint-next.safetensors"));
  EXPECT_EQ(
      State::load(folder / "run" / "checkpoint.safetensors").values["run.step"],
      13);
  EXPECT_EQ(State::load(folder / "run" / "checkpoint-previous.safetensors")
                .values["run.step"],
            12);
}

TEST(Run, ResumedEqualsUninterruptedBitForBit) {
  const TestFolder folder;
  ToyStage whole;
  train(whole, options_for(folder / "whole", 23));
  for (const int64_t pause : {5, 12, 17}) {
    const fs::path parts = folder / std::to_string(pause);
    ToyStage first, second;
    train(first, options_for(parts, pause));
    train(second, options_for(parts, 23, true));
    EXPECT_EQ(bits(parts / "checkpoint.safetensors"),
              bits(folder / "whole" / "checkpoint.safetensors"));
  }
}

TEST(Run, StopsOnASignalAndGoesOn) {
  const TestFolder folder;
  ToyStage whole;
  train(whole, options_for(folder / "whole", 23));
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
    const fs::path parts = folder / std::to_string(signal);
    ToyStage first;
    first.before_return = [&](int64_t step) {
      if (step == 8) std::raise(signal);
    };
    testing::internal::CaptureStderr();
    train(first, options_for(parts, 23));
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                HasSubstr("stopped at step 10, kept in"));
    EXPECT_EQ(State::load(parts / "checkpoint.safetensors").values["run.step"],
              10);
    ToyStage second;
    train(second, options_for(parts, 23, true));
    EXPECT_EQ(bits(parts / "checkpoint.safetensors"),
              bits(folder / "whole" / "checkpoint.safetensors"));
    EXPECT_EQ(what_was_learnt(parts), what_was_learnt(folder / "whole"));
  }
}

// What a killed process runs: see below.
TEST(RunHelper, DISABLED_Train) {
  const fs::path folder = std::getenv("LIMNER_TEST_RUN");
  ToyStage stage;
  train(stage, options_for(folder, 500, Checkpoints(folder).any()));
}

// Starts that test in a process of its own.
pid_t start_training(const fs::path& folder) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::setenv("LIMNER_TEST_RUN", folder.c_str(), 1);
  if (std::freopen("/dev/null", "w", stderr) == nullptr ||
      std::freopen("/dev/null", "w", stdout) == nullptr) {
    ::_exit(3);
  }
  ::execl("/proc/self/exe", "test", "--gtest_filter=RunHelper.DISABLED_Train",
          "--gtest_also_run_disabled_tests", nullptr);
  ::_exit(3);
}

TEST(Run, KilledAnywhereEndsWithTheSameBits) {
  const TestFolder folder;
  const fs::path killed = folder / "killed";
  const fs::path metrics = killed / "metrics.jsonl";
  // Wherever the kills meet it, the outcome is the same; the waits only make
  // it likely that they meet different places.
  for (int kill = 0; kill < 5; ++kill) {
    std::error_code none;
    const auto before = fs::exists(metrics) ? fs::file_size(metrics, none) : 0;
    const pid_t child = start_training(killed);
    ASSERT_GT(child, 0);
    int status = 0;
    while (::waitpid(child, &status, WNOHANG) == 0) {
      const auto now = fs::file_size(metrics, none);
      if (!none && now > before + 700U * static_cast<unsigned>(kill)) {
        std::this_thread::sleep_for(std::chrono::microseconds(1700 * kill));
        ::kill(child, SIGKILL);
        ::waitpid(child, &status, 0);
        break;
      }
      std::this_thread::sleep_for(std::chrono::microseconds(300));
    }
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
  }
  int status = 0;
  const pid_t child = start_training(killed);
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);

  ASSERT_EQ(::waitpid(start_training(folder / "whole"), &status, 0) > 0, true);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(bits(killed / "checkpoint.safetensors"),
            bits(folder / "whole" / "checkpoint.safetensors"));
  EXPECT_EQ(what_was_learnt(killed), what_was_learnt(folder / "whole"));
}

// No file can grow beyond `bytes` while one lives: what a full disk does to
// large files.
class SmallDisk {
 public:
  SmallDisk() : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
  }
  ~SmallDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  void limit(rlim_t bytes) const {
    rlimit now = before_;
    now.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  void lift() const { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_ = {};
  void (*handler_)(int);
};

TEST(Run, FullDiskCostsOneCheckpointOnly) {
  const TestFolder folder;
  const SmallDisk disk;
  ToyStage stage;
  stage.ballast = torch::zeros({400'000});
  std::map<std::string, std::string> kept;
  stage.before_return = [&](int64_t step) {
    if (step == 7) disk.limit(1'000'000);
    if (step == 12) {  // the checkpoint of step 12 has failed
      kept = bits(folder / "checkpoint.safetensors");
      disk.lift();
    }
  };
  testing::internal::CaptureStderr();
  train(stage, options_for(folder.path(), 20));
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("warning: no checkpoint of step 12, the one of step 6 "
                        "is kept: "));
  ToyStage six;
  six.ballast = torch::zeros({400'000});
  train(six, options_for(folder / "six", 6));
  EXPECT_EQ(kept, bits(folder / "six" / "checkpoint.safetensors"));
  EXPECT_EQ(State::load(folder / "checkpoint.safetensors").values["run.step"],
            20);
  EXPECT_EQ(State::load(folder / "checkpoint-previous.safetensors")
                .values["run.step"],
            18);
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    EXPECT_THAT(entry.path().string(), Not(HasSubstr(".tmp")));
  }
}

TEST(Run, FullDiskAtTheEndIsAnError) {
  const TestFolder folder;
  const SmallDisk disk;
  ToyStage stage;
  stage.ballast = torch::zeros({400'000});
  stage.before_return = [&](int64_t step) {
    if (step == 7) disk.limit(1'000'000);
  };
  EXPECT_THAT(error_of([&] { train(stage, options_for(folder.path(), 9)); }),
              HasSubstr("cannot write"));
  EXPECT_EQ(State::load(folder / "checkpoint.safetensors").values["run.step"],
            6);
}

TEST(Run, NoNumberStopsItAndKeepsTheLastGoodCheckpoint) {
  const TestFolder folder;
  ToyStage stage;
  stage.replace_losses = [&](int64_t step) {
    return std::map<std::string, double>{{"a", step < 8 ? 1.0 : NAN}};
  };
  EXPECT_THAT(error_of([&] { train(stage, options_for(folder.path(), 20)); }),
              testing::AllOf(HasSubstr("step 9: loss 'a' is nan"),
                             HasSubstr("of step 6 is kept")));
  EXPECT_EQ(State::load(folder / "checkpoint.safetensors").values["run.step"],
            6);
}

TEST(Run, BadWeightsAreNotSaved) {
  const TestFolder folder;
  ToyStage stage;
  stage.before_return = [&](int64_t step) {
    // The loss of this step was still good.
    const torch::NoGradGuard no_grad;
    if (step == 11) stage.net->second->weight.fill_(INFINITY);
  };
  EXPECT_THAT(error_of([&] { train(stage, options_for(folder.path(), 20)); }),
              HasSubstr("step 12: 'net.second.weight' is not finite"));
  EXPECT_EQ(State::load(folder / "checkpoint.safetensors").values["run.step"],
            6);
}

TEST(Run, AFolderIsNotOverwritten) {
  const TestFolder folder;
  ToyStage stage;
  EXPECT_THAT(
      error_of([&] { train(stage, options_for(folder.path(), 6, true)); }),
      HasSubstr("there is no checkpoint to resume from"));
  train(stage, options_for(folder.path(), 6));
  EXPECT_THAT(error_of([&] { train(stage, options_for(folder.path(), 6)); }),
              HasSubstr("go on with --resume"));
}

TEST(Run, TwoRunsDoNotShareAFolder) {
  const TestFolder folder;
  ToyStage first, second;
  std::string message;
  first.before_return = [&](int64_t) {
    message = error_of([&] { train(second, options_for(folder.path(), 6)); });
  };
  train(first, options_for(folder.path(), 1));
  EXPECT_THAT(message, HasSubstr("another run is training in this folder"));
}

TEST(Run, ChangedSettingsAreTold) {
  const TestFolder folder;
  ToyStage stage;
  train(stage, options_for(folder.path(), 2),
        {{"steps", 2}, {"adam", {{"lr", 0.1}}}, {"seed", 1}});
  testing::internal::CaptureStderr();
  train(stage, options_for(folder.path(), 4, true),
        {{"steps", 4}, {"adam", {{"lr", 0.2}}}, {"seed", 1}, {"new", true}});
  const std::string told = testing::internal::GetCapturedStderr();
  EXPECT_THAT(told, HasSubstr("adam/lr is 0.2, was 0.1"));
  EXPECT_THAT(told, HasSubstr("new is true, was not set"));
  EXPECT_THAT(told, Not(HasSubstr("steps is")));
  EXPECT_THAT(told, Not(HasSubstr("seed is")));
}

TEST(Run, WhatTheMachineChoosesIsTold) {
  const TestFolder folder;
  ToyStage stage;
  stage.how = {"bf16", "precision: bf16, since it is Monday"};
  testing::internal::CaptureStderr();
  train(stage, options_for(folder.path(), 2));
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("precision: bf16, since it is Monday\n"));

  // On another machine.
  stage.how = {"f32", ""};
  testing::internal::CaptureStderr();
  train(stage, options_for(folder.path(), 4, true));
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("resuming with another precision: f32, was bf16\n"));
  testing::internal::CaptureStderr();
  train(stage, options_for(folder.path(), 6, true));
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              Not(HasSubstr("precision")));
}

TEST(Run, DamagedCheckpointNamesTheOneBefore) {
  const TestFolder folder;
  ToyStage stage;
  train(stage, options_for(folder.path(), 13));
  const fs::path last = folder / "checkpoint.safetensors";
  fs::resize_file(last, fs::file_size(last) - 100);
  EXPECT_THAT(
      error_of([&] { train(stage, options_for(folder.path(), 20, true)); }),
      HasSubstr("checkpoint-previous.safetensors is of the checkpoint before"));
}

// The moment between the two renames of a disk without links.
TEST(Run, ResumesFromACheckpointThatWasBeingRenamed) {
  const TestFolder folder;
  ToyStage whole, first, second;
  train(whole, options_for(folder / "whole", 20));
  train(first, options_for(folder / "part", 12));
  fs::rename(folder / "part" / "checkpoint.safetensors",
             folder / "part" / "checkpoint-next.safetensors");
  train(second, options_for(folder / "part", 20, true));
  EXPECT_EQ(bits(folder / "part" / "checkpoint.safetensors"),
            bits(folder / "whole" / "checkpoint.safetensors"));
}

// One process is asked to stop, all do; then they go on and fail together.
TEST(RunHelper, DISABLED_Together) {
  const fs::path folder = std::getenv("LIMNER_TEST_RUN");
  const auto processes = Processes::from_environment();
  ToyStage first, second, third;
  first.processes = second.processes = third.processes = processes;
  first.before_return = [&](int64_t step) {
    if (step == 8 && processes->rank() == 1) std::raise(SIGTERM);
  };
  first.replace_losses = [&](int64_t) {
    return std::map<std::string, double>{{"rank", processes->rank()}};
  };
  const nlohmann::json settings;
  run(first, options_for(folder, 20), settings, *processes);
  run(second, options_for(folder, 20, true), settings, *processes);
  EXPECT_THAT(error_of([&] {
                run(third, options_for(folder, 20), settings, *processes);
              }),
              HasSubstr(processes->main() ? "--resume" : "another process"));
}

TEST(Run, ProcessesStopAndFailTogether) {
  const TestFolder folder;
  const fs::path run = folder / "run";
  ::setenv("LIMNER_TEST_RUN", run.c_str(), 1);
  EXPECT_THAT(run_in_processes("RunHelper.DISABLED_Together", 2),
              testing::Each(0));
  EXPECT_EQ(State::load(run / "checkpoint.safetensors").values["run.step"], 20);
  const auto lines = read_metrics(run / "metrics.jsonl");
  ASSERT_GE(lines.size(), 3U);
  EXPECT_EQ(lines[0]["losses"]["rank"], 0.5);
  // Their steps were the same: each stage sees the same pictures.
  ToyStage alone;
  train(alone, options_for(folder / "alone", 20));
  EXPECT_EQ(bits(run / "checkpoint.safetensors"),
            bits(folder / "alone" / "checkpoint.safetensors"));
}

TEST(Run, HoursAreALimit) {
  const TestFolder folder;
  ToyStage stage;
  RunOptions options = options_for(folder.path(), 0);
  options.hours = 1e-9;
  train(stage, options);
  EXPECT_LE(State::load(folder / "checkpoint.safetensors").values["run.step"],
            2);
}

}  // namespace
}  // namespace limner::train
