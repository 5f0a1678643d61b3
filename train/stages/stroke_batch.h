// Drawings as the stroke labeler's inputs, its loss, and how well it does.
#pragma once

#include <cstdint>
#include <vector>

#include "sketch/point_sequence.h"
#include "train/data/stroke_samples.h"
#include "train/modules/labeler.h"

namespace limner::train {

// Drawings as a batch of the labeler's inputs.
struct StrokeBatch {
  torch::Tensor features;  // [B, L, kPointFeatures], L that of the longest
  torch::Tensor used;      // [B, L], 1 or 0
  torch::Tensor possible;  // [B, L, classes], 1 for each class that is right
  torch::Tensor weight;    // [B, L], 0 in empty slots
};

// The drawings' points. Drawings without strokes are left out.
std::vector<PointSequence> sequences_of(
    const std::vector<std::vector<MixedStroke>>& drawings);

// The inputs alone: features, used.
StrokeBatch inputs_of(const std::vector<PointSequence>& sequences);

// weight: of a point of a stroke of n points, 1 / sqrt(n), so that small
// strokes count. Drawings without strokes are left out.
StrokeBatch stroke_batch(const std::vector<std::vector<MixedStroke>>& drawings);

// -log of the probability of all possible classes together, averaged with the
// weights.
torch::Tensor possible_loss(const torch::Tensor& logits,
                            const StrokeBatch& batch);

// Shares of points, and of strokes with at least 75 % of their points, that got
// a right class.
class StrokeScore {
 public:
  // right: one a point of one stroke.
  void add(const std::vector<bool>& right);
  double points() const;
  double strokes() const;

 private:
  int64_t points_ = 0, right_points_ = 0, strokes_ = 0, right_strokes_ = 0;
};

// How eyes and brows were told, in shares of points.
class EyeScore {
 public:
  // truth: 1 to 5, or 0 where a line is an eye or a brow and no more is known;
  // found: the class of each of its points.
  void add(int truth, const std::vector<int>& found);
  double found() const;  // class 1, 2, 4 or 5, of all points
  double kind() const;   // an eye an eye, a brow a brow, glasses glasses
  double side() const;   // on the right side, of eyes and brows

 private:
  int64_t points_ = 0, found_ = 0, known_ = 0, kind_ = 0;
  int64_t sided_ = 0, side_ = 0;
};

}  // namespace limner::train
