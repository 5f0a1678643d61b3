#include "util/sha256.h"

#include <gmock/gmock.h>

#include "util/error.h"
#include "util/files.h"
#include "util/test_folder.h"

namespace limner {
namespace {

// FIPS 180-2, appendix B.
TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(sha256_hex({}),
            "e3b0c44298fc1c149afbf4c8996fb924"
            "27ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex(bytes_of("abc")),
            "ba7816bf8f01cfea414140de5dae2223"
            "b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(bytes_of(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67"
            "f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, PiecesMakeTheWhole) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += static_cast<char>(i * 7);
  for (const size_t piece : {1, 3, 63, 64, 65, 500}) {
    Sha256 sum;
    for (size_t at = 0; at < text.size(); at += piece) {
      sum.update(bytes_of(text.substr(at, piece)));
    }
    EXPECT_EQ(sum.hex(), sha256_hex(bytes_of(text)));
  }
}

TEST(Sha256, OfAFile) {
  const TestFolder folder;
  write_file(folder / "a", std::string("abc"));
  EXPECT_EQ(sha256_file(folder / "a"), sha256_hex(bytes_of("abc")));
  EXPECT_THROW(sha256_file(folder / "missing"), Error);
}

}  // namespace
}  // namespace limner
