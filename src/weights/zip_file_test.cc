#include "weights/zip_file.h"

#include <gmock/gmock.h>

#include "weights/test_files.h"

namespace limner {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kNoLimit = ~uint64_t{0};

class Zip : public ::testing::Test {
 protected:
  // A zip of these members, with its bytes changed by `edit`.
  std::string error(const Members& members, const std::string& from,
                    const std::string& to) {
    const auto path = folder_ / "a.zip";
    write_zip(path, members);
    const std::vector<unsigned char> bytes = read_file(path);
    std::string text(bytes.begin(), bytes.end());
    const size_t at = text.rfind(from);
    if (at == std::string::npos) return "nothing to edit";
    text.replace(at, to.size(), to);
    write_file(path, text);
    return error_of([&] {
      ZipFile zip{MappedFile(path)};
      for (const auto& [name, member] : zip.members()) {
        zip.open(name, true, kNoLimit);
      }
    });
  }
  // Replaces `to` at `offset` of the directory entry of member "m".
  std::string entry_error(size_t offset, const std::string& to) {
    const Members members = {{"m", "contents"}};
    const auto path = folder_ / "b.zip";
    write_zip(path, members);
    const std::vector<unsigned char> bytes = read_file(path);
    const std::string text(bytes.begin(), bytes.end());
    const size_t entry = text.rfind("PK\x01\x02");
    const std::string old = text.substr(entry, offset);
    return error(members, old, old + to);
  }

  TestFolder folder_;
};

TEST_F(Zip, ReadsMappedMembers) {
  const auto path = folder_ / "a.zip";
  write_zip(path, {{"one", "11"}, {"two/2", ""}});
  const MappedFile file(path);
  ZipFile zip(file);
  EXPECT_EQ(zip.members().size(), 2);
  const Blob one = zip.open("one", true, 2);
  EXPECT_EQ(std::string(one.bytes.begin(), one.bytes.end()), "11");
  EXPECT_TRUE(one.mapped);
  EXPECT_GE(one.bytes.data(), file.bytes().begin());
  EXPECT_LT(one.bytes.data(), file.bytes().end());
  EXPECT_TRUE(zip.open("two/2", true, 0).bytes.empty());
  EXPECT_THAT(error_of([&] { zip.open("three", true, kNoLimit); }),
              HasSubstr("has no 'three'"));
  EXPECT_THAT(error_of([&] { zip.open("one", true, 1); }),
              HasSubstr("2 bytes long, at most 1"));
}

TEST_F(Zip, CommentsMayFollow) {
  const auto path = folder_ / "a.zip";
  write_zip(path, {{"m", "contents"}});
  const std::vector<unsigned char> bytes = read_file(path);
  std::string text(bytes.begin(), bytes.end());
  text.replace(text.size() - 2, 2, le(7, 2));
  write_file(path, text + "comment");
  ZipFile zip{MappedFile(path)};
  EXPECT_EQ(zip.members().size(), 1);
}

// Sizes above 4 GiB stand in a field of their own; small ones may too.
TEST_F(Zip, Zip64) {
  const std::string name = "m";
  const std::string data = "contents";
  const std::string local = "PK\x03\x04" + le(45, 2) + le(0, 8) + le(0, 4) +
                            le(0xFFFFFFFF, 4) + le(0xFFFFFFFF, 4) + le(1, 2) +
                            le(0, 2) + name;
  const std::string extra =
      le(1, 2) + le(24, 2) + le(data.size(), 8) + le(data.size(), 8) + le(0, 8);
  const std::string entry = "PK\x01\x02" + le(45, 2) + le(45, 2) + le(0, 8) +
                            le(0, 4) + le(0xFFFFFFFF, 4) + le(0xFFFFFFFF, 4) +
                            le(1, 2) + le(extra.size(), 2) + le(0, 10) +
                            le(0xFFFFFFFF, 4) + name + extra;
  const uint64_t directory = local.size() + data.size();
  const std::string end64 = "PK\x06\x06" + le(44, 8) + le(45, 2) + le(45, 2) +
                            le(0, 8) + le(1, 8) + le(1, 8) +
                            le(entry.size(), 8) + le(directory, 8);
  const auto file = [&](uint64_t end64_at) {
    const std::string locator =
        "PK\x06\x07" + le(0, 4) + le(end64_at, 8) + le(1, 4);
    const std::string end = "PK\x05\x06" + le(0, 4) + le(0xFFFF, 2) +
                            le(0xFFFF, 2) + le(0xFFFFFFFF, 4) +
                            le(0xFFFFFFFF, 4) + le(0, 2);
    write_file(folder_ / "a.zip", local + data + entry + end64 + locator + end);
  };
  file(directory + entry.size());
  ZipFile zip{MappedFile(folder_ / "a.zip")};
  const Blob blob = zip.open("m", false, kNoLimit);
  EXPECT_EQ(std::string(blob.bytes.begin(), blob.bytes.end()), data);

  for (const uint64_t at : {uint64_t{0}, uint64_t{1} << 40, ~uint64_t{0}}) {
    file(at);
    EXPECT_THAT(
        error_of([&] { ZipFile damaged{MappedFile(folder_ / "a.zip")}; }),
        HasSubstr("no zip64 end record"));
  }
}

TEST_F(Zip, Refuses) {
  EXPECT_EQ(entry_error(46, "m"), "no error");
  EXPECT_THAT(entry_error(8, le(1, 2)), HasSubstr("'m' is encrypted"));
  EXPECT_THAT(entry_error(10, le(9, 2)), HasSubstr("method 9"));
  EXPECT_THAT(entry_error(16, le(0, 4)), HasSubstr("wrong checksum"));
  EXPECT_THAT(entry_error(20, le(5, 4)), HasSubstr("two different sizes"));
  EXPECT_THAT(entry_error(20, le(0xFFFFFF, 4) + le(0xFFFFFF, 4)),
              HasSubstr("past the end"));
  EXPECT_THAT(entry_error(20, le(0xFFFFFFFF, 4)), HasSubstr("is broken"));
  EXPECT_THAT(entry_error(28, le(0xFFFF, 2)), HasSubstr("is broken"));
  EXPECT_THAT(entry_error(42, le(4, 4)), HasSubstr("not where"));
  EXPECT_THAT(entry_error(42, le(0xFFFFFFF0, 4)), HasSubstr("not where"));
  // Stored bytes as a deflate stream, and a claim of 4 GiB.
  EXPECT_THAT(entry_error(10, le(8, 2)), HasSubstr("cannot be unpacked"));
  EXPECT_THAT(
      entry_error(10, le(8, 2) + le(0, 8) + le(8, 4) + le(0xFFFFFFF0, 4)),
      HasSubstr("cannot be unpacked"));

  const std::string end("PK\x05\x06", 4);
  const Members members = {{"m", "contents"}};
  EXPECT_THAT(error(members, end, "PK\x05\x07"), HasSubstr("no directory"));
  EXPECT_THAT(error(members, end, end + le(1, 2)), HasSubstr("split"));
  EXPECT_THAT(error(members, end, end + le(0, 6) + le(2, 2)),
              HasSubstr("is broken"));
  EXPECT_THAT(error(members, end, end + le(0, 8) + le(0xFFFFFF, 4)),
              HasSubstr("outside"));
  EXPECT_THAT(error({{"m", "1"}, {"m", "2"}}, end, end),
              HasSubstr("two members named 'm'"));
}

}  // namespace
}  // namespace limner
