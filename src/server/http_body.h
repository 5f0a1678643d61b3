// Reading the bodies of requests, whole or in chunks, within limits.
#pragma once

#include <atomic>
#include <cstddef>
#include <string_view>

#include "server/connection.h"
#include "server/http_head.h"

namespace limner::server {

// The memory of the bodies of all requests together. Its last eighth is for
// small bodies, so that clients who send the largest do not keep out those who
// draw. Thread-safe.
class BodyBudget {
 public:
  explicit BodyBudget(size_t bytes) : limit_(bytes) {}

  // For a body of `before` bytes to become one of `after`. False when there is
  // no room.
  bool take(size_t before, size_t after);
  void give_back(size_t bytes) { held_ -= bytes; }

 private:
  const size_t limit_;
  std::atomic<size_t> held_{0};
};

// A body in pages of its own, which grow without being copied and go back to
// the system with it: from the heap, half of what large bodies took would stay.
class BodyMemory {
 public:
  explicit BodyMemory(BodyBudget& budget) : budget_(budget) {}
  ~BodyMemory();
  BodyMemory(const BodyMemory&) = delete;
  BodyMemory& operator=(const BodyMemory&) = delete;

  // Puts `part` behind the text, which may become `max` bytes long. False when
  // the budget has no room. Throws std::bad_alloc when the system has none.
  bool append(std::string_view part, size_t max);
  std::string_view text() const { return {data_, size_}; }

 private:
  BodyBudget& budget_;
  char* data_ = nullptr;
  size_t size_ = 0;
  size_t mapped_ = 0;
  size_t held_ = 0;  // of the budget
};

// Reads the body behind a head into `body`, which takes memory as it arrives.
// Throws HttpError: 400
// for one that ends early, comes too slowly or is badly cut into chunks (those
// must not be so small that their marks outweigh what they carry), 413 for one
// beyond `max`, 503 where the budget has no room.
void read_body(Connection& connection, const BodyLength& length, size_t max,
               BodyMemory& body);

// Bytes that chunks' sizes, ends and trailers may have besides as many as the
// body has.
constexpr size_t kChunkMarks = size_t{64} << 10;

}  // namespace limner::server
