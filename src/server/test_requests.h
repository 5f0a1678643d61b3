// Requests as the tests of the service send them.
#pragma once

#include <string>
#include <string_view>

#include "server/messages.h"

namespace limner::server {

inline Request request_of(const std::string& method, const std::string& path) {
  Request request;
  request.method = method;
  request.path = path;
  request.client = "here";
  return request;
}

// `body` must outlive the request.
inline Request posted(const std::string& path, std::string_view body,
                      const std::string& type = "application/json") {
  Request request = request_of("POST", path);
  request.content_type = type;
  request.body = body;
  return request;
}

}  // namespace limner::server
