// StyleGAN2: the mapping network and the synthesis network (Karras et al.,
// 2020), with the published weight names ("decoder." in a model's file,
// "g_ema." in StyleGAN2's own).
#pragma once

#include <torch/nn.h>

#include <vector>

#include "model/layout.h"
#include "train/modules/layers.h"

namespace limner::train {

// PixelNorm and fully connected layers, named "1", "2", ... ("0" is the norm).
class MappingImpl : public torch::nn::Module {
 public:
  MappingImpl(int width, int layers);

  // z: [B, width] -> w: [B, width].
  torch::Tensor forward(const torch::Tensor& z);

 private:
  std::vector<EqualLinear> layers_;
};
TORCH_MODULE(Mapping);

struct SynthesisOptions {
  // Fresh noise for every picture (training), or the registered buffers, the
  // same for all (inference).
  bool fresh_noise = true;
  // Of fresh noise; libtorch's own generator when not given.
  c10::optional<at::Generator> random;
  // This batch is pictures rank, rank + world, ... of a larger one: the noise
  // is drawn for all of it, so that each picture gets the same however many
  // share the work.
  int rank = 0, world = 1;
  int stop_at = 0;  // side to end at, 4 px or more; 0: the full size
  // The last resolution is computed for this square of the picture alone:
  // [top, top + side) x [left, left + side), all even. side 0: all of it.
  int crop_top = 0, crop_left = 0, crop_side = 0;
  // With second derivatives, at the price of slower passes (see fused.h).
  bool twice = false;
};

// A modulated convolution, noise, bias and activation.
class StyledConvImpl : public torch::nn::Module {
 public:
  StyledConvImpl(int in, int out, int style_width, bool upsample);

  // x: [B, in, h, w], code: [B, style_width]; registered: the noise
  // [1, 1, h', w'] of inference, of the result's sides. Returns
  // [B, out, h', w'].
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& code,
                        const torch::Tensor& registered,
                        const SynthesisOptions& options);

 private:
  ModulatedConv conv_{nullptr};
  HeldParameter noise_{nullptr}, activate_{nullptr};
};
TORCH_MODULE(StyledConv);

// The running picture, doubled, plus what this resolution adds to it.
class ToRgbImpl : public torch::nn::Module {
 public:
  ToRgbImpl(int in, int style_width, bool upsample);

  // x: [B, in, h, w], code: [B, style_width], rgb: [B, 3, h/2, w/2] or
  // undefined -> [B, 3, h, w].
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& code,
                        const torch::Tensor& rgb, bool twice = false);

 private:
  torch::Tensor bias_;
  ModulatedConv conv_{nullptr};
  Blur upsample_{nullptr};
};
TORCH_MODULE(ToRgb);

class GeneratorImpl : public torch::nn::Module {
 public:
  explicit GeneratorImpl(const GeneratorConfig& config);

  const GeneratorConfig& config() const { return config_; }

  // z: [B, style_width] -> w: [B, style_width].
  torch::Tensor map(const torch::Tensor& z) { return style_(z); }

  // codes: [B, styles, style_width] -> RGB [B, 3, side, side] (or the crop's
  // side), about [-1, 1].
  // Rows past those that `stop_at` needs are not read. maps[i], where there is
  // one, [B, channels[i], side, side] at side 4 << i, is added to what the
  // last convolution of its resolution reads. Throws Error on another shape of
  // the codes, a side that the network does not have or a crop outside of it.
  torch::Tensor forward(const torch::Tensor& codes,
                        const SynthesisOptions& options = {},
                        const std::vector<torch::Tensor>& maps = {});

 private:
  // The full picture, [B, 3, h, w], or a window of it.
  torch::Tensor sharpened(const torch::Tensor& rgb) const;
  // The last resolution, convolutions `conv` and the next, of `options`' crop;
  // map: [B, C, s, s], rgb: [B, 3, s, s], of the one below; drawn: the map of
  // the drawing that it reads, or undefined.
  torch::Tensor crop(const torch::Tensor& map, const torch::Tensor& rgb,
                     const torch::Tensor& codes, const torch::Tensor& drawn,
                     int conv, const SynthesisOptions& options);

  GeneratorConfig config_;
  Mapping style_{nullptr};
  HeldParameter input_{nullptr};
  std::vector<StyledConv> convs_;  // at 4 px one, then two a resolution
  std::vector<ToRgb> to_rgbs_;     // one a resolution
  std::vector<torch::Tensor> noises_;
};
TORCH_MODULE(Generator);

}  // namespace limner::train
