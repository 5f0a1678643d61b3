#include "train/run/run.h"

#include <fcntl.h>
#include <sys/file.h>
#include <torch/types.h>
#include <torch/utils.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "train/run/checkpoint.h"
#include "train/run/record.h"
#include "train/run/signals.h"
#include "train/run/watch.h"
#include "util/error.h"
#include "util/files.h"

namespace limner::train {
namespace {

using nlohmann::json;
using Clock = std::chrono::steady_clock;
using Losses = std::map<std::string, double>;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

bool due(int64_t step, int every) { return every > 0 && step % every == 0; }

// Keeps other runs out of a folder for as long as it lives; the kernel lets
// go of it however the program ends.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder)
      : descriptor_(::open(folder.c_str(), O_RDONLY | O_CLOEXEC)) {
    // Some network disks know no locks: then it is the user's care.
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      ::close(descriptor_);
      fail("{}: another run is training in this folder",
           printable(folder.string()));
    }
  }
  ~FolderLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

// Settings whose change does not change what is learnt.
bool matters(const std::string& pointer) {
  static const std::set<std::string> kFree = {
      "/folder",           "/steps",       "/hours",          "/log_every",
      "/checkpoint_every", "/sheet_every", "/validate_every", "/resume"};
  return kFree.count(pointer) == 0;
}

std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

// Says how the settings differ from those the run began with.
void tell_changes(const std::filesystem::path& file, const json& settings) {
  json before;
  if (!attempt("the earlier settings are not known",
               [&] { before = read_config_file(file); })) {
    return;
  }
  const json old = before.flatten(), now = settings.flatten();
  for (const auto& [pointer, value] : now.items()) {
    if (!matters(pointer)) continue;
    const auto found = old.find(pointer);
    if (found != old.end() && *found == value) continue;
    tell(fmt::format(
        "resuming with another setting: {} is {}, was {}", pointer.substr(1),
        printable(text_of(value)),
        found == old.end() ? "not set" : printable(text_of(*found))));
  }
}

class Run {
 public:
  Run(Stage& stage, const RunOptions& options, const json& settings,
      Processes& processes)
      : stage_(stage),
        options_(options),
        settings_(settings),
        processes_(processes),
        means_(stage.means()),
        checkpoints_(options.folder) {}

  void run() {
    begin();
    const StopSignals signals;
    const Clock::time_point start = Clock::now();
    bool stop = false, over = false;
    {
      ProgressLine line(done_, options_.steps);
      while (!stop && !over && !reached()) {
        stop = signals.asked();
        over =
            options_.hours > 0 && seconds_since(start) >= options_.hours * 3600;
        step(&stop, &over, &line);
      }
    }
    finish(stop);
  }

 private:
  bool reached() const { return options_.steps > 0 && done_ >= options_.steps; }

  // Runs body() on the main process. Its Error ends all processes.
  template <typename Body>
  void on_main(const Body& body) {
    std::string problem;
    if (processes_.main()) {
      try {
        body();
      } catch (const Error& error) {
        problem = error.what();
      }
    }
    agree(problem);
  }

  // Throws on all processes when one of them has a problem.
  void agree(const std::string& problem) {
    torch::Tensor count = torch::full({1}, problem.empty() ? 0 : 1);
    processes_.sum(count);
    if (!problem.empty()) throw Error(problem);
    if (count.item<int64_t>() > 0) {
      fail("another process has stopped: see its message");
    }
  }

  void begin() {
    const std::string shown = printable(options_.folder.string());
    on_main([&] {
      make_folders(options_.folder);
      lock_ = std::make_unique<FolderLock>(options_.folder);
      if (!options_.resume && checkpoints_.any()) {
        fail(
            "{}: there is a checkpoint of an earlier run: go on with --resume, "
            "or choose another folder",
            shown);
      }
    });
    if (options_.resume) resume();
    on_main([&] {
      const std::filesystem::path config = options_.folder / "config.json";
      if (options_.resume) tell_changes(config, settings_);
      // A path may hold bytes that are no text.
      write_file(
          config,
          settings_.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
      record_ = std::make_unique<Record>(options_.folder, settings_, done_,
                                         options_.steps);
      if (!means_.note.empty()) tell(means_.note);
    });
  }

  void resume() {
    std::string problem;
    try {
      const State state = checkpoints_.load();
      stage_.load(state);
      done_ = state.values.at("run.step").get<int64_t>();
      seconds_ = state.values.at("run.seconds").get<double>();
      averages_.load(state.values.at("run.averages"));
      precision_before_ = state.values.value("run.precision", "");
    } catch (const Error& error) {
      problem = error.what();
    } catch (const json::exception&) {
      problem =
          printable(checkpoints_.last().string()) + ": no checkpoint of a run";
    }
    agree(problem);
    saved_ = done_;
    if (!processes_.main()) return;
    tell(fmt::format("resuming at step {}", done_));
    if (!precision_before_.empty() && precision_before_ != means_.precision) {
      tell(fmt::format("resuming with another precision: {}, was {}",
                       means_.precision, printable(precision_before_)));
    }
  }

  void step(bool* stop, bool* over, ProgressLine* line) {
    const Clock::time_point start = Clock::now();
    const Losses losses = shared(stage_.step(done_), stop, over);
    ++done_;
    const double took = seconds_since(start);
    seconds_ += took;
    interval_seconds_ += took;
    ++interval_steps_;
    const std::string problem = watch_.check(losses);
    if (!problem.empty()) diverged(problem);
    averages_.add(losses);

    const bool log = due(done_, options_.log_every);
    if (processes_.main()) {
      const double rate = interval_steps_ / std::max(interval_seconds_, 1e-9);
      const double images =
          rate * static_cast<double>(stage_.images_per_step());
      if (log) {
        const Losses means = averages_.take();
        line->show(done_, means, images, rate, true);
        record_->losses(done_, seconds_, images, means);
      } else {
        line->show(done_, losses, images, rate, false);
      }
      if (due(done_, options_.validate_every)) {
        record_->validation(done_, stage_.validate());
      }
      if (due(done_, options_.sheet_every)) {
        record_->sheet(done_, stage_.sheet());
      }
    }
    // Every process: a rate over many steps is steadier, over few newer.
    if (log || interval_steps_ >= kRateSteps) {
      interval_seconds_ = 0;
      interval_steps_ = 0;
    }
    if (due(done_, options_.checkpoint_every)) {
      save(false);
      if (processes_.main()) {
        attempt("the models were not written", [&] { write_models(); });
        record_->report(done_, "running");
      }
    }
  }

  // The losses as means over all processes, which also learn here whether to
  // stop.
  Losses shared(const Losses& own, bool* stop, bool* over) {
    if (processes_.world() == 1) return own;
    std::vector<double> values = {*stop ? 1.0 : 0.0,
                                  *over && processes_.main() ? 1.0 : 0.0};
    for (const auto& [name, value] : own) values.push_back(value);
    torch::Tensor all = torch::tensor(values, torch::kFloat64);
    processes_.sum(all);
    const double* sums = all.data_ptr<double>();
    *stop = *sums++ > 0;
    *over = *sums++ > 0;
    Losses means = own;
    for (auto& [name, value] : means) value = *sums++ / processes_.world();
    return means;
  }

  [[noreturn]] void diverged(const std::string& problem) {
    const std::string what = fmt::format("step {}: {}", done_, problem);
    if (processes_.main()) record_->report(done_, "stopped at " + what);
    fail("{}: training has gone astray and is stopped; {}", what,
         saved_ < 0
             ? "there is no checkpoint yet"
             : fmt::format("{} of step {} is kept: go on from it with "
                           "--resume and a lower rate",
                           printable(checkpoints_.last().string()), saved_));
  }

  // Writes the checkpoint. Unless it is the `last` one, a failure is only
  // told: the next one may find room again.
  void save(bool last) {
    std::string bad;
    on_main([&] {
      State state;
      stage_.save(state);
      bad = state.not_finite();
      if (!bad.empty()) diverged(fmt::format("'{}' is not finite", bad));
      state.values["run.step"] = done_;
      state.values["run.seconds"] = seconds_;
      state.values["run.averages"] = averages_.save();
      if (!means_.precision.empty()) {
        state.values["run.precision"] = means_.precision;
      }
      const auto write = [&] {
        checkpoints_.save(state);
        saved_ = done_;
      };
      if (last) {
        write();
        return;
      }
      const std::string kept =
          saved_ < 0 ? "there is none yet"
                     : fmt::format("the one of step {} is kept", saved_);
      attempt(fmt::format("no checkpoint of step {}, {}", done_, kept), write);
    });
    // All processes need to know whether there is one more to write.
    torch::Tensor saved = torch::tensor({saved_}, torch::kInt64);
    processes_.broadcast(saved);
    saved_ = saved.item<int64_t>();
  }

  void write_models() {
    const std::filesystem::path folder = options_.folder / "models";
    make_folders(folder);
    stage_.export_models(folder);
  }

  void finish(bool stopped) {
    if (saved_ != done_) save(true);
    if (!processes_.main()) return;
    if (!stopped) {
      const Losses rest = averages_.take();
      if (!rest.empty() && !due(done_, options_.log_every)) {
        record_->losses(done_, seconds_, 0, rest);
      }
      if (options_.validate_every > 0 && !due(done_, options_.validate_every)) {
        record_->validation(done_, stage_.validate());
      }
      if (!due(done_, options_.sheet_every)) {
        record_->sheet(done_, stage_.sheet());
      }
    }
    write_models();
    record_->report(done_, stopped ? "stopped" : "finished");
    tell(fmt::format("{} at step {}, kept in {}{}",
                     stopped ? "stopped" : "finished", done_,
                     printable(checkpoints_.last().string()),
                     stopped ? "; go on with --resume" : ""));
  }

  static constexpr int kRateSteps = 1000;

  Stage& stage_;
  const RunOptions& options_;
  const json& settings_;
  Processes& processes_;
  const StageMeans means_;
  std::string precision_before_;  // of the run that is gone on with
  Checkpoints checkpoints_;
  std::unique_ptr<FolderLock> lock_;
  std::unique_ptr<Record> record_;  // on the main process
  LossWatch watch_;
  Averages averages_;
  int64_t done_ = 0;    // steps
  int64_t saved_ = -1;  // step of the last checkpoint; -1: there is none
  double seconds_ = 0;  // spent in steps, those before resuming too
  double interval_seconds_ = 0;
  int interval_steps_ = 0;
};

}  // namespace

void RunOptions::declare(OptionTable& table) {
  constexpr double kMax = 1e12;
  table.add("folder", &folder, "where the run is kept");
  table.add("steps", &steps, 0, kMax, "steps in all; 0: no limit");
  table.add("hours", &hours, 0, 1e6, "stop after these; 0: no limit");
  table.add("log_every", &log_every, 0, 1e9, "steps between lines of losses");
  table.add("checkpoint_every", &checkpoint_every, 0, 1e9,
            "steps between checkpoints and reports");
  table.add("sheet_every", &sheet_every, 0, 1e9, "steps between sample sheets");
  table.add("validate_every", &validate_every, 0, 1e9,
            "steps between validations; 0: never");
  table.add("resume", &resume, "go on from the folder's checkpoint");
}

void run(Stage& stage, const RunOptions& options, const json& settings,
         Processes& processes) {
  if (options.folder.empty()) fail("a run needs a folder");
  Run(stage, options, settings, processes).run();
}

}  // namespace limner::train
