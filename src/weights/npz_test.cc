#include "weights/npz.h"

#include <gmock/gmock.h>

#include "weights/test_files.h"

namespace limner {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Npz, StoredAndDeflated) {
  for (const char* name : {"arrays.npz", "arrays-deflated.npz"}) {
    const TensorMap map = read_npz(fixture(name));
    EXPECT_EQ(map.source, fixture(name).string());
    EXPECT_EQ(map.tensors.size(), 12);
    // The values of make_torch_files.py's pattern().
    for (const char* type : {"float64", "float32", "float16", "int64", "int32",
                             "int16", "int8", "uint8", "bool", "fortran"}) {
      const Tensor& tensor = map.at(type, {2, 3, 4});
      const bool fortran = std::string(type) == "fortran";
      EXPECT_STREQ(name_of(tensor.type), fortran ? "float32" : type);
      EXPECT_EQ(tensor.contiguous(), !fortran);
      const std::vector<float> values = tensor.to_f32();
      for (int k = 0; k < 24; ++k) {
        const auto cycle = static_cast<float>(7 * k % 11);
        const DType t = tensor.type;
        const float expected = t == DType::kBool ? (k % 3 == 0 ? 1.0F : 0.0F)
                               : t == DType::kU8 ? cycle
                               : size_of(t) > 1 && name_of(t)[0] == 'f'
                                   ? (cycle - 5) * 0.5F
                                   : cycle - 5;
        EXPECT_EQ(values[static_cast<size_t>(k)], expected) << type;
      }
    }
    EXPECT_THAT(map.at("scalar", {}).to_f32(), ElementsAre(2.5F));
    EXPECT_TRUE(map.at("empty", {0, 3}).to_f32().empty());
  }
}

TEST(Npz, RefusesOtherTypes) {
  EXPECT_THAT(error_of([] { read_npz(fixture("objects.npz")); }),
              HasSubstr("array 'x.npy' holds Python objects"));
  EXPECT_THAT(error_of([] { read_npz(fixture("big-endian.npz")); }),
              HasSubstr("array 'x.npy' is big-endian"));
  EXPECT_THAT(error_of([] { read_npz(fixture("types-legacy.pt")); }),
              HasSubstr("not an .npz"));
  EXPECT_THAT(error_of([] { read_npz(fixture("types-zip.pt")); }),
              HasSubstr("is no .npy array"));
}

class NpyHeader : public ::testing::Test {
 protected:
  std::string error(const std::string& header, size_t values = 8,
                    int version = 1) {
    const std::string path = (folder_ / "a.npz").string();
    const std::string npy = std::string("\x93NUMPY") +
                            static_cast<char>(version) + '\0' +
                            le(header.size(), version == 1 ? 2 : 4) + header +
                            std::string(values, '\0');
    write_zip(path, {{"x.npy", npy}});
    const std::string message = error_of([&] { touch(read_npz(path)); });
    if (message != "no error") {
      EXPECT_THAT(message, AllOf(HasSubstr(path), HasSubstr("'x.npy'"),
                                 Not(HasSubstr("\n"))));
    }
    return message;
  }
  TestFolder folder_;
};

TEST_F(NpyHeader, Versions) {
  const std::string header =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }  \n";
  EXPECT_EQ(error(header), "no error");
  EXPECT_EQ(error(header, 8, 2), "no error");
  EXPECT_EQ(error(header, 8, 3), "no error");
  EXPECT_THAT(error(header, 8, 4), HasSubstr("version 4"));
  EXPECT_EQ(error("{'shape':(),'descr':'<f8','fortran_order':True}"),
            "no error");
}

TEST_F(NpyHeader, Refuses) {
  const auto with = [&](const std::string& descr, const std::string& order,
                        const std::string& shape) {
    return error("{'descr': " + descr + ", 'fortran_order': " + order +
                 ", 'shape': " + shape + "}");
  };
  EXPECT_EQ(with("'<f4'", "False", "(2,)"), "no error");
  EXPECT_THAT(with("'<f4'", "False", "(3,)"), HasSubstr("8 bytes of values"));
  EXPECT_THAT(with("'<f4'", "False", "(1152921504606846976,)"),
              HasSubstr("damaged"));
  EXPECT_THAT(with("'<f4'", "False", "(115292150460684697,)"),
              HasSubstr("too large"));
  EXPECT_THAT(with("'<f4'", "False", "(281474976710656,)"),
              HasSubstr("8 bytes of values"));
  EXPECT_THAT(with("'<f4'", "False", "(4294967296, 4294967296)"),
              HasSubstr("too large"));
  EXPECT_THAT(with("'<f4'", "False", "(-2,)"), HasSubstr("damaged"));
  EXPECT_THAT(with("'<f4'", "False", "2"), HasSubstr("damaged"));
  EXPECT_THAT(with("'<f4'", "False", "(2"), HasSubstr("damaged"));
  EXPECT_THAT(with("'<f4'", "None", "(2,)"), HasSubstr("damaged"));
  EXPECT_THAT(with("'<c8'", "False", "(1,)"), HasSubstr("'<c8'"));
  EXPECT_THAT(with("''", "False", "(1,)"), HasSubstr("not supported"));
  EXPECT_THAT(with("[('a', '<f4')]", "False", "(2,)"), HasSubstr("fields"));
  EXPECT_THAT(error("{'descr': '<f4'}"), HasSubstr("damaged"));
  EXPECT_THAT(error("{'descr': '<f4', 'descr': '<f4'}"), HasSubstr("damaged"));
  EXPECT_THAT(error("{'a': os.system('x')}"), HasSubstr("damaged"));
  EXPECT_THAT(error("{'descr"), HasSubstr("damaged"));
  EXPECT_THAT(error(""), HasSubstr("damaged"));
  EXPECT_THAT(error(std::string(70'000, ' '), 8, 2), HasSubstr("at most"));
  EXPECT_THAT(error("{'descr': '<f4', 'fortran_order': False, "
                    "'shape': (2,)} 1"),
              HasSubstr("damaged"));
}

TEST(NpzReference, Dump) {
  const fs::path path =
      fs::path(LIMNER_SHARED) / "reference/tiny/dump-example1.npz";
  if (!fs::exists(path)) GTEST_SKIP() << "no reference data at " << path;
  const TensorMap map = read_npz(path);
  EXPECT_EQ(map.tensors.size(), 83);
  EXPECT_EQ(map.at("input_labels_256", {256, 256}).type, DType::kU8);
  EXPECT_EQ(map.at("g.32.conv1", {1, 32, 32, 32}).type, DType::kF32);
  double sum = 0;  // as NumPy gives it
  for (const auto& [name, tensor] : map.tensors) {
    for (const float value : tensor.to_f32()) sum += static_cast<double>(value);
  }
  EXPECT_NEAR(sum, 1828786.7039868694, 0.01);
}

}  // namespace
}  // namespace limner
