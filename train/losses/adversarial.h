// Losses of the two-player game: non-saturating, with R1 (Mescheder et al.,
// "Which Training Methods for GANs do actually Converge?", 2018) and path
// length regularisation (Karras et al., 2020).
#pragma once

#include <torch/types.h>

#include <functional>

namespace limner::train {

// What each logit costs who wants it to say "real" (softplus(-x)) or "made"
// (softplus(x)). As `logits`.
torch::Tensor verdict_loss(const torch::Tensor& logits, bool as_real);

// Logits [B] of a discriminator: mean softplus(-fake).
torch::Tensor generator_loss(const torch::Tensor& fake);

// Mean softplus(fake) + mean softplus(-real).
torch::Tensor discriminator_loss(const torch::Tensor& real,
                                 const torch::Tensor& fake);

// The mean over the batch of the squared norm of d logits / d pictures.
// `real`: logits [B] made from `pictures` [B, 3, h, w], which must ask for
// gradients. The graph is kept, so that the result can be minimised.
torch::Tensor r1_penalty(const torch::Tensor& real,
                         const torch::Tensor& pictures);

struct R1Options {
  double gamma = 10.0;  // --r1
  int every = 16;       // --d_reg_every: steps between two penalties
};

// Lazy regularisation: on the steps where it is due, the penalty with the
// weight that makes up for the others, gamma / 2 * every; undefined otherwise.
// `discriminate` makes logits [B] of pictures [B, 3, h, w].
torch::Tensor lazy_r1(
    const std::function<torch::Tensor(const torch::Tensor&)>& discriminate,
    const torch::Tensor& pictures, int64_t step, const R1Options& options);

struct PathLengthOptions {
  double weight = 2.0;  // --path_regularize
  int every = 4;        // --g_reg_every
  double decay = 0.01;  // how far the mean length follows each batch
};

// Keeps the length of d picture / d codes near its running mean, so that equal
// steps of the codes change pictures equally. The mean is training state: save
// and restore it. Not thread-safe.
class PathLength {
 public:
  explicit PathLength(const PathLengthOptions& options = {})
      : options_(options) {}

  // Whether `step` is one of those with a penalty.
  bool due(int64_t step) const { return step % options_.every == 0; }

  // pictures: [B, 3, h, w] made from codes [B, styles, width], which must ask
  // for gradients. Returns the penalty times weight and `every`, its graph
  // kept, and moves the mean. `noise`: as pictures, standard normal; drawn
  // with libtorch's generator when undefined.
  torch::Tensor penalty(const torch::Tensor& pictures,
                        const torch::Tensor& codes,
                        const torch::Tensor& noise = {});

  double mean() const { return mean_; }
  void set_mean(double mean) { mean_ = mean; }

 private:
  PathLengthOptions options_;
  double mean_ = 0.0;
};

}  // namespace limner::train
