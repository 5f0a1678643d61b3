// Endings of file names.
#pragma once

#include <filesystem>
#include <string>

namespace limner {

// ".png" of "a/B.PNG"; "" when there is none.
std::string lower_case_ending(const std::filesystem::path& path);

}  // namespace limner
