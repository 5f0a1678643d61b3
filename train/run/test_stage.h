// A stage that is small but has everything a real one has: a network with
// batch norm, an optimiser, an average, random draws.
#pragma once

#include <torch/nn/functional/activation.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>
#include <torch/utils.h>

#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "train/optim/ema.h"
#include "train/optim/optimizer.h"
#include "train/parallel/processes.h"
#include "train/run/stage.h"
#include "util/files.h"
#include "util/random.h"

namespace limner::train {

class ToyNetImpl : public torch::nn::Module {
 public:
  ToyNetImpl()
      : first(register_module("first", torch::nn::Linear(6, 16))),
        norm(register_module("norm", torch::nn::BatchNorm1d(16))),
        second(register_module("second", torch::nn::Linear(16, 1))) {
    const torch::NoGradGuard no_grad;
    uint64_t seed = 1;
    for (torch::Tensor& parameter : parameters()) {
      const auto values =
          normal_values(seed++, static_cast<size_t>(parameter.numel()));
      parameter.copy_(torch::tensor(values).view(parameter.sizes()) * 0.3);
    }
  }

  torch::Tensor forward(const torch::Tensor& x) {
    return second(torch::relu(norm(first(x))));
  }

  torch::nn::Linear first;
  torch::nn::BatchNorm1d norm;
  torch::nn::Linear second;
};
TORCH_MODULE(ToyNet);

class ToyStage : public Stage {
 public:
  explicit ToyStage(const std::string& kind = "ranger", double lr = 0.01) {
    OptimizerOptions options = ranger_options(lr);
    options.kind = kind;
    optimizer = make_optimizer(options, net->parameters());
    ema = std::make_unique<Ema>(*net, *average);
  }

  std::map<std::string, double> step(int64_t step) override {
    const int64_t batch = 8;
    const auto drawn = normal_values(1000 + static_cast<uint64_t>(step),
                                     static_cast<size_t>(batch * 6));
    const torch::Tensor x = torch::tensor(drawn).view({batch, 6});
    const torch::Tensor target = torch::sin(x.sum(1, true));
    optimizer->zero_grad();
    torch::Tensor loss = (net->forward(x) - target).square().mean();
    loss.backward();
    if (processes) processes->average_gradients(net->parameters());
    const auto norm = clip_gradients(net->parameters(), 1.0).item<double>();
    optimizer->step();
    ema->update(0.9);
    if (before_return) before_return(step);
    if (replace_losses) return replace_losses(step);
    return {{"square", loss.item<double>()}, {"norm", norm}};
  }

  int64_t images_per_step() const override { return 8; }
  StageMeans means() const override { return how; }

  void save(State& state) const override {
    state.put_module("net.", *net);
    state.put_module("average.", *average);
    optimizer->save(state, "optimizer.");
    state.put("ballast", ballast);
  }

  void load(const State& state) override {
    state.get_module("net.", *net);
    state.get_module("average.", *average);
    optimizer->load(state, "optimizer.");
    state.copy_to("ballast", ballast);
  }

  Image sheet() override {
    Image image(8, 4, 3);
    for (size_t i = 0; i < image.pixels.size(); ++i) {
      image.pixels[i] = static_cast<uint8_t>(i * 2);
    }
    return image;
  }

  std::map<std::string, double> validate() override {
    return {{"mean", net->second->weight.mean().item<double>()}};
  }

  void export_models(const std::filesystem::path& folder) override {
    make_folders(folder);
    State state;
    state.put_module("", *average);
    state.save(folder / "toy.safetensors");
  }

  ToyNet net, average;
  StageMeans how;
  std::unique_ptr<Optimizer> optimizer;
  std::unique_ptr<Ema> ema;
  std::shared_ptr<Processes> processes;
  torch::Tensor ballast = torch::zeros({1});  // makes checkpoints large
  // Called at the end of a step: raises signals, fills the disk, ...
  std::function<void(int64_t step)> before_return;
  std::function<std::map<std::string, double>(int64_t step)> replace_losses;
};

}  // namespace limner::train
