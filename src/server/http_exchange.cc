#include "server/http_exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "server/http_head.h"

namespace limner::server {
namespace {

const char* reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return status < 500 ? "Refused" : "Internal Server Error";
  }
}

// All of a response but its body. chunks: whether the client knows them.
std::string head_of(const Response& response, bool keep, double idle_seconds,
                    bool chunks = true) {
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", response.status,
                                reason_of(response.status));
  for (const auto& [name, value] : response.headers) {
    out += fmt::format("{}: {}\r\n", name, value);
  }
  if (response.body || response.next) {
    out += fmt::format("Content-Type: {}\r\n", response.content_type);
  }
  if (response.next && chunks) out += "Transfer-Encoding: chunked\r\n";
  // One without a body by its nature must not have a length of 0.
  if (response.status != 304 && !response.next) {
    out += fmt::format("Content-Length: {}\r\n",
                       response.body ? response.body->size() : 0);
  }
  out += keep ? fmt::format(
                    "Connection: keep-alive\r\n"
                    "Keep-Alive: timeout={:.0f}\r\n\r\n",
                    idle_seconds)
              : "Connection: close\r\n\r\n";
  return out;
}

}  // namespace

// One request and its response.
class HttpTurn {
 public:
  using Stage = HttpExchange::Stage;
  using Tell = std::function<void(Stage)>;

  HttpTurn(HttpExchange& exchange, Connection& connection, const Tell& tell)
      : exchange_(exchange),
        options_(exchange.options_),
        connection_(connection),
        tell_(tell),
        body_(exchange.bodies_) {}

  bool serve(bool last);

 private:
  bool read_head();
  void check_host() const;
  Request request() const;
  Response answer();
  void read_body(Request& request);
  bool write(const Response& response);
  bool write_pieces(const Response& response);

  HttpExchange& exchange_;
  const HttpOptions& options_;
  Connection& connection_;
  const Tell& tell_;
  BodyMemory body_;
  HttpHead head_;
  BodyLength length_;
  bool keep_ = false;  // the connection, for another request
};

// False when there is none.
bool HttpTurn::read_head() {
  const Connection::Got got = connection_.read_head(
      options_.read_seconds,
      Connection::kMaxHead + 2 * (options_.body_bytes + kChunkMarks));
  switch (got) {
    case Connection::Got::kClosed:
      return false;
    case Connection::Got::kLate:
      throw HttpError(408, "the request came too slowly");
    case Connection::Got::kTooLarge:
      throw HttpError(431, fmt::format("the headers have more than {} bytes",
                                       Connection::kMaxHead));
    case Connection::Got::kBareNewline:
      throw HttpError(400, "lines of the head must end in \\r\\n");
    case Connection::Got::kHead:
      break;
  }
  head_ = parse_head(connection_.head());
  length_ = body_length(head_);
  return true;
}

void HttpTurn::check_host() const {
  const size_t count = head_.count("host");
  if (count == 0 && !head_.is_1_1) return;
  if (count != 1) {
    throw HttpError(400, count == 0 ? "the request names no Host"
                                    : "the request names several Hosts");
  }
  const std::string host = head_.first("host");
  if (!exchange_.names_.serves(host)) {
    throw HttpError(421,
                    fmt::format("this server is not \"{}\" (--host lists the "
                                "names that it has)",
                                host));
  }
}

Request HttpTurn::request() const {
  Request request;
  request.method = head_.method == "HEAD" ? "GET" : head_.method;
  request.path = head_.path;
  request.query = head_.query;
  std::string type = in_small_letters(head_.first("content-type"));
  type.resize(std::min(type.find(';'), type.size()));
  request.content_type = type.substr(0, type.find_last_not_of(" \t") + 1);
  request.if_none_match = head_.first("if-none-match");
  request.site = head_.first("sec-fetch-site");
  request.client = connection_.address();
  if (options_.trust_proxy) {
    const std::string all = head_.last("x-forwarded-for");
    std::string last = all.substr(all.rfind(',') + 1);
    last.erase(0, last.find_first_not_of(" \t"));
    constexpr size_t kLongest = 64;
    if (!last.empty() && last.size() <= kLongest) request.client = last;
  }
  request.gone = [connection = &connection_] { return connection->gone(); };
  return request;
}

void HttpTurn::read_body(Request& request) {
  if (!length_.chunked && !length_.bytes) {
    throw HttpError(411, "the request needs a Content-Length");
  }
  if (head_.count("content-encoding") > 0) {
    throw HttpError(415, "bodies must not be compressed");
  }
  if (length_.bytes.value_or(0) > options_.body_bytes) {
    throw HttpError(
        413, fmt::format("the body has {} bytes, at most {} are accepted",
                         *length_.bytes, options_.body_bytes));
  }
  if (head_.is_1_1 &&
      in_small_letters(head_.first("expect")) == "100-continue" &&
      connection_.buffered().empty()) {
    connection_.start_response(options_.write_seconds);
    connection_.write("HTTP/1.1 100 Continue\r\n\r\n");
  }
  server::read_body(connection_, length_, options_.body_bytes, body_);
  request.body = body_.text();
}

Response HttpTurn::answer() {
  check_host();
  Request asked = request();
  // What is left of a body must not be taken for the next request.
  const bool wants_more = std::exchange(keep_, keep_ && !length_.there());
  if (auto refusal = exchange_.handler_.refuse(asked)) return *refusal;
  if (asked.method != "GET") {
    read_body(asked);
    keep_ = wants_more;
  }
  tell_(Stage::kWorking);
  return exchange_.handler_.handle(asked);
}

// A client of HTTP/1.0 sees the end by the connection's.
bool HttpTurn::write_pieces(const Response& response) {
  while (true) {
    tell_(Stage::kWorking);
    std::shared_ptr<const std::string> piece;
    try {
      piece = response.next();
    } catch (const std::exception&) {
      return false;  // without an end, so that nobody takes it for whole
    }
    connection_.start_response(options_.write_seconds);
    tell_(Stage::kWriting);
    if (!piece) return !head_.is_1_1 || connection_.write("0\r\n\r\n");
    if (piece->empty()) continue;
    const bool sent =
        head_.is_1_1
            ? connection_.write(fmt::format("{:x}\r\n", piece->size())) &&
                  connection_.write(*piece) && connection_.write("\r\n")
            : connection_.write(*piece);
    if (!sent) return false;
  }
}

bool HttpTurn::write(const Response& response) {
  if (response.next && !head_.is_1_1) keep_ = false;
  std::string text =
      head_of(response, keep_, options_.idle_seconds, head_.is_1_1);
  if ((!response.body && !response.next) || head_.method == "HEAD") {
    return connection_.write(text);
  }
  if (response.next) return connection_.write(text) && write_pieces(response);
  constexpr size_t kSmall = size_t{64} << 10;  // goes in one packet or few
  if (response.body->size() <= kSmall) {
    return connection_.write(text + *response.body);
  }
  return connection_.write(text) && connection_.write(*response.body);
}

bool HttpTurn::serve(bool last) {
  tell_(Stage::kReading);
  Response response;
  int status = 0;  // of a request that came to no handler
  try {
    if (!read_head()) return false;
    keep_ = head_.keep_alive() && !last;
    response = answer();
  } catch (const HttpError& error) {
    status = error.status;
    response = error_response(error);
  } catch (const std::exception&) {
    status = 500;
    response = error_response({status, "a fault of the server"});
  }
  if (status != 0) {
    keep_ = false;
    const auto& count = exchange_.handler_.count_other;
    if (count) count(status);
  }
  connection_.start_response(options_.write_seconds);
  tell_(Stage::kWriting);
  return write(response) && keep_;
}

HttpExchange::HttpExchange(const HttpOptions& options, HttpHandler handler)
    : options_(options),
      handler_(std::move(handler)),
      names_([&] {
        std::vector<std::string> names = options.names;
        names.push_back(options.host);
        return names;
      }()),
      bodies_(options.all_body_bytes) {}

bool HttpExchange::serve(Connection& connection, bool last,
                         const std::function<void(Stage)>& tell) {
  return HttpTurn(*this, connection, tell).serve(last);
}

std::string HttpExchange::turned_away() {
  const HttpError error(503, "too many connections", kComeBackAfter);
  if (handler_.count_other) handler_.count_other(error.status);
  const Response response = error_response(error);
  return head_of(response, false, 0) + *response.body;
}

}  // namespace limner::server
