// The networks against the reference dumps: every tensor of every dump.
//
// What the fast path exposes through its taps is compared directly; steps
// that it fuses away are computed with the plain loops of nn/ref from the
// same weights and compared as well, so that no tensor of a dump is left out.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "model/encoder.h"
#include "model/face_weights.h"
#include "model/generator.h"
#include "model/read_layout.h"
#include "nn/isa.h"
#include "nn/ref/ref.h"
#include "support/compare.h"
#include "util/error.h"
#include "weights/npz.h"

namespace limner {
namespace {

using ref::Map;

constexpr double kTolerance = 1e-4;

class DumpTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::filesystem::path folder =
        std::filesystem::path(LIMNER_SHARED) / "reference" / GetParam();
    if (!std::filesystem::exists(folder / "model.pt")) {
      GTEST_SKIP() << "needs the reference data in " << folder;
    }
    weights = read_face_weights(read_checkpoint(folder / "model.pt"));
    tensors = weights.tensors;
    dump = read_npz(folder / "dump-example1.npz");
    for (const auto& [name, tensor] : dump.tensors) unseen.insert(name);
  }

  // A dumped tensor without its batch dimension.
  std::vector<float> expected(const std::string& name) {
    unseen.erase(name);
    return dump.at(name).to_f32();
  }

  Map expected_map(const std::string& name) {
    const Shape shape = dump.at(name).shape;
    Map map(static_cast<int>(shape[1]), static_cast<int>(shape[2]),
            static_cast<int>(shape[3]));
    map.values = expected(name);
    return map;
  }

  std::vector<float> weight(const std::string& name) {
    return tensors.at(name).to_f32();
  }

  void compare(const std::string& name, const std::vector<float>& got) {
    EXPECT_LT(relative_error(got, expected(name)), kTolerance) << name;
  }

  // The dump's tap of an encoder or of the synthesis, when it has it.
  Tap compare_tap(const std::string& prefix) {
    return [this, prefix](const std::string& name,
                          const std::vector<float>& values) {
      if (!dump.has(prefix + name)) return;
      std::vector<float> want = expected(prefix + name);
      // The dump has the heads' first convolution before its activation.
      if (name.find("_conv0") != std::string::npos) {
        ref::leaky_relu(want, 0.01F, 1.0F);
      }
      EXPECT_LT(relative_error(values, want), kTolerance) << prefix + name;
    };
  }

  FeatureMap labels_input(Workspace& workspace) {
    const Tensor& labels = dump.at("input_labels_256");
    const std::vector<float> values = expected("input_labels_256");
    const int side = static_cast<int>(labels.shape[0]);
    Map map(22, side, side);
    for (int i = 0; i < side * side; ++i) {
      const int label = static_cast<int>(values[i]);
      if (label > 0) map.values[(label - 1) * side * side + i] = 1.0F;
    }
    return from_planar(map.values.data(), 22, side, side, workspace);
  }

  FeatureMap photo_input(Workspace& workspace) {
    const std::vector<float> values = expected("target_256");
    return from_planar(values.data(), 3, 256, 256, workspace);
  }

  Map batch_norm(const Map& x, const std::string& name) {
    return ref::batch_norm(x, weight(name + ".weight"), weight(name + ".bias"),
                           weight(name + ".running_mean"),
                           weight(name + ".running_var"));
  }

  // Compares one encoder with all its styles, dead ones too.
  void check_encoder(const std::string& encoder, const std::string& prefix,
                     const FeatureMap& x, Workspace& workspace) {
    const LayerPolicy exact{false, false, {}};
    const EncoderConfig config =
        read_encoder_config(tensors, prefix, 0, weights.config.styles);
    const Encoder net(tensors, encoder_layout(config, prefix), exact);
    const std::string d = encoder + ".";
    Map p2, p1;
    const Tap compare_known = compare_tap(d);
    const Tap tap = [&](const std::string& name,
                        const std::vector<float>& values) {
      if (name == "p2") p2.values = values;
      if (name == "p1") p1.values = values;
      compare_known(name, values);
    };
    std::vector<float> codes = net.run(x, workspace, tap);
    const bool coarse = encoder == "sketch_coarse";
    if (coarse) codes.resize(config.style_width());
    for (float& value : codes) value *= coarse ? 60.0F : 6.0F;
    compare(d + "codes", codes);

    // The laterals: what the pyramid's maps hold beside the enlarged ones.
    const Map lat1 =
        ref::conv2d(expected_map(d + "c2"), weight(prefix + "latlayer1.weight"),
                    weight(prefix + "latlayer1.bias"), 1, 1, 0);
    compare(d + "lat1", lat1.values);
    const Map lat2 =
        ref::conv2d(expected_map(d + "c1"), weight(prefix + "latlayer2.weight"),
                    weight(prefix + "latlayer2.bias"), 1, 1, 0);
    compare(d + "lat2", lat2.values);
    const Map plain_p2 = ref::add(
        ref::upsample_bilinear(expected_map(d + "c3"), lat1.height, lat1.width),
        lat1);
    EXPECT_LT(relative_error(p2.values, plain_p2.values), kTolerance);
    const Map plain_p1 = ref::add(
        ref::upsample_bilinear(plain_p2, lat2.height, lat2.width), lat2);
    EXPECT_LT(relative_error(p1.values, plain_p1.values), kTolerance);
  }

  // Modulated convolution the published way: a set of weights for each style.
  Map modulated(const Map& x, const std::string& conv, int code_row, int kernel,
                bool upsampling, bool demodulate) {
    const Tensor& latent = dump.at("latent");
    const auto width = static_cast<size_t>(latent.shape[2]);
    const std::vector<float> all = latent.to_f32();
    const std::vector<float> code(all.begin() + code_row * width,
                                  all.begin() + (code_row + 1) * width);
    const std::vector<float> s =
        ref::linear(code, weight(conv + ".modulation.weight"),
                    weight(conv + ".modulation.bias"),
                    1.0F / std::sqrt(static_cast<float>(width)));
    const int out = static_cast<int>(tensors.at(conv + ".weight").shape[1]);
    const std::vector<float> kernels =
        ref::modulated_weights(weight(conv + ".weight"), out, s, demodulate);
    if (!upsampling) return ref::conv2d(x, kernels, {}, kernel, 1, kernel / 2);
    return ref::upfirdn2d(ref::conv_transpose2d(x, kernels, out),
                          weight(conv + ".blur.kernel"), 1, 1, 1);
  }

  Map input_constant() {
    const Shape shape = tensors.at("decoder.input.input").shape;
    Map map(static_cast<int>(shape[1]), 4, 4);
    map.values = weight("decoder.input.input");
    return map;
  }

  // Byte output and the reduced or enlarged picture made of the raw one.
  void check_pictures(const std::vector<float>& image, int side) {
    const size_t area = static_cast<size_t>(side) * side;
    const std::vector<float> bytes = expected("image_u8");
    size_t far_off = 0;
    for (size_t i = 0; i < area * 3; ++i) {
      const float unit = (image[i % 3 * area + i / 3] + 1.0F) / 2.0F;
      const float byte =
          std::floor(std::min(std::max(unit, 0.0F), 1.0F) * 255.0F);
      if (std::fabs(byte - bytes[i]) > 1.0F) ++far_off;
    }
    EXPECT_EQ(far_off, 0U) << "bytes of the picture";
    compare("image_pool256", pool_to_256(image, side));
  }

  // Adaptive average pooling of planar [3, side, side] to 256: a mean of
  // squares when shrinking, repetition when enlarging.
  static std::vector<float> pool_to_256(const std::vector<float>& image,
                                        int side) {
    Map from(3, side, side);
    from.values = image;
    Map to(3, 256, 256);
    const int factor = std::max(1, side / 256);
    for (int c = 0; c < 3; ++c) {
      for (int y = 0; y < 256; ++y) {
        for (int x = 0; x < 256; ++x) {
          double sum = 0.0;
          for (int i = 0; i < factor * factor; ++i) {
            sum += from.at(c, y * side / 256 + i / factor,
                           x * side / 256 + i % factor);
          }
          to.at(c, y, x) = static_cast<float>(sum / (factor * factor));
        }
      }
    }
    return to.values;
  }

  FaceWeights weights;
  TensorMap tensors, dump;
  std::set<std::string> unseen;  // tensors of the dump not compared yet
};

TEST_P(DumpTest, EveryTensor) {
  Workspace workspace;
  const LayerPolicy exact{false, false, {}};
  const ModelConfig config = weights.config;
  const FeatureMap labels = labels_input(workspace);
  check_encoder("sketch_coarse", "encoder_sketch_coarse.", labels, workspace);
  check_encoder("sketch_fine", "encoder_sketch_fine.", labels, workspace);
  check_encoder("face_fine", "encoder_face_fine.", photo_input(workspace),
                workspace);

  {  // The first layers of the W+ encoder, before they are fused.
    const std::string p = "encoder_sketch_fine.";
    Map x(22, 256, 256);
    x.values = to_planar(labels);
    const Map conv0 =
        ref::conv2d(x, weight(p + "input_layer.0.weight"), {}, 3, 1, 1);
    compare("sketch_fine.conv0", conv0.values);
    Map map = ref::prelu(batch_norm(conv0, p + "input_layer.1"),
                         weight(p + "input_layer.2.weight"));
    compare("sketch_fine.input_layer", map.values);
    const std::string res = p + "body.0.res_layer.";
    Map r = ref::conv2d(batch_norm(map, res + "0"), weight(res + "1.weight"),
                        {}, 3, 1, 1);
    r = ref::conv2d(ref::prelu(r, weight(res + "2.weight")),
                    weight(res + "3.weight"), {}, 3, 2, 1);
    r = batch_norm(r, res + "4");
    std::vector<float> gate =
        ref::linear(ref::means(r), weight(res + "5.fc1.weight"), {});
    ref::leaky_relu(gate, 0.0F, 1.0F);
    gate = ref::linear(gate, weight(res + "5.fc2.weight"), {});
    for (float& value : gate) value = 1.0F / (1.0F + std::exp(-value));
    r = ref::scale(r, gate);
    compare("sketch_fine.body0_res", r.values);
    compare("sketch_fine.body0", ref::add(r, ref::subsample(map, 2)).values);
  }

  const Mapping mapping(tensors, weights.layout.generator);
  const std::vector<float> w = mapping.run(
      expected("sketch_coarse.codes").data(), compare_tap("mapping."));
  compare("mapping.w", w);

  // latent = w + latent_avg + (sketch rows, photo rows).
  const size_t width = config.style_width;
  const std::vector<float> sketch = expected("sketch_fine.codes");
  const std::vector<float> face = expected("face_fine.codes");
  const std::vector<float> mean = expected("latent_avg");
  std::vector<float> latent(mean.size());
  for (size_t i = 0; i < latent.size(); ++i) {
    const bool coarse = i / width < static_cast<size_t>(config.split);
    latent[i] = w[i % width] + mean[i] + (coarse ? sketch[i] : face[i]);
  }
  compare("latent", latent);

  const Synthesis synthesis(tensors, weights.layout.generator, exact);
  const std::vector<float> shown =
      synthesis.run(latent.data(), {}, 0, workspace, compare_tap(""));
  const std::vector<float> image =
      synthesis.run(latent.data(), {}, 0, workspace);
  EXPECT_LT(relative_error(shown, image), 1e-6) << "with and without a tap";
  check_pictures(image, config.size);
  if (dump.has("image")) compare("image", image);

  // Steps that the synthesis fuses away.
  const Map modconv =
      modulated(input_constant(), "decoder.conv1.conv", 0, 3, false, true);
  compare("g.4.modconv", modconv.values);
  Map noisy = modconv;
  const std::vector<float> noise = weight("decoder.noises.noise_0");
  const float noise_weight = weight("decoder.conv1.noise.weight")[0];
  for (size_t i = 0; i < noisy.values.size(); ++i) {
    noisy.values[i] += noise_weight * noise[i % 16];
  }
  compare("g.4.noise", noisy.values);
  int code = 1;
  for (int side = 8, layer = 0; side <= config.size; side *= 2, layer += 2) {
    const std::string name = fmt::format("g.{}.modconv_up", side);
    if (dump.has(name)) {
      compare(name, modulated(expected_map(fmt::format("g.{}.conv1", side / 2)),
                              fmt::format("decoder.convs.{}.conv", layer), code,
                              3, true, true)
                        .values);
    }
    code += 2;
  }
  compare("g.8.rgb_modconv",
          modulated(expected_map("g.8.conv1"), "decoder.to_rgbs.0.conv", 3, 1,
                    false, false)
              .values);
  compare("g.8.skip_up",
          ref::upfirdn2d(expected_map("g.4.rgb"),
                         weight("decoder.to_rgbs.0.upsample.kernel"), 2, 2, 1)
              .values);
  if (dump.has("g.1024.conv1_crop64")) {
    std::vector<float> crop;
    synthesis.run(
        latent.data(), {}, 0, workspace,
        [&](const std::string& name, const std::vector<float>& values) {
          if (name != "g.1024.conv1") return;
          for (int i = 0; i < 2 * 64 * 64; ++i) {
            const int y = i / 64 % 64;
            crop.push_back(values[static_cast<size_t>(i / 4096) * 1024 * 1024 +
                                  y * 1024 + i % 64]);
          }
        });
    compare("g.1024.conv1_crop64", crop);
  }

  // Random looks: sketch rows, then mapping(z) as it is.
  const std::vector<float> other =
      mapping.run(expected("rand_appearance.z").data());
  std::vector<float> random(mean.size());
  for (size_t i = 0; i < random.size(); ++i) {
    const bool coarse = i / width < static_cast<size_t>(config.split);
    random[i] = coarse ? sketch[i] + w[i % width] + mean[i] : other[i % width];
  }
  compare("rand_appearance.latent", random);
  compare(
      "rand_appearance.image_pool256",
      pool_to_256(synthesis.run(random.data(), {}, 0, workspace), config.size));

  EXPECT_TRUE(unseen.empty())
      << unseen.size() << " tensors of the dump were not compared, such as "
      << *unseen.begin();
}

TEST_P(DumpTest, WinogradStaysClose) {
  Workspace workspace;
  const ModelConfig config = weights.config;
  const LayerPolicy fast{true, false, {}};
  const Synthesis synthesis(tensors, weights.layout.generator, fast);
  const std::vector<float> image =
      synthesis.run(expected("latent").data(), {}, 0, workspace);
  EXPECT_LT(relative_error(pool_to_256(image, config.size),
                           expected("image_pool256")),
            1e-3);
}

TEST_P(DumpTest, TensorsOfTheLayoutAreEnoughAndNeeded) {
  const FaceLayout& layout = weights.layout;
  TensorMap only;
  only.source = "layout";
  for (const std::string& name : weights.names()) {
    only.tensors.emplace(name, tensors.at(name));
  }
  const auto build = [&](const TensorMap& from) {
    const LayerPolicy exact{false, false, {}};
    Encoder(from, layout.sketch_coarse, exact);
    Encoder(from, layout.sketch_fine, exact);
    Encoder(from, layout.face_fine, exact);
    Mapping(from, layout.generator);
    Synthesis(from, layout.generator, exact);
  };
  EXPECT_NO_THROW(build(only));
  // Every body unit and head carries the same kinds of tensors: one of each
  // kind is enough, and quick.
  for (const std::string& name :
       {std::string("encoder_sketch_coarse.body.9.res_layer.5.fc1.weight"),
        std::string("encoder_sketch_fine.latlayer2.bias"),
        std::string("encoder_face_fine.body.3.shortcut_layer.1.running_var"),
        std::string("decoder.noises.noise_3"),
        std::string("decoder.to_rgbs.1.upsample.kernel")}) {
    TensorMap less = only;
    ASSERT_EQ(less.tensors.erase(name), 1U) << name;
    EXPECT_THROW(build(less), Error) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Reference, DumpTest,
                         testing::Values("tiny", "tiny1024"));

}  // namespace
}  // namespace limner
