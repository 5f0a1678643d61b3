// How well parsed faces agree with their masks.
#pragma once

#include <torch/types.h>

#include <map>
#include <string>

#include "metrics/confusion.h"

namespace limner::train {

// Counts of (true class, parsed class) over pixels, and what follows from
// them.
class Overlap {
 public:
  // Both [B, h, w], classes 0..18.
  void add(const torch::Tensor& truth, const torch::Tensor& parsed);

  // Intersection over union, the mean over classes that occur in the truth.
  double mean_iou() const { return counts_.mean_iou(); }
  // Share of pixels whose class is right.
  double pixels() const { return counts_.pixel_accuracy(); }
  // "iou_hair", ... of the classes that occur in the truth.
  std::map<std::string, double> by_class() const;

 private:
  Confusion counts_;
};

}  // namespace limner::train
