#include "util/files.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <stdexcept>

#include "util/error.h"
#include "util/test_folder.h"

namespace limner {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

std::string text_of(const fs::path& path) {
  const std::vector<unsigned char> bytes = read_file(path);
  return {bytes.begin(), bytes.end()};
}

size_t count_files(const fs::path& folder) {
  return static_cast<size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(MappedFile, MapsAndShares) {
  const TestFolder folder;
  write_file(folder / "a", std::string("hello"));
  Bytes bytes;
  MappedFile copy = [&] {
    const MappedFile file(folder / "a");
    bytes = file.bytes();
    return file;
  }();
  EXPECT_EQ(copy.path(), folder / "a");
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "hello");
}

TEST(MappedFile, RefusesWithThePath) {
  const TestFolder folder;
  const auto error = [&](const std::string& name) {
    return error_of([&] { MappedFile file(folder / name); });
  };
  EXPECT_THAT(error("no"), AllOf(HasSubstr((folder / "no").string()),
                                 HasSubstr("No such file")));
  EXPECT_THAT(error(""), HasSubstr("is a folder"));
  std::ofstream(folder / "empty").close();
  EXPECT_THAT(error("empty"), HasSubstr("is empty"));
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(error("pipe"), HasSubstr("is not a file"));
}

TEST(MappedFile, ReleaseDropsPagesAndKeepsContents) {
  const TestFolder folder;
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  std::string text(8 * page, 'x');
  for (size_t i = 0; i < text.size(); i += 100) text[i] = 'y';
  write_file(folder / "a", text);
  const MappedFile file(folder / "a");
  const Bytes bytes = file.bytes();
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), text);
  // No crash on odd ranges: only whole pages inside go.
  file.release(bytes);
  file.release(bytes.subspan(1, 10));
  file.release(bytes.subspan(page - 1, 2 * page));
  file.release(bytes.subspan(bytes.size(), 0));
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), text);
}

TEST(ReadFile, ReadsFilesPipesAndNothing) {
  const TestFolder folder;
  const std::string text(200'000, 'z');
  write_file(folder / "a", text);
  EXPECT_EQ(text_of(folder / "a"), text);
  write_file(folder / "empty", std::string());
  EXPECT_EQ(text_of(folder / "empty"), "");

  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    std::ofstream(folder / "pipe") << text;
    ::_exit(0);
  }
  EXPECT_EQ(text_of(folder / "pipe"), text);
  ::waitpid(child, nullptr, 0);
}

TEST(ReadFile, Refuses) {
  const TestFolder folder;
  write_file(folder / "a", std::string("12345"));
  EXPECT_EQ(read_file(folder / "a", 5).size(), 5);
  EXPECT_THAT(error_of([&] { read_file(folder / "a", 4); }),
              HasSubstr("5 bytes long, at most 4"));
  EXPECT_THAT(error_of([&] { read_file("/dev/zero", 1000); }),
              HasSubstr("longer than the 1000 bytes"));
  EXPECT_THAT(error_of([&] { read_file(folder.path()); }),
              HasSubstr("is a folder"));
  EXPECT_THAT(error_of([&] { read_file(folder / "no"); }),
              HasSubstr("No such file"));
}

TEST(AtomicFile, AppearsOnCommitOnly) {
  const TestFolder folder;
  write_file(folder / "a", std::string("old"));
  {
    AtomicFile file(folder / "a");
    file.write("ne");
    file.write("w");
    EXPECT_EQ(text_of(folder / "a"), "old");
    file.commit();
    EXPECT_EQ(text_of(folder / "a"), "new");
    EXPECT_THROW(file.write("x"), Error);
    EXPECT_THROW(file.commit(), Error);
  }
  EXPECT_EQ(text_of(folder / "a"), "new");
  EXPECT_EQ(count_files(folder.path()), 1);
}

TEST(AtomicFile, LeavesNothingBehindOnAnException) {
  const TestFolder folder;
  EXPECT_THROW(
      {
        AtomicFile file(folder / "a");
        file.write("half");
        throw std::runtime_error("stop");
      },
      std::runtime_error);
  EXPECT_EQ(count_files(folder.path()), 0);
}

TEST(AtomicFile, WritesWhatALinkPointsTo) {
  const TestFolder folder;
  write_file(folder / "target", std::string("old"));
  fs::create_symlink("target", folder / "link");
  write_file(folder / "link", std::string("new"));
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(text_of(folder / "target"), "new");
}

TEST(AtomicFile, Refuses) {
  const TestFolder folder;
  const auto error = [](const fs::path& path) {
    return error_of([&] { AtomicFile file(path); });
  };
  EXPECT_THAT(error(folder / "no/a"),
              AllOf(HasSubstr((folder / "no/a").string()),
                    HasSubstr("No such file or directory")));
  EXPECT_THAT(error(folder.path()), HasSubstr("it is a folder"));
  // Above all: does not replace the device.
  EXPECT_THAT(error("/dev/null"), HasSubstr("not a regular file"));
  write_file(folder / "file", std::string("x"));
  EXPECT_THAT(error(folder / "file/a"), HasSubstr("Not a directory"));
}

TEST(AtomicFile, FollowsTheUmask) {
  const TestFolder folder;
  const mode_t saved = ::umask(027);
  write_file(folder / "a", std::string("x"));
  ::umask(saved);
  EXPECT_EQ(fs::status(folder / "a").permissions(), fs::perms::owner_read |
                                                        fs::perms::owner_write |
                                                        fs::perms::group_read);
}

TEST(AtomicFile, ReportsAFullDisk) {
  const TestFolder folder;
  const fs::path disk = folder / "disk";
  fs::create_directory(disk);
  if (::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=64k") != 0) {
    GTEST_SKIP() << "cannot mount a small disk here";
  }
  const std::string text(40'000, 'x');
  const std::string error = error_of([&] {
    AtomicFile file(disk / "a");
    for (int i = 0; i < 10; ++i) file.write(text);
    file.commit();
  });
  const size_t left = count_files(disk);
  ::umount(disk.c_str());
  EXPECT_THAT(error, AllOf(HasSubstr((disk / "a").string()),
                           HasSubstr("No space left on device")));
  EXPECT_EQ(left, 0);
}

// Without a mount: a limit on the size of files.
TEST(AtomicFile, ReportsAFailedWrite) {
  const TestFolder folder;
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit = {1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const std::string error =
        error_of([&] { write_file(folder / "a", std::string(5000, 'x')); });
    ::_exit(error == (folder / "a").string() + ": cannot write: File too large"
                ? 0
                : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  EXPECT_EQ(count_files(folder.path()), 0);
}

// Starts a child that writes a file in `folder` and waits; returns once the
// temporary file is there.
pid_t start_writer(const TestFolder& folder, bool ignore_hangup) {
  int ready[2];
  if (::pipe(ready) != 0) fail("no pipe");
  const pid_t child = ::fork();
  if (child == 0) {
    if (ignore_hangup) ::signal(SIGHUP, SIG_IGN);
    remove_temporaries_on_signals();
    AtomicFile file(folder / "a");
    file.write("half");
    // A child of the writer that ends must not remove the writer's file.
    const pid_t inner = ::fork();
    if (inner == 0) {
      ::raise(SIGTERM);
      ::_exit(0);
    }
    ::waitpid(inner, nullptr, 0);
    [[maybe_unused]] const ssize_t put = ::write(ready[1], "x", 1);
    for (;;) ::pause();
  }
  char byte;
  [[maybe_unused]] const ssize_t got = ::read(ready[0], &byte, 1);
  ::close(ready[0]);
  ::close(ready[1]);
  return child;
}

TEST(AtomicFile, IsRemovedOnSignals) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const TestFolder folder;
    const pid_t child = start_writer(folder, false);
    EXPECT_EQ(count_files(folder.path()), 1);
    ::kill(child, signal);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(WTERMSIG(status), signal);
    EXPECT_EQ(count_files(folder.path()), 0) << signal;
  }
}

TEST(AtomicFile, IgnoredSignalsStayIgnored) {
  const TestFolder folder;
  const pid_t child = start_writer(folder, true);
  ::kill(child, SIGHUP);
  ::usleep(50'000);
  EXPECT_EQ(::waitpid(child, nullptr, WNOHANG), 0);
  EXPECT_EQ(count_files(folder.path()), 1);
  ::kill(child, SIGTERM);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(count_files(folder.path()), 0);
}

TEST(AtomicFile, WhatAKilledRunLeftIsRemovedByTheNext) {
  const TestFolder folder;
  const pid_t child = start_writer(folder, false);
  std::ofstream(folder / ".limner-kept.txt") << "a user's";
  fs::create_directories(folder / ".limner-1-1.tmp");
  fs::create_symlink(folder / "none", folder / ".limner-2-2.tmp");
  // Another process, which has not written to the folder yet.
  const auto write_elsewhere = [&](const char* name) {
    const pid_t other = ::fork();
    if (other == 0) {
      write_file(folder / name, std::string("whole"));
      ::_exit(0);
    }
    ::waitpid(other, nullptr, 0);
  };
  write_elsewhere("b");  // the writer lives
  EXPECT_EQ(count_files(folder.path()), 5);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(count_files(folder.path()), 5);
  write_elsewhere("c");
  EXPECT_EQ(count_files(folder.path()), 5);  // one more, and one fewer
  EXPECT_TRUE(fs::exists(folder / ".limner-kept.txt"));
}

TEST(MakeFolders, MakesParentsAndRefusesFiles) {
  const TestFolder folder;
  make_folders(folder / "a/b/c");
  make_folders(folder / "a/b/c");
  EXPECT_TRUE(fs::is_directory(folder / "a/b/c"));
  make_folders("");
  write_file(folder / "file", std::string("x"));
  EXPECT_THAT(error_of([&] { make_folders(folder / "file"); }),
              HasSubstr("cannot make folder"));
  EXPECT_THAT(error_of([&] { make_folders(folder / "file/x"); }),
              HasSubstr("cannot make folder"));
}

}  // namespace
}  // namespace limner
