// The network: connections over TCP, on which HttpExchange speaks HTTP/1.1.
#pragma once

#include <cstddef>
#include <memory>

#include "server/http_options.h"

namespace limner::server {

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
