// Finding the faces in any photo, and cutting one out as FFHQ does.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/face_frame.h"
#include "weights/checkpoint.h"

namespace limner {

// A face in a photo.
struct FoundFace {
  FacePoints points;  // in pixels of the photo
  FaceFrame frame;    // frame_of(points)
  double score = 0;   // 0..1: how sure the parser is of its parts
};

// A photo whose face lies within these of where FFHQ has it is used as it is:
// the published system's photos lie so, too, and each new sampling softens.
constexpr double kAlignedScale = 0.10;  // of the side, either way
constexpr double kAlignedShift = 0.05;  // of the side
constexpr double kAlignedAngle = 6.0;   // degrees

// Whether a face's frame is the whole of a square photo, within these.
bool is_aligned(const Image& photo, const FaceFrame& frame);

// The side that a cut-out gets by itself: the frame's, at most 1024, so that
// nothing is enlarged.
int natural_side(const FaceFrame& frame);

class FaceFinder {
 public:
  // Opens parser.safetensors as `limner-train parser` writes it. Throws Error.
  explicit FaceFinder(const std::filesystem::path& parser);
  explicit FaceFinder(const Checkpoint& parser);
  ~FaceFinder();
  FaceFinder(FaceFinder&&) noexcept;
  FaceFinder& operator=(FaceFinder&&) noexcept;

  // Another one for another thread, with the same weights in memory. It needs
  // this one no longer.
  FaceFinder sharing() const;

  // The face of a square photo [s,s,3] that is_aligned(), by reading the photo
  // as a whole; none for others. Much faster than find().
  std::optional<FoundFace> find_aligned(const Image& photo);

  // The faces of a photo [h,w,3], the largest first. Finds those whose frame
  // is at least a tenth of the longer side (and 32 pixels), turned by at most
  // about 30 degrees; faces of less than 0.4 of the largest one's side
  // count as background and are left out. Throws Error for photos of other
  // channels. Serves one thread at a time.
  std::vector<FoundFace> find(const Image& photo);

 private:
  struct Parts;
  explicit FaceFinder(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

// Which of the faces that were found is meant: by number from 1, the largest
// first, or one of these.
constexpr int kOnlyFace = 0;  // that of a photo with one face
constexpr int kLargestFace = -1;

struct Alignment {
  std::vector<FoundFace> faces;  // the largest first
  int chosen = -1;               // the one that is meant; -1: it is not there
  bool kept = false;  // the photo is aligned already: it is used as it is

  // The one that is meant. Throws Error when there is no face, several where
  // one was meant, or fewer than the number that was asked for.
  const FoundFace& face() const;
};

// Finds the face that is meant. `kept` is set for a photo that is_aligned(),
// unless `face` is a number.
Alignment align(FaceFinder& finder, const Image& photo, int face = kOnlyFace);

// The face as a picture of side x side; 0: the photo itself when it was kept,
// else natural_side(). Throws Error as Alignment::face() does.
Image aligned_photo(const Image& photo, const Alignment& alignment,
                    int side = 0);

}  // namespace limner
