#include "train/stages/overlap.h"

#include <array>

#include "train/data/dataset.h"

namespace limner::train {
namespace {

constexpr std::array<const char*, kParts> kNames = {
    "background", "skin",       "nose",      "glasses",   "eye_right",
    "eye_left",   "brow_right", "brow_left", "ear_right", "ear_left",
    "mouth",      "upper_lip",  "lower_lip", "hair",      "hat",
    "earring",    "necklace",   "neck",      "cloth"};

}  // namespace

Overlap::Overlap() : counts_(torch::zeros({kParts, kParts}, torch::kInt64)) {}

void Overlap::add(const torch::Tensor& truth, const torch::Tensor& parsed) {
  const torch::Tensor pairs =
      truth.to(torch::kCPU, torch::kInt64).flatten() * kParts +
      parsed.to(torch::kCPU, torch::kInt64).flatten();
  counts_ += torch::bincount(pairs, {}, kParts * kParts).view({kParts, kParts});
}

double Overlap::mean_iou() const {
  double sum = 0;
  const std::map<std::string, double> all = by_class();
  for (const auto& [name, value] : all) sum += value;
  return all.empty() ? 0.0 : sum / static_cast<double>(all.size());
}

double Overlap::pixels() const {
  const auto total = counts_.sum().item<double>();
  return total > 0 ? counts_.diag().sum().item<double>() / total : 0.0;
}

std::map<std::string, double> Overlap::by_class() const {
  std::map<std::string, double> result;
  for (int k = 0; k < kParts; ++k) {
    const auto present = counts_[k].sum().item<double>();
    if (present == 0) continue;
    const auto both = counts_[k][k].item<double>();
    const auto either =
        present + counts_.select(1, k).sum().item<double>() - both;
    result[std::string("iou_") + kNames[k]] = both / either;
  }
  return result;
}

}  // namespace limner::train
