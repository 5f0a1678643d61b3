#include "util/progress.h"

#include <gmock/gmock.h>
#include <pty.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>

namespace limner {
namespace {

using ::testing::HasSubstr;

// Runs body() with standard error sent to `descriptor`.
template <typename Body>
void with_stderr(int descriptor, const Body& body) {
  const int saved = ::dup(STDERR_FILENO);
  ::dup2(descriptor, STDERR_FILENO);
  body();
  ::dup2(saved, STDERR_FILENO);
  ::close(saved);
}

// Everything until the other end is closed.
std::string read_all(int descriptor) {
  std::string text;
  char buffer[4096];
  ssize_t got = 0;
  while ((got = ::read(descriptor, buffer, sizeof buffer)) > 0) {
    text.append(buffer, static_cast<size_t>(got));
  }
  return text;
}

TEST(Progress, ShowsAndClearsOnATerminal) {
  int master = -1;
  int terminal = -1;
  if (::openpty(&master, &terminal, nullptr, nullptr, nullptr) != 0) {
    GTEST_SKIP() << "no pseudo terminals here";
  }
  with_stderr(terminal, [] {
    Progress progress("faces", 3);
    progress.advance();
    progress.advance(2);
  });
  ::close(terminal);
  const std::string shown = read_all(master);
  EXPECT_THAT(shown, HasSubstr("\rfaces  0/3"));
  EXPECT_THAT(shown, HasSubstr("\rfaces  3/3"));
  EXPECT_THAT(shown, HasSubstr("/s  0:00 left"));
  EXPECT_THAT(shown, ::testing::EndsWith("\r\033[K"));
  ::close(master);
}

TEST(Progress, RedrawsSeldom) {
  int master = -1;
  int terminal = -1;
  if (::openpty(&master, &terminal, nullptr, nullptr, nullptr) != 0) {
    GTEST_SKIP() << "no pseudo terminals here";
  }
  constexpr int kSteps = 100'000;
  const auto start = std::chrono::steady_clock::now();
  with_stderr(terminal, [] {
    Progress progress("x", kSteps);
    for (int i = 0; i < kSteps; ++i) progress.advance();
  });
  const std::chrono::duration<double> time =
      std::chrono::steady_clock::now() - start;
  ::close(terminal);
  const std::string shown = read_all(master);
  ::close(master);
  // Ten times a second, and at the start and the end.
  const auto drawn = std::count(shown.begin(), shown.end(), 'x');
  EXPECT_GE(drawn, 2);
  EXPECT_LE(static_cast<double>(drawn), 3 + 10 * time.count());
}

TEST(Progress, SilentElsewhere) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  with_stderr(ends[1], [] {
    Progress progress("faces", 2);
    progress.advance();
    progress.advance();
  });
  ::close(ends[1]);
  EXPECT_EQ(read_all(ends[0]), "");
  ::close(ends[0]);
}

}  // namespace
}  // namespace limner
