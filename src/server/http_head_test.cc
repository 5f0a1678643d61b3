#include "server/http_head.h"

#include <gmock/gmock.h>

#include "server/host_names.h"
#include "server/messages.h"

namespace limner::server {
namespace {

using ::testing::ElementsAre;

int status_of(const std::string& head) {
  try {
    body_length(parse_head(head));
  } catch (const HttpError& error) {
    return error.status;
  }
  return 200;
}

TEST(HttpHead, LineAndHeaders) {
  const HttpHead head = parse_head(
      "POST /a%2fb%?x=1+2&y=%26&x=3&=4&z#f HTTP/1.1\r\n"
      "X-From: 1\r\nX-From-Far: 2\r\nx-FROM:\t3, 4 \r\nEmpty:\r\n\r\n");
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.path, "/a/b%");
  EXPECT_THAT(head.query,
              ElementsAre(::testing::Pair("x", "1 2"),
                          ::testing::Pair("y", "&"), ::testing::Pair("z", "")));
  EXPECT_EQ(head.first("x-from"), "1");
  EXPECT_EQ(head.last("x-from"), "3, 4");
  EXPECT_EQ(head.count("x-from"), 2U);
  EXPECT_EQ(head.last("empty"), "");
  EXPECT_EQ(head.count("x"), 0U);
}

TEST(HttpHead, WhatIsNone) {
  for (const std::string line :
       {"", "GET", "GET /", "GET / HTTP/1.2", "GET / http/1.1",
        "GET  / HTTP/1.1", "GET / a HTTP/1.1", " / HTTP/1.1", "G(T / HTTP/1.1",
        "GET /\x01 HTTP/1.1", "GET /\r HTTP/1.1"}) {
    EXPECT_EQ(status_of(line + "\r\n\r\n"), 400) << line;
  }
  for (const std::string header :
       {"a", ": b", "a : b", " a: b", "a: b\rc", "a: \x7f", "a\t: b"}) {
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\n" + header + "\r\n\r\n"), 400)
        << header;
  }
  EXPECT_EQ(status_of("GET /" + std::string(kLongestTarget, 'a') +
                      " HTTP/1.1\r\n\r\n"),
            414);
  EXPECT_EQ(status_of("GET /\xe4 HTTP/1.0\r\n\r\n"), 200);
}

TEST(HttpHead, LengthOfTheBody) {
  const auto status = [](const std::string& headers) {
    return status_of("POST / HTTP/1.1\r\n" + headers + "\r\n");
  };
  EXPECT_EQ(status("Content-Length: 3\r\n"), 200);
  EXPECT_EQ(status("Transfer-Encoding: Chunked\r\n"), 200);
  for (const char* headers :
       {"Content-Length: 3\r\nContent-Length: 3\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: -3\r\n", "Content-Length: 3,3\r\n",
        "Content-Length: \r\n", "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: gzip, chunked\r\n"}) {
    EXPECT_EQ(status(headers), 400) << headers;
  }
}

TEST(HttpHead, WhetherMoreIsAsked) {
  const auto keeps = [](const std::string& rest) {
    return parse_head("GET / HTTP/" + rest + "\r\n").keep_alive();
  };
  EXPECT_TRUE(keeps("1.1\r\n"));
  EXPECT_FALSE(keeps("1.1\r\nConnection: Close\r\n"));
  EXPECT_FALSE(keeps("1.0\r\n"));
  EXPECT_TRUE(keeps("1.0\r\nConnection: Keep-Alive\r\n"));
}

TEST(HostNames, AddressesAndOwnNames) {
  const HostNames names({"Limner.Example.org"});
  for (const char* host :
       {"localhost", "LOCALHOST:8080", "localhost.", "127.0.0.1:80",
        "192.168.1.5", "[::1]", "[::1]:8080", "[fe80::1]:1",
        "limner.example.org", "limner.example.org:443"}) {
    EXPECT_TRUE(names.serves(host)) << host;
  }
  for (const char* host :
       {"", ":80", "rebound.example.com", "localhost.example.com",
        "example.org", "127.0.0.1.example.com", "127.0.0.1:x", "[rebound]",
        "[127.0.0.1]", "::1", "127.1", "localhost:80:80", "[::1]x", "[::1"}) {
    EXPECT_FALSE(names.serves(host)) << host;
  }
}

}  // namespace
}  // namespace limner::server
