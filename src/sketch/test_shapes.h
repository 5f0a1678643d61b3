// Masks of simple faces, face shapes learnt from them, and a doodle.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "image/image.h"
#include "sketch/classes.h"
#include "sketch/learn_examples.h"
#include "sketch/learn_shapes.h"
#include "sketch/mask_sketch.h"
#include "util/random.h"

namespace limner {

// A mask of 256 pixels of a face whose parts lie a little differently for each
// seed.
inline Image simple_mask(uint64_t seed) {
  Random random(seed, 0);
  const auto vary = [&](double mean, double deviation) {
    return mean + deviation * std::clamp(random.normal(), -2.0, 2.0);
  };
  Image mask(256, 256, 1);
  const auto paint = [&](double x, double y, double rx, double ry, int part,
                         double from_y = -1e9) {
    for (int j = 0; j < 256; ++j) {
      for (int i = 0; i < 256; ++i) {
        const double u = (i + 0.5 - x) / rx;
        const double v = (j + 0.5 - y) / ry;
        if (u * u + v * v < 1 && j > from_y) {
          mask.row(j)[i] = static_cast<uint8_t>(part);
        }
      }
    }
  };
  const double wide = vary(68, 5);
  const double x = 128 + vary(0, 1);
  paint(x, 110, wide + vary(24, 4), vary(98, 3), kHair);
  paint(x, 300, vary(48, 4), 120, kNeck);
  paint(x, 140, wide, vary(88, 4), kSkin);
  for (const int side : {-1, 1}) {
    const double at = x + side * vary(31, 1);
    const double eye = vary(120, 1);
    paint(at, eye, vary(13, 1.5), vary(5, 0.8),
          side > 0 ? kLeftEye : kRightEye);
    paint(at + 2 * side, eye - vary(16, 2), vary(20, 2), vary(4, 0.5),
          side > 0 ? kLeftBrow : kRightBrow);
  }
  paint(x, 128, 10, 36 + vary(0, 1), kNose, 112);
  paint(x, vary(156, 2), vary(20, 1.5), 9, kNose);
  const double mouth = vary(190, 3);
  const double width = vary(24, 3);
  paint(x, mouth, width, vary(9, 1), kLowerLip);
  for (int j = 0; j < static_cast<int>(mouth); ++j) {
    for (int i = 0; i < 256; ++i) {
      if (mask.row(j)[i] == kLowerLip) mask.row(j)[i] = kUpperLip;
    }
  }
  return mask;
}

// Learnt once from 40 masks and their mirror images.
inline const FaceShapes& simple_shapes() {
  static const FaceShapes shapes = [] {
    std::vector<FaceSample> samples;
    for (uint64_t seed = 0; seed < 40; ++seed) {
      const Image mask = simple_mask(seed);
      samples.push_back(*sample_face(mask));
      samples.push_back(*sample_face(mirrored_mask(mask)));
    }
    return learn_face_shapes(samples, 16);
  }();
  return shapes;
}

// The same with 12 of the faces as examples.
inline const FaceShapes& example_shapes() {
  static const FaceShapes shapes = [] {
    std::vector<FaceExample> examples;
    for (uint64_t seed = 0; seed < 12; ++seed) {
      const Image mask = simple_mask(seed);
      Image photo(mask.width, mask.height, 3);
      for (size_t i = 0; i < mask.pixels.size(); ++i) {
        for (int c = 0; c < 3; ++c) {
          photo.pixels[3 * i + c] = static_cast<uint8_t>(12 * mask.pixels[i]);
        }
      }
      examples.push_back(*example_of(mask, photo));
    }
    FaceShapes all = simple_shapes();
    all.set_examples(std::move(examples));
    return all;
  }();
  return shapes;
}

inline Stroke arc_stroke(int label, double x, double y, double rx, double ry,
                         double from = 0, double sweep = 2 * M_PI) {
  Stroke stroke;
  stroke.label = label;
  constexpr int kSteps = 40;
  for (int k = 0; k <= kSteps; ++k) {
    const double angle = from + sweep * k / kSteps;
    stroke.points.push_back({static_cast<float>(x + rx * std::cos(angle)),
                             static_cast<float>(y + ry * std::sin(angle))});
  }
  return stroke;
}

// A circle with two small circles for eyes, a line for a nose and a smile.
inline Drawing simple_doodle() {
  Drawing doodle;
  doodle.strokes = {arc_stroke(classes::kContour, 256, 290, 190, 190),
                    arc_stroke(classes::kLeftEye, 186, 230, 14, 14),
                    arc_stroke(classes::kRightEye, 326, 230, 14, 14),
                    arc_stroke(classes::kMouth, 256, 330, 90, 70, 0, M_PI)};
  Stroke nose;
  nose.label = classes::kNose;
  nose.points = {{256, 250}, {256, 280}, {256, 310}};
  doodle.strokes.push_back(nose);
  return doodle;
}

}  // namespace limner
