// Times of single layers at the official model's shapes.
#include <benchmark/benchmark.h>

#include "nn/conv.h"
#include "nn/elementwise.h"
#include "nn/linear.h"
#include "nn/phase_winograd.h"
#include "nn/styled.h"
#include "util/random.h"

namespace limner {
namespace {

FeatureMap random_map(int channels, int side, Workspace& workspace) {
  const auto values =
      normal_values(1, static_cast<size_t>(channels) * side * side);
  return from_planar(values.data(), channels, side, side, workspace);
}

void count_flops(benchmark::State& state, double flops) {
  state.counters["FLOPS"] =
      benchmark::Counter(flops, benchmark::Counter::kIsIterationInvariantRate);
}

// Arguments: channels in, channels out, side, stride, Winograd.
void BM_Conv3x3(benchmark::State& state) {
  const int in = static_cast<int>(state.range(0));
  const int out = static_cast<int>(state.range(1));
  const int side = static_cast<int>(state.range(2));
  const int stride = static_cast<int>(state.range(3));
  Workspace workspace;
  const auto weights = normal_values(2, static_cast<size_t>(in) * out * 9);
  ConvOptions options;
  options.fast = state.range(4) != 0;
  // As in a face: the weights of a layer come from memory.
  constexpr size_t kBeyondCaches = 25'000'000;  // floats
  const size_t copies = 1 + kBeyondCaches / weights.size();
  std::vector<Conv> convs;
  for (size_t i = 0; i < copies; ++i) {
    convs.emplace_back(ConvShape{in, out, 3, stride, 1, side, side},
                       weights.data(), nullptr, options);
  }
  const FeatureMap x = random_map(in, side, workspace);
  const FeatureMap y = workspace.take(out, side / stride, side / stride);
  size_t next = 0;
  for (auto _ : state) convs[next++ % convs.size()].run(x, y, workspace);
  state.SetLabel(convs[0].implementation());
  count_flops(state, 18.0 * in * out * y.height() * y.width());
}
BENCHMARK(BM_Conv3x3)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Args({64, 64, 256, 1, 1})
    ->Args({64, 64, 128, 1, 1})
    ->Args({128, 128, 64, 1, 1})
    ->Args({128, 256, 64, 1, 1})
    ->Args({256, 256, 32, 1, 1})
    ->Args({512, 512, 4, 1, 0})
    ->Args({512, 512, 4, 1, 1})
    ->Args({512, 512, 8, 1, 0})
    ->Args({512, 512, 8, 1, 1})
    ->Args({512, 512, 16, 1, 0})
    ->Args({512, 512, 16, 1, 1})
    ->Args({512, 512, 32, 1, 1})
    ->Args({512, 512, 64, 1, 1})
    ->Args({256, 256, 128, 1, 1})
    ->Args({16, 64, 256, 1, 1})
    ->Args({22, 64, 256, 1, 0})
    ->Args({22, 64, 256, 1, 1})
    ->Args({3, 64, 256, 1, 1})
    ->Args({512, 512, 64, 2, 0})
    ->Args({512, 512, 8, 2, 0});

// Arguments: channels in, channels out, side of the input.
void BM_TransposedConv(benchmark::State& state) {
  const int in = static_cast<int>(state.range(0));
  const int out = static_cast<int>(state.range(1));
  const int side = static_cast<int>(state.range(2));
  Workspace workspace;
  const auto weights = normal_values(2, static_cast<size_t>(in) * out * 9);
  const TransposedConv conv(in, out, side, side, weights.data());
  const FeatureMap x = random_map(in, side, workspace);
  for (auto _ : state) conv.run(x, workspace);
  count_flops(state, 18.0 * in * out * side * side);
}
BENCHMARK(BM_TransposedConv)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Args({512, 512, 32})
    ->Args({512, 256, 64})
    ->Args({256, 128, 128})
    ->Args({128, 64, 256})
    ->Args({64, 32, 512});

// Arguments: channels in, channels out, side of the input, transposed.
void BM_PhaseWinograd(benchmark::State& state) {
  const int in = static_cast<int>(state.range(0));
  const int out = static_cast<int>(state.range(1));
  const int side = static_cast<int>(state.range(2));
  const bool transposed = state.range(3) != 0;
  Workspace workspace;
  const auto weights = normal_values(2, static_cast<size_t>(in) * out * 9);
  const auto conv =
      phase_winograd(transposed ? PhaseKind::kTransposed : PhaseKind::kStrided,
                     in, out, side, side, weights.data(), nullptr);
  const FeatureMap x = random_map(in, side, workspace);
  const int out_side = transposed ? 2 * side + 1 : side / 2;
  const FeatureMap y = workspace.take(out, out_side, out_side);
  for (auto _ : state) conv->run(x, y, workspace);
  count_flops(state, (transposed ? 18.0 : 4.5) * in * out * side * side);
}
BENCHMARK(BM_PhaseWinograd)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Args({512, 512, 64, 0})
    ->Args({512, 512, 32, 1})
    ->Args({512, 256, 64, 1})
    ->Args({256, 128, 128, 1})
    ->Args({128, 64, 256, 1})
    ->Args({64, 32, 512, 1});

// Arguments: channels, side; with the blur before the tail or without.
void styled(benchmark::State& state, bool blur) {
  const int channels = static_cast<int>(state.range(0));
  const int side = static_cast<int>(state.range(1));
  Workspace workspace;
  const auto ones = pad_channels(normal_values(1, channels).data(), channels);
  const auto noise = normal_values(2, static_cast<size_t>(side) * side);
  const auto colours = normal_values(3, ones.size() * 3);
  std::vector<float> rgb(noise.size() * 3);
  StyledTail tail;
  tail.demodulation = &ones;
  tail.bias = &ones;
  tail.next_scale = &ones;
  tail.noise = noise.data();
  tail.noise_weight = 0.1F;
  const float kernel[8] = {0.25F,  0.75F,  0.75F,  0.25F,
                           0.125F, 0.375F, 0.375F, 0.125F};
  const FeatureMap x = random_map(channels, blur ? side + 1 : side, workspace);
  if (!blur) {
    tail.rgb_weights = &colours;
    tail.rgb = rgb.data();
  }
  for (auto _ : state) {
    if (blur) {
      blur_styled_tail(x, kernel, tail, workspace);
    } else {
      styled_tail(x, tail);
    }
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * 8 *
                          static_cast<int64_t>(x.size()));
}
void BM_StyledTail(benchmark::State& state) { styled(state, false); }
void BM_BlurStyledTail(benchmark::State& state) { styled(state, true); }
BENCHMARK(BM_StyledTail)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Args({512, 64})
    ->Args({32, 1024});
BENCHMARK(BM_BlurStyledTail)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Args({512, 64})
    ->Args({32, 1024});

void BM_Prelu(benchmark::State& state) {
  Workspace workspace;
  const FeatureMap x = random_map(64, 256, workspace);
  const auto slope = normal_values(2, 64);
  for (auto _ : state) prelu(x, slope);
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * 8 *
                          static_cast<int64_t>(x.size()));
}
BENCHMARK(BM_Prelu)->UseRealTime()->Unit(benchmark::kMillisecond);

void BM_Linear(benchmark::State& state) {
  const Linear layer(512, 512, normal_values(1, size_t{512} * 512), 1.0F, {});
  const auto x = normal_values(2, 512);
  for (auto _ : state) benchmark::DoNotOptimize(layer.run(x.data()));
}
BENCHMARK(BM_Linear)->UseRealTime()->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace limner
