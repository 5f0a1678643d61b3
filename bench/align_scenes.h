// Pictures for align_study that are harder than composed ones: textures, in
// which a network may see faces, and what happens to photos. The same draws
// give the same pictures.
#pragma once

#include <string>
#include <vector>

#include "image/image.h"
#include "pipeline/face_frame.h"
#include "util/random.h"

namespace limner {

inline const std::vector<std::string> kTextures = {"weave", "bricks", "spots",
                                                   "rings", "leaves"};

// A texture [height,width,3] of one of these kinds: cloth, a wall of bricks,
// round spots (some in pairs above a third, as eyes over a mouth), wood, leaves
// over each other.
Image texture(Random& random, const std::string& kind, int width, int height);

// What happens to a photo. "covered" hides a sixth of the face's square, on one
// side of the nose or above the brows.
inline const std::vector<std::string> kHarms = {
    "dim", "noisy", "blurred", "colour cast", "bordered", "covered"};

// Does one of these to `photo` [h,w,3], whose face lies in `frame`. A border
// moves it.
void harm(Random& random, const std::string& kind, FaceFrame& frame,
          Image& photo);

}  // namespace limner
