#include "pipeline/codes.h"

#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <string>

#include "util/error.h"
#include "util/test_folder.h"
#include "weights/safetensors.h"

namespace limner {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A folder of its own for each test, removed at the end.
class CodesTest : public ::testing::Test {
 protected:
  const TestFolder own_;
  const std::filesystem::path folder_ = own_.path();
};

CodeTable make_table(int rows, int width, float first = 0.0F) {
  CodeTable table(rows, width);
  for (size_t i = 0; i < table.values.size(); ++i) {
    table.values[i] = first + 0.25F * static_cast<float>(i);
  }
  return table;
}

FaceCodes make_codes(int rows, int width, float first = 0.0F) {
  return {make_table(rows, width, first), {}};
}

// [channels, side, side] for a resolution, of one value.
StructureMap make_map(int level, float value) {
  const int side = 4 << level;
  return {level, 2, side,
          std::vector<float>(static_cast<size_t>(2 * side * side), value)};
}

TEST_F(CodesTest, MixesOnlyTheMaskedRows) {
  FaceCodes codes = make_codes(3, 2);
  const FaceCodes other = make_codes(3, 2, 10.0F);
  mix_codes(codes, other, {0, 2, 2}, 0.5F);
  EXPECT_THAT(codes.styles.values,
              ElementsAre(5.0F, 5.25F, 0.5F, 0.75F, 6.0F, 6.25F));
}

TEST_F(CodesTest, AlphaOneReplacesAndZeroKeeps) {
  const FaceCodes own = make_codes(2, 2);
  const FaceCodes other = make_codes(2, 2, -3.0F);
  FaceCodes codes = own;
  mix_codes(codes, other, {0, 1}, 0.0F);
  EXPECT_EQ(codes.styles.values, own.styles.values);
  mix_codes(codes, other, {0, 1}, 1.0F);
  EXPECT_EQ(codes.styles.values, other.styles.values);
}

TEST_F(CodesTest, MixingRefusesWhatDoesNotFit) {
  FaceCodes codes = make_codes(3, 2);
  const FaceCodes before = codes;
  const FaceCodes same = make_codes(3, 2);
  EXPECT_THAT(error_of([&] {
                mix_codes(codes, same, {0, 3}, 1.0F);
              }),
              HasSubstr("code 3 is out of range"));
  EXPECT_THAT(error_of([&] { mix_codes(codes, same, {-1}, 1.0F); }),
              HasSubstr("codes 0 to 2"));
  EXPECT_THAT(error_of([&] { mix_codes(codes, same, {0}, 1.5F); }),
              HasSubstr("0 to 1, got 1.5"));
  EXPECT_THAT(error_of([&] { mix_codes(codes, same, {0}, NAN); }),
              HasSubstr("0 to 1, got nan"));
  EXPECT_THAT(error_of([&] { mix_codes(codes, make_codes(2, 2), {0}, 1.0F); }),
              HasSubstr("[3, 2] with codes of [2, 2]"));
  EXPECT_EQ(codes.styles.values, before.styles.values);
}

TEST_F(CodesTest, LatentsSurviveBothFormats) {
  const FaceCodes codes = make_codes(10, 32, -7.0F);
  for (const char* name : {"a.pt", "b.PTH", "c.safetensors"}) {
    write_latent(folder_ / name, codes);
    const FaceCodes back = read_latent(folder_ / name);
    EXPECT_EQ(back.styles.rows, 10) << name;
    EXPECT_EQ(back.styles.width, 32) << name;
    EXPECT_EQ(back.styles.values, codes.styles.values) << name;
  }
}

TEST_F(CodesTest, LatentsOfTheWrongKindAreRefused) {
  EXPECT_THAT(
      error_of([&] { write_latent(folder_ / "a.txt", make_codes(1, 1)); }),
      HasSubstr("must end in .pt"));

  const auto path = folder_ / "a.safetensors";
  write_safetensors(path, {{"other", make_tensor({2}, {1, 2}), DType::kF32}},
                    {});
  EXPECT_THAT(error_of([&] { read_latent(path); }),
              HasSubstr("one tensor of style codes"));
  write_safetensors(path, {{"latent", make_tensor({2}, {1, 2}), DType::kF32}},
                    {});
  EXPECT_THAT(error_of([&] { read_latent(path); }), HasSubstr("shape [2]"));
  write_safetensors(
      path, {{"latent", make_tensor({1, 2}, {1, NAN}), DType::kF32}}, {});
  EXPECT_THAT(error_of([&] { read_latent(path); }), HasSubstr("finite"));
}

TEST_F(CodesTest, LatentsThatAreNotFiniteAreNotWritten) {
  FaceCodes codes = make_codes(2, 2);
  codes.styles.values[3] = std::numeric_limits<float>::infinity();
  EXPECT_THROW(write_latent(folder_ / "a.pt", codes), Error);
  codes.styles.values.pop_back();
  EXPECT_THROW(write_latent(folder_ / "a.pt", codes), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(CodesTest, StructureMapsGoWithTheRowsThatReadThem) {
  FaceCodes codes = make_codes(6, 2);
  codes.maps = {make_map(0, 1.0F), make_map(1, 1.0F), make_map(2, 1.0F)};
  FaceCodes other = make_codes(6, 2);
  other.maps = {make_map(0, 3.0F), make_map(1, 3.0F)};
  mix_codes(codes, other, {1, 2, 4}, 0.5F);
  EXPECT_EQ(codes.maps[0].values[5], 1.0F) << "row 0 is not mixed";
  EXPECT_EQ(codes.maps[1].values[5], 2.0F) << "row 2 is";
  EXPECT_EQ(codes.maps[2].values[5], 1.0F) << "the other face has no such map";

  other.maps[1].values.pop_back();
  EXPECT_THAT(error_of([&] { mix_codes(codes, other, {1}, 0.5F); }),
              HasSubstr("structure maps"));
}

TEST_F(CodesTest, StructureMapsSurviveOrAreRefused) {
  FaceCodes codes = make_codes(6, 2);
  codes.maps = {make_map(0, 1.5F), make_map(2, -2.0F)};
  write_latent(folder_ / "a.safetensors", codes);
  const FaceCodes back = read_latent(folder_ / "a.safetensors");
  ASSERT_EQ(back.maps.size(), 2U);
  EXPECT_EQ(back.maps[1].level, 2);
  EXPECT_EQ(back.maps[1].channels, 2);
  EXPECT_EQ(back.maps[1].side, 16);
  EXPECT_EQ(back.maps[1].values, codes.maps[1].values);
  EXPECT_THAT(error_of([&] { write_latent(folder_ / "a.pt", codes); }),
              HasSubstr(".safetensors file, which holds both"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "a.pt"));

  const auto path = folder_ / "b.safetensors";
  write_safetensors(
      path,
      {{"latent", make_tensor({1, 2}, {1, 2}), DType::kF32},
       {"structure.0", make_tensor({1, 1, 2}, {1, 2}), DType::kF32}},
      {});
  EXPECT_THAT(error_of([&] { read_latent(path); }), HasSubstr("structure.0"));
}

TEST_F(CodesTest, SketchCodesSurvive) {
  SketchCodes codes;
  codes.w = {1.0F, -2.0F};
  codes.fine = make_table(8, 2);
  codes.maps = {make_map(1, 0.5F)};
  write_codes(folder_ / "a.safetensors", codes);
  const SketchCodes back = read_sketch_codes(folder_ / "a.safetensors");
  EXPECT_EQ(back.w, codes.w);
  EXPECT_EQ(back.fine.rows, 8);
  EXPECT_EQ(back.fine.values, codes.fine.values);
  ASSERT_EQ(back.maps.size(), 1U);
  EXPECT_EQ(back.maps[0].values, codes.maps[0].values);
}

TEST_F(CodesTest, AppearanceCodesSurvive) {
  for (const bool relative : {true, false}) {
    AppearanceCodes codes;
    codes.fine = make_table(2, 4);
    codes.relative = relative;
    write_codes(folder_ / "a.safetensors", codes);
    const AppearanceCodes back =
        read_appearance_codes(folder_ / "a.safetensors");
    EXPECT_EQ(back.relative, relative);
    EXPECT_EQ(back.fine.values, codes.fine.values);
  }
}

TEST_F(CodesTest, KindsOfCodesAreToldApart) {
  AppearanceCodes codes;
  codes.fine = make_table(2, 4);
  const auto path = folder_ / "a.safetensors";
  write_codes(path, codes);
  EXPECT_THAT(error_of([&] { read_sketch_codes(path); }),
              HasSubstr("expected a file of sketch codes, got one of "
                        "appearance codes"));
  EXPECT_THAT(error_of([&] { read_latent(path); }),
              HasSubstr("one tensor of style codes"));
  write_latent(path, make_codes(2, 4));
  EXPECT_THAT(error_of([&] { read_appearance_codes(path); }),
              HasSubstr("got one of latent"));
}

}  // namespace
}  // namespace limner
