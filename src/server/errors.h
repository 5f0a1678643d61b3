// Whose fault an Error is.
#pragma once

#include "server/messages.h"
#include "util/error.h"

namespace limner::server {

// Calls body(), whose Errors become HttpErrors of a status: 400 for what
// cannot be read, 422 for what can be read and not used.
template <typename Body>
auto blaming(int status, const Body& body) {
  try {
    return body();
  } catch (const Error& error) {
    throw HttpError(status, error.what());
  }
}

}  // namespace limner::server
