// Batch norm whose statistics are those of all processes of a run.
#pragma once

#include <torch/nn/cloneable.h>
#include <torch/nn/options/batchnorm.h>
#include <torch/nn/pimpl.h>

#include <memory>

#include "train/parallel/processes.h"

namespace limner::train {

// torch::nn::BatchNorm2d, affine and with running statistics, under the same
// names. In training with more than one process, mean and variance are taken
// over the batches of all of them (which may differ in size), in forward and
// backward: n pictures on each of k processes give what n k on one would.
// Otherwise it computes as torch's own. There is no second derivative over
// several processes: Error.
class BatchNorm2dImpl : public torch::nn::Cloneable<BatchNorm2dImpl> {
 public:
  explicit BatchNorm2dImpl(int64_t channels)
      : BatchNorm2dImpl(torch::nn::BatchNormOptions(channels)) {}
  // Heeds the count of channels, eps and momentum.
  explicit BatchNorm2dImpl(const torch::nn::BatchNormOptions& options);

  void reset() override;  // for clone(): fresh parameters and buffers

  // x: [B, C, h, w] -> the same shape.
  torch::Tensor forward(const torch::Tensor& x);

  void set_processes(std::shared_ptr<Processes> processes);

  torch::Tensor weight, bias;               // [C]
  torch::Tensor running_mean, running_var;  // [C]
  torch::Tensor num_batches_tracked;        // int64, one value

 private:
  torch::Tensor forward_together(const torch::Tensor& x, double share);

  torch::nn::BatchNormOptions options_;
  std::shared_ptr<Processes> processes_;
};
TORCH_MODULE(BatchNorm2d);

// Gives `processes` to every BatchNorm2d inside of `module`.
void set_processes(torch::nn::Module& module,
                   const std::shared_ptr<Processes>& processes);

}  // namespace limner::train
