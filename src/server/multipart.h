// Several pictures in one response, each sent as soon as it is there:
// multipart/mixed (RFC 2046), in which each part says its length, so that
// nobody has to search pictures for marks.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "server/messages.h"

namespace limner::server {

// A response of status 200 whose parts are the bodies of first, part(1), ...,
// part(count - 1), made when their turn comes to be sent. A part has the
// headers of its Response, Content-Type, Content-Length and X-Limner-Index. A
// part that cannot be made is one of JSON, {"error": "..."}, with its status in
// X-Limner-Status, and the last.
Response multipart_response(const Response& first, size_t count,
                            std::function<Response(size_t i)> part);

}  // namespace limner::server
