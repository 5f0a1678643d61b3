#include "app/looks.h"

#include <utility>

namespace limner::app {

Looks::Looks(std::filesystem::path file, PhotoOptions options)
    : file_(std::move(file)), options_(std::move(options)) {}

const AlignedPhoto& Looks::read(FaceMaker& maker) {
  if (!photo_) photo_ = maker.photo(file_, options_);
  return *photo_;
}

const AlignedPhoto& Looks::photo(FaceMaker& maker) {
  const std::lock_guard lock(mutex_);
  return read(maker);
}

const AppearanceCodes& Looks::codes(FaceMaker& maker) {
  const std::lock_guard lock(mutex_);
  if (!codes_) {
    codes_ =
        file_.empty() ? maker.looks(seed_) : maker.looks(read(maker).image);
  }
  return *codes_;
}

std::shared_ptr<Looks> looks_of_photo(FaceMaker& maker,
                                      const std::filesystem::path& file,
                                      const PhotoOptions& options, Told& told) {
  auto looks = std::make_shared<Looks>(file, options);
  told.add(file, looks->photo(maker));
  return looks;
}

std::shared_ptr<Looks> shared_looks(FaceMaker& maker,
                                    const std::optional<int64_t>& seed,
                                    const std::filesystem::path& photo,
                                    const PhotoOptions& options, Told& told) {
  std::shared_ptr<Looks> looks;
  if (seed) {
    looks = std::make_shared<Looks>(static_cast<uint64_t>(*seed));
  } else if (!photo.empty() && !std::filesystem::is_directory(photo)) {
    looks = looks_of_photo(maker, photo, options, told);
  }
  if (looks) looks->codes(maker);
  return looks;
}

}  // namespace limner::app
