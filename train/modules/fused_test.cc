// Our passes over maps against the same in libtorch's operations.
#include "train/modules/fused.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/nn/functional/activation.h>

#include <cmath>
#include <functional>
#include <vector>

#include "train/modules/layers.h"
#include "train/modules/test_support.h"
#include "train/modules/upfirdn.h"
#include "train/modules/values.h"

namespace limner::train {
namespace {

using Inputs = std::vector<torch::Tensor>;
using Pass = std::function<torch::Tensor(const Inputs&)>;

// Result, then the gradients of sum(result * direction) for all inputs that
// ask for them.
Inputs with_gradients(const Pass& pass, const Inputs& inputs,
                      const torch::Tensor& direction) {
  Inputs own, asking;
  for (const torch::Tensor& input : inputs) {
    own.push_back(input.detach().clone());
    if (!input.requires_grad()) continue;
    own.back().requires_grad_(true);
    asking.push_back(own.back());
  }
  Inputs out = {pass(own)};
  const torch::Tensor sum =
      (out[0].to(torch::kFloat32) * direction.to(torch::kFloat32)).sum();
  for (const torch::Tensor& gradient : torch::autograd::grad({sum}, asking)) {
    out.push_back(gradient);
  }
  return out;
}

void expect_equal(const Pass& ours, const Pass& theirs, const Inputs& inputs,
                  double tolerance) {
  const torch::Tensor direction = torch::randn_like(theirs(inputs));
  const Inputs got = with_gradients(ours, inputs, direction);
  const Inputs expected = with_gradients(theirs, inputs, direction);
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].scalar_type(), expected[i].scalar_type()) << i;
    EXPECT_LT(relative_error(got[i].to(torch::kFloat32),
                             expected[i].to(torch::kFloat32)),
              tolerance)
        << i;
  }
}

torch::Tensor asking(const torch::Tensor& x) {
  return x.clone().requires_grad_(true);
}

class Passes : public testing::TestWithParam<at::ScalarType> {
 protected:
  void SetUp() override { torch::manual_seed(5); }
  // [B, C, h, w], in either layout.
  static torch::Tensor map(at::IntArrayRef shape, bool last) {
    return asking(torch::randn(shape)
                      .to(GetParam())
                      .contiguous(last ? at::MemoryFormat::ChannelsLast
                                       : at::MemoryFormat::Contiguous));
  }
  // bfloat16 has eight bits; libtorch rounds after every term.
  static double tolerance() {
    return GetParam() == torch::kFloat32 ? 1e-6 : 1e-2;
  }
};

TEST_P(Passes, ScaleChannels) {
  for (const bool last : {false, true}) {
    const Inputs inputs = {map({3, 5, 6, 7}, last),
                           asking(torch::randn({3, 5}))};
    expect_equal(
        [](const Inputs& in) { return scale_channels(in[0], in[1]); },
        [](const Inputs& in) { return scale_channels(in[0], in[1], true); },
        inputs, tolerance());
  }
}

TEST_P(Passes, FinishStyled) {
  for (const int64_t noises : {1, 3}) {
    const Inputs inputs = {
        map({3, 20, 6, 7}, noises == 1), asking(torch::rand({3, 20}) + 0.5),
        torch::randn({noises, 1, 6, 7}).to(GetParam()),
        asking(torch::tensor({0.7F})), asking(torch::randn({20}))};
    expect_equal(
        [](const Inputs& in) {
          return finish_styled(in[0], in[1], in[2], in[3], in[4]);
        },
        // In float32: libtorch's sums in bfloat16 lose most of their digits.
        [](const Inputs& in) {
          return finish_styled(in[0].to(torch::kFloat32), in[1],
                               in[2].to(torch::kFloat32), in[3], in[4], true)
              .to(in[0].scalar_type());
        },
        inputs, tolerance());
  }
}

TEST_P(Passes, Prelu) {
  for (const bool last : {false, true}) {
    const Inputs inputs = {map({2, 18, 5, 4}, last), asking(torch::rand({18}))};
    expect_equal(
        [](const Inputs& in) {
          Prelu layer(18);
          layer->weight = in[1];
          return layer(in[0]);
        },
        [](const Inputs& in) {
          return torch::where(
              in[0] > 0, in[0],
              (in[0].to(torch::kFloat32) * in[1].view({1, -1, 1, 1}))
                  .to(in[0].scalar_type()));
        },
        inputs, tolerance());
  }
}

INSTANTIATE_TEST_SUITE_P(Types, Passes,
                         testing::Values(torch::kFloat32, torch::kBFloat16));

// z, the sum and what is kept, as the formula says it.
torch::Tensor plain_upfirdn(const torch::Tensor& x, const torch::Tensor& kernel,
                            const UpfirdnOptions& o) {
  torch::Tensor y =
      torch::zeros({x.size(0), x.size(1), o.height, o.width}, x.options());
  for (int64_t i = 0; i < o.height; ++i) {
    for (int64_t j = 0; j < o.width; ++j) {
      for (int64_t a = 0; a < 4; ++a) {
        for (int64_t b = 0; b < 4; ++b) {
          const int64_t row = i * o.down + a - o.before;
          const int64_t column = j * o.down + b - o.before;
          if (row < 0 || column < 0 || row % o.up != 0 || column % o.up != 0 ||
              row / o.up >= x.size(2) || column / o.up >= x.size(3)) {
            continue;
          }
          y.select(3, j).select(2, i) +=
              kernel[a][b] * x.select(3, column / o.up).select(2, row / o.up);
        }
      }
    }
  }
  return y;
}

struct UpfirdnCase {
  UpfirdnOptions options;
  int64_t height, width;
};

class UpfirdnCases : public testing::TestWithParam<UpfirdnCase> {};

TEST_P(UpfirdnCases, FollowTheFormulaInEveryType) {
  torch::manual_seed(6);
  const UpfirdnOptions o = GetParam().options;
  const torch::Tensor kernel = torch::randn({4, 4});
  const torch::Tensor x =
      torch::randn({2, 3, GetParam().height, GetParam().width});
  const torch::Tensor expected = plain_upfirdn(x, kernel, o);
  for (const auto& [type, tolerance] :
       {std::pair<at::ScalarType, double>{torch::kFloat32, 1e-6},
        {torch::kFloat64, 1e-6},
        {torch::kBFloat16, 1e-2}}) {
    const torch::Tensor got = upfirdn(x.to(type), kernel.to(type), o);
    EXPECT_EQ(got.scalar_type(), type);
    EXPECT_LT(relative_error(got.to(torch::kFloat32), expected), tolerance);
  }
  // Four maps in, four maps out are the same picture.
  if (GetParam().height % 2 == 0 && GetParam().width % 2 == 0 &&
      o.height % 2 == 0 && o.width % 2 == 0) {
    const auto part = [](const torch::Tensor& whole) {
      Inputs parts;
      for (const int64_t row : {0, 1}) {
        for (const int64_t column : {0, 1}) {
          parts.push_back(whole.slice(2, row, torch::nullopt, 2)
                              .slice(3, column, torch::nullopt, 2));
        }
      }
      return torch::cat(parts, 1);
    };
    UpfirdnOptions phases = o;
    phases.phases_in = phases.phases_out = true;
    for (const at::ScalarType type : {torch::kFloat32, torch::kFloat64}) {
      EXPECT_LT(
          relative_error(
              upfirdn(part(x).to(type), kernel, phases).to(torch::kFloat32),
              part(expected)),
          1e-6);
    }
  }
}

TEST_P(UpfirdnCases, HaveTheirDerivatives) {
  torch::manual_seed(7);
  const UpfirdnOptions o = GetParam().options;
  const torch::Tensor kernel = torch::randn({4, 4});
  const torch::Tensor x =
      torch::randn({2, 3, GetParam().height, GetParam().width});
  const auto second =
      [&](const std::function<torch::Tensor(torch::Tensor)>& f) {
        // Of a function that is not linear: the gradient of a gradient's norm.
        const torch::Tensor input = x.clone().requires_grad_(true);
        const torch::Tensor gradient = torch::autograd::grad(
            {f(input).pow(3).sum()}, {input}, {}, true, true)[0];
        return torch::autograd::grad({gradient.square().sum()}, {input})[0];
      };
  const torch::Tensor got =
      second([&](const torch::Tensor& in) { return upfirdn(in, kernel, o); });
  const torch::Tensor expected = second(
      [&](const torch::Tensor& in) { return plain_upfirdn(in, kernel, o); });
  EXPECT_LT(relative_error(got, expected), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, UpfirdnCases,
    testing::Values(
        UpfirdnCase{{1, 1, 1, 5, 6, false, false}, 6, 7},   // generator's blur
        UpfirdnCase{{1, 1, 2, 9, 9, false, false}, 8, 8},   // discriminator's
        UpfirdnCase{{1, 2, 1, 4, 4, false, false}, 8, 8},   // its skip
        UpfirdnCase{{2, 1, 2, 8, 12, false, false}, 4, 6},  // colours
        UpfirdnCase{{2, 3, 3, 4, 2, false, false}, 5, 4},
        UpfirdnCase{{1, 1, 1, 8, 6, false, false}, 10, 8}));

TEST(Values, AreRoundedAsLibtorchRounds) {
  torch::manual_seed(8);
  torch::Tensor x =
      torch::randn({1000}) * torch::pow(10.0, torch::randn({1000}));
  x[0] = INFINITY;
  x[1] = -INFINITY;
  x[2] = NAN;
  x[3] = 3.4e38F;
  x[4] = 1.00390625F;  // half way between two
  x[5] = 1.01171875F;
  const torch::Tensor expected = x.to(torch::kBFloat16);
  for (int64_t i = 0; i < x.numel(); ++i) {
    const c10::BFloat16 got = narrow<c10::BFloat16>(x[i].item<float>());
    const c10::BFloat16 wanted = expected[i].item<c10::BFloat16>();
    if (i == 2) {
      EXPECT_TRUE(std::isnan(widen(got)));
    } else {
      EXPECT_EQ(got.x, wanted.x) << i;
      EXPECT_EQ(widen(got), static_cast<float>(wanted));
    }
  }
}

}  // namespace
}  // namespace limner::train
