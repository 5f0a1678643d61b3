// Any drawing, in whatever file, made ready for the network: strokes with
// classes that lie where a face's do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "image/image.h"
#include "pipeline/labeling.h"
#include "sketch/drawing_file.h"
#include "sketch/face_fit.h"
#include "sketch/frame.h"
#include "sketch/stroke.h"
#include "util/span.h"

namespace limner {

// Whether a file is a PNG of class numbers rather than a picture of lines: gray
// or palette, whose values are below 64 (one above 22 is then a mistake, not a
// shade, where most of it is 0), with
// - gray: 2 to 8 bits, and at 2 or 4 bits most of it 0;
// - a palette: the legend's colours; or at least 70 % of it 0 and colours that
//   are not those of a picture saved with few: shades between paper and inks,
//   or on light paper numbers 1, 2, ... up to 5 at most without a gap.
// PNGs of 16 bits count when no value is above 255. Throws Error for a damaged
// PNG; other files give false.
bool holds_labels(Bytes data, const std::string& name);

struct OpenedDrawing {
  Drawing drawing;
  // Strokes come from a picture of lines, or from areas or a picture inside of
  // the file, and have no classes.
  bool traced = false;
  // It is a label image.
  bool labels = false;
  // What was left out or changed, one line each, without the file's name.
  std::vector<std::string> notes;
};

// Reads a drawing from any file: what read_drawing() knows as it does (a PNG of
// few colours as ReadOptions::png says, or as holds_labels() finds), any other
// picture (is_picture(): a scan, a photo of paper, a screenshot) through
// trace_picture(). Throws Error as both do, always with the file's name, and
// for a drawing without strokes.
OpenedDrawing open_drawing(const std::filesystem::path& path,
                           const ReadOptions& options = {});

// The same from memory; `name` stands in messages.
OpenedDrawing open_drawing(Bytes data, const std::string& name,
                           const ReadOptions& options = {});

// Pixels along a side and width of lines of the label images that the sketch
// encoders get: strokes as the published examples have them.
constexpr int kDrawnSide = 512;
constexpr int kDrawnWidth = 2;

struct PrepareOptions {
  // Moves the face to where the training faces have theirs; without it the
  // side alone is scaled to 512.
  bool frame = true;
  bool allow_rotation = false;
  // Classes that strokes have already stay.
  bool keep_given = true;
  // Where there are shapes, the drawing in the frame is fitted to them, as far
  // as the faithfulness allows (0..1; none: as fit_drawing() chooses). Below 1
  // hatching becomes lines, too.
  const FaceShapes* shapes = nullptr;
  std::optional<double> faithful = 1;
  // Whether a head without hair gets some: see fit_drawing().
  bool add_hair = true;
};

struct PreparedDrawing {
  Drawing drawing;    // labelled, in the frame; its side is 512
  Labelled labelled;  // where it was drawn, with what is doubtful
  Framing framing;    // from labelled.drawing to `drawing`
  // Whether the framing does more than to scale the side to 512.
  bool moved = false;
  // Strokes of hatching and scribbles that gave way to the outline of their
  // region and a few lines along it.
  int hatches = 0;
  // What the fit did to the framed drawing, if there was one; its own drawing
  // has gone to `drawing`.
  std::optional<FitResult> fit;
};

// Gives the strokes their classes, by `labeler` where they have none, moves the
// drawing into the frame and fits it to plausible faces. `labeler` may be null
// when every stroke has a class and keeps it. Throws Error when it is needed
// and null, as StrokeLabeler::label() and find_framing() do, and for a drawing
// without strokes.
PreparedDrawing prepare_drawing(const Drawing& drawing,
                                const StrokeLabeler* labeler,
                                const PrepareOptions& options = {});

// The first half of it: the strokes with their classes, where they are.
Labelled label_drawing(const Drawing& drawing, const StrokeLabeler* labeler,
                       const LabelOptions& options = {});

// How many strokes a labeler has to give a class: those without one or, unless
// they keep theirs, all.
int64_t strokes_to_label(const Drawing& drawing, bool keep_given = true);

// What the sketch encoders get of a labelled drawing: [kDrawnSide,kDrawnSide,1]
// with lines kDrawnWidth wide. Throws Error as rasterize() does.
Image label_image(const Drawing& drawing);

}  // namespace limner
