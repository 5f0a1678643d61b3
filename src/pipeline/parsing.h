// Which part of a face each pixel of a photo shows.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "image/image.h"
#include "weights/checkpoint.h"

namespace limner {

class PhotoParser {
 public:
  // Opens parser.safetensors as `limner-train parser` writes it. Throws Error.
  explicit PhotoParser(const std::filesystem::path& path);
  explicit PhotoParser(const Checkpoint& file);
  ~PhotoParser();
  PhotoParser(PhotoParser&&) noexcept;
  PhotoParser& operator=(PhotoParser&&) noexcept;

  // Another one for another thread, with the same weights in memory. It needs
  // this one no longer.
  PhotoParser sharing() const;

  // Side of the masks that parse() gives.
  int side() const;

  // photo: RGB, square, of any size, an aligned face. Returns labels
  // [side,side,1] of CelebAMask-HQ's 19 parts, 0 is background. The photo and
  // its mirror image are read and averaged. Throws Error for a photo that is
  // not square, and where no face is found (no skin, or neither eyes, nose nor
  // mouth). Serves one thread at a time.
  Image parse(const Image& photo);

  // The same for any square picture: also where no face is found.
  Image label(const Image& picture);

  // What the parser makes of a square RGB picture as a whole: the channel means
  // of its deepest map.
  std::vector<float> features(const Image& picture);

 private:
  struct Parts;
  explicit PhotoParser(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace limner
