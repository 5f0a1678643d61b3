#include "web/web.h"

#include <fmt/format.h>

#include <cstdlib>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <string>

#include "pipeline/face_maker.h"
#include "server/http_head.h"
#include "server/messages.h"
#include "server/service.h"
#include "util/error.h"
#include "util/parallel.h"

namespace limner::web {
namespace {

using server::Request;
using server::Response;
using server::Service;

// A page has the memory of a phone, and what is kept is to be full within the
// first minute or two: some 50 faces, more than are undone in a row.
constexpr size_t kCacheBytes = size_t{1} << 20;
constexpr size_t kSketchBytes = size_t{8} << 20;  // some five drawings
constexpr size_t kStreams = 4;  // bodies that are not at their end

using Pieces = std::function<std::shared_ptr<const std::string>()>;

struct State {
  std::unique_ptr<Service> service;
  std::string problem;
  Response answer;
  std::string headers;
  std::map<int, Pieces> streams;  // the newest last
  int stream = 0;                 // of the last answer
  int last_stream = 0;
};

State& state() {
  static State state;
  return state;
}

void close() {
  state().streams.clear();
  state().service.reset();
}

void open(const std::string& model, int threads) {
  close();
  set_threads(threads);
  const FaceMakerOptions networks = all_networks_of(model);
  server::ServiceOptions options;
  options.model = model;
  options.labeler = networks.labeler;
  options.parser = networks.parser;
  options.shapes = networks.shapes;
  options.limits.cache_bytes = kCacheBytes;
  options.limits.sketch_bytes = kSketchBytes;
  state().service = std::make_unique<Service>(options);
}

Response ask(const std::string& method, const std::string& target,
             const std::string& type, std::string_view body) {
  if (!state().service) throw server::HttpError(500, "no model is open");
  const server::HttpHead head = server::parse_head(fmt::format(
      "{} {} HTTP/1.1\r\nContent-Type: {}\r\n\r\n", method, target, type));
  Request request;
  request.method = head.method;
  request.path = head.path;
  request.query = head.query;
  request.content_type = server::in_small_letters(
      type.substr(0, std::min(type.find_first_of("; \t"), type.size())));
  request.client = "page";
  request.body = body;
  if (auto refused = state().service->refuse(request)) return *refused;
  return state().service->handle(request);
}

// Keeps a body that is made piece by piece.
int keep(Pieces pieces) {
  std::map<int, Pieces>& streams = state().streams;
  if (streams.size() == kStreams) streams.erase(streams.begin());
  streams.emplace(++state().last_stream, std::move(pieces));
  return state().last_stream;
}

// The next piece as the answer; false at the end.
bool more(int stream) {
  const auto found = state().streams.find(stream);
  if (found == state().streams.end()) throw Error("the answer was given up");
  auto piece = found->second();
  const bool left = piece != nullptr;
  state().answer.body = std::move(piece);
  if (!left) state().streams.erase(found);
  return left;
}

}  // namespace
}  // namespace limner::web

using limner::web::state;

void* limner_allocate(size_t bytes) { return std::malloc(bytes); }
void limner_free(void* memory) { std::free(memory); }

int limner_open(const char* model, int threads) {
  try {
    limner::web::open(model, threads);
    state().problem.clear();
    return 1;
  } catch (const std::bad_alloc&) {
    state().problem = "out of memory";
  } catch (const std::exception& error) {
    state().problem = error.what();
  }
  limner::web::close();
  return 0;
}

const char* limner_problem() { return state().problem.c_str(); }

void limner_close() {
  limner_answer_done();
  limner::web::close();
}

int limner_ask(const char* method, const char* target, const char* type,
               const uint8_t* body, size_t size) {
  limner::server::Response& answer = state().answer;
  try {
    answer = limner::web::ask(
        method, target, type,
        {reinterpret_cast<const char*>(body), body == nullptr ? 0 : size});
  } catch (const limner::server::HttpError& error) {
    answer = limner::server::error_response(error);
  } catch (const std::bad_alloc&) {
    answer = limner::server::error_response({500, "out of memory"});
  } catch (const std::exception& error) {
    answer = limner::server::error_response({500, error.what()});
  }
  state().stream = answer.next ? limner::web::keep(std::move(answer.next)) : 0;
  state().headers.clear();
  for (const auto& [name, value] : answer.headers) {
    state().headers += name + ": " + value + "\n";
  }
  return answer.status;
}

const char* limner_answer_type() { return state().answer.content_type.c_str(); }
const char* limner_answer_headers() { return state().headers.c_str(); }

const uint8_t* limner_answer_body() {
  const auto& body = state().answer.body;
  return body ? reinterpret_cast<const uint8_t*>(body->data()) : nullptr;
}

size_t limner_answer_size() {
  const auto& body = state().answer.body;
  return body ? body->size() : 0;
}

int limner_answer_stream() { return state().stream; }

int limner_more(int stream) {
  limner_answer_done();
  try {
    return limner::web::more(stream) ? 1 : 0;
  } catch (const std::bad_alloc&) {
    state().problem = "out of memory";
  } catch (const std::exception& error) {
    state().problem = error.what();
  }
  limner_enough(stream);
  return -1;
}

void limner_enough(int stream) { state().streams.erase(stream); }

void limner_answer_done() {
  state().answer = {};
  state().stream = 0;
  state().headers.clear();
}
