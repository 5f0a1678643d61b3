// What the bodies of requests say.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "image/codec.h"
#include "server/limits.h"
#include "server/messages.h"
#include "sketch/stroke.h"

namespace limner::server {

// Looks: those of a seed or of a photo that was sent before, and their share.
struct Look {
  std::optional<uint64_t> seed;
  std::string id;     // "" with a seed
  double weight = 1;  // shares sum to 1
};

// The looks of a face: one or several that are mixed, and traits that are
// changed (of -1 to 1, by id).
struct FaceLooks {
  std::vector<Look> mix;  // at least one
  std::map<std::string, double> traits;
};

struct DrawingRequest {
  Drawing drawing;
  bool cut = false;    // /api/label: strokes where their class changes
  bool brief = false;  // /api/label: the answer without the drawing
  bool fit = false;  // /api/label: the drawing fitted to a plausible face, too
  bool guide = false;  // /api/label: parts that the drawing lacks, too
  std::optional<double> faithful;  // 0..1; none: "auto"
  std::string key;
};

struct GenerateRequest {
  std::optional<Drawing> drawing;
  std::vector<unsigned char> picture;  // a file; empty with a drawing
  FaceLooks looks;
  int size = 0;  // 0: full
  ImageFormat format = ImageFormat::kPng;
  int quality = 95;
  bool frame = true;
  std::optional<double> faithful;  // 0..1; none: "auto"
  std::string key;
};

// Faces of one drawing, each with looks of its own.
struct VariationsRequest {
  GenerateRequest each;          // but for its looks
  std::vector<FaceLooks> looks;  // at least one of them
};
constexpr size_t kMaxVariations = 16;

// {"drawing": {...}, "cut": true, "brief": true, "fit": true, "guide": true,
// "faithful": 0.5, "key": "..."}.
// Throws HttpError: 400 with what is wrong and where, 413 beyond a limit.
DrawingRequest read_drawing_request(std::string_view body,
                                    const Limits& limits);

// The body of /api/generate. Throws HttpError in the same way. Whether the size
// suits the model and the ids are known is not checked.
GenerateRequest read_generate_request(std::string_view body,
                                      const Limits& limits);

// The body of /api/variations: that of /api/generate, with an array
// "appearances" of at most kMaxVariations in place of "appearance". Throws
// HttpError in the same way.
VariationsRequest read_variations_request(std::string_view body,
                                          const Limits& limits);

// Throws HttpError 413 for more strokes or points than the limits.
void check_drawing_size(const Drawing& drawing, const Limits& limits);

// Of the query: "true" or "false"; a number of least..most; what stands for a
// key that is not there. Throw HttpError 400.
bool query_flag(const Request& request, const std::string& name, bool absent);
double query_number(const Request& request, const std::string& name, double min,
                    double max, double absent);

}  // namespace limner::server
