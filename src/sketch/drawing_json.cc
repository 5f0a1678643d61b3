#include "sketch/drawing_json.h"

#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "sketch/classes.h"
#include "sketch/drawing_limits.h"
#include "util/error.h"
#include "util/json_text.h"

namespace limner {
namespace {

using nlohmann::json;

// A number of `min` to `max`. Args say where it stands.
template <typename... Args>
float number(const json& value, double min, double max,
             fmt::format_string<Args...> place, Args&&... args) {
  if (value.is_number()) {
    const double got = value.get<double>();
    if (got >= min && got <= max) return static_cast<float>(got);
    fail("{} is {:.6g}, expected {} to {}",
         fmt::format(place, std::forward<Args>(args)...), got, min, max);
  }
  fail("{} is {}, expected a number",
       fmt::format(place, std::forward<Args>(args)...), json_kind(value));
}

const json& array(const json& parent, const char* key, std::string_view place) {
  const auto found = parent.find(key);
  if (found == parent.end()) fail("{} is missing", place);
  if (!found->is_array()) {
    fail("{} is {}, expected an array", place, json_kind(*found));
  }
  return *found;
}

std::vector<Point> read_points(const json& stroke, size_t i) {
  std::vector<Point> points;
  const json& list =
      array(stroke, "points", fmt::format("strokes[{}].points", i));
  if (list.empty()) fail("strokes[{}].points is empty", i);
  points.reserve(list.size());
  for (size_t j = 0; j < list.size(); ++j) {
    const json& pair = list[j];
    if (!pair.is_array() || pair.size() != 2) {
      fail("strokes[{}].points[{}] is {}, expected two numbers", i, j,
           pair.is_array() ? fmt::format("an array of {}", pair.size())
                           : json_kind(pair));
    }
    const auto part = [&](size_t axis) {
      return number(pair[axis], -kMaxCoordinate, kMaxCoordinate,
                    "strokes[{}].points[{}][{}]", i, j, axis);
    };
    points.push_back({part(0), part(1)});
  }
  return points;
}

Stroke read_stroke(const json& value, size_t i) {
  if (!value.is_object()) {
    fail("strokes[{}] is {}, expected an object", i, json_kind(value));
  }
  Stroke stroke;
  stroke.points = read_points(value, i);
  if (const auto it = value.find("class"); it != value.end()) {
    if (!it->is_number_integer()) {
      fail("strokes[{}].class is {}, expected a whole number", i,
           json_kind(*it));
    }
    stroke.label = static_cast<int>(
        number(*it, 0, kStrokeClasses, "strokes[{}].class", i));
  }
  if (const auto it = value.find("confidence"); it != value.end()) {
    stroke.confidence = number(*it, 0, 1, "strokes[{}].confidence", i);
  }
  if (const auto it = value.find("detail"); it != value.end()) {
    stroke.detail = number(*it, 0, 1, "strokes[{}].detail", i);
  }
  if (value.contains("pressure")) {
    const json& list =
        array(value, "pressure", fmt::format("strokes[{}].pressure", i));
    if (list.size() != stroke.points.size() && !list.empty()) {
      fail("strokes[{}].pressure has {} numbers for {} points", i, list.size(),
           stroke.points.size());
    }
    for (size_t j = 0; j < list.size(); ++j) {
      stroke.pressure.push_back(
          number(list[j], 0, 1, "strokes[{}].pressure[{}]", i, j));
    }
  }
  return stroke;
}

}  // namespace

Drawing drawing_from_json(const json& document) {
  if (!document.is_object()) {
    fail("the document is {}, expected an object", json_kind(document));
  }
  const auto format = document.find("format");
  if (format == document.end() || *format != "limner-drawing") {
    fail("is no drawing: \"format\" must be \"limner-drawing\"");
  }
  const auto version = document.find("version");
  if (version == document.end() || !version->is_number_integer()) {
    fail("version must be a whole number");
  }
  if (*version != kDrawingJsonVersion) {
    fail("version is {}, this limner reads {}", version->dump(),
         kDrawingJsonVersion);
  }
  Drawing drawing;
  if (const auto side = document.find("side"); side != document.end()) {
    drawing.side = number(*side, kMinDrawingSide, kMaxCoordinate, "side");
  }
  const json& strokes = array(document, "strokes", "strokes");
  for (size_t i = 0; i < strokes.size(); ++i) {
    drawing.strokes.push_back(read_stroke(strokes[i], i));
  }
  check_drawing(drawing);
  return drawing;
}

Drawing read_drawing_json(std::string_view text, const std::string& name) {
  try {
    return drawing_from_json(parse_json(text));
  } catch (const Error& error) {
    fail("{}: {}", printable(name), error.what());
  }
}

std::string write_drawing_json(const Drawing& drawing) {
  check_drawing(drawing);
  const int decimals = decimals_for(drawing.side);
  std::string out = fmt::format(
      "{{\"format\":\"limner-drawing\",\"version\":{},\"side\":{},"
      "\"strokes\":[",
      kDrawingJsonVersion, drawing.side);
  auto more = std::back_inserter(out);
  const char* between = "\n";
  for (const Stroke& stroke : drawing.strokes) {
    out += between;
    between = ",\n";
    char before = '[';
    out += "{\"points\":";
    for (const Point& point : stroke.points) {
      out += before;
      before = ',';
      out += '[';
      append_number(out, point.x, decimals);
      out += ',';
      append_number(out, point.y, decimals);
      out += ']';
    }
    out += ']';
    if (stroke.label != 0) fmt::format_to(more, ",\"class\":{}", stroke.label);
    if (stroke.confidence < 1) {
      fmt::format_to(more, ",\"confidence\":{}", stroke.confidence);
    }
    if (stroke.detail != 0) {
      fmt::format_to(more, ",\"detail\":{}", stroke.detail);
    }
    if (!stroke.pressure.empty()) {
      out += ",\"pressure\":";
      before = '[';
      for (const float value : stroke.pressure) {
        out += before;
        before = ',';
        append_number(out, value, 3);
      }
      out += ']';
    }
    out += '}';
  }
  out += "\n]}\n";
  return out;
}

}  // namespace limner
