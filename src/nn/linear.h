// Fully connected layers for one vector: bound by reading the weights.
#pragma once

#include <vector>

namespace limner {

// y = W x + b.
class Linear {
 public:
  Linear() = default;
  // weights: row-major [rows, columns], multiplied by weight_scale; bias:
  // [rows] multiplied by bias_scale, or empty.
  Linear(int rows, int columns, std::vector<float> weights, float weight_scale,
         std::vector<float> bias, float bias_scale = 1.0F);

  int rows() const { return rows_; }
  int columns() const { return columns_; }

  // x: [columns]; returns [rows].
  std::vector<float> run(const float* x) const;

 private:
  int rows_ = 0;
  int columns_ = 0;
  std::vector<float> weights_;
  std::vector<float> bias_;
};

// In place: scale * LeakyReLU(x, slope).
void leaky_relu(std::vector<float>& x, float slope, float scale);

}  // namespace limner
