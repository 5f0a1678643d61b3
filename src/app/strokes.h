// What label and generate share: drawings from any file, and the labeler that
// gives their strokes classes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/options.h"
#include "pipeline/drawings.h"
#include "pipeline/parsing.h"
#include "util/error.h"

namespace limner::app {

// --labeler, or the environment variable LIMNER_LABELER, or the bundled one.
Option labeler_option(std::filesystem::path* labeler);
// --parser, or the environment variable LIMNER_PARSER, or the bundled one.
Option parser_option(std::filesystem::path* parser);
// --index: which drawing of an ndjson file.
Option index_option(int64_t* index);
// --as: which way a PNG of few colours is read.
Option as_option(std::string* as);
PngKind png_kind(const std::string& as);

// Says on standard error what was left out or changed in a drawing.
void complain_notes(const std::filesystem::path& file,
                    const std::vector<std::string>& notes);

// A stroke labeler that is opened when it is first needed. Not thread-safe.
class LazyLabeler {
 public:
  // file: empty when there is none.
  explicit LazyLabeler(std::filesystem::path file) : file_(std::move(file)) {}

  // The labeler, or null when there is none or no stroke of `drawing` needs
  // it: each has a class that it keeps. Throws ErrorOfAll when the file is no
  // labeler.
  const StrokeLabeler* for_drawing(const Drawing& drawing, bool keep_given);

 private:
  std::filesystem::path file_;
  std::optional<StrokeLabeler> labeler_;
};

// Throws Error unless write_drawing() knows the ending of the name.
void check_drawing_path(const std::filesystem::path& path);

// Where a stroke is: the middle of its box, in the drawing's units. It must
// have points.
Point place_of_stroke(const Stroke& stroke);

// "stroke 12 at 210,330: hair (0.42)"
std::string doubt_text(const Drawing& drawing, int index);

// "scaled by 1.250 and moved by 12,-30 (by eyes, mouth)": what a framing of a
// drawing of this side does, in units of the frame.
std::string framing_text(const Framing& framing, float side);

// Runs body(), whose Errors get the file's name in front unless they have it.
template <typename Body>
auto naming(const std::filesystem::path& file, const Body& body) {
  try {
    return body();
  } catch (const Error& error) {
    const std::string name = printable(file.string());
    const std::string why = error.what();
    if (why.find(name) != std::string::npos) throw;
    fail("{}: {}", name, why);
  }
}

}  // namespace limner::app
