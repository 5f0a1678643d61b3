// Limits that a drawing keeps in every file format, and how its numbers are
// written.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "sketch/stroke.h"
#include "util/error.h"

namespace limner {

// A drawing is larger than the limits allow: nobody goes on after it, as after
// a single element that makes no sense.
class LimitError : public Error {
 public:
  using Error::Error;
};

template <typename... Args>
[[noreturn]] void fail_limit(fmt::format_string<Args...> format,
                             Args&&... args) {
  throw LimitError(fmt::format(format, std::forward<Args>(args)...));
}

// Bytes of a drawing's file. A million points take about 20 MB as SVG.
constexpr uint64_t kMaxDrawingFile = uint64_t{64} << 20;
// Points of a drawing, curves flattened: far more than anybody draws, and
// little enough to hold in memory several times over (8 MB).
constexpr int64_t kMaxDrawingPoints = 1'000'000;
constexpr int64_t kMaxDrawingStrokes = 100'000;
// A float still keeps steps of 1/16 there, and sums of them stay finite.
constexpr double kMaxCoordinate = 1e6;
// Below it, numbers with nine decimals no longer keep 1/500,000 of the side.
constexpr double kMinDrawingSide = 1e-3;

// Throws Error unless the side is kMinDrawingSide to kMaxCoordinate, every
// point is finite and within kMaxCoordinate, labels are 0..22, detail,
// confidence and pressure 0..1, pressure is one number a point or none, no
// stroke is without points, and there are no more of them than the limits.
// The message names the first wrong stroke, counted from 0.
void check_drawing(const Drawing& drawing);

// Moves the strokes' bounding box to (0, 0) and makes its longer side the
// drawing's, 1 where it has none.
void crop_to_strokes(Drawing& drawing);

// Decimals (0..9) that keep coordinates of a drawing within side / 512,000:
// 3 for a side of 512.
int decimals_for(double side);

// Appends `value` with at most `decimals` decimals, without idle zeros.
void append_number(std::string& out, double value, int decimals);

}  // namespace limner
