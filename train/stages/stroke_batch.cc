#include "train/stages/stroke_batch.h"

#include <algorithm>
#include <cmath>

namespace limner::train {
namespace {

double share(int64_t of, int64_t all) {
  return all == 0 ? 0.0 : static_cast<double>(of) / static_cast<double>(all);
}

}  // namespace

StrokeBatch inputs_of(const std::vector<PointSequence>& sequences) {
  int longest = kSlotGroup;
  for (const PointSequence& one : sequences) {
    longest = std::max(longest, one.slots());
  }
  const auto count = static_cast<int64_t>(sequences.size());
  StrokeBatch batch;
  batch.features = torch::zeros({count, longest, kPointFeatures});
  batch.used = torch::zeros({count, longest});
  for (int64_t b = 0; b < count; ++b) {
    const PointSequence& from = sequences[b];
    std::copy(from.features.begin(), from.features.end(),
              batch.features[b].data_ptr<float>());
    std::copy(from.used.begin(), from.used.end(),
              batch.used[b].data_ptr<float>());
  }
  return batch;
}

std::vector<PointSequence> sequences_of(
    const std::vector<std::vector<MixedStroke>>& drawings) {
  std::vector<PointSequence> out;
  for (const std::vector<MixedStroke>& strokes : drawings) {
    if (strokes.empty()) continue;
    out.push_back(sample_points(plain_drawing(strokes)));
  }
  return out;
}

StrokeBatch stroke_batch(
    const std::vector<std::vector<MixedStroke>>& drawings) {
  const std::vector<PointSequence> sequences = sequences_of(drawings);
  StrokeBatch batch = inputs_of(sequences);
  const int64_t longest = batch.used.size(1);
  batch.possible = torch::zeros(
      {static_cast<int64_t>(sequences.size()), longest, kLabelerClasses});
  batch.weight = torch::zeros_like(batch.used);
  int64_t b = 0;
  for (const std::vector<MixedStroke>& strokes : drawings) {
    if (strokes.empty()) continue;
    const PointSequence& from = sequences[b];
    const std::vector<int> labels = labels_at(strokes, from.stroke, from.along);
    std::vector<int> sizes(strokes.size(), 0);
    for (const int s : from.stroke) {
      if (s >= 0) ++sizes[s];
    }
    float* possible = batch.possible[b].data_ptr<float>();
    float* weight = batch.weight[b].data_ptr<float>();
    for (int i = 0; i < from.slots(); ++i) {
      if (labels[i] < 0) continue;
      const uint32_t bits = possible_classes(labels[i]);
      for (int k = 0; k < kLabelerClasses; ++k) {
        possible[i * kLabelerClasses + k] = (bits >> k & 1U) != 0 ? 1.0F : 0.0F;
      }
      weight[i] = 1.0F / std::sqrt(static_cast<float>(sizes[from.stroke[i]]));
    }
    ++b;
  }
  return batch;
}

torch::Tensor possible_loss(const torch::Tensor& logits,
                            const StrokeBatch& batch) {
  // Classes that are not possible are pushed out of the sum.
  const torch::Tensor right =
      torch::logsumexp(logits + (batch.possible - 1.0) * 1e4, 2);
  const torch::Tensor loss = torch::logsumexp(logits, 2) - right;
  return (loss * batch.weight).sum() / batch.weight.sum().clamp_min(1e-6);
}

void StrokeScore::add(const std::vector<bool>& right) {
  const auto count = static_cast<int64_t>(right.size());
  const int64_t good = std::count(right.begin(), right.end(), true);
  points_ += count;
  right_points_ += good;
  ++strokes_;
  right_strokes_ += 4 * good >= 3 * count ? 1 : 0;
}

double StrokeScore::points() const { return share(right_points_, points_); }

double StrokeScore::strokes() const { return share(right_strokes_, strokes_); }

void EyeScore::add(int truth, const std::vector<int>& found) {
  const auto is_brow = [](int k) { return k == 4 || k == 5; };
  const auto is_eye = [](int k) { return k == 1 || k == 2; };
  const auto is_right = [](int k) { return k == 1 || k == 4; };
  for (const int k : found) {
    const bool told = is_eye(k) || is_brow(k);
    ++points_;
    found_ += told ? 1 : 0;
    if (truth == 0) continue;
    ++known_;
    kind_ += is_eye(k) == is_eye(truth) && is_brow(k) == is_brow(truth) &&
                     (told || k == 3)
                 ? 1
                 : 0;
    if (truth == 3) continue;
    ++sided_;
    side_ += told && is_right(k) == is_right(truth) ? 1 : 0;
  }
}

double EyeScore::found() const { return share(found_, points_); }
double EyeScore::kind() const { return share(kind_, known_); }
double EyeScore::side() const { return share(side_, sided_); }

}  // namespace limner::train
