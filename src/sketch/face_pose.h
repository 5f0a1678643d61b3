// How a drawing is brought upright and into the frame, so that its parts can be
// compared with those of faces.
#pragma once

#include <optional>
#include <vector>

#include "sketch/frame.h"
#include "sketch/stroke.h"

namespace limner {

// By all parts; nothing where the face lies well already or there is none.
Framing pose_of(const Drawing& drawing);

// By the outline of the face alone, turned as all parts are: edits of eyes,
// nose and mouth leave it alone. None without an outline.
std::optional<Framing> outline_pose(const Drawing& drawing);

// From `a` at 0 to `b` at 1. basis: that of `a`.
Framing mixed_pose(const Framing& a, const Framing& b, double t);

// Moves strokes in the frame of `side` a share (0..1) of the way back to where
// they lay before the pose.
void undo_pose(const Framing& pose, double side, double share,
               std::vector<Stroke>& strokes);

}  // namespace limner
