// What a picture of a face shows, as the parser sees it: what the metrics
// compare.
#pragma once

#include <vector>

#include "image/image.h"
#include "metrics/appearance.h"
#include "pipeline/parsing.h"

namespace limner {

struct Reading {
  Image parts;                  // [s,s,1] of 0..18, s the parser's side
  std::vector<float> features;  // PhotoParser::features()
  Appearance appearance;
};

// picture: square RGB of any size. One that is smaller than what the parser
// reads is enlarged to it. Throws Error for others.
Reading read_face(PhotoParser& parser, const Image& picture);

// `photo` as a network that makes pictures of `side` pixels could show it at
// best: reduced to that side where it is larger.
Image reduced(const Image& photo, int side);

// Labels [h,w,1] on the side of the parser's masks, by the nearest pixels.
Image mask_for(const PhotoParser& parser, const Image& mask);

}  // namespace limner
