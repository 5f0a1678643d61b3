// Small files of every kind, cut off at every length and with every byte
// garbled in turn: reading must succeed or be one Error. Built with
// sanitizers, this also shows that nothing outside of the files is read.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "weights/npz.h"
#include "weights/safetensors.h"
#include "weights/test_files.h"

namespace limner {
namespace {

namespace fs = std::filesystem;

class Damage : public ::testing::TestWithParam<const char*> {};

TEST_P(Damage, IsAnErrorOrHarmless) {
  const fs::path path = fixture(GetParam());
  const bool npz = path.extension() == ".npz";
  const int refused = try_damage(path, [&](const std::string& damaged) {
    if (npz) {
      touch(read_npz(damaged));
      return;
    }
    const Checkpoint checkpoint = read_checkpoint(damaged);
    touch(checkpoint.tensors);
    checkpoint.values().dump();
  });
  // At least every truncation.
  EXPECT_GE(static_cast<uint64_t>(refused), fs::file_size(path));
}

INSTANTIATE_TEST_SUITE_P(
    Fixtures, Damage,
    ::testing::Values("nested-zip.pt", "types-zip.pt", "types-legacy.pt",
                      "views-zip.pt", "views-legacy.pt", "nested-legacy.pt",
                      "protocol4-zip.pt", "protocol5-legacy.pt",
                      "storage-views-legacy.pt", "deflated-zip.pt",
                      "arrays.npz", "arrays-deflated.npz"));

TEST(DamageToSafetensors, IsAnErrorOrHarmless) {
  const TestFolder folder;
  const fs::path path = folder / "a.safetensors";
  write_safetensors(
      path,
      {{"a", make_tensor({2, 3}, {1, 2, 3, 4, 5, 6}), DType::kF32},
       {"b", make_tensor({3}, {1, 2, 3}), DType::kBF16}},
      {{"key", "value"}});
  const int refused = try_damage(path, [](const std::string& damaged) {
    const Checkpoint checkpoint = read_checkpoint(damaged);
    touch(checkpoint.tensors);
    checkpoint.values().dump();
  });
  EXPECT_GE(static_cast<uint64_t>(refused), fs::file_size(path));
}

}  // namespace
}  // namespace limner
