// The exponential moving average of a network's parameters, which makes
// steadier pictures than the parameters themselves.
#pragma once

#include <torch/types.h>

#include <utility>
#include <vector>

namespace torch::nn {
class Module;
}

namespace limner::train {

class Ema {
 public:
  // `average`, a network of the same shape, becomes a copy of `source`; its
  // parameters need no gradients from now on and lie in one buffer. Throws
  // Error when the networks differ.
  Ema(const torch::nn::Module& source, torch::nn::Module& average);

  // average <- decay average + (1 - decay) source; buffers are copied. decay
  // in [0, 1].
  void update(double decay);

 private:
  using Pair = std::pair<torch::Tensor, torch::Tensor>;  // average, source

  void arrange();

  std::vector<Pair> parameters_, buffers_;
  std::vector<const void*> places_;  // of the source's parameters
  std::vector<Pair> runs_;           // parameters that are averaged in one pass
};

}  // namespace limner::train
