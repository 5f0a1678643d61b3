#include "train/optim/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/nn/modules/linear.h>
#include <torch/utils.h>

#include <fstream>

#include "util/files.h"
#include "util/test_folder.h"
#include "weights/safetensors.h"

namespace limner::train {
namespace {

using ::testing::HasSubstr;

State sample() {
  State state;
  state.values = {{"run.step", 12}, {"nested", {{"text", "\xc3\xa4\n"}}}};
  state.put("f32", torch::tensor({1.5F, -0.0F, 3.1e-42F}));
  state.put("f64", torch::tensor({{1e-300, 1.0 / 3}}, torch::kFloat64));
  state.put("i64", torch::tensor({INT64_MIN, INT64_MAX}, torch::kInt64));
  state.put("one", torch::tensor(7.0F));
  state.put("none", torch::empty({0, 3}));
  state.put("turned", torch::arange(6.0F).view({2, 3}).t());
  return state;
}

std::string bytes_of(const torch::Tensor& tensor) {
  const torch::Tensor dense = tensor.contiguous();
  return {static_cast<const char*>(dense.data_ptr()), dense.nbytes()};
}

TEST(State, RoundTripIsExact) {
  const TestFolder folder;
  const State before = sample();
  before.save(folder / "state");
  const State after = State::load(folder / "state");
  EXPECT_EQ(after.values, before.values);
  for (const char* name : {"f32", "f64", "i64", "one", "none", "turned"}) {
    EXPECT_EQ(after.get(name).sizes(), before.get(name).sizes()) << name;
    EXPECT_EQ(after.get(name).dtype(), before.get(name).dtype()) << name;
    EXPECT_EQ(bytes_of(after.get(name)), bytes_of(before.get(name))) << name;
  }
}

TEST(State, EmptyOneRoundTrips) {
  const TestFolder folder;
  State().save(folder / "state");
  EXPECT_TRUE(State::load(folder / "state").values.empty());
}

TEST(State, WhatIsMissingIsNamed) {
  const State state = sample();
  EXPECT_TRUE(state.has("one"));
  EXPECT_FALSE(state.has("two"));
  EXPECT_THAT(error_of([&] { state.get("two"); }), HasSubstr("'two'"));
  EXPECT_THAT(
      error_of([] { State().put("half", torch::ones({2}, torch::kFloat16)); }),
      HasSubstr("'half'"));
}

TEST(State, ModulesComeBackInPlace) {
  torch::nn::Linear source(3, 2), target(3, 2), other(4, 2);
  State state;
  state.put_module("net.", *source);
  const void* place = target->weight.data_ptr();
  state.get_module("net.", *target);
  EXPECT_TRUE(target->weight.equal(source->weight));
  EXPECT_EQ(target->weight.data_ptr(), place);
  EXPECT_TRUE(target->weight.requires_grad());
  EXPECT_THAT(error_of([&] { state.get_module("net.", *other); }),
              testing::AllOf(HasSubstr("'net.weight'"), HasSubstr("[2, 3]"),
                             HasSubstr("[2, 4]")));
  EXPECT_THAT(error_of([&] { state.get_module("mean.", *target); }),
              HasSubstr("'mean.weight'"));
}

TEST(State, NotFiniteNamesTheTensor) {
  State state = sample();
  EXPECT_EQ(state.not_finite(), "");
  for (const float bad : {INFINITY, -INFINITY, NAN}) {
    state.put("f64", torch::tensor({1.0F, bad}, torch::kFloat64));
    EXPECT_EQ(state.not_finite(), "f64");
  }
}

TEST(State, EveryTruncationIsAnError) {
  const TestFolder folder;
  sample().save(folder / "state");
  const auto whole = read_file(folder / "state");
  for (size_t size = 0; size < whole.size(); size += 7) {
    write_file(folder / "cut", Bytes(whole.data(), size));
    EXPECT_NE(error_of([&] { State::load(folder / "cut"); }), "no error")
        << size;
  }
}

TEST(State, EveryChangedByteIsAnError) {
  const TestFolder folder;
  sample().save(folder / "state");
  const auto whole = read_file(folder / "state");
  for (size_t at = 0; at < whole.size(); at += 3) {
    auto changed = whole;
    changed[at] ^= 0x11;
    if (whole[at] == ' ') continue;  // padding of the header may differ
    write_file(folder / "changed", changed);
    EXPECT_NE(error_of([&] { State::load(folder / "changed"); }), "no error")
        << at;
  }
}

TEST(State, OtherFilesAreNoState) {
  const TestFolder folder;
  EXPECT_THAT(error_of([&] { State::load(folder / "missing"); }),
              HasSubstr("missing"));
  write_safetensors(folder / "weights", {}, {{"format", "pt"}});
  EXPECT_THAT(error_of([&] { State::load(folder / "weights"); }),
              HasSubstr("no training state"));
}

}  // namespace
}  // namespace limner::train
