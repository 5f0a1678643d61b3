// Looks at random as photos have them. What the photo encoder makes of many
// photos is summed up by its mean and principal components; codes drawn along
// these lie where the codes of photos lie. A model file may hold them:
//   looks.mean        [rows, width]
//   looks.components  [k, rows, width], each of the length of one standard
//                     deviation
// Rows are those of the styles that follow the photo, before the drawing's w
// and the model's mean code are added. The published models have none: their
// random looks come from the mapping network.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/layout.h"

namespace limner {

constexpr int kMaxLookComponents = 1024;

// How far looks go along a component, in standard deviations. Fewer than one
// photo in twenty is farther out.
constexpr double kFarthestLook = 2.0;

// Draw number `stream` of a seed: how far along each of `count` components.
// Standard normal, those beyond kFarthestLook drawn again; the same bits on any
// machine.
std::vector<double> look_weights(uint64_t seed, uint64_t stream, int count);

class RandomLooks {
 public:
  // Throws Error when the tensors are missing, misshapen or not finite.
  RandomLooks(const TensorMap& tensors, const TensorLayout& mean,
              const TensorLayout& components);

  int components() const { return count_; }

  // [rows, width]: mean + sum of weight_i component_i.
  std::vector<float> draw(uint64_t seed) const;

 private:
  int count_;
  std::vector<float> mean_, components_;
};

}  // namespace limner
