#include "metrics/confusion.h"

#include <algorithm>

#include "sketch/labels.h"
#include "util/error.h"

namespace limner {

void Confusion::add(const Image& truth, const Image& found) {
  check_labels(truth, kMaskLabels - 1, "the mask");
  check_labels(found, kMaskLabels - 1, "the parts found");
  if (truth.width != found.width || truth.height != found.height) {
    fail("a mask of {}x{} pixels was compared with parts of {}x{}", truth.width,
         truth.height, found.width, found.height);
  }
  add(truth.pixels.data(), found.pixels.data(),
      static_cast<int64_t>(truth.pixels.size()));
}

void Confusion::add(const uint8_t* truth, const uint8_t* found, int64_t count) {
  for (int64_t i = 0; i < count; ++i) ++counts_[truth[i]][found[i]];
}

void Confusion::add(const Confusion& other) {
  for (int t = 0; t < kMaskLabels; ++t) {
    for (int f = 0; f < kMaskLabels; ++f) counts_[t][f] += other.counts_[t][f];
  }
}

int64_t Confusion::pixels() const {
  int64_t sum = 0;
  for (const auto& row : counts_) {
    for (const int64_t count : row) sum += count;
  }
  return sum;
}

std::optional<double> Confusion::iou(const std::vector<int>& parts) const {
  const auto member = [&](int part) {
    return std::find(parts.begin(), parts.end(), part) != parts.end();
  };
  int64_t both = 0, either = 0, present = 0;
  for (int t = 0; t < kMaskLabels; ++t) {
    for (int f = 0; f < kMaskLabels; ++f) {
      const bool truly = member(t), seen = member(f);
      if (truly) present += counts_[t][f];
      if (truly && seen) both += counts_[t][f];
      if (truly || seen) either += counts_[t][f];
    }
  }
  if (present == 0) return std::nullopt;
  return static_cast<double>(both) / static_cast<double>(either);
}

std::optional<double> Confusion::iou(int part) const {
  return iou(std::vector<int>{part});
}

double Confusion::mean_iou() const {
  double sum = 0;
  int present = 0;
  for (int part = 0; part < kMaskLabels; ++part) {
    const std::optional<double> value = iou(part);
    if (!value) continue;
    sum += *value;
    ++present;
  }
  return present == 0 ? 0.0 : sum / present;
}

double Confusion::pixel_accuracy() const {
  const int64_t all = pixels();
  if (all == 0) return 0.0;
  int64_t right = 0;
  for (int part = 0; part < kMaskLabels; ++part) right += counts_[part][part];
  return static_cast<double>(right) / static_cast<double>(all);
}

const std::vector<PartGroup>& main_parts() {
  static const std::vector<PartGroup> kGroups = {
      {"hair", {kHair}},
      {"skin", {kSkin}},
      {"brows", {kLeftBrow, kRightBrow}},
      {"eyes", {kLeftEye, kRightEye}},
      {"nose", {kNose}},
      {"lips", {kUpperLip, kLowerLip}},
  };
  return kGroups;
}

}  // namespace limner
