// JSON from strangers: parsing that cannot exhaust memory or the stack.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace limner {

// Arrays and objects inside each other. Drawings have five.
constexpr int kMaxJsonDepth = 32;
// Commas, colons and opening brackets, which bound the number of values: each
// takes 16 to 64 bytes of memory. A drawing of a million points with pressure
// has four million.
constexpr int64_t kMaxJsonMarks = 8'000'000;

// Parses one JSON value. Throws Error (one line) for anything else, and beyond
// the limits; max_marks: 0..kMaxJsonMarks.
nlohmann::json parse_json(std::string_view text,
                          int64_t max_marks = kMaxJsonMarks);

// "an array", "a string", ...: what `value` is, for messages.
std::string json_kind(const nlohmann::json& value);

}  // namespace limner
