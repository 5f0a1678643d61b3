#include "train/modules/generator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "train/modules/fused.h"
#include "util/error.h"

namespace limner::train {
namespace {

namespace nn = torch::nn;

constexpr double kPixelNormEpsilon = 1e-8;  // of PixelNorm
constexpr double kMappingRate = 0.01;       // lr_mul of the mapping layers

}  // namespace

MappingImpl::MappingImpl(int width, int layers) {
  EqualLinearOptions options;
  options.rate = kMappingRate;
  options.activate = true;
  for (int i = 1; i <= layers; ++i) {
    layers_.push_back(register_module(fmt::format("{}", i),
                                      EqualLinear(width, width, options)));
  }
}

torch::Tensor MappingImpl::forward(const torch::Tensor& z) {
  torch::Tensor x = z * torch::rsqrt(z.square().mean(1, /*keepdim=*/true) +
                                     kPixelNormEpsilon);
  for (EqualLinear& layer : layers_) x = layer(x);
  return x;
}

StyledConvImpl::StyledConvImpl(int in, int out, int style_width,
                               bool upsample) {
  ModulatedConvOptions options;
  options.upsample = upsample;
  conv_ = register_module("conv", ModulatedConv(in, out, style_width, options));
  noise_ = register_module("noise", HeldParameter("weight", torch::zeros({1})));
  activate_ =
      register_module("activate", HeldParameter("bias", torch::zeros({out})));
}

torch::Tensor StyledConvImpl::forward(const torch::Tensor& x,
                                      const torch::Tensor& code,
                                      const torch::Tensor& registered,
                                      const SynthesisOptions& options) {
  const auto [map, d] = conv_(x, code, options.twice);
  const torch::Tensor noise =
      options.fresh_noise
          ? torch::randn(
                {map.size(0) * options.world, 1, map.size(2), map.size(3)},
                options.random, map.options())
                .slice(0, options.rank, torch::nullopt, options.world)
          : registered;
  return finish_styled(map, d * kLeakyGain, noise, noise_->value * kLeakyGain,
                       activate_->value * kLeakyGain, options.twice);
}

ToRgbImpl::ToRgbImpl(int in, int style_width, bool upsample) {
  ModulatedConvOptions options;
  options.kernel = 1;
  options.demodulate = false;
  conv_ = register_module("conv", ModulatedConv(in, 3, style_width, options));
  bias_ = register_parameter("bias", torch::zeros({1, 3, 1, 1}));
  // The zeros between pixels quarter the brightness: hence a gain of 4.
  if (upsample) upsample_ = register_module("upsample", Blur(4.0));
}

torch::Tensor ToRgbImpl::forward(const torch::Tensor& x,
                                 const torch::Tensor& code,
                                 const torch::Tensor& rgb, bool twice) {
  const torch::Tensor added = conv_(x, code, twice).map + bias_;
  return rgb.defined() ? added + upsample_->upsample(rgb) : added;
}

GeneratorImpl::GeneratorImpl(const GeneratorConfig& config) : config_(config) {
  if (config.channels.empty() || config.channels.size() > 10) {
    fail("a generator needs 1 to 10 resolutions, got {}",
         config.channels.size());
  }
  const int width = config.style_width;
  int channels = config.channels[0];
  style_ = register_module("style", Mapping(width, config.mapping_layers));
  input_ = register_module(
      "input", HeldParameter("input", torch::randn({1, channels, 4, 4})));
  convs_.push_back(register_module(
      "conv1", StyledConv(channels, channels, width, /*upsample=*/false)));
  to_rgbs_.push_back(
      register_module("to_rgb1", ToRgb(channels, width, /*upsample=*/false)));
  const auto convs =
      register_module("convs", std::make_shared<nn::Module>("convs"));
  const auto to_rgbs =
      register_module("to_rgbs", std::make_shared<nn::Module>("to_rgbs"));
  for (size_t i = 1; i < config.channels.size(); ++i) {
    const int out = config.channels[i];
    convs_.push_back(convs->register_module(
        fmt::format("{}", 2 * i - 2), StyledConv(channels, out, width, true)));
    convs_.push_back(convs->register_module(
        fmt::format("{}", 2 * i - 1), StyledConv(out, out, width, false)));
    to_rgbs_.push_back(to_rgbs->register_module(fmt::format("{}", i - 1),
                                                ToRgb(out, width, true)));
    channels = out;
  }
  const auto noises =
      register_module("noises", std::make_shared<nn::Module>("noises"));
  for (size_t k = 0; k < convs_.size(); ++k) {
    const int64_t side = int64_t{4} << ((k + 1) / 2);
    noises_.push_back(noises->register_buffer(
        fmt::format("noise_{}", k), torch::randn({1, 1, side, side})));
  }
}

// See sharpen() of nn/styled.h: two means of 2x2 are the binomial filter.
torch::Tensor GeneratorImpl::sharpened(const torch::Tensor& rgb) const {
  if (config_.sharpening == 0) return rgb;
  namespace F = nn::functional;
  const torch::Tensor wide =
      F::pad(rgb, F::PadFuncOptions({1, 1, 1, 1}).mode(torch::kReplicate));
  const auto mean = F::AvgPool2dFuncOptions(2).stride(1);
  const torch::Tensor soft = F::avg_pool2d(F::avg_pool2d(wide, mean), mean);
  return rgb + config_.sharpening * (rgb - soft);
}

torch::Tensor GeneratorImpl::crop(const torch::Tensor& map,
                                  const torch::Tensor& rgb,
                                  const torch::Tensor& codes,
                                  const torch::Tensor& drawn, int conv,
                                  const SynthesisOptions& options) {
  // Pixels of the lower resolution beyond the crop that its pixels depend on.
  constexpr int64_t kMargin = 4;
  const int64_t half = map.size(2);
  const std::array<int64_t, 2> begin = {options.crop_top / 2,
                                        options.crop_left / 2};
  const int64_t side = options.crop_side / 2;
  std::array<int64_t, 2> from, to;
  for (size_t i = 0; i < 2; ++i) {
    if (begin[i] < 0 || begin[i] + side > half || options.crop_side % 2 != 0) {
      fail("a crop of {} px at {}, {} does not lie in a picture of {} px",
           options.crop_side, options.crop_top, options.crop_left, 2 * half);
    }
    from[i] = std::max<int64_t>(0, begin[i] - kMargin);
    to[i] = std::min(half, begin[i] + side + kMargin);
  }
  const auto window = [&](const torch::Tensor& x, int64_t scale) {
    return x.slice(2, scale * from[0], scale * to[0])
        .slice(3, scale * from[1], scale * to[1]);
  };
  torch::Tensor x = window(map, 1);
  for (int k = conv; k < conv + 2; ++k) {
    if (k > conv && drawn.defined()) x = x + window(drawn, 2);
    x = convs_[k](x, codes.select(1, k), window(noises_[k], 2), options);
  }
  return sharpened(to_rgbs_[(conv + 1) / 2](x, codes.select(1, conv + 2),
                                            window(rgb, 1), options.twice))
      .slice(2, 2 * (begin[0] - from[0]), 2 * (begin[0] - from[0] + side))
      .slice(3, 2 * (begin[1] - from[1]), 2 * (begin[1] - from[1] + side));
}

torch::Tensor GeneratorImpl::forward(const torch::Tensor& codes,
                                     const SynthesisOptions& options,
                                     const std::vector<torch::Tensor>& maps) {
  const int last = options.stop_at == 0 ? config_.size() : options.stop_at;
  if (last < 4 || last > config_.size() || (last & (last - 1)) != 0) {
    fail("cannot stop at {} px: expected a power of two from 4 to {}", last,
         config_.size());
  }
  int styles = 2;
  for (int side = 4; side < last; side *= 2) styles += 2;
  if (codes.dim() != 3 || codes.size(1) < styles ||
      codes.size(2) != config_.style_width) {
    fail("style codes have shape {}, expected [B, {}, {}]",
         to_string(codes.sizes().vec()), styles, config_.style_width);
  }
  // Convolution k reads code k; the colour layer after it code k + 1, which
  // is the next convolution's too.
  torch::Tensor map = input_->value.expand({codes.size(0), -1, -1, -1});
  torch::Tensor rgb;
  const torch::Tensor none;
  for (int k = 0; k < styles - 1; ++k) {
    const size_t level = static_cast<size_t>(k) / 2;
    if (options.crop_side > 0 && k == styles - 3) {
      const size_t top = level + 1;
      return crop(map, rgb, codes, top < maps.size() ? maps[top] : none, k,
                  options);
    }
    if (k % 2 == 0 && level < maps.size() && maps[level].defined()) {
      map = map + maps[level];
    }
    map = convs_[k](map, codes.select(1, k), noises_[k], options);
    if (k % 2 == 0)
      rgb = to_rgbs_[k / 2](map, codes.select(1, k + 1), rgb, options.twice);
  }
  return last == config_.size() ? sharpened(rgb) : rgb;
}

}  // namespace limner::train
