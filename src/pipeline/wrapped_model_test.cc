// Models whose names stand below others, as programs save them, and files of
// other models.
#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "pipeline/engine.h"
#include "pipeline/random_model.h"
#include "util/error.h"
#include "util/test_folder.h"
#include "weights/checkpoint.h"
#include "weights/safetensors.h"

namespace limner {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class WrappedModel : public ::testing::Test {
 protected:
  WrappedModel() {
    RandomModelOptions options;
    options.size = 16;
    write_random_model(plain_, options);
    file_ = read_checkpoint(plain_);
    for (const auto& [key, value] : file_.values().items()) {
      if (value.is_string()) metadata_[key] = value.get<std::string>();
    }
  }

  // The same model, each tensor's name changed.
  template <typename Rename>
  std::filesystem::path renamed(const Rename& rename) const {
    std::vector<NamedTensor> tensors;
    for (const auto& [name, tensor] : file_.tensors.tensors) {
      const std::string other = rename(name);
      if (!other.empty()) tensors.push_back({other, tensor, tensor.type});
    }
    const std::filesystem::path path = folder_ / "other.safetensors";
    write_safetensors(path, tensors, metadata_);
    return path;
  }

  std::filesystem::path below(const std::string& prefix) const {
    return renamed([&](const std::string& name) { return prefix + name; });
  }

  const TestFolder folder_;
  const std::filesystem::path plain_ = folder_ / "plain.safetensors";
  Checkpoint file_;
  std::map<std::string, std::string> metadata_;
};

// What two files of the same weights agree on to the bit.
std::vector<float> looks_of(const std::filesystem::path& model) {
  EngineOptions options;
  options.precision = Precision::kExact;
  return Engine(model, options).random_appearance(7).fine.values;
}

TEST_F(WrappedModel, IsReadBelowTheNamesThatProgramsUse) {
  const std::vector<float> plain = looks_of(plain_);
  ASSERT_FALSE(plain.empty());
  for (const char* prefix :
       {"module.", "state_dict.", "state_dict.module.", "state_dict_ema.",
        "model.", "net.", "model.module.", "params_ema.", "_orig_mod.",
        "state_dict._orig_mod.module."}) {
    EXPECT_EQ(looks_of(below(prefix)), plain) << prefix;
  }
}

// Some programs save the mean code beside what they wrap.
TEST_F(WrappedModel, WhatStandsBesideCountsToo) {
  const auto path = renamed([](const std::string& name) {
    return name == "latent_avg" ? name : "state_dict.module." + name;
  });
  EXPECT_EQ(looks_of(path), looks_of(plain_));
}

TEST_F(WrappedModel, OtherNamesAreNone) {
  EXPECT_THAT(error_of([&] { looks_of(below("nothing.of.the.kind.")); }),
              HasSubstr("is missing"));
}

TEST_F(WrappedModel, OtherModelsAreNamed) {
  const auto message = [&](const std::vector<std::string>& names) {
    std::vector<NamedTensor> tensors;
    const Tensor one = make_tensor({1}, {1});
    for (const std::string& name : names) {
      tensors.push_back({name, one, one.type});
    }
    const std::filesystem::path path = folder_ / "other.safetensors";
    write_safetensors(path, tensors, {});
    return error_of([&] { Engine engine(path); });
  };
  EXPECT_THAT(
      message({"encoder.input_layer.0.weight", "decoder.conv1.conv.weight"}),
      AllOf(HasSubstr("not a limner model"),
            HasSubstr("a pSp or e4e encoder")));
  EXPECT_THAT(message({"g_ema.conv1.conv.weight"}),
              HasSubstr("a StyleGAN2 generator alone"));
  EXPECT_THAT(message({"synthesis.b4.const"}), HasSubstr("of NVIDIA's"));
}

}  // namespace
}  // namespace limner
