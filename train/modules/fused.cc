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

// Loops over one picture. Sums are added up in the order of pixels, so that
// they are the same for any number of threads. ivdep: no two of the arrays
// overlap, which are too many for the compiler to look into.

template <typename T>
LIMNER_INLINE void scale_loop(Size n, const T* x, const float* s, T* y) {
  for (int64_t p = 0; p < n.pixels; ++p, x += n.channels, y += n.channels) {
#pragma GCC ivdep
    for (int64_t c = 0; c < n.channels; ++c) {
      y[c] = narrow<T>(widen(x[c]) * s[c]);
    }
  }
}

// gx = g s, gs = sum g x.
template <typename T>
LIMNER_INLINE void scale_back_loop(Size n, const T* x, const float* s,
                                   const T* g, T* gx, float* gs) {
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

template <typename T>
LIMNER_INLINE void finish_loop(Size n, const T* x, const Finish& f, T* y) {
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
template <typename T>
LIMNER_INLINE void finish_back_loop(Size n, const T* x, const Finish& f,
                                    const T* g, T* gx, float* gd, float* gb,
                                    float* gn) {
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

template <typename T>
LIMNER_INLINE void prelu_loop(Size n, const T* x, const float* w, T* y) {
  for (int64_t p = 0; p < n.pixels; ++p, x += n.channels, y += n.channels) {
#pragma GCC ivdep
    for (int64_t c = 0; c < n.channels; ++c) {
      const float v = widen(x[c]);
      y[c] = narrow<T>(v > 0.0F ? v : w[c] * v);
    }
  }
}

template <typename T>
LIMNER_INLINE void prelu_back_loop(Size n, const T* x, const float* w,
                                   const T* g, T* gx, float* gw) {
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

// The same for both types, compiled for every instruction set.

using Half = c10::BFloat16;

LIMNER_KERNEL(void, scale, (Size n, const float* x, const float* s, float* y),
              (n, x, s, y)) {
  scale_loop(n, x, s, y);
}
LIMNER_KERNEL(void, scale, (Size n, const Half* x, const float* s, Half* y),
              (n, x, s, y)) {
  scale_loop(n, x, s, y);
}
LIMNER_KERNEL(void, scale_back,
              (Size n, const float* x, const float* s, const float* g,
               float* gx, float* gs),
              (n, x, s, g, gx, gs)) {
  scale_back_loop(n, x, s, g, gx, gs);
}
LIMNER_KERNEL(void, scale_back,
              (Size n, const Half* x, const float* s, const Half* g, Half* gx,
               float* gs),
              (n, x, s, g, gx, gs)) {
  scale_back_loop(n, x, s, g, gx, gs);
}
LIMNER_KERNEL(void, finish, (Size n, const float* x, const Finish& f, float* y),
              (n, x, f, y)) {
  finish_loop(n, x, f, y);
}
LIMNER_KERNEL(void, finish, (Size n, const Half* x, const Finish& f, Half* y),
              (n, x, f, y)) {
  finish_loop(n, x, f, y);
}
LIMNER_KERNEL(void, finish_back,
              (Size n, const float* x, const Finish& f, const float* g,
               float* gx, float* gd, float* gb, float* gn),
              (n, x, f, g, gx, gd, gb, gn)) {
  finish_back_loop(n, x, f, g, gx, gd, gb, gn);
}
LIMNER_KERNEL(void, finish_back,
              (Size n, const Half* x, const Finish& f, const Half* g, Half* gx,
               float* gd, float* gb, float* gn),
              (n, x, f, g, gx, gd, gb, gn)) {
  finish_back_loop(n, x, f, g, gx, gd, gb, gn);
}
LIMNER_KERNEL(void, prelu, (Size n, const float* x, const float* w, float* y),
              (n, x, w, y)) {
  prelu_loop(n, x, w, y);
}
LIMNER_KERNEL(void, prelu, (Size n, const Half* x, const float* w, Half* y),
              (n, x, w, y)) {
  prelu_loop(n, x, w, y);
}
LIMNER_KERNEL(void, prelu_back,
              (Size n, const float* x, const float* w, const float* g,
               float* gx, float* gw),
              (n, x, w, g, gx, gw)) {
  prelu_back_loop(n, x, w, g, gx, gw);
}
LIMNER_KERNEL(void, prelu_back,
              (Size n, const Half* x, const float* w, const Half* g, Half* gx,
               float* gw),
              (n, x, w, g, gx, gw)) {
  prelu_back_loop(n, x, w, g, gx, gw);
}

torch::Tensor sums_like(const torch::Tensor& x) {
  return torch::zeros({x.size(0), x.size(1)});
}

// The gradient of y in x's type and layout.
torch::Tensor like(const torch::Tensor& gradient, const torch::Tensor& x) {
  return channels_last(gradient.to(x.scalar_type()));
}

class ScaleFunction : public torch::autograd::Function<ScaleFunction> {
 public:
  static torch::Tensor forward(AutogradContext* context,
                               const torch::Tensor& input,
                               const torch::Tensor& factors) {
    const torch::Tensor x = channels_last(input);
    const torch::Tensor s = single(factors);
    context->save_for_backward({x, s});
    context->saved_data["type"] = factors.scalar_type();
    const torch::Tensor y = torch::empty_like(x);
    for_each_picture(x, [&](auto type, Size n, int64_t i) {
      using T = decltype(type);
      scale(n, x.data_ptr<T>() + i * n.all(),
            s.data_ptr<float>() + i * n.channels,
            y.data_ptr<T>() + i * n.all());
    });
    return y;
  }

  static variable_list backward(AutogradContext* context,
                                const variable_list& gradients) {
    const variable_list saved = context->get_saved_variables();
    const torch::Tensor& x = saved[0];
    const torch::Tensor& s = saved[1];
    const torch::Tensor g = like(gradients[0], x);
    const torch::Tensor gx = torch::empty_like(x);
    const torch::Tensor gs = sums_like(x);
    for_each_picture(x, [&](auto type, Size n, int64_t i) {
      using T = decltype(type);
      scale_back(n, x.data_ptr<T>() + i * n.all(),
                 s.data_ptr<float>() + i * n.channels,
                 g.data_ptr<T>() + i * n.all(), gx.data_ptr<T>() + i * n.all(),
                 gs.data_ptr<float>() + i * n.channels);
    });
    return {gx, gs.to(context->saved_data["type"].toScalarType())};
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

class PreluFunction : public torch::autograd::Function<PreluFunction> {
 public:
  static torch::Tensor forward(AutogradContext* context,
                               const torch::Tensor& input,
                               const torch::Tensor& weight) {
    const torch::Tensor x = channels_last(input);
    const torch::Tensor w = single(weight);
    context->save_for_backward({x, w});
    const torch::Tensor y = torch::empty_like(x);
    for_each_picture(x, [&](auto type, Size n, int64_t i) {
      using T = decltype(type);
      prelu(n, x.data_ptr<T>() + i * n.all(), w.data_ptr<float>(),
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
    const torch::Tensor gw = sums_like(x);
    for_each_picture(x, [&](auto type, Size n, int64_t i) {
      using T = decltype(type);
      prelu_back(n, x.data_ptr<T>() + i * n.all(), saved[1].data_ptr<float>(),
                 g.data_ptr<T>() + i * n.all(), gx.data_ptr<T>() + i * n.all(),
                 gw.data_ptr<float>() + i * n.channels);
    });
    return {gx, gw.sum(0)};
  }
};

}  // namespace

torch::Tensor scale_channels(const torch::Tensor& x, const torch::Tensor& s,
                             bool twice) {
  if (has_loops(x) && !twice) return ScaleFunction::apply(x, s);
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
  return has_loops(x) ? PreluFunction::apply(x, weight)
                      : torch::prelu(x, weight.to(x.scalar_type()));
}

}  // namespace limner::train
