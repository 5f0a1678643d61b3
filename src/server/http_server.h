// The network: HTTP/1.1 over cpp-httplib, which is used in http_server.cc
// alone.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/messages.h"

namespace limner::server {

struct HttpOptions {
  std::string host = "127.0.0.1";
  int port = 0;  // 0: any that is free
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

// Each connection has a thread. When there are too many, the one that has been
// idle or has been sending its request for longest is closed, so that slow
// clients cannot keep others out. A body takes memory as it arrives, whatever
// its header claims.
class HttpServer {
 public:
  // Listens. Throws Error when the address is taken or makes no sense.
  HttpServer(const HttpOptions& options, HttpHandler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const;
  size_t connections() const;

  // Serves until stop(), and until what was being answered is. Once.
  void run();

  // Takes no more requests. Any thread.
  void stop();

 private:
  class Listener;
  std::unique_ptr<Listener> listener_;
};

}  // namespace limner::server
