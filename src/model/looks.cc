#include "model/looks.h"

#include <cmath>

#include "model/live.h"
#include "util/error.h"
#include "util/random.h"

namespace limner {

const char* const kLooksMean = "looks.mean";
const char* const kLooksComponents = "looks.components";

int look_components(const TensorMap& tensors, int rows, int width) {
  if (!tensors.has(kLooksMean) && !tensors.has(kLooksComponents)) return 0;
  tensors.at(kLooksMean, {rows, width});
  const int64_t count =
      tensors.at(kLooksComponents, {-1, rows, width}).shape[0];
  if (count < 1 || count > kMostLookComponents) {
    fail("{}: '{}' holds {} components, expected 1 to {}", tensors.source,
         kLooksComponents, count, kMostLookComponents);
  }
  return static_cast<int>(count);
}

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

RandomLooks::RandomLooks(const TensorMap& tensors, int rows, int width)
    : count_(look_components(tensors, rows, width)),
      mean_(load_values(tensors, kLooksMean, {rows, width})),
      components_(
          load_values(tensors, kLooksComponents, {count_, rows, width})) {}

std::vector<float> RandomLooks::draw(uint64_t seed) const {
  std::vector<double> sum(mean_.begin(), mean_.end());
  const float* component = components_.data();
  for (const double weight : look_weights(seed, 0, count_)) {
    for (double& value : sum) value += weight * *component++;
  }
  return {sum.begin(), sum.end()};
}

}  // namespace limner
