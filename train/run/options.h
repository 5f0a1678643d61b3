// The settings of a run, and the files that hold them.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>

#include "command_line/table.h"

namespace limner::train {

using command_line::OptionTable;

// Reads .toml or .json (which may have // and /* */ comments). Throws Error
// with the line of a mistake.
nlohmann::json read_config_file(const std::filesystem::path& path);

}  // namespace limner::train
