#include "model/looks.h"

#include <cmath>

#include "util/random.h"

namespace limner {

std::vector<double> look_weights(uint64_t seed, uint64_t stream, int count) {
  Random random(seed, stream);
  std::vector<double> weights(count);
  for (double& weight : weights) {
    do {
      weight = random.normal();
    } while (std::abs(weight) > kFarthestLook);
  }
  return weights;
}

RandomLooks::RandomLooks(const TensorMap& tensors, const TensorLayout& mean,
                         const TensorLayout& components)
    : count_(static_cast<int>(components.shape.front())),
      mean_(load_values(tensors, mean)),
      components_(load_values(tensors, components)) {}

std::vector<float> RandomLooks::draw(uint64_t seed) const {
  std::vector<double> sum(mean_.begin(), mean_.end());
  const float* component = components_.data();
  for (const double weight : look_weights(seed, 0, count_)) {
    for (double& value : sum) value += weight * *component++;
  }
  return {sum.begin(), sum.end()};
}

}  // namespace limner
