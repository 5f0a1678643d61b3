// metrics.jsonl: a JSON object a line, with "step" first of all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "train/run/append_file.h"

namespace limner::train {

class Metrics {
 public:
  // Goes on after `step`: lines of later steps are cut off, and a last line
  // that was not finished. step 0 begins anew. Throws Error when it cannot.
  Metrics(const std::filesystem::path& path, int64_t step);

  // Throws Error on a full disk; the file is as before then. `line` holds
  // "step".
  void append(const nlohmann::json& line);

 private:
  std::unique_ptr<AppendFile> file_;
};

// The lines, oldest first; empty when there is no such file. What is no
// object with a step is left out.
std::vector<nlohmann::json> read_metrics(const std::filesystem::path& path);

// Means of losses over the steps since the last line.
class Averages {
 public:
  void add(const std::map<std::string, double>& losses);
  // The means; empty when nothing was added. Begins anew.
  std::map<std::string, double> take();

  // So that a resumed run writes the lines that an uninterrupted one does.
  nlohmann::json save() const;
  void load(const nlohmann::json& saved);

 private:
  struct Sum {
    double sum = 0;
    int64_t count = 0;
  };
  std::map<std::string, Sum> sums_;
};

}  // namespace limner::train
