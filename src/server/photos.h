// Photos that clients send: aligned, kept for their looks, parsed, drawn.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "image/image.h"
#include "pipeline/face_maker.h"
#include "server/bounded_cache.h"
#include "server/limits.h"
#include "server/work_lane.h"
#include "sketch/stroke.h"

namespace limner::server {

// Hexadecimal digits of a photo's id.
constexpr size_t kPhotoIdDigits = 32;

// The looks of a photo.
struct Appearance {
  Image photo;  // aligned, as large as the photo encoder reads it
  std::shared_ptr<const std::string> jpeg;  // the same, to be shown
  bool aligned = false;                     // a face was found
  std::optional<FaceFrame> frame;           // where, in pixels of what was sent
  // Filled in when a face is made, by the thread that makes faces.
  std::optional<AppearanceCodes> codes;
};

// Thread-safe. All methods but find() wait for their turn in a lane of their
// own and throw HttpError: 400 for what is no picture, 422 without a face or a
// parser, and what WorkLane::run() throws.
class PhotoReader {
 public:
  // Throws Error when there is a parser that cannot be opened.
  PhotoReader(FaceMaker maker, const Limits& limits);

  bool has_parser() const { return maker_.has_parser(); }

  struct Kept {
    std::string id;  // 32 hexadecimal digits, the same for the same file
    bool aligned = false;
    std::optional<FaceFrame> frame;
  };
  // Keeps the looks of a photo under an id, as long as there is room. align:
  // a face is looked for, and cut out.
  Kept keep(std::string_view file, bool align, const WorkLane::Asker& asker);

  // What was kept. Throws HttpError 404 for an id that is not known any more.
  std::shared_ptr<Appearance> find(const std::string& id);

  // The mask of a face's parts [side,side,1].
  Image parse(std::string_view file, bool align, const WorkLane::Asker& asker);

  // A drawing of the face; detail: 0..1.
  Drawing sketch(std::string_view file, bool align, double detail,
                 const WorkLane::Asker& asker);

  WorkLane& lane() { return lane_; }
  CacheFigures cache() const { return kept_.figures(); }

 private:
  // The rest is used by the lane's thread alone.
  AlignedPhoto read(std::string_view file, bool align);
  PhotoParser& parser();

  FaceMaker maker_;
  BoundedCache<Appearance> kept_;
  WorkLane lane_;  // last: its thread uses the rest
};

}  // namespace limner::server
