// Bodies of requests. The first byte chooses the route.
#include <string>

#include "outcome.h"
#include "server/requests.h"

namespace {

using limner::server::HttpError;

// Runs body(), which may throw HttpError of a client's mistake.
template <typename Body>
void allow_refusals(const Body& body) {
  try {
    body();
  } catch (const HttpError& error) {
    limner::expect(error.status >= 400 && error.status < 500);
    limner::expect(std::strchr(error.what(), '\n') == nullptr);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const limner::server::Limits limits;
  const std::string body(limner::text_of(data + 1, size - 1));
  allow_refusals([&] {
    if (data[0] == 'd') {
      const auto request = limner::server::read_drawing_request(body, limits);
      limner::expect(!request.drawing.strokes.empty());
    } else {
      const auto request = limner::server::read_generate_request(body, limits);
      limner::expect(!request.looks.mix.empty());
      const double faithful = request.faithful.value_or(0);
      limner::expect(faithful >= 0 && faithful <= 1);
    }
  });
  return 0;
}
