// A labelled drawing made believable: its parts moved towards those of the
// nearest plausible face, and drawn anew where they are but symbols. After
// "DeepFaceDrawing" (Chen et al., 2020), whose parts are projected on the
// manifold of real ones, and "Deep Plastic Surgery" (Yang et al., 2020), whose
// level says how much the lines are believed.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "sketch/face_shapes.h"
#include "sketch/frame.h"
#include "sketch/stroke.h"

namespace limner {

// What became of a part.
struct PartFit {
  enum class Change {
    kKept,     // it lies as it was drawn
    kMoved,    // its own lines, elsewhere
    kRedrawn,  // other lines in their place
    kAdded,    // it was not drawn
    kMissing,  // it was not drawn, and is not now
  };
  Change change = Change::kMissing;
  // From real ones, in deviations (see PartMeasured); 0 where it is missing.
  double distance = 0;
  // From its place as drawn to its place now, both in the frame; where it was
  // drawn and is there.
  std::optional<PartPlace> from, to;
};

struct FitResult {
  Drawing drawing;
  // The stroke of the given drawing that each came from; -1: a new one.
  std::vector<int> source;
  double faithful = 1;  // what was used, 0..1
  // How far the drawing as a whole lies from plausible faces: 0 among them, 1
  // all symbols.
  double distance = 0;
  Framing pose;  // what took the drawing upright
  std::array<PartFit, kShapeParts> parts;

  bool changed() const;
};

// The faithfulness that suits a drawing at this distance: 1 for plausible ones,
// 0 for symbols.
double auto_faithful(double distance);

// Fits a labelled drawing that lies in the frame (side 512). faithful: 0..1,
// how much of the way to the nearest plausible face is left out, or none for
// what auto_faithful() says. At 1 the drawing comes back as it is, to the bit.
// A drawing among the plausible ones stays as it is at any number, and so does
// one without parts of a face. add_hair: where the drawing is of symbols, a
// head without hair gets some, and locks get an outline; hair at both sides of
// the head alone, as bald people have it, stays as it is. Throws Error for
// another side or number and for points that are not finite.
FitResult fit_drawing(const Drawing& drawing, const FaceShapes& shapes,
                      std::optional<double> faithful, bool add_hair = true);

}  // namespace limner
