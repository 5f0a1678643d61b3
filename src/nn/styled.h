// The passes of StyleGAN2's synthesis around its convolutions, fused so that
// every map is read and written once.
//
// The modulated convolution (Karras et al., CVPR 2020, section 2.2) is
// computed as: input times s, constant weights, output times d.
#pragma once

#include <vector>

#include "nn/feature_map.h"

namespace limner {

// out = x * scale, one scale a channel (padded).
FeatureMap modulate(const FeatureMap& x, const std::vector<float>& scale,
                    Workspace& workspace);

// What follows a modulated convolution:
//   v = sqrt(2) LeakyReLU_0.2(demodulation y + noise_weight noise + bias)
// after which v goes to the next convolution, times its scale, and to the
// colour layer.
struct StyledTail {
  const std::vector<float>* demodulation = nullptr;  // [C] padded
  const std::vector<float>* bias = nullptr;          // [C] padded
  const float* noise = nullptr;                      // [H, W]
  float noise_weight = 0.0F;
  // v times this goes to the output map; null: v itself.
  const std::vector<float>* next_scale = nullptr;
  // rgb [3, H, W] += weights [3][C padded] v; null: no colour layer here.
  const std::vector<float>* rgb_weights = nullptr;
  float* rgb = nullptr;
  // False: only rgb is wanted, the output map is not written.
  bool keep = true;
};

// Rows [first, first + height of a band) of a layer's map of `height` rows:
// a large map is worked on in bands that stay in the cache.
struct Rows {
  int first = 0;
  int height = 0;
};

// Applies the tail to y, in place or (out not null) into the rows of out.
//   y: [C, band, W]; out: [C, rows.height, W]; noise and rgb are those of the
//   whole layer.
void styled_tail(const FeatureMap& y, const StyledTail& tail, const Rows& rows,
                 const FeatureMap* out);
// The whole map, in place.
void styled_tail(const FeatureMap& y, const StyledTail& tail);

// Blurs t [C, 2h+1, 2w+1] with the separable 4-tap filter (padding 1: the
// result is [C, 2h, 2w]) and applies the tail (which must have no colour
// layer). Writes rows [first, first + height of out) to out [C, band, 2w];
// rows outside the map are zero.
//   kernel: [4] vertical, then [4] horizontal.
void blur_styled_tail(const FeatureMap& t, const float* kernel,
                      const StyledTail& tail, int first, const FeatureMap& out);
// The whole map.
FeatureMap blur_styled_tail(const FeatureMap& t, const float* kernel,
                            const StyledTail& tail, Workspace& workspace);

// Doubles planar pictures [channels, h, w] -> [channels, 2h, 2w]: zeros
// inserted, padding (2, 1), separable 4-tap filter as above. Adds bias[c].
std::vector<float> upsample_skip(const std::vector<float>& x, int channels,
                                 int height, int width, const float* kernel,
                                 const float* bias);

// Unsharp masking of planar pictures [channels, h, w], in place: what a
// binomial 3x3 filter ((1 2 1)/4 in both directions, the picture's border
// repeated) takes away is added `amount` times. So the highest frequency grows
// by 1 + amount.
void sharpen(std::vector<float>& x, int channels, int height, int width,
             float amount);

}  // namespace limner
