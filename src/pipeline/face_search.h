// Places in a photo where a face may be: where what the face parser takes for
// eyes, nose and mouth lies as in a face.
#pragma once

#include <cstddef>
#include <vector>

#include "pipeline/face_frame.h"

namespace limner {

// Where the middles of the parts lie in the frame: means over the training
// pictures, whose left and right halves were averaged.
constexpr Place kUsualLeftEye = {0.378, 0.471};
constexpr Place kUsualRightEye = {0.622, 0.471};
constexpr Place kUsualLeftBrow = {0.370, 0.404};
constexpr Place kUsualRightBrow = {0.630, 0.404};
constexpr Place kUsualNose = {0.500, 0.585};
constexpr Place kUsualMouth = {0.500, 0.737};
// Where there is skin in nearly every face.
constexpr Place kUsualLeftCheek = {0.370, 0.620};
constexpr Place kUsualRightCheek = {0.630, 0.620};
constexpr Place kUsualChin = {0.500, 0.840};

// Evidence for parts in cells of `cell` x `cell` pixels, 0..1.
struct Evidence {
  Evidence(int cell_side, int cells_across, int cells_down);

  // Adds what the parser's logits [19, side, side] say about a square of the
  // picture whose upper left corner is the cell (column, row); the better
  // evidence counts where squares overlap. Parts of the square that lie
  // outside of the picture, or past its own last whole cell, are left out.
  void add(const std::vector<float>& logits, int square, int column, int row);

  int cell;
  int width, height;                          // in cells
  std::vector<float> eye, nose, mouth, skin;  // [height, width]
};

// A face that may be there, in pixels of the picture that was parsed.
struct Candidate {
  FaceFrame frame;
  double score = 0;  // 0..1: a mean of the parts' evidence
};

// Candidates whose frames have sides min_side..max_side, in pixels, best
// first, none within a quarter of its side of a better one. At most `limit`.
// Evidence counts in cells around its own, too: faces differ.
std::vector<Candidate> candidates_of(const Evidence& evidence, double min_side,
                                     double max_side, size_t limit);

}  // namespace limner
