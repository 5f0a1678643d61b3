#include "server/messages.h"

#include <nlohmann/json.hpp>

#include "util/error.h"

namespace limner::server {

Response text_response(std::string body, const std::string& content_type) {
  Response response;
  response.content_type = content_type;
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

Response json_response(std::string body) {
  return text_response(std::move(body), "application/json");
}

Response error_response(const HttpError& error) {
  constexpr size_t kLongest = 500;
  const nlohmann::json body = {{"error", printable(error.what(), kLongest)}};
  Response response = json_response(
      body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) +
      "\n");
  response.status = error.status;
  if (error.retry_after > 0) {
    response.headers.emplace_back("Retry-After",
                                  std::to_string(error.retry_after));
  }
  return response;
}

}  // namespace limner::server
