// Accepting connections, a thread for each, and who makes room for whom.
#include "server/http_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "server/connection.h"
#include "server/http_exchange.h"
#include "server/listen.h"
#include "util/error.h"

namespace limner::server {
namespace {

using Clock = std::chrono::steady_clock;

// Requests of one connection; then the client opens another.
constexpr int kMaxRequests = 10'000;
// Seconds that a client may take for a response when its place is needed, and
// when the server ends.
constexpr double kPatience = 1;
constexpr double kLastPatience = 5;

}  // namespace

class HttpServer::Listener {
 public:
  Listener(const HttpOptions& options, HttpHandler handler);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int port() const { return listening_.port; }
  size_t connections() const;
  void run();
  void stop();

 private:
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

  bool wait_for_client();
  bool has_place();
  void accept_one();
  void serve(Place place);
  void serve_requests(Connection& connection, Place place);
  void refuse_connection(int socket);
  void enter(Place place, State state);
  bool evict(double writing_seconds);
  void reap();

  HttpExchange exchange_;
  const size_t max_connections_;
  const double idle_seconds_;
  Listening listening_;
  int wake_ = -1;
  std::atomic<bool> stopping_{false};
  std::optional<Clock::time_point> full_since_;  // of the accepting thread
  mutable std::mutex mutex_;
  std::list<Live> live_;
};

HttpServer::Listener::Listener(const HttpOptions& options, HttpHandler handler)
    : exchange_(options, std::move(handler)),
      max_connections_(options.connections),
      idle_seconds_(options.idle_seconds),
      listening_(listen_on(options.host, options.port)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_ >= 0) return;
  ::close(listening_.socket);
  fail("cannot make an eventfd: {}", std::strerror(errno));
}

HttpServer::Listener::~Listener() {
  if (listening_.socket >= 0) ::close(listening_.socket);
  ::close(wake_);
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
  const std::string text = exchange_.turned_away();
  [[maybe_unused]] const ssize_t sent =
      ::send(socket, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  ::close(socket);
}

// Whether there is a place for another connection, or may soon be: then the
// client waits in the system's queue.
bool HttpServer::Listener::has_place() {
  if (connections() < max_connections_ || evict(kPatience)) {
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
  const int socket = ::accept4(listening_.socket, nullptr, nullptr,
                               SOCK_CLOEXEC | SOCK_NONBLOCK);
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
  pollfd both[] = {{listening_.socket, POLLIN, 0}, {wake_, POLLIN, 0}};
  ::poll(both, 2, kReapEvery);
  return (both[0].revents & POLLIN) != 0;
}

void HttpServer::Listener::run() {
  while (!stopping_) {
    const bool there = wait_for_client();
    reap();
    if (there && !stopping_) accept_one();
  }
  ::close(std::exchange(listening_.socket, -1));
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

void HttpServer::Listener::serve_requests(Connection& connection, Place place) {
  const auto tell = [&](HttpExchange::Stage stage) {
    enter(place, stage == HttpExchange::Stage::kReading   ? State::kReading
                 : stage == HttpExchange::Stage::kWorking ? State::kWorking
                                                          : State::kWriting);
  };
  for (int i = 1; i <= kMaxRequests && !stopping_; ++i) {
    enter(place, State::kIdle);
    if (!connection.await_request(idle_seconds_)) return;
    const bool last = i == kMaxRequests || stopping_;
    if (!exchange_.serve(connection, last, tell)) return;
  }
}

void HttpServer::Listener::serve(Place place) {
  {
    Connection connection(place->socket);
    try {
      serve_requests(connection, place);
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

HttpServer::HttpServer(const HttpOptions& options, HttpHandler handler)
    : listener_(std::make_unique<Listener>(options, std::move(handler))) {}
HttpServer::~HttpServer() = default;

int HttpServer::port() const { return listener_->port(); }
size_t HttpServer::connections() const { return listener_->connections(); }
void HttpServer::run() { listener_->run(); }
void HttpServer::stop() { listener_->stop(); }

}  // namespace limner::server
