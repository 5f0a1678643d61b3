// Files that torch.save wrote (tests/data/make_torch_files.py) and a writer
// that torch.load must read.
#include "weights/torch_file.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "weights/test_files.h"

namespace limner {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

// The values of make_torch_files.py's pattern().
std::vector<float> pattern(DType type, int count) {
  std::vector<float> values;
  for (int k = 0; k < count; ++k) {
    const int cycle = 7 * k % 11;
    const bool is_float = type == DType::kF64 || type == DType::kF32 ||
                          type == DType::kF16 || type == DType::kBF16;
    values.push_back(type == DType::kBool ? (k % 3 == 0 ? 1.0F : 0.0F)
                     : type == DType::kU8 ? static_cast<float>(cycle)
                     : is_float           ? static_cast<float>(cycle - 5) * 0.5F
                                          : static_cast<float>(cycle - 5));
  }
  return values;
}

// Both containers hold the same.
class TorchFile : public ::testing::TestWithParam<std::string> {
 protected:
  static Checkpoint read(const std::string& name) {
    return read_checkpoint(fixture(name + "-" + GetParam() + ".pt"));
  }
};

TEST_P(TorchFile, EveryType) {
  const Checkpoint checkpoint = read("types");
  EXPECT_EQ(checkpoint.container, "torch " + GetParam());
  EXPECT_EQ(checkpoint.file_bytes,
            fs::file_size(fixture("types-" + GetParam() + ".pt")));
  EXPECT_EQ(checkpoint.values(), json::object());
  ASSERT_EQ(checkpoint.tensors.tensors.size(), 10);
  for (const auto& [name, tensor] : checkpoint.tensors.tensors) {
    EXPECT_EQ(name_of(tensor.type), name);
    EXPECT_THAT(tensor.shape, ElementsAre(2, 3, 4));
    EXPECT_TRUE(tensor.contiguous());
    EXPECT_THAT(tensor.to_f32(), ElementsAreArray(pattern(tensor.type, 24)))
        << name;
    tensor.release();
    EXPECT_THAT(tensor.to_f32(), ElementsAreArray(pattern(tensor.type, 24)));
  }
}

TEST_P(TorchFile, Views) {
  const Checkpoint checkpoint = read("views");
  const TensorMap& map = checkpoint.tensors;
  std::vector<float> base(48);
  for (size_t i = 0; i < base.size(); ++i) base[i] = static_cast<float>(i);
  EXPECT_THAT(map.at("base", {6, 8}).to_f32(), ElementsAreArray(base));
  EXPECT_THAT(map.at("same", {6, 8}).to_f32(), ElementsAreArray(base));
  EXPECT_EQ(map.at("same").data, map.at("base").data);

  const std::vector<float> transposed = map.at("transposed", {8, 6}).to_f32();
  const std::vector<float> rows = map.at("rows", {2, 8}).to_f32();
  const std::vector<float> permuted = map.at("permuted", {8, 2, 3}).to_f32();
  for (size_t i = 0; i < 8; ++i) {
    for (size_t j = 0; j < 6; ++j) {
      EXPECT_EQ(transposed[i * 6 + j], base[j * 8 + i]);
      EXPECT_EQ(permuted[i * 6 + j], base[j * 8 + i]);
    }
    EXPECT_EQ(rows[i], base[8 + i]);
    EXPECT_EQ(rows[8 + i], base[24 + i]);
  }
  EXPECT_THAT(map.at("column", {6}).to_f32(),
              ElementsAre(3, 11, 19, 27, 35, 43));
  EXPECT_THAT(
      map.at("expanded", {4, 5}).to_f32(),
      ElementsAre(0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3));
  EXPECT_THAT(map.at("scalar", {}).to_f32(), ElementsAre(2.5F));
  EXPECT_TRUE(map.at("empty", {0, 3}).to_f32().empty());
  EXPECT_THAT(map.at("parameter", {2, 8}).to_f32(),
              ElementsAreArray(base.begin() + 16, base.begin() + 32));
  EXPECT_THAT(map.at("buffer", {3}).to_f32(), ElementsAre(1, 1, 1));

  for (const auto& [name, type] :
       {std::pair("halves", DType::kF16), std::pair("flags", DType::kBool)}) {
    const std::vector<float> whole = pattern(type, 24);
    const std::vector<float> got = map.at(name, {6, 4}).to_f32();
    for (size_t i = 0; i < 24; ++i) {
      EXPECT_EQ(got[i], whole[i % 4 * 6 + i / 4]) << name;
    }
  }
}

TEST_P(TorchFile, NestedTensors) {
  const Checkpoint checkpoint = read("nested");
  const TensorMap& map = checkpoint.tensors;
  EXPECT_THAT(map.at("state_dict.0.weight", {2, 1, 1, 1}).to_f32(),
              ElementsAre(1, 2));
  EXPECT_EQ(map.at("state_dict.1.running_mean").count(), 2);
  EXPECT_EQ(map.at("state_dict.1.num_batches_tracked").type, DType::kI64);
  EXPECT_THAT(map.at("state_dict.1.num_batches_tracked", {}).to_f32(),
              ElementsAre(1));
  EXPECT_THAT(map.at("latent_avg", {2, 3}).to_f32(), ::testing::Each(0.5F));
  EXPECT_EQ(map.at("optimizer.state.0.exp_avg").shape, Shape({2, 1, 1, 1}));
  EXPECT_THAT(map.at("list.0").to_f32(), ElementsAre(7, 7));
  EXPECT_THAT(map.at("list.2.x").to_f32(), ElementsAre(8));
  EXPECT_THAT(map.at("only_tensors.1").to_f32(), ElementsAre(1));
}

TEST_P(TorchFile, PlainValues) {
  const json values = read("nested").values();
  EXPECT_FALSE(values.contains("state_dict"));
  EXPECT_FALSE(values.contains("only_tensors"));
  EXPECT_FALSE(values.contains("latent_avg"));
  EXPECT_EQ(values["opts"],
            json::parse(R"({"label_nc": 22, "name": "run é", "rate": 1e-4,
                "flag": true, "nothing": null, "sizes": [1, [2, 3], [4]],
                "path": "exp/run"})"));
  EXPECT_EQ(values["optimizer"]["param_groups"][0]["lr"], 0.25);
  EXPECT_EQ(values["optimizer"]["param_groups"][0]["params"],
            json({0, 1, 2, 3}));
  EXPECT_EQ(values["list"], json::parse("[null, 3, null]"));
  EXPECT_EQ(values["size"], json({4, 5}));
  EXPECT_EQ(values["device"], "cuda:1");
  EXPECT_EQ(values["dtype"], "torch.float16");
  EXPECT_EQ(values["bytes"], std::string("caf\xc3\xa9\0\xc3\xbf", 8));
  EXPECT_EQ(values["no_bytes"], "");
  EXPECT_EQ(values["set"], json::array({5}));
  EXPECT_EQ(values["frozen"], json::array({6}));
  EXPECT_EQ(values["empty_dict"], json::object());
  EXPECT_EQ(values["empty_list"], json::array());
  EXPECT_EQ(values["empty_ordered"], json::object());
  EXPECT_EQ(values["counter"], json::parse(R"({"30": 1})"));
  EXPECT_EQ(values["shared"], json::parse(R"([["a", 1], ["a", 1]])"));
  EXPECT_EQ(values["inf"].get<double>(), INFINITY);
  EXPECT_TRUE(std::isnan(values["nan"].get<double>()));
  EXPECT_EQ(values["big"], "1208925819614629174718521");
  EXPECT_EQ(values["negative_big"], "-1267650600228229401496703205376");
  EXPECT_EQ(values["long"], -(int64_t{1} << 62));
  EXPECT_EQ(values["small"], json({-1, 255, 65535, -70000, int64_t{1} << 31}));
  EXPECT_EQ(values["numpy"], json::parse("[0.5, -0.25, -3, true]"));
  EXPECT_EQ(values["7"], "seven");
  EXPECT_EQ(values["True"], "true");
  EXPECT_EQ(values["text"], std::string(300, 'x'));
  EXPECT_NO_THROW(values.dump());
}

TEST_P(TorchFile, SingleTensor) {
  const Checkpoint checkpoint = read("single");
  ASSERT_EQ(checkpoint.tensors.tensors.size(), 1);
  EXPECT_THAT(checkpoint.tensors.at("", {2, 3, 4}).to_f32(),
              ElementsAreArray(pattern(DType::kF32, 24)));
  EXPECT_EQ(checkpoint.values(), json::object());
}

TEST_P(TorchFile, NewerPickleProtocols) {
  for (const char* name : {"protocol3", "protocol4", "protocol5"}) {
    const Checkpoint checkpoint = read(name);
    EXPECT_THAT(checkpoint.tensors.at("x").to_f32(),
                ElementsAreArray(pattern(DType::kF32, 24)));
    EXPECT_EQ(checkpoint.values(),
              json::parse(R"({"n": [1, {"b": "ÿ"}], "s": [1]})"));
  }
}

TEST_P(TorchFile, SavedFromAGpu) {
  EXPECT_THAT(read("cuda").tensors.at("x").to_f32(),
              ElementsAreArray(pattern(DType::kF32, 24)));
}

INSTANTIATE_TEST_SUITE_P(Containers, TorchFile,
                         ::testing::Values("zip", "legacy"),
                         [](const auto& test) { return test.param; });

TEST(TorchZip, DeflatedMembers) {
  const Checkpoint checkpoint = read_checkpoint(fixture("deflated-zip.pt"));
  EXPECT_THAT(checkpoint.tensors.at("x", {64, 64}).to_f32(),
              ElementsAreArray(pattern(DType::kF32, 64 * 64)));
}

TEST(TorchLegacy, StorageViews) {
  const Checkpoint checkpoint =
      read_checkpoint(fixture("storage-views-legacy.pt"));
  EXPECT_THAT(checkpoint.tensors.at("whole").to_f32(),
              ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_THAT(checkpoint.tensors.at("part", {2, 2}).to_f32(),
              ElementsAre(3, 4, 5, 6));
}

TEST(TorchFileErrors, OtherKindsOfFiles) {
  EXPECT_THAT(read_error(fixture("complex-zip.pt")),
              HasSubstr("'torch.ComplexFloatStorage' are not supported"));
  EXPECT_THAT(read_error(fixture("module-zip.pt")),
              HasSubstr("refuses to run 'torch.nn.modules.linear.Linear'"));
  EXPECT_THAT(read_error(fixture("script.pt")), HasSubstr("TorchScript"));
  EXPECT_THAT(read_error(fixture("arrays.npz")), HasSubstr("0 data.pkl"));

  const TestFolder folder;
  const fs::path path = folder / "a";
  write_file(path, std::string("hello, world"));
  EXPECT_THAT(read_error(path), HasSubstr("not a weight file"));
  EXPECT_THAT(error_of([&] { read_torch(MappedFile(path)); }),
              HasSubstr("not a PyTorch file"));
  write_file(path, std::string("\x80\x04N."));
  EXPECT_THAT(read_error(path), HasSubstr("torch.save did not write"));
  write_file(path, std::string("\x80\x04\x8c\x17torch_utils.persistence."));
  EXPECT_THAT(read_error(path), HasSubstr("a StyleGAN pickle of NVIDIA's"));
  write_file(path, std::string("version https://git-lfs.github.com/spec/v1\n"));
  EXPECT_THAT(read_error(path), HasSubstr("Git LFS pointer"));
  write_zip(path, {{"model.pt", "a"}});
  EXPECT_THAT(read_error(path), HasSubstr("the weight file model.pt inside"));
  std::string tar(1024, '\0');
  tar.replace(257, 5, "ustar");
  write_file(path, tar);
  EXPECT_THAT(read_error(path), HasSubstr("save it again"));
  EXPECT_THAT(read_error(folder / "missing"), HasSubstr("No such file"));
}

TEST(WriteTorchTensor, ReadsBack) {
  const TestFolder folder;
  for (const Shape& shape : {Shape{2, 3}, Shape{6}, Shape{}, Shape{0, 2}}) {
    int64_t count = 1;
    for (const int64_t size : shape) count *= size;
    std::vector<float> values(static_cast<size_t>(count), 1.5F);
    if (!values.empty()) values[0] = -INFINITY;
    write_torch_tensor(folder / "t.pt", make_tensor(shape, values));
    const Checkpoint checkpoint = read_checkpoint(folder / "t.pt");
    const Tensor& tensor = checkpoint.tensors.at("", shape);
    EXPECT_THAT(tensor.to_f32(), ElementsAreArray(values));
    EXPECT_EQ(reinterpret_cast<uintptr_t>(tensor.data) % 64, 0);
  }
}

TEST(WriteTorchTensor, TorchReadsIt) {
  const std::string python = LIMNER_PYTHON;
  if (std::system((python + " -c 'import torch' 2>/dev/null").c_str()) != 0) {
    GTEST_SKIP() << "no PyTorch for " << python;
  }
  const TestFolder folder;
  Tensor tensor = make_tensor({3, 2}, {1, 2.5F, -3, 4, 5, NAN});
  write_torch_tensor(folder / "plain.pt", tensor);
  tensor.shape = {2, 3};
  tensor.strides = {1, 2};
  write_torch_tensor(folder / "view.pt", tensor);
  write_torch_tensor(folder / "scalar.pt", make_tensor({}, {7}));
  write_torch_tensor(folder / "empty.pt", make_tensor({0, 2}, {}));
  write_file(folder / "check.py", std::string(R"(
import os, sys, torch
def load(name):
    return torch.load(os.path.join(sys.argv[1], name))
plain = load("plain.pt")
assert plain.dtype == torch.float32 and plain.is_contiguous()
assert repr(plain.tolist()) == "[[1.0, 2.5], [-3.0, 4.0], [5.0, nan]]"
view = load("view.pt")
assert repr(view.tolist()) == "[[1.0, -3.0, 5.0], [2.5, 4.0, nan]]"
assert load("scalar.pt").item() == 7 and load("scalar.pt").shape == ()
assert load("empty.pt").shape == (0, 2)
plain.add_(1)  # its memory is its own
)"));
  const std::string command = python + " '" + (folder / "check.py").string() +
                              "' '" + folder.path().string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);
}

// A checkpoint of the published layout, against NumPy's copy of its tensors.
TEST(PublishedCheckpoint, Tiny) {
  const fs::path path = fs::path(LIMNER_SHARED) / "reference/tiny/model.pt";
  if (!fs::exists(path)) GTEST_SKIP() << "no reference data at " << path;
  const Checkpoint checkpoint = read_checkpoint(path);
  EXPECT_EQ(checkpoint.container, "torch zip");
  EXPECT_EQ(checkpoint.tensors.tensors.size(), 1627);
  EXPECT_EQ(checkpoint.values()["opts"]["label_nc"], 22);
  EXPECT_EQ(checkpoint.values()["opts"]["output_size"], 64);
  EXPECT_FALSE(checkpoint.values().contains("state_dict"));
  EXPECT_EQ(checkpoint.tensors.at("latent_avg").shape.back(), 32);
  double sum = 0;  // as NumPy gives it
  for (const auto& [name, tensor] : checkpoint.tensors.tensors) {
    for (const float value : tensor.to_f32()) sum += static_cast<double>(value);
  }
  EXPECT_NEAR(sum, 1937374.4242556593, 0.01);
}

}  // namespace
}  // namespace limner
