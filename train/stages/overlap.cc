#include "train/stages/overlap.h"

#include "data/parts.h"

namespace limner::train {

void Overlap::add(const torch::Tensor& truth, const torch::Tensor& parsed) {
  const torch::Tensor wanted =
      truth.to(torch::kCPU, torch::kUInt8).contiguous();
  const torch::Tensor found =
      parsed.to(torch::kCPU, torch::kUInt8).contiguous();
  counts_.add(wanted.data_ptr<uint8_t>(), found.data_ptr<uint8_t>(),
              wanted.numel());
}

std::map<std::string, double> Overlap::by_class() const {
  std::map<std::string, double> result;
  for (int k = 0; k < kMaskLabels; ++k) {
    const std::optional<double> iou = counts_.iou(k);
    if (iou) result[std::string("iou_") + part_name(k)] = *iou;
  }
  return result;
}

}  // namespace limner::train
