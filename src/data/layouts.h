// The layouts that open_dataset() knows.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "data/dataset.h"

namespace limner {

// Throw Error as open_dataset() does; `split` is "train" or "val".
std::unique_ptr<Dataset> open_manifest(const std::filesystem::path& folder,
                                       const std::string& split);
std::unique_ptr<Dataset> open_celeba(const std::filesystem::path& folder,
                                     const std::string& split);

// Runs body(i) for i in [0, count) on `threads` threads (0: all cores) and
// throws the Error of the lowest i that failed.
void for_each(int64_t count, int threads,
              const std::function<void(int64_t)>& body);

// Throws Error, naming `path`, unless the picture is square.
void check_square(const Image& image, const std::filesystem::path& path);

}  // namespace limner
