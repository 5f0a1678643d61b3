#include "app/inputs.h"

#include <utility>

#include "app/console.h"

namespace limner::app {

std::vector<Pair> paired(const std::filesystem::path& drawings,
                         const std::filesystem::path& photos,
                         SketchFiles files) {
  Pairing pairing = find_pairs(drawings, photos, files);
  for (const auto& file : pairing.unpaired) {
    complain("warning: {} has no partner of the same name: left out",
             shown(file));
  }
  if (!pairing.left_out.empty()) {
    complain("warning: not read there, and left out: {}",
             counted(pairing.left_out));
  }
  return pairing.pairs;
}

std::vector<Pair> paired(const std::filesystem::path& drawings,
                         const std::filesystem::path& photos, Outputs& outputs,
                         SketchFiles files) {
  std::vector<Pair> pairs = paired(drawings, photos, files);
  for (const Pair& pair : pairs) {
    outputs.protect(pair.sketch);
    if (!pair.photo.empty()) outputs.protect(pair.photo);
  }
  return pairs;
}

std::vector<FileJob> file_jobs(const std::filesystem::path& pictures,
                               const std::filesystem::path& photos,
                               Outputs& outputs) {
  std::vector<FileJob> jobs;
  for (Pair& pair : paired(pictures, photos, outputs)) {
    jobs.push_back({std::move(pair), {}});
  }
  return jobs;
}

uint64_t seed_for(int64_t seed, const std::string& name,
                  const std::string& purpose) {
  // FNV-1a over all three, ended by bytes that names cannot hold.
  uint64_t hash = 14695981039346656037ULL;
  const auto add = [&hash](uint64_t byte) {
    hash = (hash ^ byte) * 1099511628211ULL;
  };
  for (int i = 0; i < 8; ++i) add(static_cast<uint64_t>(seed) >> (8 * i) & 255);
  for (const std::string& text : {name, purpose}) {
    for (const char c : text) add(static_cast<unsigned char>(c));
    add(0);
  }
  return hash;
}

}  // namespace limner::app
