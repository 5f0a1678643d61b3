// All that depends on cpp-httplib. It parses requests and writes responses;
// accepting, the threads, and reading within limits are done here, since its
// own loop gives a slow client a thread for as long as it likes and reads
// headers of any length.
#include "server/http_server.h"

#include <fcntl.h>
#include <httplib.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

#include "server/connection.h"
#include "util/error.h"

namespace limner::server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBacklog = 256;
// Requests of one connection; then the client opens another.
constexpr int kMostRequests = 10'000;
// Seconds that a client may take for a response when its place is needed, and
// when the server ends.
constexpr double kPatience = 1;
constexpr double kLastPatience = 5;
constexpr int kRetryAfter = 2;  // seconds, when there are too many connections

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

std::string trimmed(const std::string& text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// What httplib reads from and writes to. Newer versions ask for more than 0.11
// does; reading and writing wait by themselves.
class ConnectionStream : public httplib::Stream {
 public:
  explicit ConnectionStream(Connection& connection) : connection_(connection) {}

  bool is_readable() const override { return true; }
  virtual bool is_writable() const { return true; }    // until 0.18
  virtual bool wait_readable() const { return true; }  // from 0.19
  virtual bool wait_writable() const { return true; }
  virtual time_t duration() const { return 0; }  // from 0.20
  ssize_t read(char* to, size_t size) override {
    return connection_.read(to, size);
  }
  ssize_t write(const char* from, size_t size) override {
    return connection_.write(from, size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = connection_.address();
    port = connection_.port();
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  socket_t socket() const override { return connection_.socket(); }

 private:
  Connection& connection_;
};

// What a request's headers say about its body.
struct BodyHeaders {
  bool there = false;
  bool chunked = false;
  size_t length = 0;
};

// Throws HttpError for headers that make no sense.
BodyHeaders body_headers(const httplib::Request& head) {
  BodyHeaders body;
  const size_t lengths = head.get_header_value_count("Content-Length");
  const size_t codings = head.get_header_value_count("Transfer-Encoding");
  if (lengths + codings > 1) {
    throw HttpError(400, "the body's length is given more than once");
  }
  if (codings == 1) {
    if (lower(head.get_header_value("Transfer-Encoding")) != "chunked") {
      throw HttpError(400, "Transfer-Encoding must be chunked");
    }
    body.there = body.chunked = true;
  }
  if (lengths == 1) {
    const std::string text = head.get_header_value("Content-Length");
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, body.length);
    if (error != std::errc() || stop != end) {
      throw HttpError(400, "Content-Length is no length");
    }
    body.there = body.length > 0;
  }
  return body;
}

// One request and its response on a connection.
struct Exchange {
  Connection& connection;
  Request request;
  BodyHeaders body;
  bool body_read = false;
  bool answered = false;  // by the handler, which has counted it
  bool close = false;
  std::function<void()> working, writing;  // say what the connection does
};

// httplib's handlers are not told which connection they serve.
thread_local Exchange* current = nullptr;

void fill(httplib::Response& to, const Response& from) {
  to.status = from.status;
  for (const auto& [name, value] : from.headers) to.set_header(name, value);
  if (from.body) to.set_content(*from.body, from.content_type);
}

// A whole response, for what httplib never gets to see.
std::string raw_response(const HttpError& error) {
  const Response response = error_response(error);
  std::string out = fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\nConnection: close\r\n",
      error.status, error.status == 503 ? "Service Unavailable" : "Refused",
      response.body->size());
  for (const auto& [name, value] : response.headers) {
    out += fmt::format("{}: {}\r\n", name, value);
  }
  return out + "\r\n" + *response.body;
}

const char* sentence_of(int status) {
  switch (status) {
    case 400:
      return "the request is no HTTP that can be read";
    case 404:
      return "there is no such path; /openapi.json lists all";
    case 414:
      return "the address is too long";
    default:
      return "the request was refused";
  }
}

}  // namespace

class HttpServer::Listener : private httplib::Server {
 public:
  Listener(const HttpOptions& options, HttpHandler handler);
  ~Listener() override;

  int port() const { return port_; }
  size_t connections() const;
  void run();
  void stop();

 private:
  using Server = httplib::Server;

  enum class State { kIdle, kReading, kWorking, kWriting, kLeaving };
  // A connection's thread and what it does.
  struct Live {
    int socket = -1;
    State state = State::kIdle;
    Clock::time_point since = Clock::now();
    bool finished = false;
    std::thread thread;
  };
  using Place = std::list<Live>::iterator;

  void set_handlers();
  bool wait_for_client();
  bool has_place();
  void accept_one();
  void serve(Place place);
  bool serve_one(Connection& connection, Place place, bool last);
  void refuse_connection(int socket);
  void enter(Place place, State state);
  bool evict(double writing_seconds);
  void reap();

  Request read_head(const httplib::Request& head) const;
  bool turned_away(const httplib::Request& head, httplib::Response& response);
  void answer(httplib::Response& response);
  void read_body(const httplib::ContentReader& reader,
                 httplib::Response& response);

  // Parses a request, has it answered by the handlers and writes the response.
  using Setup = std::function<void(httplib::Request&)>;
  bool process(ConnectionStream& stream, bool last, bool& closed) {
    return process_by(&Listener::process_request, stream, last, closed);
  }
  // httplib 0.11 to 0.17, and those after, which want to be told the addresses.
  bool process_by(bool (Server::*request)(httplib::Stream&, bool, bool&,
                                          const Setup&),
                  ConnectionStream& stream, bool last, bool& closed) {
    return (this->*request)(stream, last, closed, nullptr);
  }
  bool process_by(bool (Server::*request)(httplib::Stream&, const std::string&,
                                          int, const std::string&, int, bool,
                                          bool&, const Setup&),
                  ConnectionStream& stream, bool last, bool& closed) {
    std::string from, to;
    int from_port = 0, to_port = 0;
    stream.get_remote_ip_and_port(from, from_port);
    stream.get_local_ip_and_port(to, to_port);
    return (this->*request)(stream, from, from_port, to, to_port, last, closed,
                            nullptr);
  }

  const HttpOptions options_;
  const HttpHandler handler_;
  int port_ = 0;
  int wake_ = -1;
  std::atomic<bool> stopping_{false};
  std::optional<Clock::time_point> full_since_;  // of the accepting thread
  std::atomic<size_t> body_bytes_{0};  // held by all requests together
  mutable std::mutex mutex_;
  std::list<Live> live_;
};

HttpServer::Listener::Listener(const HttpOptions& options, HttpHandler handler)
    : options_(options), handler_(std::move(handler)) {
  // Not SO_REUSEPORT, with which two servers would share a port unnoticed.
  set_socket_options([](socket_t socket) {
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  });
  errno = 0;
  if (options.port == 0) {
    port_ = bind_to_any_port(options.host);
  } else if (bind_to_port(options.host, options.port)) {
    port_ = options.port;
  } else {
    port_ = -1;
  }
  if (port_ < 0) {
    fail("cannot listen on {} port {}: {}", printable(options.host),
         options.port, errno == 0 ? "no such address" : std::strerror(errno));
  }
  // Again, with room for more than httplib's five.
  ::listen(svr_sock_, kBacklog);
  ::fcntl(svr_sock_, F_SETFL, ::fcntl(svr_sock_, F_GETFL) | O_NONBLOCK);
  ::fcntl(svr_sock_, F_SETFD, FD_CLOEXEC);
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_ < 0) fail("cannot make an eventfd: {}", std::strerror(errno));
  set_handlers();
}

HttpServer::Listener::~Listener() {
  if (svr_sock_ != INVALID_SOCKET) ::close(svr_sock_.exchange(INVALID_SOCKET));
  ::close(wake_);
}

void HttpServer::Listener::set_handlers() {
  using Handled = Server::HandlerResponse;
  set_pre_routing_handler(
      [this](const httplib::Request& head, httplib::Response& response) {
        if (turned_away(head, response)) return Handled::Handled;
        if (current->request.method != "GET") return Handled::Unhandled;
        answer(response);
        return Handled::Handled;
      });
  set_expect_100_continue_handler(
      [this](const httplib::Request& head, httplib::Response& response) {
        return turned_away(head, response) ? response.status : 100;
      });
  // Every path that comes here is one that refuse() knows.
  Server::Post("/.*",
               [this](const httplib::Request&, httplib::Response& response,
                      const httplib::ContentReader& reader) {
                 read_body(reader, response);
               });
  set_error_handler(Server::HandlerWithResponse(
      [this](const httplib::Request&, httplib::Response& response) {
        if (current->answered) return Handled::Unhandled;
        current->close = true;
        if (handler_.count_other) handler_.count_other(response.status);
        const int status = response.status;
        fill(response, error_response({status, sentence_of(status)}));
        return Handled::Handled;
      }));
  set_exception_handler([](const httplib::Request&, httplib::Response& response,
                           const std::exception_ptr&) {
    current->close = true;
    fill(response, error_response({500, "a fault of the server"}));
  });
}

Request HttpServer::Listener::read_head(const httplib::Request& head) const {
  Request request;
  request.method = head.method == "HEAD" ? "GET" : head.method;
  request.path = head.path;
  for (const auto& [name, value] : head.params) {
    request.query.emplace(name, value);
  }
  const std::string type = head.get_header_value("Content-Type");
  request.content_type = trimmed(lower(type.substr(0, type.find(';'))));
  request.if_none_match = head.get_header_value("If-None-Match");
  request.site = head.get_header_value("Sec-Fetch-Site");
  request.client = current->connection.address();
  if (options_.trust_proxy) {
    // httplib does not keep several of them in order.
    const std::string all = current->connection.last_header("x-forwarded-for");
    const std::string last = trimmed(all.substr(all.rfind(',') + 1));
    constexpr size_t kLongest = 64;
    if (!last.empty() && last.size() <= kLongest) request.client = last;
  }
  const Connection& connection = current->connection;
  request.gone = [&connection] { return connection.gone(); };
  return request;
}

// Fills in the response to a request that is refused whatever its body holds.
bool HttpServer::Listener::turned_away(const httplib::Request& head,
                                       httplib::Response& response) {
  Exchange& exchange = *current;
  exchange.request = read_head(head);
  std::optional<Response> refusal;
  try {
    exchange.body = body_headers(head);
    refusal = handler_.refuse(exchange.request);
    if (!refusal && exchange.request.method != "GET") {
      if (!exchange.body.chunked &&
          head.get_header_value("Content-Length") == "") {
        throw HttpError(411, "the request needs a Content-Length");
      }
      if (!head.get_header_value("Content-Encoding").empty()) {
        throw HttpError(415, "bodies must not be compressed");
      }
      if (exchange.body.length > options_.body_bytes) {
        throw HttpError(413,
                        fmt::format("the body has {} bytes, at most {} "
                                    "are accepted",
                                    exchange.body.length, options_.body_bytes));
      }
    }
  } catch (const HttpError& error) {
    exchange.close = true;
    refusal = error_response(error);
    if (handler_.count_other) handler_.count_other(error.status);
  }
  if (!refusal) return false;
  exchange.answered = true;
  exchange.writing();
  fill(response, *refusal);
  return true;
}

void HttpServer::Listener::answer(httplib::Response& response) {
  current->answered = true;
  current->working();
  const Response made = handler_.handle(current->request);
  current->writing();
  fill(response, made);
}

void HttpServer::Listener::read_body(const httplib::ContentReader& reader,
                                     httplib::Response& response) {
  Exchange& exchange = *current;
  std::string& body = exchange.request.body;
  struct Held {
    std::atomic<size_t>& all;
    size_t bytes = 0;
    ~Held() { all -= bytes; }
  } held{body_bytes_};
  bool too_long = false;
  bool no_room = false;
  const bool whole = reader([&](const char* data, size_t size) {
    too_long = body.size() + size > options_.body_bytes;
    if (too_long) return false;
    held.bytes += size;
    no_room = (body_bytes_ += size) > options_.all_body_bytes;
    if (no_room) return false;
    body.append(data, size);
    return true;
  });
  if (whole &&
      !(exchange.body.chunked ? false : body.size() != exchange.body.length)) {
    exchange.body_read = true;
    answer(response);
    return;
  }
  HttpError error(400, "the body ended early or came too slowly");
  if (too_long) {
    error = HttpError(413, fmt::format("the body has more than {} bytes",
                                       options_.body_bytes));
  } else if (no_room) {
    error = HttpError(503, "too many large requests at a time", kRetryAfter);
  }
  exchange.answered = true;
  exchange.close = true;
  exchange.writing();
  if (handler_.count_other) handler_.count_other(error.status);
  fill(response, error_response(error));
}

void HttpServer::Listener::enter(Place place, State state) {
  const std::lock_guard lock(mutex_);
  if (place->state == State::kLeaving) return;
  place->state = state;
  place->since = Clock::now();
}

// Closes the connection that has been waited for longest: for a request, or
// for at least `writing_seconds` to take its response. False when there is
// none.
bool HttpServer::Listener::evict(double writing_seconds) {
  const std::lock_guard lock(mutex_);
  const Clock::time_point now = Clock::now();
  Live* oldest = nullptr;
  for (Live& one : live_) {
    if (one.finished || one.state == State::kWorking ||
        one.state == State::kLeaving) {
      continue;
    }
    const double age = std::chrono::duration<double>(now - one.since).count();
    if (one.state == State::kWriting && age < writing_seconds) continue;
    if (oldest == nullptr || one.since < oldest->since) oldest = &one;
  }
  if (oldest == nullptr) return false;
  oldest->state = State::kLeaving;
  ::shutdown(oldest->socket, SHUT_RDWR);
  return true;
}

void HttpServer::Listener::reap() {
  std::list<Live> ended;
  {
    const std::lock_guard lock(mutex_);
    for (auto one = live_.begin(); one != live_.end();) {
      const auto next = std::next(one);
      if (one->finished) ended.splice(ended.end(), live_, one);
      one = next;
    }
  }
  for (Live& one : ended) one.thread.join();
}

size_t HttpServer::Listener::connections() const {
  const std::lock_guard lock(mutex_);
  return static_cast<size_t>(
      std::count_if(live_.begin(), live_.end(), [](const Live& one) {
        return !one.finished && one.state != State::kLeaving;
      }));
}

// Says so without waiting for anybody.
void HttpServer::Listener::refuse_connection(int socket) {
  const std::string text =
      raw_response({503, "too many connections", kRetryAfter});
  [[maybe_unused]] const ssize_t sent =
      ::send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::close(socket);
  if (handler_.count_other) handler_.count_other(503);
}

// Whether there is a place for another connection, or may soon be: then the
// client waits in the system's queue.
bool HttpServer::Listener::has_place() {
  if (connections() < options_.connections || evict(kPatience)) {
    full_since_.reset();
    return true;
  }
  const Clock::time_point now = Clock::now();
  if (!full_since_) full_since_ = now;
  return false;
}

void HttpServer::Listener::accept_one() {
  const bool place_there = has_place();
  if (!place_there && Clock::now() - *full_since_ <
                          std::chrono::duration<double>(2 * kPatience)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return;
  }
  const int socket =
      ::accept4(svr_sock_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (socket < 0) {
    // Out of descriptors or memory: somebody has to go before the next.
    if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
      evict(kPatience);
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return;
  }
  if (!place_there) {
    refuse_connection(socket);
    return;
  }
  const std::lock_guard lock(mutex_);
  live_.emplace_front();
  const Place place = live_.begin();
  place->socket = socket;
  try {
    place->thread = std::thread([this, place] { serve(place); });
  } catch (const std::system_error&) {  // no more threads
    live_.erase(place);
    refuse_connection(socket);
  }
}

bool HttpServer::Listener::wait_for_client() {
  constexpr int kReapEvery = 1000;  // milliseconds
  pollfd both[] = {{svr_sock_, POLLIN, 0}, {wake_, POLLIN, 0}};
  ::poll(both, 2, kReapEvery);
  return (both[0].revents & POLLIN) != 0;
}

void HttpServer::Listener::run() {
  while (!stopping_) {
    const bool there = wait_for_client();
    reap();
    if (there && !stopping_) accept_one();
  }
  ::close(svr_sock_.exchange(INVALID_SOCKET));
  while (true) {
    // Those that are being worked for go once they are answered.
    while (evict(kLastPatience)) {
    }
    reap();
    {
      const std::lock_guard lock(mutex_);
      if (live_.empty()) return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

void HttpServer::Listener::stop() {
  stopping_ = true;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
}

void HttpServer::Listener::serve(Place place) {
  {
    Connection connection(place->socket);
    try {
      for (int i = 1; i <= kMostRequests && !stopping_; ++i) {
        enter(place, State::kIdle);
        if (!connection.await_request(options_.idle_seconds)) break;
        if (!serve_one(connection, place, i == kMostRequests)) break;
      }
    } catch (const std::exception&) {
      // Out of memory: this connection ends, the others go on.
    }
    {
      const std::lock_guard lock(mutex_);
      place->state = State::kLeaving;
    }
    connection.linger();
    const std::lock_guard lock(mutex_);
    place->socket = -1;  // closed here; its number may be another's at once
  }
  const std::lock_guard lock(mutex_);
  place->finished = true;
}

// Returns whether the connection can take another request.
bool HttpServer::Listener::serve_one(Connection& connection, Place place,
                                     bool last) {
  enter(place, State::kReading);
  const size_t chunks = options_.body_bytes / 8 + (size_t{64} << 10);
  const Connection::Got got = connection.read_head(
      options_.read_seconds,
      Connection::kMostHead + options_.body_bytes + chunks);
  connection.start_response(options_.write_seconds);
  if (got == Connection::Got::kClosed) return false;
  if (got != Connection::Got::kHead) {
    const HttpError error =
        got == Connection::Got::kLate
            ? HttpError(408, "the request came too slowly")
            : HttpError(431, fmt::format("the headers have more than {} bytes",
                                         Connection::kMostHead));
    if (handler_.count_other) handler_.count_other(error.status);
    const std::string text = raw_response(error);
    connection.write(text.data(), text.size());
    return false;
  }

  Exchange exchange{connection,
                    {},
                    {},
                    false,
                    false,
                    false,
                    [&] { enter(place, State::kWorking); },
                    [&] {
                      connection.start_response(options_.write_seconds);
                      enter(place, State::kWriting);
                    }};
  current = &exchange;
  ConnectionStream stream(connection);
  bool closed = false;
  const bool written = process(stream, last || stopping_, closed);
  current = nullptr;
  // What is left of a body must not be taken for the next request.
  const bool rest = exchange.body.there && !exchange.body_read;
  return written && !closed && !exchange.close && !rest && !stopping_;
}

HttpServer::HttpServer(const HttpOptions& options, HttpHandler handler)
    : listener_(std::make_unique<Listener>(options, std::move(handler))) {}
HttpServer::~HttpServer() = default;

int HttpServer::port() const { return listener_->port(); }
size_t HttpServer::connections() const { return listener_->connections(); }
void HttpServer::run() { listener_->run(); }
void HttpServer::stop() { listener_->stop(); }

}  // namespace limner::server
