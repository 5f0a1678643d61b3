#include "weights/tensor.h"

#include <gmock/gmock.h>

#include <cstring>
#include <nlohmann/json.hpp>
#include <numeric>
#include <tuple>

#include "util/test_folder.h"
#include "weights/storage.h"

namespace limner {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

template <typename T>
Tensor tensor_of(DType type, const std::vector<T>& values) {
  Tensor tensor;
  tensor.type = type;
  tensor.shape = {static_cast<int64_t>(values.size())};
  tensor.strides = {1};
  // One byte further than the start: values in files may lie anywhere.
  auto bytes = std::make_shared<std::vector<unsigned char>>(1 + values.size() *
                                                                    sizeof(T));
  std::memcpy(bytes->data() + 1, values.data(), values.size() * sizeof(T));
  tensor.data = bytes->data() + 1;
  tensor.owner = bytes;
  return tensor;
}

TEST(Tensor, EveryTypeBecomesFloat) {
  EXPECT_THAT(tensor_of<double>(DType::kF64, {0.5, -2}).to_f32(),
              ElementsAre(0.5F, -2));
  EXPECT_THAT(tensor_of<float>(DType::kF32, {0.5F, -2}).to_f32(),
              ElementsAre(0.5F, -2));
  EXPECT_THAT(tensor_of<uint16_t>(DType::kF16, {0x3800, 0xC000}).to_f32(),
              ElementsAre(0.5F, -2));
  EXPECT_THAT(tensor_of<uint16_t>(DType::kBF16, {0x3F00, 0xC000}).to_f32(),
              ElementsAre(0.5F, -2));
  EXPECT_THAT(tensor_of<int64_t>(DType::kI64, {3, -2}).to_f32(),
              ElementsAre(3, -2));
  EXPECT_THAT(tensor_of<int32_t>(DType::kI32, {3, -2}).to_f32(),
              ElementsAre(3, -2));
  EXPECT_THAT(tensor_of<int16_t>(DType::kI16, {3, -2}).to_f32(),
              ElementsAre(3, -2));
  EXPECT_THAT(tensor_of<int8_t>(DType::kI8, {3, -2}).to_f32(),
              ElementsAre(3, -2));
  EXPECT_THAT(tensor_of<uint8_t>(DType::kU8, {3, 254}).to_f32(),
              ElementsAre(3, 254));
  EXPECT_THAT(tensor_of<uint8_t>(DType::kBool, {0, 1, 7}).to_f32(),
              ElementsAre(0, 1, 1));
}

TEST(Tensor, ReadsViewsInRowMajorOrder) {
  std::vector<float> values(24);
  std::iota(values.begin(), values.end(), 0.0F);
  Tensor view = make_tensor({2, 3, 4}, values);
  EXPECT_TRUE(view.contiguous());
  view.shape = {4, 2, 3};
  view.strides = {1, 12, 4};
  EXPECT_FALSE(view.contiguous());
  std::vector<float> expected;
  for (int a = 0; a < 4; ++a) {
    for (int b = 0; b < 6; ++b) {
      expected.push_back(static_cast<float>(a + 4 * b));
    }
  }
  EXPECT_THAT(view.to_f32(), ElementsAreArray(expected));
  const std::vector<unsigned char> packed = view.packed();
  ASSERT_EQ(packed.size(), 24 * sizeof(float));
  EXPECT_EQ(std::memcmp(packed.data(), expected.data(), packed.size()), 0);

  view.shape = {3, 2};  // the same row again and again
  view.strides = {0, 5};
  EXPECT_THAT(view.to_f32(), ElementsAre(0, 5, 0, 5, 0, 5));
}

TEST(Tensor, ScalarsAndEmptyOnes) {
  const Tensor scalar = make_tensor({}, {3});
  EXPECT_EQ(scalar.count(), 1);
  EXPECT_TRUE(scalar.contiguous());
  EXPECT_THAT(scalar.to_f32(), ElementsAre(3));
  const Tensor empty = make_tensor({2, 0, 3}, {});
  EXPECT_EQ(empty.count(), 0);
  EXPECT_TRUE(empty.contiguous());
  EXPECT_TRUE(empty.to_f32().empty());
  EXPECT_TRUE(empty.packed().empty());
  empty.release();
  EXPECT_THAT(error_of([] {
                make_tensor({2, 2}, {1, 2, 3});
              }),
              HasSubstr("[2, 2] needs 4 values, got 3"));
}

TEST(Tensor, SizeOneDimensionsMayHaveAnyStride) {
  Tensor tensor = make_tensor({1, 3}, {1, 2, 3});
  tensor.strides = {77, 1};
  EXPECT_TRUE(tensor.contiguous());
}

TEST(TensorMap, SaysWhatIsMissingOrMisshapen) {
  TensorMap map;
  map.source = "model.pt";
  map.tensors["x"] = make_tensor({3, 4}, std::vector<float>(12));
  EXPECT_TRUE(map.has("x"));
  EXPECT_FALSE(map.has("y"));
  EXPECT_EQ(map.at("x").count(), 12);
  EXPECT_EQ(map.at("x", {3, 4}).count(), 12);
  EXPECT_EQ(map.at("x", {-1, 4}).count(), 12);
  EXPECT_EQ(error_of([&] { map.at("decoder.conv1.conv.weight"); }),
            "model.pt: weight 'decoder.conv1.conv.weight' is missing");
  EXPECT_EQ(error_of([&] {
              map.at("x", {3, 5});
            }),
            "model.pt: weight 'x' has shape [3, 4], expected [3, 5]");
  EXPECT_EQ(error_of([&] { map.at("x", {-1}); }),
            "model.pt: weight 'x' has shape [3, 4], expected [any]");
}

TEST(CheckedTensor, KeepsInsideItsStorage) {
  const std::vector<unsigned char> bytes(48);  // 12 floats
  const Blob blob = {bytes, nullptr, false};
  const auto attempt = [&](const Shape& shape,
                           const std::vector<int64_t>& strides,
                           int64_t offset) {
    return error_of([&] {
      checked_tensor(blob, DType::kF32, shape, strides, offset, "x");
    });
  };
  const std::string fine = "no error";
  EXPECT_EQ(attempt({3, 4}, {4, 1}, 0), fine);
  EXPECT_EQ(attempt({4, 3}, {1, 4}, 0), fine);
  EXPECT_EQ(attempt({2, 4}, {4, 1}, 4), fine);
  EXPECT_EQ(attempt({}, {}, 11), fine);
  EXPECT_EQ(attempt({0, 5}, {5, 1}, 12), fine);
  EXPECT_EQ(attempt({1, 12}, {int64_t{1} << 62, 1}, 0), fine);
  constexpr int64_t kHuge = int64_t{1} << 60;
  for (const auto& [shape, strides, offset] :
       std::vector<std::tuple<Shape, std::vector<int64_t>, int64_t>>{
           {{3, 4}, {4, 1}, 1},
           {{3, 4}, {5, 1}, 0},
           {{}, {}, 12},
           {{2}, {kHuge}, 0},
           {{3}, {INT64_MAX}, 0},
           {{2}, {1}, -1},
           {{2}, {-1}, 5},
           {{-2}, {1}, 0},
           {{kHuge}, {1}, 0},
           {{kHuge}, {0}, 0},
           {{kHuge, 0, kHuge}, {0, 0, 0}, 0},
           {{1 << 20, 1 << 20, 1 << 20}, {0, 0, 0}, 0},
           {{2}, {1}, INT64_MAX},
           {{2, 2}, {1}, 0},
           {Shape(65, 1), std::vector<int64_t>(65, 1), 0}}) {
    EXPECT_THAT(attempt(shape, strides, offset), ::testing::StartsWith("x "))
        << to_string(shape);
  }
}

TEST(ToUtf8, KeepsValidTextAndTakesTheRestAsLatin1) {
  for (const std::string text :
       {"", "abc", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
    EXPECT_EQ(to_utf8(text), text);
  }
  EXPECT_EQ(to_utf8("\xe9"), "\xc3\xa9");
  EXPECT_EQ(to_utf8("a\xff"), "a\xc3\xbf");
  for (const std::string text :
       {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
        "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xe2\x82", "\x80", "\xc3",
        "\xf0\x9f\x98"}) {
    const std::string safe = to_utf8(text);
    EXPECT_NE(safe, text);
    EXPECT_EQ(to_utf8(safe), safe);
    EXPECT_NO_THROW(nlohmann::json(safe).dump());
  }
}

}  // namespace
}  // namespace limner
