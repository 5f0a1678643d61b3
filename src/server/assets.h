// Files that are part of the program: the studio, the example drawings and the
// description of the API.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace limner::server {

struct Asset {
  std::string_view name;  // "studio/index.html"
  std::string_view data;
};

// In ascending order of their names. Made by CMake (embed.cmake).
const std::vector<Asset>& assets();

// The file of a name, or null: names are compared, nothing is opened.
const Asset* find_asset(std::string_view name);

// What a file's ending says: "text/html; charset=utf-8".
std::string content_type_of(std::string_view name);

}  // namespace limner::server
