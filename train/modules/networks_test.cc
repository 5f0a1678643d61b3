// What no reference dump covers: names, shapes and single values of the
// networks, and the loading of weights.
#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "model/read_layout.h"
#include "train/modules/arcface.h"
#include "train/modules/discriminator.h"
#include "train/modules/feature_nets.h"
#include "train/modules/generator.h"
#include "train/modules/slim_cnn.h"
#include "train/modules/test_support.h"
#include "train/modules/unet.h"
#include "util/error.h"
#include "util/test_folder.h"
#include "weights/checkpoint.h"

namespace limner::train {
namespace {

using testing::HasSubstr;

std::set<std::string> names_of(const torch::nn::Module& module) {
  std::set<std::string> names;
  for (const NamedTensor& tensor : named_tensors(module, "")) {
    names.insert(tensor.name);
  }
  return names;
}

TEST(LoadWeights, TakesWhatItSaved) {
  torch::manual_seed(1);
  UnetConfig config;
  config.widths = {4, 6, 8};
  config.classes = 5;
  Unet net(config);
  const torch::Tensor x = torch::randn({2, 3, 16, 16});
  net(x);  // moves the statistics of batch norm
  const TensorMap saved = tensors_of(*net, "parser.");
  const UnetConfig read = read_unet_config(saved, "parser.");
  EXPECT_EQ(read.widths, config.widths);
  EXPECT_EQ(read.classes, 5);
  Unet other(read);
  load_weights(*other, saved, "parser.");
  net->eval();
  other->eval();
  EXPECT_TRUE(torch::equal(net(x), other(x)));
}

TEST(LoadWeights, NamesWhatIsWrongAndChangesNothing) {
  UnetConfig config;
  config.widths = {4, 6};
  Unet net(config);
  TensorMap tensors = tensors_of(*Unet(config), "");
  const torch::Tensor before = net->named_parameters()["final.weight"].clone();

  TensorMap missing = tensors;
  missing.tensors.erase("final.bias");
  EXPECT_THAT(error_of([&] { load_weights(*net, missing, ""); }),
              AllOf(HasSubstr("a test"), HasSubstr("final.bias")));
  missing.tensors["final.bias"] = make_tensor({7}, std::vector<float>(7));
  EXPECT_THAT(
      error_of([&] { load_weights(*net, missing, ""); }),
      AllOf(HasSubstr("final.bias"), HasSubstr("[7]"), HasSubstr("[19]")));
  missing.tensors["final.bias"] =
      make_tensor({19}, std::vector<float>(19, NAN));
  EXPECT_THAT(error_of([&] { load_weights(*net, missing, ""); }),
              HasSubstr("not finite"));
  EXPECT_TRUE(torch::equal(before, net->named_parameters()["final.weight"]));

  // Statistics are needed, counters are not.
  for (auto it = tensors.tensors.begin(); it != tensors.tensors.end();) {
    const bool counter =
        it->first.find("num_batches_tracked") != std::string::npos;
    it = counter ? tensors.tensors.erase(it) : std::next(it);
  }
  load_weights(*net, tensors, "");
  tensors.tensors.erase("center.conv1.1.running_var");
  EXPECT_THAT(error_of([&] { load_weights(*net, tensors, ""); }),
              HasSubstr("center.conv1.1.running_var"));
}

TEST(LoadWeights, ContainersAreTakenOff) {
  TensorMap map;
  map.tensors["state.a"] = make_tensor({1}, {1.0F});
  map.tensors["other"] = make_tensor({1}, {2.0F});
  const TensorMap inner = without_container(map, "state.");
  EXPECT_EQ(inner.tensors.size(), 1U);
  EXPECT_TRUE(inner.has("a"));
  EXPECT_EQ(without_container(map, "none.").tensors.size(), 2U);
}

TEST(Generator, FreshNoiseFollowsItsGenerator) {
  torch::manual_seed(2);
  const torch::NoGradGuard no_grad;
  GeneratorConfig config;
  config.style_width = 8;
  config.channels = {8, 8};
  Generator net(config);
  for (const auto& item : net->named_parameters()) {
    if (item.key().find("noise.weight") != std::string::npos) {
      item.value().fill_(0.5);
    }
  }
  const torch::Tensor codes = torch::randn({1, 4, 8}).expand({2, -1, -1});
  SynthesisOptions options;
  options.random = at::detail::createCPUGenerator(7);
  const torch::Tensor first = net(codes, options);
  EXPECT_FALSE(torch::equal(first[0], first[1]));
  options.random->set_current_seed(7);
  EXPECT_TRUE(torch::equal(first, net(codes, options)));
  options.fresh_noise = false;
  const torch::Tensor fixed = net(codes, options);
  EXPECT_TRUE(torch::equal(fixed[0], fixed[1]));

  options.stop_at = 16;
  EXPECT_THAT(error_of([&] { net(codes, options); }),
              HasSubstr("cannot stop at 16 px"));
  options.stop_at = 0;
  EXPECT_THAT(error_of([&] { net(codes.slice(1, 0, 3), options); }),
              AllOf(HasSubstr("[2, 3, 8]"), HasSubstr("[B, 4, 8]")));
}

TEST(Generator, ACropIsThatPartOfThePicture) {
  torch::manual_seed(4);
  GeneratorConfig config;
  config.style_width = 8;
  config.mapping_layers = 1;
  config.channels = {8, 8, 8, 4};
  Generator generator(config);
  const torch::NoGradGuard no_grad;
  const torch::Tensor codes = torch::randn({2, config.styles(), 8});
  SynthesisOptions options;
  options.fresh_noise = false;
  const std::vector<torch::Tensor> maps = {
      {}, {}, torch::randn({2, 8, 16, 16}), torch::randn({2, 4, 32, 32})};
  const torch::Tensor whole = generator->forward(codes, options, maps);
  options.crop_side = 16;
  for (const int top : {0, 6, 16}) {
    for (const int left : {0, 8, 16}) {
      options.crop_top = top;
      options.crop_left = left;
      const torch::Tensor crop = generator->forward(codes, options, maps);
      const torch::Tensor wanted =
          whole.slice(2, top, top + 16).slice(3, left, left + 16);
      EXPECT_LT(relative_error(crop, wanted), 1e-5) << top << ", " << left;
    }
  }
  options.crop_left = 18;
  EXPECT_THROW(generator->forward(codes, options, maps), Error);
}

TEST(Discriminator, NamesOfThePublishedNetwork) {
  DiscriminatorConfig config;
  config.channels = {8, 6};
  Discriminator net(config);
  EXPECT_THAT(
      names_of(*net),
      testing::UnorderedElementsAre(
          "convs.0.0.weight", "convs.0.1.bias", "convs.1.conv1.0.weight",
          "convs.1.conv1.1.bias", "convs.1.conv2.0.kernel",
          "convs.1.conv2.1.weight", "convs.1.conv2.2.bias",
          "convs.1.skip.0.kernel", "convs.1.skip.1.weight",
          "final_conv.0.weight", "final_conv.1.bias", "final_linear.0.weight",
          "final_linear.0.bias", "final_linear.1.weight",
          "final_linear.1.bias"));
  EXPECT_EQ(read_discriminator_config(tensors_of(*net, "d."), "d.").channels,
            config.channels);
  EXPECT_THROW(net(torch::zeros({1, 3, 16, 16})), Error);
  EXPECT_EQ(net(torch::zeros({3, 3, 8, 8})).sizes(), torch::IntArrayRef({3}));
}

TEST(Discriminator, DeviationOfTheBatch) {
  // Eight pictures make two groups: 0, 2, 4, 6 and 1, 3, 5, 7.
  const torch::Tensor x = torch::randn({8, 3, 2, 2}, torch::kFloat64);
  const torch::Tensor y = append_batch_deviation(x);
  ASSERT_EQ(y.sizes(), torch::IntArrayRef({8, 4, 2, 2}));
  EXPECT_TRUE(torch::equal(y.slice(1, 0, 3), x));
  for (int group = 0; group < 2; ++group) {
    double sum = 0.0;
    for (int i = 0; i < 12; ++i) {
      double mean = 0.0;
      double squares = 0.0;
      for (int b = group; b < 8; b += 2) {
        const double value = x[b].view({-1})[i].item<double>();
        mean += value / 4;
        squares += value * value / 4;
      }
      sum += std::sqrt(squares - mean * mean + 1e-8);
    }
    for (int b = group; b < 8; b += 2) {
      EXPECT_NEAR(y[b][3].min().item<double>(), sum / 12, 1e-9);
      EXPECT_NEAR(y[b][3].max().item<double>(), sum / 12, 1e-9);
    }
  }
  EXPECT_EQ(append_batch_deviation(x.slice(0, 0, 6)).size(1), 4);
}

// The low-pass filters of a block that halves the side must not shift the
// picture: a block commutes with turning it.
TEST(Discriminator, HalvingIsCentred) {
  torch::manual_seed(5);
  const torch::NoGradGuard no_grad;
  ResidualBlock block(2, 3);
  for (const auto& item : block->named_parameters()) {
    if (item.key().find("weight") == std::string::npos) continue;
    item.value().copy_(item.value() + item.value().flip({2, 3}));
  }
  const torch::Tensor x = torch::randn({1, 2, 8, 8});
  const torch::Tensor y = block(x);
  ASSERT_EQ(y.sizes(), torch::IntArrayRef({1, 3, 4, 4}));
  EXPECT_LT(relative_error(block(x.flip({2, 3})).flip({2, 3}), y), 1e-5);
}

TEST(ArcFace, NamesAndUnitNorm) {
  ArcFaceConfig config;
  config.body.widths = {4, 8, 12, 16};
  config.body.reduction = 4;
  config.width = 10;
  ArcFace net(config);
  const std::set<std::string> names = names_of(*net);
  for (const char* name :
       {"input_layer.0.weight", "input_layer.1.running_mean",
        "input_layer.2.weight", "body.0.res_layer.5.fc1.weight",
        "body.3.shortcut_layer.1.weight", "body.23.res_layer.4.bias",
        "output_layer.0.running_var", "output_layer.3.bias",
        "output_layer.4.weight"}) {
    EXPECT_TRUE(names.count(name)) << name;
  }
  const ArcFaceConfig read = read_arcface_config(tensors_of(*net, ""));
  EXPECT_EQ(read.body.widths, config.body.widths);
  EXPECT_EQ(read.body.units, config.body.units);
  EXPECT_EQ(read.body.reduction, 4);
  EXPECT_EQ(read.side, 112);
  EXPECT_EQ(read.width, 10);
  net->eval();
  const torch::Tensor face = net(torch::randn({2, 3, 112, 112}));
  EXPECT_NEAR(face[1].norm().item<double>(), 1.0, 1e-5);
  EXPECT_THROW(net(torch::zeros({1, 3, 100, 100})), Error);
}

TEST(Body, OtherDepthsAreReadFromTheWeights) {
  BodyConfig config;
  config.widths = {4, 8, 12, 16};
  config.units = {1, 2, 3, 1};
  config.reduction = 4;
  const auto outer = std::make_shared<torch::nn::Module>();
  outer->register_module("body", IrSeBody(config));
  const BodyConfig read = read_body_config(tensors_of(*outer, "e."), "e.");
  EXPECT_EQ(read.widths, config.widths);
  EXPECT_EQ(read.units, config.units);
  EXPECT_THAT(
      error_of([&] { read_body_config(tensors_of(*outer, "x."), "e."); }),
      HasSubstr("0 units of 'e.body'"));
}

TEST(SqueezeNet, PublishedWeights) {
  const std::filesystem::path file = std::filesystem::path(LIMNER_SHARED) /
                                     "weights" / "squeezenet1_0_imagenet.npz";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "needs " << file;
  const torch::NoGradGuard no_grad;
  torch::manual_seed(6);
  const TensorMap tensors = read_npz(file);
  SqueezeNet net;
  load_weights(*net, tensors, "");
  const torch::Tensor x = torch::rand({1, 3, 227, 227}) * 2 - 1;
  const auto maps = net->features(x);
  ASSERT_EQ(maps.size(), 4U);
  EXPECT_EQ(maps[0].sizes(), torch::IntArrayRef({1, 96, 111, 111}));
  EXPECT_EQ(maps[1].sizes(), torch::IntArrayRef({1, 256, 55, 55}));
  EXPECT_EQ(maps[2].sizes(), torch::IntArrayRef({1, 512, 27, 27}));
  EXPECT_EQ(maps[3].sizes(), torch::IntArrayRef({1, 512, 13, 13}));
  // Rounding up: an odd last window hangs over the edge.
  EXPECT_EQ(net->features(x.slice(2, 0, 225))[1].size(2), 55);

  // One value as a plain sum over blue, green, red.
  const std::vector<float> w = tensors.at("conv1__w").to_f32();
  const std::vector<float> pixels = values_of(x);
  const double mean[] = {104, 117, 123};
  for (const int channel : {0, 17, 95}) {
    double sum = tensors.at("conv1__b").to_f32()[channel];
    for (int c = 0; c < 3; ++c) {
      for (int i = 0; i < 49; ++i) {
        const int at = ((2 - c) * 227 + 2 * 40 + i / 7) * 227 + 2 * 50 + i % 7;
        sum += w[(channel * 3 + c) * 49 + i] *
               ((pixels[at] + 1.0) * 127.5 - mean[c]);
      }
    }
    EXPECT_NEAR(maps[0][0][channel][40][50].item<double>(), std::max(sum, 0.0),
                1e-3 + 1e-4 * std::abs(sum));
  }
}

TEST(ResNet50, NamesAndShape) {
  ResNet50 net;
  const std::set<std::string> names = names_of(*net);
  for (const char* name :
       {"conv1.weight", "bn1.running_var", "layer1.0.downsample.0.weight",
        "layer3.5.conv2.weight", "layer4.0.downsample.1.bias",
        "layer4.2.bn3.weight"}) {
    EXPECT_TRUE(names.count(name)) << name;
  }
  int64_t count = 0;
  for (const torch::Tensor& weight : net->parameters()) count += weight.numel();
  // The published 25,557,032 less the classifier's 2048 * 1000 + 1000.
  EXPECT_EQ(count, 23'508'032);
  net->eval();
  const torch::NoGradGuard no_grad;
  EXPECT_EQ(net(torch::zeros({1, 3, 64, 64})).sizes(),
            torch::IntArrayRef({1, 2048}));
}

}  // namespace
}  // namespace limner::train
