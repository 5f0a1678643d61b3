// Looks that a face gets.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "app/batch.h"
#include "pipeline/face_maker.h"

namespace limner::app {

// The looks of a photo or of a seed, made when they are first asked for, once
// for all faces that get them. Thread-safe.
class Looks {
 public:
  explicit Looks(uint64_t seed) : seed_(seed) {}
  Looks(std::filesystem::path file, PhotoOptions options);

  // The codes, by this maker if they are not there yet. Throws Error for a
  // photo that cannot be used, to each that asks.
  const AppearanceCodes& codes(FaceMaker& maker);
  // The photo, aligned.
  const AlignedPhoto& photo(FaceMaker& maker);

 private:
  const AlignedPhoto& read(FaceMaker& maker);

  const uint64_t seed_ = 0;
  const std::filesystem::path file_;  // "": a seed
  const PhotoOptions options_;
  std::mutex mutex_;  // of those below
  std::optional<AlignedPhoto> photo_;
  std::optional<AppearanceCodes> codes_;
};

// The looks of a photo, which is read now; what was done to it is told.
std::shared_ptr<Looks> looks_of_photo(FaceMaker& maker,
                                      const std::filesystem::path& file,
                                      const PhotoOptions& options, Told& told);

// The looks that serve all pictures of a run: those of a seed or, without one,
// of `photo` when that is no folder. They are made now, and so fail once. Null
// when each picture has looks of its own.
std::shared_ptr<Looks> shared_looks(FaceMaker& maker,
                                    const std::optional<int64_t>& seed,
                                    const std::filesystem::path& photo,
                                    const PhotoOptions& options, Told& told);

}  // namespace limner::app
