// What the classes of a drawing's strokes must make together to be a face.
#pragma once

#include <vector>

#include "sketch/point_sequence.h"
#include "sketch/stroke.h"

namespace limner {

// Corrects probabilities of classes that contradict each other, before the
// most probable ones are chosen; what makes sense stays as it is.
// - Rings around both eyes, joined by a bridge, are glasses, and so are their
// bars.
// - Glasses hold together over the nose: without a line of them that goes
//   there, they are eyes and brows.
// - An eye's or brow's side is that on which it lies, where the sides found
//   contradict each other: left ones lie left of right ones.
// - A ring is an eye as a whole, unless an eye lies below it.
// - A brow lies above an eye: below one, or a ring without an eye under it, it
//   is the eye; so it is in a drawing without eyes and glasses, and level with
//   the only eye.
// - Without hair or a hat nothing borders on hair: the face's outline is skin
//   (10), at the chin the neck's border (18); the middle of the chin never
//   borders on hair.
// - A mouth lies below the eyes.
// A drawing with lines of skin, ears, neck or clothes is a portrait, which the
// network knows well: there brows of which it is sure stay, and glasses as wide
// as the face, and the outline borders on hair that is not drawn unless it is
// as high as a skull.
// shares: [slots, kStrokeClasses], probabilities at the slots of `points`,
// which is sample_points(drawing). Strokes for which `given` is true keep
// theirs; their labels count as sure.
void make_sense(const Drawing& drawing, const std::vector<bool>& given,
                const PointSequence& points, std::vector<float>& shares);

}  // namespace limner
