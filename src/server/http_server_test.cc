#include "server/http_server.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "server/http_body.h"
#include "support/eventually.h"
#include "util/test_folder.h"

namespace limner::server {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// A client's end of a connection.
class Client {
 public:
  explicit Client(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int failed = ::connect(socket_, reinterpret_cast<sockaddr*>(&address),
                                 sizeof address);
    EXPECT_EQ(failed, 0);
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void send(const std::string& text) const {
    EXPECT_EQ(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  void end() const { ::shutdown(socket_, SHUT_WR); }

  // The next `count` bytes.
  std::string some(size_t count) const {
    std::string text(count, ' ');
    const ssize_t got = ::recv(socket_, text.data(), count, MSG_WAITALL);
    return text.substr(0, static_cast<size_t>(std::max<ssize_t>(got, 0)));
  }

  // What comes until the server closes.
  std::string all() const {
    std::string text;
    std::array<char, 4096> part;
    while (true) {
      const ssize_t got = ::recv(socket_, part.data(), part.size(), 0);
      if (got <= 0) return text;
      text.append(part.data(), static_cast<size_t>(got));
    }
  }

 private:
  int socket_;
};

std::string post(const std::string& body, const std::string& headers = "") {
  return "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body;
}
const std::string kClose = "Connection: close\r\n";

// Answers with what was sent. /slow waits until release() or until its client
// has gone.
class Echo {
 public:
  explicit Echo(HttpOptions options = {})
      : server(options, {[](const Request& head) { return refuse(head); },
                         [this](const Request& r) { return answer(r); },
                         [this](int status) { other += status; }}),
        thread_([this] { server.run(); }) {}
  ~Echo() { stop(); }

  void stop() {
    if (!thread_.joinable()) return;
    server.stop();
    release();
    thread_.join();
  }
  void release() { released_ = true; }
  int port() const { return server.port(); }

  std::string ask(const std::string& text) const {
    const Client client(port());
    client.send(text);
    client.end();
    return client.all();
  }

  std::atomic<int> other{0};
  std::atomic<int> slow{0};
  std::atomic<int> gone{0};
  HttpServer server;

 private:
  static std::optional<Response> refuse(const Request& head) {
    if (head.path != "/no") return std::nullopt;
    return error_response({404, "there is no such path"});
  }
  // Three pieces, the last of them when release() is called, or nothing more
  // when its client has gone; at /broken it cannot be made.
  Response pieces(const Request& request) {
    Response response;
    response.content_type = "text/plain";
    response.next = [this, request, i = 0]() mutable {
      std::shared_ptr<const std::string> piece;
      if (i == 1 && request.path == "/broken") throw std::bad_alloc();
      if (i == 2) {
        ++slow;
        EXPECT_TRUE(eventually([&] { return released_ || request.gone(); }));
        if (!released_) ++gone;
      }
      if (i < 3) piece = std::make_shared<std::string>(20, "abc"[i]);
      ++i;
      return piece;
    };
    return response;
  }
  Response answer(const Request& request) {
    if (request.path == "/pieces" || request.path == "/broken") {
      return pieces(request);
    }
    if (request.path == "/slow") {
      ++slow;
      EXPECT_TRUE(eventually([&] { return released_ || request.gone(); }));
      if (!released_) ++gone;
    }
    std::string said = request.method + " " + request.path + " ";
    for (const auto& [name, value] : request.query) {
      said += name + "=" + value + ";";
    }
    return text_response(
        said + request.content_type + " " + std::string(request.body),
        "text/plain");
  }

  std::atomic<bool> released_{false};
  std::thread thread_;
};

TEST(HttpServer, HandsOnWhatWasAsked) {
  const Echo echo;
  EXPECT_THAT(
      echo.ask("GET /a%20b/../c?x=1&y=%2F HTTP/1.1\r\nHost: localhost\r\n\r\n"),
      HasSubstr("GET /a b/../c x=1;y=/; "));
  const std::string answer =
      echo.ask(post("hello", "Content-Type: Text/Plain; charset=x\r\n"));
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("POST /echo text/plain hello"));
  EXPECT_THAT(echo.ask("HEAD /x HTTP/1.1\r\nHost: localhost\r\n\r\n"),
              ::testing::EndsWith("\r\n\r\n"));
  EXPECT_THAT(echo.ask("POST /echo HTTP/1.1\r\nHost: "
                       "localhost\r\nTransfer-Encoding: chunked\r\n"
                       "\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
              HasSubstr(" abcde"));
}

TEST(HttpServer, RequestsInARowStayApart) {
  const Echo echo;
  const std::string all =
      echo.ask(post("one") + post("two") +
               "GET /three HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(all, HasSubstr("one"));
  EXPECT_THAT(all, HasSubstr("two"));
  EXPECT_THAT(all, HasSubstr("GET /three"));
  // A body that was not read is no request.
  const std::string hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const std::string refused =
      echo.ask("POST /no HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
               std::to_string(hidden.size()) + "\r\n\r\n" + hidden);
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 404"));
  EXPECT_EQ(refused.find("hidden"), refused.npos);
}

TEST(HttpServer, BodiesHaveALimit) {
  HttpOptions options;
  options.body_bytes = 1000;
  const Echo echo(options);
  EXPECT_THAT(echo.ask(post(std::string(1000, 'x'))), HasSubstr(" 200 "));
  EXPECT_THAT(echo.ask(post(std::string(1001, 'x'))),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(
      echo.ask("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
               "99999999999999\r\n\r\n"),
      StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(echo.ask("POST /echo HTTP/1.1\r\nHost: "
                       "localhost\r\nTransfer-Encoding: chunked\r\n"
                       "\r\n3e9\r\n" +
                       std::string(1001, 'x') + "\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(echo.ask("POST /echo HTTP/1.1\r\nHost: localhost\r\n\r\n"),
              StartsWith("HTTP/1.1 411 "));
  EXPECT_EQ(echo.other, 413 * 3 + 411);
}

TEST(HttpServer, ChunksMustCarrySomething) {
  const auto chunks = [](size_t count) {
    std::string text =
        "POST /echo HTTP/1.1\r\nHost: localhost\r\n"
        "Transfer-Encoding: chunked\r\n\r\n";
    for (size_t i = 0; i < count; ++i) text += "1;a=b\r\nx\r\n";
    return text + "0\r\nTrailer: y\r\n\r\n";
  };
  const Echo echo;
  EXPECT_THAT(echo.ask(chunks(1000)), HasSubstr(std::string(1000, 'x')));
  EXPECT_THAT(echo.ask(chunks(kChunkMarks / 5)), StartsWith("HTTP/1.1 400 "));
}

TEST(HttpServer, ServesTheNamesThatItHas) {
  HttpOptions options;
  options.names = {"limner.example.org"};
  const Echo echo(options);
  const auto status_of = [&](const std::string& hosts) {
    return echo.ask("GET /x HTTP/1.1\r\n" + hosts + kClose + "\r\n")
        .substr(9, 3);
  };
  EXPECT_EQ(status_of("Host: Limner.Example.org:443\r\n"), "200");
  EXPECT_EQ(status_of("Host: rebound.example.com\r\n"), "421");
  EXPECT_EQ(status_of(""), "400");
  EXPECT_EQ(status_of("Host: localhost\r\nHost: localhost\r\n"), "400");
  EXPECT_EQ(echo.other, 421 + 2 * 400);
  EXPECT_THAT(echo.ask("GET /x HTTP/1.0\r\n\r\n"), HasSubstr(" 200 "));
}

TEST(HttpServer, RangesAndCompressionAreLeftAlone) {
  const Echo echo;
  const std::string answer = echo.ask(
      "GET /x HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-,0-,0-\r\n"
      "Accept-Encoding: gzip\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer, ::testing::EndsWith("GET /x  "));
}

TEST(HttpServer, SaysThatABodyMayCome) {
  const Echo echo;
  const Client client(echo.port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
      "Expect: 100-continue\r\n" +
      kClose + "\r\n");
  EXPECT_EQ(client.some(25), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hi");
  EXPECT_THAT(client.all(), HasSubstr(" hi"));
}

TEST(HttpServer, AllBodiesTogetherHaveALimit) {
  HttpOptions options;
  options.body_bytes = 1000;
  options.all_body_bytes = 1714;  // 1500 without what is for small ones
  Echo echo(options);
  const Client first(echo.port());
  first.send(
      "POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n" +
      kClose + "\r\n" + std::string(1000, 'x'));
  ASSERT_TRUE(eventually([&] { return echo.slow > 0; }));
  const std::string refused = echo.ask(post(std::string(501, 'x')));
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(refused, HasSubstr("Retry-After: "));
  EXPECT_THAT(echo.ask(post(std::string(500, 'x'))), HasSubstr(" 200 "));
  echo.release();
  EXPECT_THAT(first.all(), HasSubstr(" 200 "));
  EXPECT_THAT(echo.ask(post(std::string(501, 'x'))), HasSubstr(" 200 "));
}

TEST(HttpServer, SilentConnectionsMakeRoom) {
  HttpOptions options;
  options.connections = 3;
  const Echo echo(options);
  std::vector<std::unique_ptr<Client>> silent;
  for (int i = 0; i < 12; ++i) {
    silent.push_back(std::make_unique<Client>(echo.port()));
    silent.back()->send(
        i % 2 == 0 ? "" : "POST /echo HTTP/1.1\r\nHost: localhost\r\n");
    EXPECT_THAT(echo.ask("GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n"),
                HasSubstr(" 200 "));
  }
  EXPECT_EQ(silent.front()->all(), "");  // closed long ago
}

TEST(HttpServer, ARequestThatTakesTooLongIsRefused) {
  HttpOptions options;
  options.read_seconds = 0.05;
  const Echo echo(options);
  const Client half(echo.port());
  half.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: ");
  EXPECT_THAT(half.all(), StartsWith("HTTP/1.1 408 "));
  const Client body(echo.port());
  body.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc");
  EXPECT_THAT(body.all(), StartsWith("HTTP/1.1 400 "));
}

TEST(HttpServer, KnowsWhenAClientGoes) {
  Echo echo;
  {
    const Client client(echo.port());
    client.send("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(eventually([&] { return echo.slow > 0; }));
    EXPECT_EQ(echo.gone, 0);
  }
  EXPECT_TRUE(eventually([&] { return echo.gone > 0; }));
}

TEST(HttpServer, SendsABodyAsItIsMade) {
  Echo echo;
  const std::string get = "GET /pieces HTTP/1.1\r\nHost: localhost\r\n";
  const Client client(echo.port());
  client.send(get + kClose + "\r\n");
  // Two pieces are here before the third is made.
  std::string text;
  while (text.find("bbb") == text.npos) {
    const std::string more = client.some(1);
    ASSERT_FALSE(more.empty()) << text;
    text += more;
  }
  EXPECT_THAT(text, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_EQ(text.find("Content-Length"), text.npos);
  EXPECT_THAT(text, HasSubstr("\r\n14\r\n" + std::string(20, 'a') + "\r\n"));
  EXPECT_EQ(text.find('c', text.find("\r\n\r\n")), text.npos);
  echo.release();
  EXPECT_THAT(client.all(),
              ::testing::EndsWith(std::string(20, 'c') + "\r\n0\r\n\r\n"));
  // Another request may follow, and one of HTTP/1.0 gets no chunks.
  const std::string both = echo.ask(get + "\r\n" + get + kClose + "\r\n");
  EXPECT_EQ(both.find("HTTP/1.1 200"), 0U);
  EXPECT_NE(both.find("HTTP/1.1 200", 1), both.npos);
  const std::string old = echo.ask("GET /pieces HTTP/1.0\r\n\r\n");
  EXPECT_THAT(old, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(old,
              ::testing::EndsWith("\r\n\r\n" + std::string(20, 'a') +
                                  std::string(20, 'b') + std::string(20, 'c')));
  // What cannot go on has no end that one could take for its own.
  const std::string broken =
      echo.ask("GET /broken HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_THAT(broken, ::testing::EndsWith(std::string(20, 'a') + "\r\n"));
}

TEST(HttpServer, NoPieceIsMadeForAClientThatHasGone) {
  Echo echo;
  {
    const Client client(echo.port());
    client.send("GET /pieces HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(eventually([&] { return echo.slow > 0; }));
  }
  EXPECT_TRUE(eventually([&] { return echo.gone > 0; }));
  EXPECT_TRUE(eventually([&] { return echo.server.connections() == 0; }));
}

TEST(HttpServer, StopAnswersWhatRuns) {
  Echo echo;
  const Client running(echo.port());
  running.send("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const Client idle(echo.port());
  ASSERT_TRUE(eventually([&] { return echo.slow > 0; }));
  echo.stop();
  EXPECT_THAT(running.all(), HasSubstr("GET /slow"));
  EXPECT_EQ(idle.all(), "");
  EXPECT_EQ(echo.server.connections(), 0U);
}

TEST(HttpServer, ServesManyAtOnce) {
  const Echo echo;
  std::vector<std::future<std::string>> answers;
  for (int i = 0; i < 32; ++i) {
    answers.push_back(std::async(std::launch::async, [&echo, i] {
      return echo.ask(
          post(std::string(10'000, static_cast<char>('a' + i % 26)), kClose));
    }));
  }
  for (int i = 0; i < 32; ++i) {
    EXPECT_THAT(
        answers[i].get(),
        HasSubstr(std::string(10'000, static_cast<char>('a' + i % 26))));
  }
}

TEST(HttpServer, SaysWhyItCannotListen) {
  const Echo echo;
  HttpOptions options;
  options.port = echo.port();
  EXPECT_THAT(error_of([&] { HttpServer(options, {}); }),
              HasSubstr("Address already in use"));
  options.host = "no host";
  EXPECT_THAT(error_of([&] { HttpServer(options, {}); }),
              HasSubstr("cannot listen on no host"));
}

}  // namespace
}  // namespace limner::server
