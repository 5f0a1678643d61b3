// What commands print as JSON.
#pragma once

#include <nlohmann/json.hpp>
#include <vector>

#include "app/console.h"

namespace limner::app {

// Prints the reports of the items of a batch, without those that failed, as an
// array or, unless there are `many`, the only one alone.
inline void print_reports(const std::vector<nlohmann::json>& reports,
                          bool many) {
  nlohmann::json made = nlohmann::json::array();
  for (const nlohmann::json& report : reports) {
    if (!report.is_null()) made.push_back(report);
  }
  say("{}\n",
      (many ? made : made.at(0))
          .dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace limner::app
