// What the main process writes of a run besides its checkpoints. A full disk
// is warned of and costs only the record that did not fit.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "image/image.h"
#include "train/run/event_file.h"
#include "train/run/metrics.h"

namespace limner::train {

// One line on standard error, over a progress line where there is one.
void tell(const std::string& text);

// Runs body(); warns of an Error. Returns whether there was none.
bool attempt(const std::string& what, const std::function<void()>& body);

class Record {
 public:
  // Opens the records of `folder` to go on after `step`. Throws Error.
  Record(std::filesystem::path folder, nlohmann::json settings, int64_t step,
         int64_t steps);

  void losses(int64_t step, double seconds, double images_per_second,
              const std::map<std::string, double>& losses);
  void validation(int64_t step, const std::map<std::string, double>& values);
  void sheet(int64_t step, const Image& image);
  void report(int64_t step, const std::string& status);

 private:
  std::filesystem::path folder_;
  nlohmann::json settings_;
  int64_t steps_;
  Metrics metrics_;
  std::unique_ptr<EventFile> events_;
};

// The line that tells how far a run is: rewritten in place on a terminal,
// elsewhere a new line each time it is due.
class ProgressLine {
 public:
  ProgressLine(int64_t step, int64_t steps);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  // After a step. `due`: also where it is no terminal.
  void show(int64_t step, const std::map<std::string, double>& losses,
            double images_per_second, double steps_per_second, bool due);

 private:
  bool terminal_;
  int64_t steps_;
  std::chrono::steady_clock::time_point drawn_;
};

}  // namespace limner::train
