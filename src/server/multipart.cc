#include "server/multipart.h"

#include <fmt/format.h>

#include <utility>

#include "util/error.h"

namespace limner::server {
namespace {

// Parts are told apart by their lengths; this is for readers that look for it.
constexpr const char* kBoundary = "limner-part-5f1c7e0b93d84a26";

std::string part_text(const Response& part, size_t index) {
  std::string text =
      fmt::format("--{}\r\nContent-Type: {}\r\n", kBoundary, part.content_type);
  text += fmt::format("Content-Length: {}\r\nX-Limner-Index: {}\r\n",
                      part.body->size(), index);
  if (part.status != 200) {
    text += fmt::format("X-Limner-Status: {}\r\n", part.status);
  }
  for (const auto& [name, value] : part.headers) {
    text += fmt::format("{}: {}\r\n", name, value);
  }
  return text + "\r\n" + *part.body + "\r\n";
}

// Gives the text of one part after the other, then the end's, then null.
class Parts {
 public:
  Parts(Response first, size_t count, std::function<Response(size_t)> part)
      : first_(std::move(first)), count_(count), part_(std::move(part)) {}

  std::shared_ptr<const std::string> next() {
    if (over_) return nullptr;
    if (index_ == count_ || failed_) {
      over_ = true;
      return piece(fmt::format("--{}--\r\n", kBoundary));
    }
    const size_t index = index_++;
    const Response part = index == 0 ? std::move(first_) : made(index);
    failed_ = part.status != 200;
    return piece(part_text(part, index));
  }

 private:
  static std::shared_ptr<const std::string> piece(std::string text) {
    return std::make_shared<const std::string>(std::move(text));
  }

  Response made(size_t index) const {
    try {
      return part_(index);
    } catch (const HttpError& error) {
      return error_response(error);
    } catch (const Error& error) {
      return error_response({500, error.what()});
    }
  }

  Response first_;
  const size_t count_;
  const std::function<Response(size_t)> part_;
  size_t index_ = 0;
  bool failed_ = false, over_ = false;
};

}  // namespace

Response multipart_response(const Response& first, size_t count,
                            std::function<Response(size_t i)> part) {
  Response response;
  response.content_type =
      fmt::format("multipart/mixed; boundary={}", kBoundary);
  // nginx keeps a response back until it has much of it.
  response.headers.emplace_back("X-Accel-Buffering", "no");
  auto parts = std::make_shared<Parts>(first, count, std::move(part));
  response.next = [parts] { return parts->next(); };
  return response;
}

}  // namespace limner::server
