// How well parts of faces that were found agree with the true ones.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "data/dataset.h"
#include "image/image.h"

namespace limner {

// Counts of pixels by (true part, found part), and what follows from them.
class Confusion {
 public:
  // Labels [h,w,1] of 0..18, of one size. Throws Error for others.
  void add(const Image& truth, const Image& found);
  // The same for `count` labels in a row, which must be below kMaskLabels.
  void add(const uint8_t* truth, const uint8_t* found, int64_t count);
  void add(const Confusion& other);

  int64_t count(int truth, int found) const { return counts_[truth][found]; }
  int64_t pixels() const;

  // Intersection over union of `parts` taken as one,
  //   |true and found| / |true or found|
  // (Jaccard's index; Everingham et al., "The PASCAL Visual Object Classes
  // Challenge", 2010). Nothing where no pixel truly is of them.
  std::optional<double> iou(const std::vector<int>& parts) const;
  std::optional<double> iou(int part) const;

  // The mean of iou() over the parts that occur in the truth; 0 without any
  // pixel.
  double mean_iou() const;
  // Share of pixels whose part is right; 0 without any pixel.
  double pixel_accuracy() const;

 private:
  std::array<std::array<int64_t, kMaskLabels>, kMaskLabels> counts_{};
};

// The parts that a face needs, left and right, upper and lower taken together.
struct PartGroup {
  const char* name;
  std::vector<int> parts;
};
// hair, skin, brows, eyes, nose, lips.
const std::vector<PartGroup>& main_parts();

}  // namespace limner
