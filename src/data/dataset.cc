#include "data/dataset.h"

#include <array>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "data/layouts.h"
#include "util/error.h"
#include "util/parallel.h"

namespace limner {

namespace fs = std::filesystem;

uint32_t parts_of(const Image& mask) {
  std::array<size_t, 256> counts = {};
  for (const uint8_t label : mask.pixels) ++counts[label];
  constexpr size_t kSeen = 8192;
  uint32_t parts = 0;
  for (int label = 0; label < kMaskLabels; ++label) {
    if (counts[label] * kSeen >= mask.pixels.size() && counts[label] > 0) {
      parts |= 1U << label;
    }
  }
  return parts;
}

void for_each(int64_t count, int threads,
              const std::function<void(int64_t)>& body) {
  if (threads == 0) threads = processors();
  limner::threads();  // settled before several threads ask at once
  std::atomic<int64_t> next{0};
  std::mutex mutex;
  std::exception_ptr error;
  int64_t failed = count;
  const auto work = [&] {
    // The threads here are the parallelism: no teams inside.
    work_alone();
    for (int64_t i; (i = next++) < count;) {
      try {
        body(i);
      } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex);
        if (i < failed) {
          failed = i;
          error = std::current_exception();
        }
        next = count;
      }
    }
  };
  std::vector<std::thread> team;
  team.reserve(threads);
  for (int k = 0; k < threads; ++k) team.emplace_back(work);
  for (std::thread& thread : team) thread.join();
  if (error) std::rethrow_exception(error);
}

void check_square(const Image& image, const fs::path& path) {
  if (image.width == image.height) return;
  fail("{}: is {}x{} pixels; pictures of faces must be square",
       printable(path.string(), 4096), image.width, image.height);
}

std::vector<uint32_t> Dataset::parts() const {
  std::vector<uint32_t> parts(size());
  for_each(size(), 0, [&](int64_t i) { parts[i] = parts_of(load(i).mask); });
  return parts;
}

std::unique_ptr<Dataset> open_dataset(const fs::path& folder,
                                      const std::string& split) {
  if (split != "train" && split != "val") {
    fail("the split must be train or val, got \"{}\"", printable(split));
  }
  const std::string shown = printable(folder.string(), 4096);
  if (!fs::is_directory(folder)) {
    fail("{}: no such folder; expected a folder of faces", shown);
  }
  std::unique_ptr<Dataset> dataset;
  if (fs::exists(folder / "manifest.csv")) {
    dataset = open_manifest(folder, split);
  } else if (fs::is_directory(folder / "CelebA-HQ-img")) {
    dataset = open_celeba(folder, split);
  } else {
    fail(
        "{}: is no folder of faces; looked for manifest.csv (with images/ and "
        "masks/) and for CelebA-HQ-img/ (with CelebAMask-HQ-mask-anno/)",
        shown);
  }
  if (dataset->size() == 0) {
    fail("{}: has no face of the split {}", shown, split);
  }
  return dataset;
}

}  // namespace limner
