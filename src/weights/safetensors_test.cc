#include "weights/safetensors.h"

#include <gmock/gmock.h>

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "util/random.h"
#include "util/sha256.h"
#include "weights/storage.h"
#include "weights/test_files.h"

namespace limner {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<NamedTensor> as_stored(const Checkpoint& checkpoint) {
  std::vector<NamedTensor> tensors;
  for (const auto& [name, tensor] : checkpoint.tensors.tensors) {
    tensors.push_back({name, tensor, tensor.type});
  }
  return tensors;
}

TEST(Safetensors, KeepsEveryTypeAndView) {
  const TestFolder folder;
  for (const char* name : {"types-zip.pt", "views-zip.pt"}) {
    const Checkpoint original = read_checkpoint(fixture(name));
    const fs::path path = folder / "a.safetensors";
    const std::string sum = write_safetensors(
        path, as_stored(original), {{"model", "caf\xc3\xa9"}, {"n", "1"}});
    EXPECT_EQ(sum, sha256_file(path));
    const Checkpoint copy = read_checkpoint(path);
    EXPECT_EQ(copy.container, "safetensors");
    EXPECT_EQ(copy.file_bytes, fs::file_size(path));
    EXPECT_EQ(copy.values(),
              nlohmann::json::parse(R"({"model": "café", "n": "1"})"));
    ASSERT_EQ(copy.tensors.tensors.size(), original.tensors.tensors.size());
    for (const auto& [key, tensor] : original.tensors.tensors) {
      const Tensor& got = copy.tensors.at(key, tensor.shape);
      EXPECT_EQ(got.type, tensor.type);
      EXPECT_TRUE(got.contiguous());
      EXPECT_EQ(got.packed(), tensor.packed()) << key;
      EXPECT_EQ(reinterpret_cast<uintptr_t>(got.data) % size_of(got.type), 0);
      got.release();
      EXPECT_EQ(got.packed(), tensor.packed()) << key;
    }
  }
}

TEST(Safetensors, Converts) {
  const TestFolder folder;
  std::vector<float> values = normal_values(1, 100'003);
  values[1] = NAN;
  values[2] = -INFINITY;
  values[3] = 1e-30F;
  const Tensor tensor = make_tensor({100'003}, values);
  write_safetensors(folder / "a",
                    {{"f32", tensor, DType::kF32},
                     {"bf16", tensor, DType::kBF16},
                     {"f16", tensor, DType::kF16}},
                    {});
  const Checkpoint copy = read_safetensors(MappedFile(folder / "a"));
  EXPECT_EQ(copy.values(), nlohmann::json::object());
  EXPECT_EQ(copy.tensors.at("f32").packed(), tensor.packed());
  const std::vector<float> bf16 = copy.tensors.at("bf16").to_f32();
  const std::vector<float> f16 = copy.tensors.at("f16").to_f32();
  for (size_t i = 0; i < values.size(); ++i) {
    if (i == 1) {
      EXPECT_TRUE(std::isnan(bf16[i]) && std::isnan(f16[i]));
      continue;
    }
    ASSERT_EQ(bf16[i], bf16_to_f32(f32_to_bf16(values[i])));
    ASSERT_EQ(f16[i], f16_to_f32(f32_to_f16(values[i])));
  }
}

TEST(Safetensors, ConvertsViewsAndOtherTypes) {
  const TestFolder folder;
  Tensor view = make_tensor({2, 3}, {1, 2, 3, 4, 5, 6});
  view.shape = {3, 2};
  view.strides = {1, 3};
  const Checkpoint types = read_checkpoint(fixture("types-zip.pt"));
  std::vector<NamedTensor> tensors = {
      {"view", view, DType::kBF16},
      {"scalar", make_tensor({}, {4}), DType::kF16},
      {"empty", make_tensor({0, 7}, {}), DType::kF16}};
  for (const auto& [name, tensor] : types.tensors.tensors) {
    tensors.push_back({name, tensor, DType::kF32});
  }
  write_safetensors(folder / "a", tensors, {});
  const Checkpoint copy = read_safetensors(MappedFile(folder / "a"));
  EXPECT_THAT(copy.tensors.at("view", {3, 2}).to_f32(),
              ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT(copy.tensors.at("scalar", {}).to_f32(), ElementsAre(4));
  EXPECT_EQ(copy.tensors.at("empty", {0, 7}).count(), 0);
  for (const auto& [name, tensor] : types.tensors.tensors) {
    EXPECT_THAT(copy.tensors.at(name).to_f32(),
                ElementsAreArray(tensor.to_f32()));
  }
}

// A signalling NaN with a payload: bits are copied, not converted.
TEST(Safetensors, KeepsTheBitsOfNan) {
  const TestFolder folder;
  const uint32_t bits = 0x7F812345;
  Tensor tensor = make_tensor({1}, {0});
  auto owner = std::make_shared<uint32_t>(bits);
  tensor.data = reinterpret_cast<const unsigned char*>(owner.get());
  tensor.owner = owner;
  write_safetensors(folder / "a", {{"x", tensor, DType::kF32}}, {});
  const Checkpoint copy = read_safetensors(MappedFile(folder / "a"));
  EXPECT_EQ(std::memcmp(copy.tensors.at("x").data, &bits, 4), 0);
}

TEST(Safetensors, DataStartsAligned) {
  const TestFolder folder;
  for (size_t length = 0; length < 70; ++length) {
    write_safetensors(
        folder / "a",
        {{std::string(length, 'n'), make_tensor({1}, {1}), DType::kF32}}, {});
    const std::vector<unsigned char> bytes = read_file(folder / "a");
    EXPECT_EQ((8 + read_u64(bytes.data())) % 64, 0);
    EXPECT_THAT(read_safetensors(MappedFile(folder / "a"))
                    .tensors.at(std::string(length, 'n'))
                    .to_f32(),
                ElementsAre(1));
  }
}

TEST(Safetensors, WriterRefuses) {
  const TestFolder folder;
  const Tensor x = make_tensor({1}, {1});
  const auto error = [&](const std::vector<NamedTensor>& tensors) {
    return error_of([&] { write_safetensors(folder / "a", tensors, {}); });
  };
  EXPECT_THAT(error({{"x", x, DType::kI8}}),
              HasSubstr("'x' of type float32 cannot be stored as int8"));
  EXPECT_THAT(error({{"x", x, DType::kF32}, {"x", x, DType::kF32}}),
              HasSubstr("two weights named 'x'"));
  EXPECT_THAT(error({{"__metadata__", x, DType::kF32}}),
              HasSubstr("__metadata__"));
  EXPECT_THAT(error({{"\xff", x, DType::kF32}}), HasSubstr("cannot write"));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

class SafetensorsHeader : public ::testing::Test {
 protected:
  std::string error(const std::string& header, size_t data,
                    uint64_t length = 0) {
    const std::string path = (folder_ / "a.safetensors").string();
    write_file(path, le(length > 0 ? length : header.size(), 8) + header +
                         std::string(data, '\0'));
    const std::string message =
        error_of([&] { touch(read_safetensors(MappedFile(path)).tensors); });
    if (message != "no error") {
      EXPECT_THAT(message, AllOf(HasSubstr(path), Not(HasSubstr("\n"))));
    }
    return message;
  }
  static std::string entry(const std::string& name, const std::string& dtype,
                           const std::string& shape,
                           const std::string& offsets) {
    return "\"" + name + R"(":{"dtype":")" + dtype + R"(","shape":)" + shape +
           R"(,"data_offsets":)" + offsets + "}";
  }
  std::string error_one(const std::string& dtype, const std::string& shape,
                        const std::string& offsets, size_t data = 8) {
    return error("{" + entry("x", dtype, shape, offsets) + "}", data);
  }
  TestFolder folder_;
};

TEST_F(SafetensorsHeader, Good) {
  EXPECT_EQ(error_one("F32", "[2]", "[0,8]"), "no error");
  EXPECT_EQ(error_one("F64", "[]", "[0,8]"), "no error");
  EXPECT_EQ(error("{}", 0), "no error");
  EXPECT_EQ(error("{" + entry("b", "U8", "[3]", "[0,3]") + "," +
                      entry("a", "F32", "[0]", "[3,3]") + "," +
                      entry("c", "BOOL", "[1]", "[3,4]") + "}   ",
                  4),
            "no error");
}

TEST_F(SafetensorsHeader, Offsets) {
  EXPECT_THAT(error_one("F32", "[2]", "[0,9]", 9), HasSubstr("expected 8"));
  EXPECT_THAT(error_one("F32", "[2]", "[0,12]"), HasSubstr("truncated"));
  EXPECT_THAT(error_one("F32", "[2]", "[8,0]"), HasSubstr("damaged"));
  EXPECT_THAT(error_one("F32", "[2]", "[-8,0]"), HasSubstr("as expected"));
  EXPECT_THAT(error_one("F32", "[2]", "[0,18446744073709551615]"),
              HasSubstr("as expected"));
  EXPECT_THAT(error_one("F32", "[2]", "[0,9223372036854775807]"),
              HasSubstr("truncated"));
  EXPECT_THAT(error_one("F32", "[2]", "[0,8.0]"), HasSubstr("as expected"));
  EXPECT_THAT(error_one("F32", "[2]", "[0,4,8]"), HasSubstr("as expected"));
  EXPECT_THAT(error_one("F32", "[2]", "[0,8]", 12), HasSubstr("12 bytes"));
  EXPECT_THAT(error_one("F32", "[2]", "[4,12]", 12), HasSubstr("hole"));
  EXPECT_THAT(error("{" + entry("a", "U8", "[3]", "[0,3]") + "," +
                        entry("b", "U8", "[3]", "[2,5]") + "}",
                    5),
              HasSubstr("overlap"));
  EXPECT_THAT(error("{" + entry("a", "U8", "[3]", "[0,3]") + "," +
                        entry("b", "U8", "[3]", "[0,3]") + "}",
                    3),
              HasSubstr("overlap"));
}

TEST_F(SafetensorsHeader, Shapes) {
  EXPECT_THAT(error_one("F32", "[3]", "[0,8]"), HasSubstr("expected 12"));
  EXPECT_THAT(error_one("F64", "[2]", "[0,8]"), HasSubstr("expected 16"));
  EXPECT_THAT(error_one("F32", "[-2]", "[0,8]"), HasSubstr("as expected"));
  EXPECT_THAT(error_one("F32", "[1152921504606846976]", "[0,8]"),
              HasSubstr("too large"));
  EXPECT_THAT(error_one("F32", "[4294967296,4294967296,2]", "[0,8]"),
              HasSubstr("too large"));
  EXPECT_THAT(error_one("F32", "[1e3]", "[0,8]"), HasSubstr("as expected"));
  EXPECT_THAT(error_one("F32", "2", "[0,8]"), HasSubstr("as expected"));
  EXPECT_THAT(error_one("F8_E4M3", "[8]", "[0,8]"), HasSubstr("'F8_E4M3'"));
}

TEST_F(SafetensorsHeader, Json) {
  EXPECT_THAT(error("{\"x\":", 0), HasSubstr("damaged header"));
  EXPECT_THAT(error("{} 1", 0), HasSubstr("damaged header"));
  EXPECT_THAT(error("{\"\xff\":1}", 0), HasSubstr("damaged header"));
  EXPECT_THAT(error("{\"x\":1}", 0), HasSubstr("as expected"));
  EXPECT_THAT(error(R"({"x":{"dtype":1,"shape":[],"data_offsets":[0,0]}})", 0),
              HasSubstr("as expected"));
  EXPECT_THAT(error(R"({"x":{"dtype":"F32","shape":[]}})", 0),
              HasSubstr("as expected"));
  EXPECT_THAT(error(R"({"__metadata__":{"a":1}})", 0), HasSubstr("no texts"));
  EXPECT_THAT(error(R"({"__metadata__":["a"]})", 0), HasSubstr("no texts"));
  EXPECT_THAT(error("{" + entry("x", "U8", "[1]", "[0,1]") + "," +
                        entry("x", "U8", "[1]", "[1,2]") + "}",
                    2),
              HasSubstr("'x' comes twice"));
  EXPECT_THAT(error(R"({"x":{"dtype":"U8","dtype":"F32","shape":[0],)"
                    R"("data_offsets":[0,0]}})",
                    0),
              HasSubstr("'dtype' comes twice"));
  std::string deep = "{\"x\":";
  for (int i = 0; i < 1'000'000; ++i) deep += "[";
  EXPECT_THAT(error(deep, 0), HasSubstr("nested deeper"));
}

TEST_F(SafetensorsHeader, Length) {
  EXPECT_THAT(error("{}", 0, 3), HasSubstr("truncated"));
  EXPECT_THAT(error("{}", 0, 100'000'000), HasSubstr("truncated"));
  EXPECT_THAT(error("{}", 0, 100'000'001), HasSubstr("no safetensors"));
  EXPECT_THAT(error("{}", 0, ~uint64_t{0}), HasSubstr("no safetensors"));
  EXPECT_THAT(error("[]", 0), HasSubstr("no safetensors"));
}

}  // namespace
}  // namespace limner
