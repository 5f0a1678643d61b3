#include "app/photos.h"

#include <charconv>
#include <system_error>
#include <utility>

#include "app/console.h"
#include "app/strokes.h"
#include "image/codec.h"
#include "util/error.h"

namespace limner::app {

namespace fs = std::filesystem;

Option no_align_option(bool* off) {
  return flag("--no-align", off,
              "take photos as they are, rather than to find the face and align "
              "it");
}

Option face_option(std::string* face) {
  Option option = flag("--face", nullptr,
                       "which face of a photo with several: a number from 1 "
                       "(the largest), or `largest`");
  option.value = "N";
  option.target = face;
  option.fallback = "the only one";
  return option;
}

int face_choice(const std::string& face) {
  if (face.empty()) return kOnlyFace;
  if (face == "largest") return kLargestFace;
  int number = 0;
  const char* end = face.data() + face.size();
  const auto [stop, error] = std::from_chars(face.data(), end, number);
  if (error != std::errc() || stop != end || number < 1) {
    throw UsageError(
        fmt::format("--face must be a number from 1 or `largest`, got \"{}\"",
                    printable(face, 40)));
  }
  return number;
}

std::string face_text(const FoundFace& face) {
  return fmt::format(
      "face at {:.0f},{:.0f} of {:.0f} px, turned by {:.1f} "
      "degrees",
      face.frame.centre.x, face.frame.centre.y, face.frame.side,
      face.frame.angle);
}

AlignedPhotos::AlignedPhotos(const AlignSettings& settings)
    : settings_(settings), face_(face_choice(settings.face)) {}

Image AlignedPhotos::read(const fs::path& path, bool lenient) {
  Image photo = read_rgb(path);
  if (settings_.off) return photo;
  if (!finder_) {
    if (settings_.parser.empty()) return photo;
    finder_.emplace(settings_.parser);
  }
  const Alignment alignment = align(*finder_, photo, face_);
  if (alignment.kept) return photo;
  const std::string name = printable(path.string());
  if (alignment.faces.empty()) {
    if (!lenient || photo.width != photo.height) {
      fail("{}: no face was found in the photo; --no-align takes it as it is",
           name);
    }
    notes_.warnings.push_back(fmt::format(
        "warning: {}: no face was found in the photo: taken as it is", name));
    return photo;
  }
  return naming(path, [&] {
    notes_.notes.push_back(
        fmt::format("{}: {}, aligned", name, face_text(alignment.face())));
    return aligned_photo(photo, alignment);
  });
}

PhotoNotes AlignedPhotos::take_notes() { return std::exchange(notes_, {}); }

void report(const PhotoNotes& notes, bool quiet) {
  for (const std::string& warning : notes.warnings) complain("{}", warning);
  for (const std::string& note : notes.notes) {
    if (!quiet) say("{}\n", note);
  }
}

}  // namespace limner::app
