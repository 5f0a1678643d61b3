#include "server/http_body.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <new>
#include <string>

#include "server/http_options.h"

namespace limner::server {

bool BodyBudget::take(size_t before, size_t after) {
  constexpr size_t kSmall = 128;  // at most this share of all
  const size_t limit = after <= limit_ / kSmall ? limit_ : limit_ - limit_ / 8;
  const size_t all = held_.fetch_add(after - before) + (after - before);
  if (all <= limit) return true;
  held_ -= after - before;
  return false;
}

BodyMemory::~BodyMemory() {
  if (data_ != nullptr) ::munmap(data_, mapped_);
  budget_.give_back(held_);
}

bool BodyMemory::append(std::string_view part, size_t max) {
  constexpr size_t kMin = 4096;
  const size_t need = size_ + part.size();
  if (need > held_) {
    size_t room = std::max(need, std::min(max, std::max(kMin, 2 * held_)));
    if (!budget_.take(held_, room)) {
      room = need;
      if (!budget_.take(held_, room)) return false;
    }
    held_ = room;
    void* grown = data_ == nullptr
                      ? ::mmap(nullptr, room, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                      : ::mremap(data_, mapped_, room, MREMAP_MAYMOVE);
    if (grown == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<char*>(grown);
    mapped_ = room;
  }
  std::memcpy(data_ + size_, part.data(), part.size());
  size_ = need;
  return true;
}

namespace {

class BodyReader {
 public:
  BodyReader(Connection& connection, size_t max, BodyMemory& body)
      : connection_(connection), max_(max), body_(body) {}

  void read(size_t count, size_t whole);
  void read_chunks();

 private:
  void need_some();
  std::string line();
  void count_marks(size_t bytes);

  Connection& connection_;
  const size_t max_;
  BodyMemory& body_;
  size_t marks_ = 0;  // bytes that are not the body's
};

// Waits until something is there.
void BodyReader::need_some() {
  if (!connection_.fill()) {
    throw HttpError(400, "the body ended early or came too slowly");
  }
}

// The next `count` bytes of a body that becomes at least `whole` long.
void BodyReader::read(size_t count, size_t whole) {
  while (count > 0) {
    if (connection_.buffered().empty()) need_some();
    const std::string_view part = connection_.buffered().substr(0, count);
    if (!body_.append(part, whole)) {
      throw HttpError(503, "too many large requests at a time", kComeBackAfter);
    }
    count -= part.size();
    connection_.take(part.size());
  }
}

void BodyReader::count_marks(size_t bytes) {
  marks_ += bytes;
  if (marks_ > kChunkMarks + body_.text().size()) {
    throw HttpError(400, "the body's chunks are too small for what they carry");
  }
}

// The next line, without its end.
std::string BodyReader::line() {
  constexpr size_t kLongest = 4096;
  constexpr std::string_view kEnd = "\r\n";
  size_t end = 0;
  while ((end = connection_.buffered().find(kEnd)) == std::string_view::npos) {
    if (connection_.buffered().size() > kLongest) {
      throw HttpError(400, "a chunk's size is no size");
    }
    need_some();
  }
  std::string text(connection_.buffered().substr(0, end));
  connection_.take(end + kEnd.size());
  count_marks(end + kEnd.size());
  return text;
}

// Of "1f" or "1f;name=value".
size_t chunk_size(const std::string& line) {
  constexpr size_t kMaxDigits = 8;
  const size_t digits = std::min(line.find_first_of("; \t"), line.size());
  const char* end = line.data() + digits;
  size_t size = 0;
  const auto [stop, error] = std::from_chars(line.data(), end, size, 16);
  if (digits > kMaxDigits || error != std::errc() || stop != end ||
      line.find_first_of("\r\n") != std::string::npos) {
    throw HttpError(400, "a chunk's size is no size");
  }
  return size;
}

void BodyReader::read_chunks() {
  while (const size_t size = chunk_size(line())) {
    if (size > max_ - body_.text().size()) {
      throw HttpError(413,
                      fmt::format("the body has more than {} bytes", max_));
    }
    read(size, max_);
    if (!line().empty())
      throw HttpError(400, "a chunk is longer than its size");
  }
  while (!line().empty()) {  // trailers, of which none is known
  }
}

}  // namespace

void read_body(Connection& connection, const BodyLength& length, size_t max,
               BodyMemory& body) {
  BodyReader reader(connection, max, body);
  if (length.chunked) {
    reader.read_chunks();
  } else {
    reader.read(length.bytes.value_or(0), length.bytes.value_or(0));
  }
}

}  // namespace limner::server
