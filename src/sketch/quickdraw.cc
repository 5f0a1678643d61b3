#include "sketch/quickdraw.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "sketch/classes.h"
#include "sketch/drawing_limits.h"
#include "util/error.h"
#include "util/json_text.h"

namespace limner {
namespace {

using nlohmann::json;

float coordinate(const json& value, size_t stroke, size_t point) {
  if (!value.is_number()) {
    fail("stroke {}, point {} is {}, expected a number", stroke, point,
         json_kind(value));
  }
  const double got = value.get<double>();
  if (!(std::abs(got) <= kMaxCoordinate)) {
    fail("stroke {}, point {} is {:.6g}, expected numbers within {}", stroke,
         point, got, kMaxCoordinate);
  }
  return static_cast<float>(got);
}

// Checks a stroke's lists: two or more, of one length above 0.
void check_lists(const json& stroke, size_t i) {
  if (!stroke.is_array() || stroke.size() < 2) {
    fail("stroke {} is {}, expected lists of x and y", i,
         stroke.is_array() ? fmt::format("an array of {}", stroke.size())
                           : json_kind(stroke));
  }
  for (const json& list : stroke) {
    if (!list.is_array()) {
      fail("stroke {} holds {}, expected lists of numbers", i, json_kind(list));
    }
    if (list.empty()) fail("stroke {} has no points", i);
    if (list.size() != stroke[0].size()) {
      fail("stroke {} has lists of {} and {} numbers, expected the same", i,
           stroke[0].size(), list.size());
    }
  }
}

int part_of(const json& list, size_t i) {
  for (const json& value : list) {
    if (!value.is_number_integer() || value < 0 || value >= kQuickDrawParts) {
      fail("stroke {} has part {}, expected a whole number 0 to {}", i,
           printable(value.dump(-1, ' ', true, json::error_handler_t::replace),
                     20),
           kQuickDrawParts - 1);
    }
    if (value != list[0]) {
      fail("stroke {} mixes parts {} and {}", i, list[0].dump(), value.dump());
    }
  }
  return list[0].get<int>();
}

void check_times(const json& list, size_t i) {
  const auto wrong =
      std::find_if(list.begin(), list.end(),
                   [](const json& value) { return !value.is_number(); });
  if (wrong != list.end()) {
    fail("stroke {} has {} among its times, expected numbers", i,
         json_kind(*wrong));
  }
}

void read_classes(const json& list, std::vector<Stroke>& strokes) {
  if (!list.is_array() || list.size() != strokes.size()) {
    fail("\"classes\" is {}, expected one number for each of {} strokes",
         list.is_array() ? fmt::format("an array of {}", list.size())
                         : json_kind(list),
         strokes.size());
  }
  for (size_t i = 0; i < strokes.size(); ++i) {
    if (!list[i].is_number_integer() || list[i] < 0 ||
        list[i] > kStrokeClasses) {
      fail("classes[{}] is {}, expected a whole number 0 to {}", i,
           printable(
               list[i].dump(-1, ' ', true, json::error_handler_t::replace), 20),
           kStrokeClasses);
    }
    strokes[i].label = list[i].get<int>();
  }
}

// The text up to the next line end, which is taken off `text`.
std::string_view take_line(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == line.npos;
}

}  // namespace

QuickDrawing read_quickdraw(std::string_view line,
                            const QuickDrawOptions& options) {
  return read_quickdraw_value(parse_json(line), options);
}

QuickDrawing read_quickdraw_value(const json& value,
                                  const QuickDrawOptions& options) {
  if (!value.is_object()) {
    fail("the line is {}, expected an object", json_kind(value));
  }
  const auto list = value.find("drawing");
  if (list == value.end()) fail("\"drawing\" is missing");
  if (!list->is_array()) {
    fail("\"drawing\" is {}, expected a list of strokes", json_kind(*list));
  }
  const bool parts = options.third == QuickDrawOptions::Third::kParts;
  QuickDrawing out;
  out.drawing.strokes.reserve(list->size());
  for (size_t i = 0; i < list->size(); ++i) {
    const json& lists = (*list)[i];
    check_lists(lists, i);
    Stroke stroke;
    stroke.points.reserve(lists[0].size());
    for (size_t j = 0; j < lists[0].size(); ++j) {
      stroke.points.push_back(
          {coordinate(lists[0][j], i, j), coordinate(lists[1][j], i, j)});
    }
    if (lists.size() > 2 && !parts) check_times(lists[2], i);
    out.parts.push_back(lists.size() > 2 && parts ? part_of(lists[2], i) : -1);
    out.drawing.strokes.push_back(std::move(stroke));
  }
  if (const auto id = value.find("key_id"); id != value.end()) {
    // Some tools make a number of it.
    out.key_id = id->is_string() ? id->get<std::string>() : id->dump();
  }
  if (const auto classes = value.find("classes"); classes != value.end()) {
    read_classes(*classes, out.drawing.strokes);
  }
  if (const auto side = value.find("side"); side != value.end()) {
    if (!side->is_number()) {
      fail("\"side\" is {}, expected a number", json_kind(*side));
    }
    // Clamped for the conversion; check_drawing() refuses both ends.
    out.drawing.side = static_cast<float>(
        std::clamp(side->get<double>(), -1.0, 2 * kMaxCoordinate));
  } else {
    crop_to_strokes(out.drawing);
  }
  check_drawing(out.drawing);
  return out;
}

std::vector<QuickDrawing> read_ndjson(std::string_view text,
                                      const QuickDrawOptions& options,
                                      std::vector<std::string>* broken) {
  std::vector<QuickDrawing> out;
  for (int64_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (is_blank(line)) continue;
    try {
      out.push_back(read_quickdraw(line, options));
    } catch (const Error& error) {
      if (!options.skip_broken) fail("line {}: {}", number, error.what());
      if (broken != nullptr) {
        broken->push_back(fmt::format("line {}: {}", number, error.what()));
      }
    }
  }
  if (out.empty()) fail("no drawing, expected one a line");
  return out;
}

QuickDrawing read_ndjson_line(std::string_view text, int64_t index,
                              const QuickDrawOptions& options) {
  int64_t found = 0;
  for (int64_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (is_blank(line) || found++ != index) continue;
    try {
      return read_quickdraw(line, options);
    } catch (const Error& error) {
      fail("line {}: {}", number, error.what());
    }
  }
  fail("no drawing {}, the file has {}, counted from 0", index, found);
}

std::string write_quickdraw(const QuickDrawing& drawing) {
  const std::vector<Stroke>& strokes = drawing.drawing.strokes;
  check_drawing(drawing.drawing);
  const int decimals = decimals_for(drawing.drawing.side);
  std::string out = "{";
  if (!drawing.key_id.empty()) {
    out += "\"key_id\":" +
           json(drawing.key_id)
               .dump(-1, ' ', true, json::error_handler_t::replace) +
           ",";
  }
  out += fmt::format("\"side\":{},", drawing.drawing.side);
  if (std::any_of(strokes.begin(), strokes.end(),
                  [](const Stroke& stroke) { return stroke.label != 0; })) {
    out += "\"classes\":";
    char before = '[';
    for (const Stroke& stroke : strokes) {
      out += fmt::format("{}{}", before, stroke.label);
      before = ',';
    }
    out += "],";
  }
  out += "\"drawing\":[";
  int64_t time = 0;
  for (size_t i = 0; i < strokes.size(); ++i) {
    const std::vector<Point>& points = strokes[i].points;
    std::string xs, ys, ts;
    for (const Point& point : points) {
      const char before = xs.empty() ? '[' : ',';
      append_number(xs += before, point.x, decimals);
      append_number(ys += before, point.y, decimals);
      append_number(ts += before, static_cast<double>(time++), 0);
    }
    out += fmt::format("{}[{}],{}],{}]]", i == 0 ? "" : ",", xs, ys, ts);
  }
  out += "]}\n";
  return out;
}

}  // namespace limner
