// Where a face lies in a drawing, and the drawing moved so that it lies where
// those of the training data do.
#pragma once

#include <optional>
#include <string>

#include "sketch/stroke.h"

namespace limner {

// From a drawing to the face frame, 512 x 512: a point p becomes
// scale R(angle) p + (dx, dy), where R turns by `angle` degrees, clockwise as
// seen (y points down).
struct Framing {
  double scale = 1;
  double dx = 0;
  double dy = 0;
  double angle = 0;
  std::string basis;  // what it was fitted to: "eyes, mouth, outline"
};

// What a framing is fitted to. Sides are image sides. The outline is of classes
// 10 and 17 to 21; kAll are all strokes, whatever their class.
enum class FacePart {
  kEyeRight,
  kEyeLeft,
  kBrowRight,
  kBrowLeft,
  kGlasses,
  kNose,
  kMouth,
  kOutline,
  kAll
};
constexpr int kFaceParts = 9;

// Box of a part: its middle and its size.
struct PartPlace {
  double x = 0;
  double y = 0;
  double width = 0;
  double height = 0;
};

// Box of a part's strokes in the drawing's units, without the outermost 2 % of
// their length to each side; none when it has no points.
std::optional<PartPlace> place_of(const Drawing& drawing, FacePart part);

// Mean over the training faces, and standard deviation, in units of the frame.
const PartPlace& usual_place(FacePart part);
const PartPlace& usual_spread(FacePart part);

// The similarity transform that takes the parts of a labelled drawing closest
// to their usual places: weighted least squares over middles and sizes of the
// parts that are there, each weighed by its usual spread, the more a part
// differs from the others the less it counts. With allow_rotation the drawing
// is turned as well, by up to 30 degrees, where it has two parts or more.
// Where this leads to no sensible size, the outline alone is tried, then the
// box of all strokes. Throws Error when no stroke has a class of the face
// (1 to 7, 10, 17 to 21), when all strokes are dots in one place, for points
// that are not finite or beyond 1e9, and a side that is not positive.
Framing fit_framing(const Drawing& drawing, bool allow_rotation = false);

// The same, but a drawing whose face already lies within the usual range gets
// exactly the framing {512 / side, 0, 0, 0}, see is_framed().
Framing find_framing(const Drawing& drawing, bool allow_rotation = false);

// The one that takes the outline alone closest to its usual place, the drawing
// turned by `angle` degrees. None where there is no outline, or it has no
// sensible size. Throws Error for a drawing as fit_framing() does.
std::optional<Framing> outline_framing(const Drawing& drawing, double angle);

// For drawings without classes: fit_framing() to the box of all strokes, or,
// where that lies within its usual range, {512 / side, 0, 0, 0}. Strokes of the
// training faces, with hair, neck and clothes, nearly fill the frame; a lone
// face comes out too large. Throws Error for a drawing without extent,
// and for points and sides as above.
Framing rough_framing(const Drawing& drawing);

// Whether `framing` leaves a drawing with this side where it is but for what
// faces differ by: a size within 10 %, the middle of the frame within 12 units
// (1/512), and an angle of less than 5 degrees; 20 % and 60 units where it was
// fitted to the outline alone or to all strokes.
bool is_framed(const Framing& framing, float side);

// The drawing with its points in the frame; its side is 512. Throws Error for
// points and sides as above.
Drawing apply_framing(const Drawing& drawing, const Framing& framing);

// The reverse: a drawing in the frame back to where the framing's drawing lies,
// whose side is `side`. Throws Error for points and sides as above, and for a
// scale that is not positive.
Drawing undo_framing(const Drawing& drawing, const Framing& framing,
                     float side);

}  // namespace limner
