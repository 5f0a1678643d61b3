#include "pipeline/pairs.h"

#include <gmock/gmock.h>

#include <fstream>
#include <string>

#include "util/error.h"
#include "util/test_folder.h"

namespace limner {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Pairs : public ::testing::Test {
 protected:
  // Files of any content: pairing looks at names only.
  void make(const std::vector<std::string>& names) const {
    for (const std::string& name : names) {
      fs::create_directories((root_ / name).parent_path());
      std::ofstream(root_ / name) << "x";
    }
  }
  // "name=sketch+photo", paths relative to the root.
  std::vector<std::string> pairs(const Pairing& pairing) const {
    std::vector<std::string> out;
    for (const Pair& pair : pairing.pairs) {
      out.push_back(pair.name + "=" + relative(pair.sketch) + "+" +
                    relative(pair.photo));
    }
    return out;
  }
  std::vector<std::string> unpaired(const Pairing& pairing) const {
    std::vector<std::string> out;
    for (const fs::path& path : pairing.unpaired) out.push_back(relative(path));
    return out;
  }
  std::string relative(const fs::path& path) const {
    return path.empty() ? "" : path.lexically_relative(root_).string();
  }
  std::string message_of(const fs::path& sketches,
                         const fs::path& photos) const {
    return error_of([&] { find_pairs(sketches, photos); });
  }

  const TestFolder folder_;
  const fs::path root_ = folder_.path();
};

TEST_F(Pairs, MatchNamesWhateverTheEnding) {
  make({"s/1.png", "s/2.png", "p/1.jpg", "p/2.WEBP"});
  const Pairing found = find_pairs(root_ / "s", root_ / "p");
  EXPECT_THAT(pairs(found),
              ElementsAre("1=s/1.png+p/1.jpg", "2=s/2.png+p/2.WEBP"));
  EXPECT_THAT(found.unpaired, IsEmpty());
}

TEST_F(Pairs, AreSortedByTheValueOfNumbers) {
  make({"s/10.png", "s/2.png", "s/1.png", "s/a10b2.png", "s/a10b10.png",
        "s/a9.png", "s/02.png", "s/99999999999999999999999.png",
        "s/100000000000000000000000.png", "s/a/3.png", "s/a-b/1.png"});
  std::vector<std::string> names;
  for (const Pair& pair : find_pairs(root_ / "s", {}).pairs) {
    names.push_back(pair.name);
  }
  EXPECT_THAT(names,
              ElementsAre("1", "02", "2", "10", "99999999999999999999999",
                          "100000000000000000000000", "a/3", "a-b/1", "a9",
                          "a10b2", "a10b10"));
}

TEST_F(Pairs, DrawingsOfStrokesCountWhereWanted) {
  make({"1.svg", "2.JSON", "3.ndjson", "4.png", "5.txt"});
  EXPECT_EQ(find_pairs(root_, {}).pairs.size(), 1U);
  EXPECT_EQ(find_pairs(root_, {}, SketchFiles::kDrawings).pairs.size(), 4U);
  make({"1.jpg"});
  EXPECT_THROW(find_pairs(root_, {}, SketchFiles::kDrawings), Error);
}

TEST_F(Pairs, WhatIsLeftOutIsCountedByKind) {
  make({"s/1.png", "s/2.png", "s/a.txt", "s/b/b.TXT", "s/noted", "s/.hidden",
        "s/Thumbs.db", "p/1.jpg", "p/2.jpg", "p/3.mov"});
  const Pairing found = find_pairs(root_ / "s", root_ / "p");
  EXPECT_EQ(counted(found.left_out), "1 .mov, 2 .txt, 1 without an ending");
  EXPECT_EQ(counted(find_pairs(root_ / "s/1.png", {}).left_out), "");
  make({"none/1.mov", "none/2.mov"});
  EXPECT_THAT(message_of(root_ / "none", {}), HasSubstr("only 2 .mov"));
}

TEST_F(Pairs, FilesOfOtherProgramsCountButYieldToUsualOnes) {
  make({"1.kra", "1.png", "2.kra", "3.excalidraw", "4.gif", "4.svg"});
  const Pairing found = find_pairs(root_, {}, SketchFiles::kDrawings);
  EXPECT_THAT(pairs(found), ElementsAre("1=1.png+", "2=2.kra+",
                                        "3=3.excalidraw+", "4=4.svg+"));
  EXPECT_EQ(counted(found.left_out),
            "1 .gif beside a file of the same name, 1 .kra beside a file of "
            "the same name");
}

TEST_F(Pairs, NeedNoPhoto) {
  make({"s/1.png"});
  EXPECT_THAT(pairs(find_pairs(root_ / "s", {})), ElementsAre("1=s/1.png+"));
  EXPECT_THAT(pairs(find_pairs(root_ / "s/1.png", {})),
              ElementsAre("1=s/1.png+"));
}

TEST_F(Pairs, OnePhotoServesEverySketch) {
  make({"s/1.png", "s/b/2.png", "face.jpg"});
  const Pairing found = find_pairs(root_ / "s", root_ / "face.jpg");
  EXPECT_THAT(pairs(found),
              ElementsAre("1=s/1.png+face.jpg", "b/2=s/b/2.png+face.jpg"));
  EXPECT_THAT(pairs(find_pairs(root_ / "s/1.png", root_ / "face.jpg")),
              ElementsAre("1=s/1.png+face.jpg"));
}

TEST_F(Pairs, OneSketchFindsItsPhoto) {
  make({"s/2.png", "p/1.jpg", "p/2.jpg"});
  const Pairing found = find_pairs(root_ / "s/2.png", root_ / "p");
  EXPECT_THAT(pairs(found), ElementsAre("2=s/2.png+p/2.jpg"));
  EXPECT_THAT(unpaired(found), ElementsAre("p/1.jpg"));
}

TEST_F(Pairs, NestedFoldersKeepTheirNames) {
  make({"s/a/1.png", "s/b/1.png", "p/a/1.jpg", "p/b/1.jpg", "p/1.jpg"});
  const Pairing found = find_pairs(root_ / "s", root_ / "p");
  EXPECT_THAT(pairs(found), ElementsAre("a/1=s/a/1.png+p/a/1.jpg",
                                        "b/1=s/b/1.png+p/b/1.jpg"));
  EXPECT_THAT(unpaired(found), ElementsAre("p/1.jpg"));
}

TEST_F(Pairs, AMissingFileShiftsNothing) {
  make({"s/1.png", "s/2.png", "s/3.png", "s/10.png", "p/1.png", "p/3.png",
        "p/4.png", "p/20.png"});
  const Pairing found = find_pairs(root_ / "s", root_ / "p");
  EXPECT_THAT(pairs(found),
              ElementsAre("1=s/1.png+p/1.png", "3=s/3.png+p/3.png"));
  EXPECT_THAT(unpaired(found),
              ElementsAre("s/2.png", "s/10.png", "p/4.png", "p/20.png"));
}

TEST_F(Pairs, OnlyPicturesInSightCount) {
  make({"s/1.png", "s/.2.png", "s/.hidden/3.png", "s/notes.txt", "s/4.png.bak",
        "s/png", "s/5.JPEG"});
  fs::create_directories(root_ / "s/6.png");  // a folder
  EXPECT_THAT(pairs(find_pairs(root_ / "s", {})),
              ElementsAre("1=s/1.png+", "5=s/5.JPEG+"));
}

TEST_F(Pairs, NamesWithDotsAndSpacesStayWhole) {
  make({"s/a.b c.png", "s/a.b.png", "p/a.b c.jpg", "p/a.b.jpg"});
  EXPECT_THAT(
      pairs(find_pairs(root_ / "s", root_ / "p")),
      ElementsAre("a.b=s/a.b.png+p/a.b.jpg", "a.b c=s/a.b c.png+p/a.b c.jpg"));
}

TEST_F(Pairs, AmbiguousNamesAreRefused) {
  make({"s/a.png", "p/a.png", "p/a.jpg"});
  const std::string message = message_of(root_ / "s", root_ / "p");
  EXPECT_THAT(message, HasSubstr("a.jpg and "));
  EXPECT_THAT(message,
              HasSubstr("a.png have the same name but for the ending"));
  EXPECT_THAT(message_of(root_ / "p", {}), HasSubstr("the same name"));
}

TEST_F(Pairs, NothingFoundIsAnError) {
  make({"s/1.png", "p/2.png"});
  fs::create_directories(root_ / "empty/inner");
  EXPECT_THAT(message_of(root_ / "empty", {}),
              HasSubstr("empty: no pictures (.png .jpg .jpeg .webp .bmp"));
  EXPECT_THAT(message_of(root_ / "s", root_ / "empty"),
              HasSubstr("empty: no pictures"));
  EXPECT_THAT(message_of(root_ / "s", root_ / "p"),
              HasSubstr("no sketch has a photo of the same name"));
}

TEST_F(Pairs, MissingPathsAreNamed) {
  make({"s/1.png"});
  EXPECT_EQ(message_of(root_ / "none", {}),
            (root_ / "none").string() + ": no such file or folder");
  EXPECT_THAT(message_of(root_ / "s", root_ / "none.jpg"),
              HasSubstr("none.jpg: no such file or folder"));
  EXPECT_THAT(message_of("", {}), HasSubstr("no such file or folder"));
  // A file where a folder should be.
  EXPECT_THAT(message_of(root_ / "s/1.png/x", {}), HasSubstr("1.png/x: "));
}

TEST_F(Pairs, LoopsOfLinksEnd) {
  make({"s/a/1.png"});
  fs::create_directory_symlink(root_ / "s", root_ / "s/a/loop");
  fs::create_directory_symlink("here", root_ / "s/here");  // to itself
  fs::create_symlink("nowhere.png", root_ / "s/dead.png");
  EXPECT_THAT(pairs(find_pairs(root_ / "s", {})),
              ElementsAre("a/1=s/a/1.png+"));
}

TEST_F(Pairs, LinksAreFollowedOnce) {
  make({"s/z/1.png", "other/2.png", "3.png"});
  fs::create_directory_symlink(root_ / "s/z", root_ / "s/a");
  fs::create_directory_symlink(root_ / "other", root_ / "s/linked");
  fs::create_symlink(root_ / "3.png", root_ / "s/three.png");
  EXPECT_THAT(pairs(find_pairs(root_ / "s", {})),
              ElementsAre("linked/2=s/linked/2.png+", "three=s/three.png+",
                          "z/1=s/z/1.png+"));
}

}  // namespace
}  // namespace limner
