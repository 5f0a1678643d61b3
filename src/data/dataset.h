// Photos of faces with part masks, from a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "image/image.h"
#include "sketch/mask_sketch.h"

namespace limner {

// photo: RGB [h,w,3]. mask: [h,w,1] of 0..18. Both are square, of any size,
// and show the same frame.
struct Face {
  Image photo;
  Image mask;
};

struct FaceEntry {
  std::string id;
  bool grayscale = false;
  bool dark = false;
};

// The faces of one split. Thread-safe.
class Dataset {
 public:
  virtual ~Dataset() = default;
  virtual int64_t size() const = 0;
  // i: 0..size() - 1.
  virtual const FaceEntry& entry(int64_t i) const = 0;
  // Throws Error, naming the file, when a picture is missing, broken or not
  // square, when a label is above 18 and when there is no skin.
  virtual Face load(int64_t i) const = 0;
  // The parts that each face has [size()]: bit k is set when label k covers
  // enough to be seen. This reads every mask, with all threads, unless the
  // layout knows a shorter way.
  virtual std::vector<uint32_t> parts() const;
};

// Opens `split` ("train" or "val") of one of two layouts:
//   manifest.csv (columns id and split, perhaps grayscale and dark),
//   images/ID.jpg (or .png) and masks/ID.png; or
//   CelebAMask-HQ as downloaded: CelebA-HQ-img/N.jpg and
//   CelebAMask-HQ-mask-anno/K/NNNNN_PART.png, K = N / 2000; numbers from 27000
//   on are "val", or the last tenth where no number reaches 27000. Instead of
//   the second folder CelebAMask-HQ-mask/N.png (or CelebAMaskHQ-mask/N.png) may
//   hold masks merged to part numbers 0..18.
// Hidden files are passed over. Throws Error for a folder of neither, for an
// empty split, and for a line or file that does not fit.
std::unique_ptr<Dataset> open_dataset(const std::filesystem::path& folder,
                                      const std::string& split);

// The parts, as bits, that cover at least one pixel in 8192 of `mask`.
uint32_t parts_of(const Image& mask);

}  // namespace limner
