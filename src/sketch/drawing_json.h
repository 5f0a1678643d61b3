// Drawings as JSON, limner's own format (docs/formats.md).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "sketch/stroke.h"

namespace limner {

constexpr int kDrawingJsonVersion = 1;

// Reads {"format": "limner-drawing", "version": 1, "side": 512, "strokes":
// [{"points": [[x, y], ...], "class": 17, "confidence": 0.93, "detail": 0.2,
// "pressure": [...]}]}; of a stroke only points must be there. Keys that are
// not known are passed over. `name` stands in messages. Throws Error for
// another format or a newer version, wrong types and values out of range
// (with the place, such as strokes[3].points[2]), and beyond the limits of
// drawing_limits.h and json_text.h.
Drawing read_drawing_json(std::string_view text, const std::string& name);

// The same from a value that is parsed already, as part of another document.
Drawing drawing_from_json(const nlohmann::json& document);

// The reverse: one line a stroke, coordinates within side / 512,000, pressure
// with three decimals. What has its default is left out. Throws Error as
// check_drawing() does.
std::string write_drawing_json(const Drawing& drawing);

}  // namespace limner
