// What the HTTP server is told.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/messages.h"

namespace limner::server {

// After which a client that found no room may come back, in seconds.
constexpr int kComeBackAfter = 2;

struct HttpOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0: any that is free
  // Names that requests may be for, besides host; see HostNames.
  std::vector<std::string> names;
  size_t body_bytes = size_t{16} << 20;
  // Of all bodies that are being read or answered together.
  size_t all_body_bytes = size_t{256} << 20;
  size_t connections = 256;
  double read_seconds = 60;   // for a request to arrive
  double write_seconds = 60;  // for a response to be taken
  double idle_seconds = 30;   // between requests of a connection
  // Clients are told apart by the last address of X-Forwarded-For.
  bool trust_proxy = false;
};

struct HttpHandler {
  // Looks at a request before its body is read; see Service::refuse().
  std::function<std::optional<Response>(const Request&)> refuse;
  std::function<Response(const Request&)> handle;
  // Hears of the status of requests that came to neither; may be empty.
  std::function<void(int)> count_other;
};

}  // namespace limner::server
