// Where the time of a face goes: what its convolutions take alone, each by the
// fastest algorithm for its shape, and what they and all between them take in
// a face.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

namespace limner::app {

// Traces `face` (which computes one on the calling thread, warm) `repeat`
// times, then measures every shape of convolution by itself. `fast`:
// every algorithm may be used, as in a face of precision `fast`.
//
// {"layers": [{"name", "in", "out", "kernel", "stride", "height", "width",
//              "calls", "gflop", "algorithm", "ms", "best_ms",
//              "best_algorithm", "least_ms"}],  a shape each, of all its calls
//  "passes": [{"name", "calls", "ms"}],  layers that are no convolutions
//  "face_ms", "convolutions_ms", "passes_ms", "rest_ms",
//  "bound_ms": the sum of best_ms, "ratio": face_ms / bound_ms,
//  "least_ms": the sum of those, "multiply_adds_per_second",
//  "bytes_per_second"}
// All are medians, but for least_ms, which follows from what the processor does
// at best (app/machine_peak.h): products that Winograd's algorithms leave, or
// weights in 16 bits and maps through memory, whichever takes longer. Widths
// and heights are those of the input in pixels.
nlohmann::json roofline(const std::function<void()>& face, int64_t repeat,
                        bool fast);

// The same as a table, the largest loss first.
std::string roofline_text(const nlohmann::json& report);

}  // namespace limner::app
