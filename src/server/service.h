// The HTTP API without the network: requests in, responses out. openapi.json
// describes it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "pipeline/engine.h"
#include "server/limits.h"
#include "server/messages.h"

namespace limner::server {

struct ServiceOptions {
  std::filesystem::path model;
  std::filesystem::path labeler;  // "" for none
  std::filesystem::path parser;   // "" for none
  std::filesystem::path shapes;   // "" for none
  Precision precision = Precision::kFast;
  Limits limits;
};

struct ServiceParts;

// Thread-safe once constructed.
class Service {
 public:
  // Opens the networks. Throws Error.
  explicit Service(const ServiceOptions& options);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // What is wrong with a request whose body has not been read: no such route,
  // another method or type, a page of another site. Most requests: nothing.
  std::optional<Response> refuse(const Request& head);

  // Answers a request that refuse() lets pass. Throws nothing but
  // std::bad_alloc.
  Response handle(const Request& request);

  // For /metrics: how many connections there are.
  void count_connections(std::function<size_t()> connections);
  // For /metrics: a request that came to no route, and its status.
  void count_other(int status);

  // What waits for its turn is answered with 503; what runs goes on.
  void stop();

 private:
  std::unique_ptr<ServiceParts> parts_;
};

}  // namespace limner::server
