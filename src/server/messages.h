// Requests and answers without the network.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace limner::server {

struct Request {
  std::string method;  // "GET" for HEAD as well
  std::string path;    // decoded, without the query
  std::map<std::string, std::string> query;
  std::string content_type;   // lower case, without parameters
  std::string if_none_match;  // the header's text, "" when it is not there
  std::string site;           // Sec-Fetch-Site, "" when it is not there
  std::string client;         // the address that asks
  std::string_view body;      // valid until it is answered
  // Whether the client has gone away; may be empty.
  std::function<bool()> gone;
};

struct Response {
  int status = 200;
  std::string content_type;
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<const std::string> body;  // may be null: none
  // A body that is made while it is sent, in place of `body`: the next piece,
  // null at the end. Called by the request's thread, whose Request is valid as
  // long. What it throws breaks the response off.
  std::function<std::shared_ptr<const std::string>()> next;
};

// What ends a request with a status of 400 or above and a sentence.
class HttpError : public std::runtime_error {
 public:
  HttpError(int code, const std::string& sentence, int retry_seconds = 0)
      : std::runtime_error(sentence),
        status(code),
        retry_after(retry_seconds) {}

  int status;
  int retry_after;  // seconds; 0: no such header
};

Response text_response(std::string body, const std::string& content_type);
Response json_response(std::string body);
// {"error": "..."}; the sentence becomes one printable line.
Response error_response(const HttpError& error);

}  // namespace limner::server
