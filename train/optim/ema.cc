#include "train/optim/ema.h"

#include <torch/nn/module.h>
#include <torch/utils.h>

#include <string>

#include "train/parallel/flat.h"
#include "util/error.h"

namespace limner::train {
namespace {

using Pair = std::pair<torch::Tensor, torch::Tensor>;
using Pairs = std::vector<Pair>;

// The tensors of both networks, by name.
template <typename Named>
Pairs matched(const Named& average, const Named& source) {
  if (average.size() != source.size()) {
    fail("the average has {} tensors, its source {}", average.size(),
         source.size());
  }
  Pairs pairs;
  for (const auto& item : average) {
    const torch::Tensor* other = source.find(item.key());
    if (other == nullptr || other->sizes() != item.value().sizes()) {
      fail("the average has a '{}' that its source has not", item.key());
    }
    pairs.emplace_back(item.value(), *other);
  }
  return pairs;
}

// [begin, end) of the pairs as one pair; both undefined when their tensors do
// not lie side by side alike.
Pair joined(const Pairs& pairs, size_t begin, size_t end) {
  std::vector<torch::Tensor> to, from;
  for (size_t i = begin; i < end; ++i) {
    const auto& [average, source] = pairs[i];
    if (average.strides() != source.strides()) return {};
    to.push_back(average);
    from.push_back(source);
  }
  const torch::Tensor a = flat_view(to), b = flat_view(from);
  if (!a.defined() || !b.defined()) return {};
  return {a, b};
}

}  // namespace

Ema::Ema(const torch::nn::Module& source, torch::nn::Module& average)
    : parameters_(
          matched(average.named_parameters(), source.named_parameters())),
      buffers_(matched(average.named_buffers(), source.named_buffers())) {
  std::vector<torch::Tensor> own;
  for (auto& [to, from] : parameters_) {
    to.requires_grad_(false);
    own.push_back(to);
  }
  make_flat(own);
  update(0);
}

void Ema::arrange() {
  runs_.clear();
  places_.clear();
  for (const auto& [to, from] : parameters_) places_.push_back(from.data_ptr());
  for (size_t begin = 0; begin < parameters_.size();) {
    Pair run = parameters_[begin];
    size_t end = begin + 1;
    for (; end < parameters_.size(); ++end) {
      Pair longer = joined(parameters_, begin, end + 1);
      if (!longer.first.defined()) break;
      run = std::move(longer);
    }
    runs_.push_back(std::move(run));
    begin = end;
  }
}

void Ema::update(double decay) {
  if (!(decay >= 0 && decay <= 1)) {
    fail("the decay of an average is {}, expected 0 to 1", decay);
  }
  const torch::NoGradGuard no_grad;
  // An optimiser moves the parameters into its buffer when it is made.
  bool moved = places_.size() != parameters_.size();
  for (size_t i = 0; i < places_.size() && !moved; ++i) {
    moved = parameters_[i].second.data_ptr() != places_[i];
  }
  if (moved) arrange();
  for (auto& [to, from] : runs_) {
    if (decay == 0) {
      to.copy_(from);
    } else {
      to.lerp_(from, 1 - decay);
    }
  }
  for (auto& [to, from] : buffers_) to.copy_(from);
}

}  // namespace limner::train
