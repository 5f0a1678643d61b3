// The parameters that one optimiser trains, and their gradients, each in one
// buffer of memory.
#pragma once

#include <torch/types.h>

#include <vector>

namespace limner::train {

class FlatParameters {
 public:
  // Where one parameter lies in the buffers.
  struct Part {
    int64_t offset = 0;
    int64_t count = 0;
    int64_t rows = 1;  // its first dimension
  };

  // Makes `parameters` and their gradients views of two buffers. Those that
  // need no gradient are left out. Throws Error as make_flat() does.
  explicit FlatParameters(std::vector<torch::Tensor> parameters);

  const std::vector<torch::Tensor>& parameters() const { return parameters_; }
  const std::vector<Part>& parts() const { return parts_; }

  // [n], n a multiple of kFlatAlignment: zeros between the tensors.
  const torch::Tensor& values() const { return values_; }

  // [n]. Gradients that autograd put elsewhere (a second backward pass with
  // create_graph, or a gradient that was taken away) are brought back first.
  // Throws Error when a parameter has left its place.
  const torch::Tensor& gradient();

  void zero_grad();

 private:
  bool has_gradient(size_t index) const;  // in its place
  torch::Tensor view(const torch::Tensor& buffer, size_t index) const;

  std::vector<torch::Tensor> parameters_;
  std::vector<Part> parts_;
  torch::Tensor values_, gradient_;
};

}  // namespace limner::train
