// The files that a command is given.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "app/outputs.h"
#include "pipeline/pairs.h"

namespace limner::app {

// find_pairs(), with unpaired files named as warnings on standard error.
std::vector<Pair> paired(const std::filesystem::path& drawings,
                         const std::filesystem::path& photos,
                         SketchFiles files = SketchFiles::kPictures);

// The same, none of which `outputs` then overwrites.
std::vector<Pair> paired(const std::filesystem::path& drawings,
                         const std::filesystem::path& photos, Outputs& outputs,
                         SketchFiles files = SketchFiles::kPictures);

// Files that one result is made of, and where it goes.
struct FileJob {
  Pair pair;
  std::filesystem::path out;
};

// A job for each of paired(); where it goes is not said yet.
std::vector<FileJob> file_jobs(const std::filesystem::path& pictures,
                               const std::filesystem::path& photos,
                               Outputs& outputs);

// A seed for one picture, from the seed of the run, the picture's name and
// what it is for: it does not depend on which other pictures there are.
uint64_t seed_for(int64_t seed, const std::string& name,
                  const std::string& purpose);

}  // namespace limner::app
