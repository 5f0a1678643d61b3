#include "train/modules/fused.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cstdint>

#include "nn/simd.h"
#include "train/modules/layers.h"
#include "train/modules/values.h"

namespace limner::train {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr auto kSlope = static_cast<float>(kLeakySlope);

torch::Tensor channels_last(const torch::Tensor& x) {
  return x.contiguous(at::MemoryFormat::ChannelsLast);
}

torch::Tensor single(const torch::Tensor& x) {
  return x.to(torch::kFloat32).contiguous();
}

// One picture's maps, channels last.
struct Size {
  int64_t pixels, channels;

  int64_t all() const { return pixels * channels; }
};

// Calls body(T(), size, i) for each picture of x, T the type of its values.
template <typename Body>
void for_each_picture(const torch::Tensor& x, const Body& body) {
  const Size size = {x.size(2) * x.size(3), x.size(1)};
  visit_values(x, [&](auto type) {
    at::parallel_for(0, x.size(0), 1, [&](int64_t i, int64_t end) {
      for (; i < end; ++i) body(type, size, i);
    });
  });
}

// Loops over one picture, compiled for every instruction set. Sums are added up
// in the order of pixels, so that they are the same for any number of threads.
// ivdep: no two of the arrays overlap, which are too many for the compiler to
// look into.

LIMNER_KERNEL_OF_TYPE(void, scale, (Size n, const T* x, const float* s, T* y),
                      (n, x, s, y)) {
  for (int64_t p = 0; p < n.pixels; ++p, x += n.channels, y += n.channels) {
#pragma GCC ivdep
    for (int64_t c = 0; c < n.channels; ++c) {
      y[c] = narrow<T>(widen(x[c]) * s[c]);
    }
  }
}

// gx = g s, gs = sum g x.
LIMNER_KERNEL_OF_TYPE(void, scale_back,
                      (Size n, const T* x, const float* s, const T* g, T* gx,
                       float* gs),
                      (n, x, s, g, gx, gs)) {
  for (int64_t p = 0; p < n.pixels; ++p) {
#pragma GCC ivdep
    for (int64_t c = 0; c < n.channels; ++c) {
      const float slope = widen(g[c]);
      gs[c] += slope * widen(x[c]);
      gx[c] = narrow<T>(slope * s[c]);
    }
    x += n.channels;
    g += n.channels;
    gx += n.channels;
  }
}

// What finish_styled() does to one picture.
struct Finish {
  const float *d, *noise, *bias;
  float strength;
};

LIMNER_KERNEL_OF_TYPE(void, finish, (Size n, const T* x, const Finish& f, T* y),
                      (n, x, f, y)) {
  for (int64_t p = 0; p < n.pixels; ++p, x += n.channels, y += n.channels) {
    const float noise = f.strength * f.noise[p];
#pragma GCC ivdep
    for (int64_t c = 0; c < n.channels; ++c) {
      const float v = f.d[c] * widen(x[c]) + noise + f.bias[c];
      y[c] = narrow<T>(v > 0.0F ? v : kSlope * v);
    }
  }
}

// m = g leaky_relu'(v); gx = m d, gd = sum m x, gb = sum m, gn = sum m noise.
LIMNER_KERNEL_OF_TYPE(void, finish_back,
                      (Size n, const T* x, const Finish& f, const T* g, T* gx,
                       float* gd, float* gb, float* gn),
                      (n, x, f, g, gx, gd, gb, gn)) {
  for (int64_t p = 0; p < n.pixels; ++p) {
    const float noise = f.noise[p];
#pragma GCC ivdep
    for (int64_t c = 0; c < n.channels; ++c) {
      const float value = widen(x[c]);
      const float v = f.d[c] * value + f.strength * noise + f.bias[c];
      const float m = widen(g[c]) * (v > 0.0F ? 1.0F : kSlope);
      gx[c] = narrow<T>(m * f.d[c]);
      gd[c] += m * value;
      gb[c] += m;
      gn[c] += m * noise;
    }
    x += n.channels;
    g += n.channels;
    gx += n.channels;
  }
}

LIMNER_KERNEL_OF_TYPE(void, prelu, (Size n, const T* x, const float* w, T* y),
                      (n, x, w, y)) {
  for (int64_t p = 0; p < n.pixels; ++p, x += n.channels, y += n.channels) {
#pragma GCC ivdep
    for (int64_t c = 0; c < n.channels; ++c) {
      const float v = widen(x[c]);
      y[c] = narrow<T>(v > 0.0F ? v : w[c] * v);
    }
  }
}

LIMNER_KERNEL_OF_TYPE(void, prelu_back,
                      (Size n, const T* x, const float* w, const T* g, T* gx,
                       float* gw),
                      (n, x, w, g, gx, gw)) {
  for (int64_t p = 0; p < n.pixels; ++p) {
#pragma GCC ivdep
    for (int64_t c = 0; c < n.channels; ++c) {
      const float v = widen(x[c]);
      const float slope = widen(g[c]);
      gx[c] = narrow<T>(v > 0.0F ? slope : w[c] * slope);
      gw[c] += v > 0.0F ? 0.0F : slope * v;
    }
    x += n.channels;
    g += n.channels;
    gx += n.channels;
  }
}

torch::Tensor sums_like(const torch::Tensor& x) {
  return torch::zeros({x.size(0), x.size(1)});
}

// The gradient of y in x's type and layout.
torch::Tensor like(const torch::Tensor& gradient, const torch::Tensor& x) {
  return channels_last(gradient.to(x.scalar_type()));
}

// Loops that take a number a channel, v: of each picture or, where kShared, the
// same of all.
struct ScaleLoops {
  static constexpr bool kShared = false;
  template <typename... Arguments>
  static void run(Arguments... arguments) {
    scale(arguments...);
  }
  template <typename... Arguments>
  static void back(Arguments... arguments) {
    scale_back(arguments...);
  }
};
struct PreluLoops {
  static constexpr bool kShared = true;
  template <typename... Arguments>
  static void run(Arguments... arguments) {
    prelu(arguments...);
  }
  template <typename... Arguments>
  static void back(Arguments... arguments) {
    prelu_back(arguments...);
  }
};

template <typename Loops>
class ChannelFunction
    : public torch::autograd::Function<ChannelFunction<Loops>> {
 public:
  static torch::Tensor forward(AutogradContext* context,
                               const torch::Tensor& input,
                               const torch::Tensor& values) {
    const torch::Tensor x = channels_last(input);
    const torch::Tensor v = single(values);
    context->save_for_backward({x, v});
    context->saved_data["type"] = values.scalar_type();
    const torch::Tensor y = torch::empty_like(x);
    for_each_picture(x, [&](auto type, Size n, int64_t i) {
      using T = decltype(type);
      Loops::run(n, x.data_ptr<T>() + i * n.all(), of_picture(v, i),
                 y.data_ptr<T>() + i * n.all());
    });
    return y;
  }

  static variable_list backward(AutogradContext* context,
                                const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor& x = saved[0];
    const torch::Tensor g = like(gradients[0], x);
    const torch::Tensor gx = torch::empty_like(x);
    const torch::Tensor gv = sums_like(x);
    for_each_picture(x, [&](auto type, Size n, int64_t i) {
      using T = decltype(type);
      Loops::back(n, x.data_ptr<T>() + i * n.all(), of_picture(saved[1], i),
                  g.data_ptr<T>() + i * n.all(), gx.data_ptr<T>() + i * n.all(),
                  gv.data_ptr<float>() + i * n.channels);
    });
    return {gx, (Loops::kShared ? gv.sum(0) : gv)
                    .to(context->saved_data["type"].toScalarType())};
  }

 private:
  static const float* of_picture(const torch::Tensor& v, int64_t i) {
    return v.data_ptr<float>() + (Loops::kShared ? 0 : i * v.size(1));
  }
};

class FinishFunction : public torch::autograd::Function<FinishFunction> {
 public:
  static torch::Tensor forward(AutogradContext* context,
                               const torch::Tensor& input,
                               const torch::Tensor& d,
                               const torch::Tensor& noise,
                               const torch::Tensor& strength,
                               const torch::Tensor& bias) {
    const torch::Tensor x = channels_last(input);
    const variable_list terms = {x, single(d), single(noise), single(strength),
                                 single(bias)};
    context->save_for_backward(terms);
    context->saved_data["type"] = d.scalar_type();
    const torch::Tensor y = torch::empty_like(x);
    for_each_picture(x, [&](auto type, Size n, int64_t i) {
      using T = decltype(type);
      finish(n, x.data_ptr<T>() + i * n.all(), of_picture(terms, i),
             y.data_ptr<T>() + i * n.all());
    });
    return y;
  }

  static variable_list backward(AutogradContext* context,
                                const variable_list& gradients) {
    const variable_list terms = context->get_saved_variables();
    const torch::Tensor& x = terms[0];
    const torch::Tensor g = like(gradients[0], x);
    const torch::Tensor gx = torch::empty_like(x);
    const torch::Tensor gd = sums_like(x);
    const torch::Tensor gb = sums_like(x);
    const torch::Tensor gn = sums_like(x);
    for_each_picture(x, [&](auto type, Size n, int64_t i) {
      using T = decltype(type);
      const auto sums = [&](const torch::Tensor& all) {
        return all.data_ptr<float>() + i * n.channels;
      };
      finish_back(n, x.data_ptr<T>() + i * n.all(), of_picture(terms, i),
                  g.data_ptr<T>() + i * n.all(), gx.data_ptr<T>() + i * n.all(),
                  sums(gd), sums(gb), sums(gn));
    });
    return {gx,
            gd.to(context->saved_data["type"].toScalarType()),
            {},
            gn.sum().view(1),
            gb.sum(0)};
  }

 private:
  // terms: x, d, noise, strength, bias.
  static Finish of_picture(const variable_list& terms, int64_t i) {
    const torch::Tensor& noise = terms[2];
    const int64_t own = noise.size(0) == 1 ? 0 : i;
    return {terms[1].data_ptr<float>() + i * terms[1].size(1),
            noise.data_ptr<float>() + own * noise.size(2) * noise.size(3),
            terms[4].data_ptr<float>(), terms[3].data_ptr<float>()[0]};
  }
};

}  // namespace

torch::Tensor scale_channels(const torch::Tensor& x, const torch::Tensor& s,
                             bool twice) {
  if (has_loops(x) && !twice) return ChannelFunction<ScaleLoops>::apply(x, s);
  return x * s.to(x.scalar_type()).unsqueeze(2).unsqueeze(3);
}

torch::Tensor finish_styled(const torch::Tensor& x, const torch::Tensor& d,
                            const torch::Tensor& noise,
                            const torch::Tensor& strength,
                            const torch::Tensor& bias, bool twice) {
  if (has_loops(x) && !twice) {
    return FinishFunction::apply(x, d, noise, strength, bias);
  }
  // In the type of x: bfloat16 stays bfloat16.
  const at::ScalarType type = x.scalar_type();
  return torch::leaky_relu(x * d.to(type).unsqueeze(2).unsqueeze(3) +
                               strength.to(type) * noise.to(type) +
                               bias.to(type).view({1, -1, 1, 1}),
                           kLeakySlope);
}

PreluImpl::PreluImpl(int64_t channels) : channels_(channels) { reset(); }

void PreluImpl::reset() {
  weight = register_parameter("weight", torch::full({channels_}, 0.25F));
}

torch::Tensor PreluImpl::forward(const torch::Tensor& x) {
  return has_loops(x) ? ChannelFunction<PreluLoops>::apply(x, weight)
                      : torch::prelu(x, weight.to(x.scalar_type()));
}

}  // namespace limner::train
