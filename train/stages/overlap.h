// How well parsed faces agree with their masks.
#pragma once

#include <torch/types.h>

#include <map>
#include <string>

namespace limner::train {

// Counts of (true class, parsed class) over pixels, and what follows from
// them.
class Overlap {
 public:
  Overlap();

  // Both [B, h, w], classes 0..18.
  void add(const torch::Tensor& truth, const torch::Tensor& parsed);

  // Intersection over union, the mean over classes that occur in the truth.
  double mean_iou() const;
  // Share of pixels whose class is right.
  double pixels() const;
  // "iou_hair", ... of the classes that occur in the truth.
  std::map<std::string, double> by_class() const;

 private:
  torch::Tensor counts_;  // [19, 19] int64: [truth][parsed]
};

}  // namespace limner::train
