#include "app/outputs.h"

#include <gmock/gmock.h>

#include "util/files.h"
#include "util/test_folder.h"

namespace limner::app {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class OutputsTest : public ::testing::Test {
 protected:
  std::string plan_message(Outputs& outputs, const fs::path& path) {
    return error_of([&] { outputs.plan(path); });
  }

  const TestFolder folder_;
  const fs::path root_ = folder_.path();
};

TEST_F(OutputsTest, InputsAreNotOverwritten) {
  write_file(root_ / "in.png", std::string("x"));
  fs::create_symlink(root_, root_ / "link");
  Outputs outputs;
  outputs.protect(root_ / "in.png");
  for (const fs::path& path :
       {root_ / "in.png", root_ / "." / "in.png", root_ / "link" / "in.png"}) {
    EXPECT_THAT(plan_message(outputs, path), HasSubstr("is an input"));
  }
  EXPECT_EQ(plan_message(outputs, root_ / "out.png"), "no error");
}

TEST_F(OutputsTest, OtherNamesOfAnInputAreRefused) {
  write_file(root_ / "in.png", std::string("x"));
  fs::create_hard_link(root_ / "in.png", root_ / "same.png");
  write_file(root_ / "other.png", std::string("x"));
  Outputs outputs;
  outputs.protect(root_ / "in.png");
  EXPECT_THAT(plan_message(outputs, root_ / "same.png"),
              HasSubstr("another name of an input"));
  EXPECT_EQ(plan_message(outputs, root_ / "other.png"), "no error");
}

TEST_F(OutputsTest, TwoResultsNeedTwoNames) {
  Outputs outputs;
  outputs.plan(root_ / "a.png");
  EXPECT_THAT(plan_message(outputs, root_ / "." / "a.png"),
              HasSubstr("two results"));
}

TEST_F(OutputsTest, ProblemsShowBeforeAnythingIsWritten) {
  write_file(root_ / "file", std::string("x"));
  fs::create_directory(root_ / "folder.png");
  Outputs outputs;
  EXPECT_THAT(plan_message(outputs, root_ / "file" / "a.png"),
              HasSubstr("is not a folder"));
  EXPECT_THAT(plan_message(outputs, root_ / "file" / "b" / "a.png"),
              HasSubstr("is not a folder"));
  EXPECT_THAT(plan_message(outputs, root_ / "folder.png"),
              HasSubstr("a folder has that name"));
}

TEST_F(OutputsTest, FoldersAreMadeLateAndRemovedWhenEmpty) {
  const fs::path used = root_ / "a" / "b" / "x.png";
  const fs::path unused = root_ / "a" / "c" / "y.png";
  {
    Outputs outputs;
    outputs.plan(used);
    outputs.plan(unused);
    EXPECT_FALSE(fs::exists(root_ / "a"));
    outputs.prepare(used);
    outputs.prepare(unused);
    EXPECT_TRUE(fs::is_directory(root_ / "a" / "c"));
    write_file(used, std::string("x"));
  }
  EXPECT_TRUE(fs::exists(used));
  EXPECT_FALSE(fs::exists(root_ / "a" / "c"));
}

TEST_F(OutputsTest, FoldersThatWereThereStay) {
  fs::create_directory(root_ / "empty");
  {
    Outputs outputs;
    outputs.prepare(root_ / "empty" / "x.png");
  }
  EXPECT_TRUE(fs::is_directory(root_ / "empty"));
}

TEST_F(OutputsTest, Names) {
  EXPECT_TRUE(names_folder(root_));
  EXPECT_TRUE(names_folder("nowhere/"));
  EXPECT_FALSE(names_folder("nowhere"));
  EXPECT_EQ(named("out", "a/1.5", ".png"), fs::path("out/a/1.5.png"));
}

}  // namespace
}  // namespace limner::app
