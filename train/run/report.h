// report.html: one file without scripts and without anything from elsewhere.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace limner::train {

struct Report {
  std::string title;
  std::string status;  // "running", "finished", ...
  int64_t step = 0;
  int64_t steps = 0;                          // 0: no limit
  nlohmann::json settings;                    // nested objects of values
  std::vector<nlohmann::json> metrics;        // as read_metrics() gives them
  std::vector<std::filesystem::path> sheets;  // PNG files, oldest first
};

// The page as HTML: a curve for every number of the metrics (raw and
// smoothed), the sheets, the settings. Sheets that cannot be read are left
// out.
std::string report_html(const Report& report);

}  // namespace limner::train
