#include "server/assets.h"

#include <algorithm>
#include <array>
#include <utility>

namespace limner::server {

const Asset* find_asset(std::string_view name) {
  const std::vector<Asset>& all = assets();
  const auto found = std::lower_bound(
      all.begin(), all.end(), name,
      [](const Asset& asset, std::string_view n) { return asset.name < n; });
  return found != all.end() && found->name == name ? &*found : nullptr;
}

std::string content_type_of(std::string_view name) {
  using Row = std::pair<std::string_view, const char*>;
  constexpr std::array<Row, 13> kTypes = {{
      {".html", "text/html; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".webp", "image/webp"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".txt", "text/plain; charset=utf-8"},
  }};
  const size_t dot = name.rfind('.');
  if (dot != name.npos) {
    for (const auto& [ending, type] : kTypes) {
      if (name.substr(dot) == ending) return type;
    }
  }
  return "application/octet-stream";
}

}  // namespace limner::server
