#include "model/labeler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "util/error.h"

namespace limner {
namespace {

constexpr int kReach = 2;  // slots that a window sees to either side

void relu(std::vector<float>& x) {
  for (float& value : x) value = std::max(value, 0.0F);
}

void add(std::vector<float>& to, const std::vector<float>& more) {
  for (size_t i = 0; i < to.size(); ++i) to[i] += more[i];
}

}  // namespace

// What a run works on. Slots are rows of `points`, groups rows of `tokens`.
struct Labeler::Space {
  int slots, groups;
  const std::vector<uint8_t>& used;
  std::vector<bool> away;                    // [groups], without a used slot
  std::vector<float> points, inner, change;  // [slots, width]
  std::vector<float> pooled;                 // [groups, 2 width]
  std::vector<float> tokens, normed, added;  // [groups, token]
  std::vector<float> three;                  // [groups, 3 token]
  std::vector<float> wide;                   // [groups, 2 token]
  std::vector<float> news;                   // [groups, width]
  std::vector<float> scores;                 // [groups, groups]

  // Sets the rows of empty slots to 0.
  void clear_empty(std::vector<float>& rows) const {
    const size_t width = rows.size() / static_cast<size_t>(slots);
    for (int i = 0; i < slots; ++i) {
      if (used[i] == 0) {
        std::fill_n(rows.begin() + static_cast<int64_t>(i * width), width,
                    0.0F);
      }
    }
  }
};

Labeler::Labeler(const TensorMap& tensors, const std::string& prefix, int heads)
    : heads_(heads), embed_(tensors, prefix + "embed.", -1, kInputs) {
  width_ = embed_.out();
  for (int i = 0;; ++i) {
    const std::string name = fmt::format("{}block{}.", prefix, i);
    if (!tensors.has(name + "gather.weight")) break;
    Block block;
    block.gather = Dense(tensors, name + "gather.", -1, 2 * width_);
    if (i == 0) token_ = block.gather.out();
    if (block.gather.out() != token_ || heads < 1 || token_ % heads != 0) {
      fail("{}: '{}' has {} channels, expected {} and a multiple of {} heads",
           tensors.source, name + "gather.weight", block.gather.out(), token_,
           heads);
    }
    block.norm = LayerNorm(tensors, name + "norm.", width_);
    block.window =
        Dense(tensors, name + "window.", width_, (2 * kReach + 1) * width_);
    block.out = Dense(tensors, name + "out.", width_, width_);
    block.attend_norm = LayerNorm(tensors, name + "attend_norm.", token_);
    block.query_key_value =
        Dense(tensors, name + "query_key_value.", 3 * token_, token_);
    block.attended = Dense(tensors, name + "attended.", token_, token_);
    block.mix_norm = LayerNorm(tensors, name + "mix_norm.", token_);
    block.widen = Dense(tensors, name + "widen.", 2 * token_, token_);
    block.narrow = Dense(tensors, name + "narrow.", token_, 2 * token_);
    block.spread_norm = LayerNorm(tensors, name + "spread_norm.", token_);
    block.spread = Dense(tensors, name + "spread.", width_, token_);
    blocks_.push_back(std::move(block));
  }
  if (blocks_.empty()) {
    fail("{}: weights '{}block0.gather.weight' of a stroke labeler are missing",
         tensors.source, prefix);
  }
  norm_ = LayerNorm(tensors, prefix + "norm.", width_);
  hidden_ = Dense(tensors, prefix + "hidden.", width_, width_);
  final_ = Dense(tensors, prefix + "final.", kClasses, width_);
}

void Labeler::run(const Block& block, Space& space) const {
  const int slots = space.slots;
  const int groups = space.groups;
  block.norm.run(space.points.data(), slots, space.inner.data());
  space.clear_empty(space.inner);
  block.window.run_windows(space.inner.data(), slots, kReach,
                           space.change.data());
  relu(space.change);
  block.out.run(space.change.data(), slots, space.inner.data());
  space.clear_empty(space.inner);
  add(space.points, space.inner);

  // The mean and the maximum of a group's points.
  for (int g = 0; g < groups; ++g) {
    float* mean = &space.pooled[static_cast<size_t>(g) * 2 * width_];
    float* maximum = mean + width_;
    std::fill_n(mean, 2 * width_, 0.0F);
    int count = 0;
    for (int i = g * kGroup; i < (g + 1) * kGroup; ++i) {
      if (space.used[i] == 0) continue;
      const float* row = &space.points[static_cast<size_t>(i) * width_];
      for (int c = 0; c < width_; ++c) {
        mean[c] += row[c];
        maximum[c] = count == 0 ? row[c] : std::max(maximum[c], row[c]);
      }
      ++count;
    }
    for (int c = 0; c < width_ && count > 1; ++c) {
      mean[c] /= static_cast<float>(count);
    }
  }
  block.gather.run(space.pooled.data(), groups, space.added.data());
  add(space.tokens, space.added);

  block.attend_norm.run(space.tokens.data(), groups, space.normed.data());
  block.query_key_value.run(space.normed.data(), groups, space.three.data());
  const int head = token_ / heads_;
  for (int h = 0; h < heads_; ++h) {
    const float* from = space.three.data() + static_cast<int64_t>(h) * head;
    attend(from, from + token_, from + 2 * token_, groups, head, 3 * token_,
           space.away, space.normed.data() + static_cast<int64_t>(h) * head,
           token_, space.scores.data());
  }
  block.attended.run(space.normed.data(), groups, space.added.data());
  add(space.tokens, space.added);

  block.mix_norm.run(space.tokens.data(), groups, space.normed.data());
  block.widen.run(space.normed.data(), groups, space.wide.data());
  relu(space.wide);
  block.narrow.run(space.wide.data(), groups, space.added.data());
  add(space.tokens, space.added);

  block.spread_norm.run(space.tokens.data(), groups, space.normed.data());
  block.spread.run(space.normed.data(), groups, space.news.data());
  for (int i = 0; i < slots; ++i) {
    float* row = &space.points[static_cast<size_t>(i) * width_];
    const float* news = &space.news[static_cast<size_t>(i / kGroup) * width_];
    for (int c = 0; c < width_; ++c) row[c] += news[c];
  }
  space.clear_empty(space.points);
}

std::vector<float> Labeler::run(const std::vector<float>& features,
                                const std::vector<uint8_t>& used) const {
  const auto slots = static_cast<int>(used.size());
  if (slots % kGroup != 0 ||
      features.size() != used.size() * static_cast<size_t>(kInputs)) {
    fail(
        "a stroke labeler got {} numbers for {} slots, expected {} a slot and "
        "a multiple of {} slots",
        features.size(), slots, kInputs, kGroup);
  }
  const int groups = slots / kGroup;
  const auto rows = [](int count, int width) {
    return std::vector<float>(static_cast<size_t>(count) * width, 0.0F);
  };
  Space space{slots,
              groups,
              used,
              std::vector<bool>(groups, true),
              rows(slots, width_),
              rows(slots, width_),
              rows(slots, width_),
              rows(groups, 2 * width_),
              rows(groups, token_),
              rows(groups, token_),
              rows(groups, token_),
              rows(groups, 3 * token_),
              rows(groups, 2 * token_),
              rows(groups, width_),
              rows(groups, groups)};
  for (int i = 0; i < slots; ++i) {
    if (used[i] != 0) space.away[i / kGroup] = false;
  }
  embed_.run(features.data(), slots, space.points.data());
  space.clear_empty(space.points);
  for (const Block& block : blocks_) run(block, space);

  norm_.run(space.points.data(), slots, space.inner.data());
  hidden_.run(space.inner.data(), slots, space.change.data());
  relu(space.change);
  std::vector<float> shares(static_cast<size_t>(slots) * kClasses);
  final_.run(space.change.data(), slots, shares.data());
  for (int i = 0; i < slots; ++i) {
    float* row = &shares[static_cast<size_t>(i) * kClasses];
    const float maximum = *std::max_element(row, row + kClasses);
    float sum = 0;
    for (int k = 0; k < kClasses; ++k) {
      row[k] = std::exp(row[k] - maximum);
      sum += row[k];
    }
    for (int k = 0; k < kClasses; ++k) row[k] /= sum;
  }
  return shares;
}

}  // namespace limner
