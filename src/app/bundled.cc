#include "app/bundled.h"

#include <cstdlib>
#include <system_error>
#include <vector>

namespace limner::app {

namespace fs = std::filesystem;

namespace {

constexpr const char* kBundledFile = "limner-256.safetensors";

}  // namespace

fs::path bundled_file() {
  std::vector<fs::path> folders;
  std::error_code error;
  if (const char* folder = std::getenv("LIMNER_MODELS")) {
    folders.emplace_back(folder);
  } else {
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    if (error) return {};
    const fs::path bin = program.parent_path();
    folders.push_back(bin.parent_path() / "share" / "limner" / "models");
    folders.push_back(bin.parent_path().parent_path().parent_path() / "models");
  }
  for (const fs::path& folder : folders) {
    const fs::path file = folder / kBundledFile;
    if (fs::is_regular_file(file, error)) return file;
  }
  return {};
}

}  // namespace limner::app
