#include "server/connection.h"

#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

namespace limner::server {
namespace {

using Got = Connection::Got;

constexpr double kLong = 60;  // seconds, never waited for
constexpr size_t kRoom = size_t{1} << 20;

// A connection and the client's end of it.
struct Pair {
  Pair() : Pair(make()) {}
  explicit Pair(std::array<int, 2> ends)
      : connection(ends[0]), client(ends[1]) {}
  ~Pair() {
    if (client >= 0) ::close(client);
  }
  static std::array<int, 2> make() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
    return ends;
  }
  void send(const std::string& text) const {
    ASSERT_EQ(::write(client, text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
  }
  void hang_up() {
    ::close(client);
    client = -1;
  }
  // Reads `count` bytes, or what there is before the end.
  std::string read(size_t count) {
    while (connection.buffered().size() < count && connection.fill()) {
    }
    const std::string text(connection.buffered().substr(0, count));
    connection.take(text.size());
    return text;
  }

  Connection connection;
  int client;
};

TEST(Connection, HeadAndBodyOfRequestsInARow) {
  Pair pair;
  const std::string first = "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n";
  const std::string second = "GET / HTTP/1.1\r\n\r\n";
  pair.send(first + "abc" + second);
  EXPECT_EQ(pair.connection.read_head(kLong, kRoom), Got::kHead);
  EXPECT_EQ(pair.connection.head(), first);
  EXPECT_EQ(pair.read(3), "abc");
  EXPECT_TRUE(pair.connection.await_request(0));  // it is there already
  EXPECT_EQ(pair.connection.read_head(kLong, kRoom), Got::kHead);
  EXPECT_EQ(pair.connection.head(), second);
  EXPECT_FALSE(pair.connection.gone());
  pair.hang_up();
  EXPECT_TRUE(pair.connection.gone());
  EXPECT_EQ(pair.connection.read_head(kLong, kRoom), Got::kClosed);
}

TEST(Connection, LinesOfAHeadEndInTwoCharacters) {
  for (const char* head :
       {"GET / HTTP/1.1\n\n", "GET / HTTP/1.1\r\nA: b\n\nRange: c\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n\nC: d\r\n\r\n", "\n"}) {
    Pair pair;
    pair.send(head);
    EXPECT_EQ(pair.connection.read_head(kLong, kRoom), Got::kBareNewline);
  }
}

TEST(Connection, AHeadHasAnEnd) {
  Pair pair;
  pair.send("GET / HTTP/1.1\r\n" + std::string(Connection::kMaxHead, 'x'));
  EXPECT_EQ(pair.connection.read_head(kLong, kRoom), Got::kTooLarge);
  Pair whole;  // the same when its end is there
  whole.send("GET / HTTP/1.1\r\n" + std::string(Connection::kMaxHead, 'x') +
             "\r\n\r\n");
  EXPECT_EQ(whole.connection.read_head(kLong, kRoom), Got::kTooLarge);
}

TEST(Connection, HalfAHeadIsLateOrClosed) {
  Pair slow;
  slow.send("GET / HTTP/1.1\r\n");
  EXPECT_EQ(slow.connection.read_head(0.01, kRoom), Got::kLate);
  Pair closed;
  closed.send("GET / HTTP/1.1\r\n\r");
  closed.hang_up();
  EXPECT_EQ(closed.connection.read_head(kLong, kRoom), Got::kClosed);
  Pair silent;
  EXPECT_FALSE(silent.connection.await_request(0.01));
}

TEST(Connection, NoMoreIsReadThanWasAllowed) {
  Pair pair;
  const std::string head = "GET / HTTP/1.1\r\n\r\n";
  pair.send(head);
  EXPECT_EQ(pair.connection.read_head(kLong, head.size() + 10), Got::kHead);
  EXPECT_EQ(pair.connection.head(), head);
  pair.send(std::string(50, 'x'));
  EXPECT_EQ(pair.read(50), std::string(10, 'x'));
}

TEST(Connection, WritesWithinItsTime) {
  Pair pair;
  pair.connection.start_response(kLong);
  EXPECT_TRUE(pair.connection.write("hello"));
  std::array<char, 8> got{};
  EXPECT_EQ(::read(pair.client, got.data(), got.size()), 5);
  // Nobody takes all of this.
  const std::string much(size_t{16} << 20, 'x');
  pair.connection.start_response(0.05);
  EXPECT_FALSE(pair.connection.write(much));
}

}  // namespace
}  // namespace limner::server
