// Photos of faces as generate, mix, sketch and parse take them: any photo,
// whose face is found and aligned.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/options.h"
#include "image/image.h"
#include "pipeline/alignment.h"

namespace limner::app {

// How photos are aligned: --parser, --no-align, --face.
struct AlignSettings {
  std::filesystem::path parser;
  bool off = false;
  std::string face;
};

// --no-align and --face, which go with a command's parser_option().
Option no_align_option(bool* off);
Option face_option(std::string* face);

// The face that --face means; "" is kOnlyFace. Throws UsageError for what is
// neither a number from 1 nor "largest".
int face_choice(const std::string& face);

// "face at 812,640 of 1034 px, turned by -3.2 degrees"
std::string face_text(const FoundFace& face);

// What was done to photos, a line each.
struct PhotoNotes {
  std::vector<std::string> warnings;  // taken as they are, without a face
  std::vector<std::string> notes;     // aligned
};

// Says it: notes, unless `quiet`, on standard output, warnings on standard
// error.
void report(const PhotoNotes& notes, bool quiet);

// What reads a photo as RGB.
using ReadPhoto = std::function<Image(const std::filesystem::path&)>;

// Reads photos and aligns them. The parser is opened when it is first needed.
// Not thread-safe.
class AlignedPhotos {
 public:
  // Throws UsageError for a --face that makes no sense.
  explicit AlignedPhotos(const AlignSettings& settings);

  // The photo, with its face aligned: as it is when it is aligned already, with
  // --no-align, and when there is no parser. With `lenient`, a square photo in
  // which no face is found is taken as it is, too, with a warning. Throws Error
  // as read_rgb() and align_photo() do, with the file's name.
  Image read(const std::filesystem::path& path, bool lenient = false);

  // What was done to the photos since the last call.
  PhotoNotes take_notes();

 private:
  AlignSettings settings_;
  int face_;
  std::optional<FaceFinder> finder_;
  PhotoNotes notes_;
};

}  // namespace limner::app
