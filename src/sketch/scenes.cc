#include "sketch/scenes.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "sketch/css_colour.h"
#include "sketch/drawing_json.h"
#include "sketch/drawing_limits.h"
#include "sketch/flatten.h"
#include "sketch/quickdraw.h"
#include "util/error.h"
#include "util/json_text.h"

namespace limner {
namespace {

using nlohmann::json;

// Shapes inside of groups inside of groups ...
constexpr int kMaxGroups = 32;

double number_at(const json& object, const char* key, double otherwise = 0) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return otherwise;
  return found->get<double>();
}

std::string text_at(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return "";
  return found->get<std::string>();
}

const json* array_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_array() ? &*found : nullptr;
}

Affine turned_about(Vec centre, double angle) {
  const double u = std::cos(angle), v = std::sin(angle);
  return Affine{1, 0, 0, 1, centre.x, centre.y} * Affine{u, v, -v, u, 0, 0} *
         Affine{1, 0, 0, 1, -centre.x, -centre.y};
}

// Adds a stroke of places, moved by `map`. Throws Error for what is no number.
void add_stroke(const std::vector<Vec>& places, const Affine& map,
                Drawing& drawing) {
  if (places.empty()) return;
  Stroke stroke;
  for (const Vec& place : places) {
    const Vec p = map(place);
    if (!(std::abs(p.x) <= kMaxCoordinate) ||
        !(std::abs(p.y) <= kMaxCoordinate)) {
      fail("a point lies at {:.6g},{:.6g}, expected numbers within {}", p.x,
           p.y, kMaxCoordinate);
    }
    stroke.points.push_back({static_cast<float>(p.x), static_cast<float>(p.y)});
  }
  drawing.strokes.push_back(std::move(stroke));
}

Drawing cropped(Drawing drawing, const char* what) {
  if (drawing.strokes.empty()) fail("the {} has no lines that are seen", what);
  crop_to_strokes(drawing);
  check_drawing(drawing);
  return drawing;
}

// ---- Excalidraw ----

bool is_seen(const json& element, const std::string& paper) {
  if (element.value("isDeleted", false)) return false;
  if (number_at(element, "opacity", 100) < 3) return false;
  const std::string colour = text_at(element, "strokeColor");
  if (colour.empty()) return true;
  const auto stroke = css_colour(colour);
  const auto under = css_colour(paper);
  if (!stroke) return true;
  return stroke->alpha > 0.03 && !(under && stroke->rgb == under->rgb);
}

std::vector<Vec> outline_of(const std::string& type, double width,
                            double height) {
  const double w = width / 2, h = height / 2;
  if (type == "rectangle") {
    return {{0, 0}, {width, 0}, {width, height}, {0, height}, {0, 0}};
  }
  if (type == "diamond") {
    return {{w, 0}, {width, h}, {w, height}, {0, h}, {w, 0}};
  }
  std::vector<Vec> round;
  constexpr int kSteps = 64;
  for (int i = 0; i <= kSteps; ++i) {
    const double t = 2 * M_PI * (i % kSteps) / kSteps;
    round.push_back({w + w * std::cos(t), h + h * std::sin(t)});
  }
  return round;
}

std::vector<Vec> pairs_of(const json& list) {
  std::vector<Vec> places;
  for (const json& point : list) {
    if (!point.is_array() || point.size() < 2 || !point[0].is_number() ||
        !point[1].is_number()) {
      fail("a point of the scene is {}, expected [x, y]", json_kind(point));
    }
    places.push_back({point[0].get<double>(), point[1].get<double>()});
  }
  return places;
}

Drawing read_excalidraw(const json& scene) {
  const json* elements = array_at(scene, "elements");
  if (elements == nullptr) fail("the scene has no list of elements");
  std::string paper = "#ffffff";
  if (const auto state = scene.find("appState");
      state != scene.end() && state->is_object()) {
    const std::string colour = text_at(*state, "viewBackgroundColor");
    if (!colour.empty()) paper = colour;
  }
  Drawing drawing;
  for (const json& element : *elements) {
    if (!element.is_object() || !is_seen(element, paper)) continue;
    const std::string type = text_at(element, "type");
    std::vector<Vec> places;
    if (type == "freedraw" || type == "line" || type == "arrow") {
      const json* points = array_at(element, "points");
      if (points != nullptr) places = pairs_of(*points);
    } else if (type == "rectangle" || type == "diamond" || type == "ellipse") {
      places = outline_of(type, number_at(element, "width"),
                          number_at(element, "height"));
    }
    if (places.empty()) continue;
    Vec low = places[0], high = places[0];
    for (const Vec& p : places) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
    const Affine place = {
        1, 0, 0, 1, number_at(element, "x"), number_at(element, "y")};
    add_stroke(
        places,
        place * turned_about({(low.x + high.x) / 2, (low.y + high.y) / 2},
                             number_at(element, "angle")),
        drawing);
  }
  return cropped(std::move(drawing), "scene");
}

// ---- tldraw ----

std::vector<Vec> objects_of(const json& list) {
  std::vector<Vec> places;
  for (const json& point : list) {
    if (!point.is_object()) {
      fail("a point of the file is {}, expected {{x, y}}", json_kind(point));
    }
    places.push_back({number_at(point, "x"), number_at(point, "y")});
  }
  return places;
}

// The points of a line shape, by their index.
std::vector<Vec> handles_of(const json& points) {
  std::map<std::string, Vec> sorted;
  for (const json& point : points) {
    if (!point.is_object()) continue;
    sorted[text_at(point, "index")] = {number_at(point, "x"),
                                       number_at(point, "y")};
  }
  std::vector<Vec> places;
  for (const auto& [index, place] : sorted) places.push_back(place);
  return places;
}

Drawing read_tldraw(const json& records) {
  std::map<std::string, const json*> shapes;
  for (const json& record : records) {
    if (record.is_object() && text_at(record, "typeName") == "shape") {
      shapes[text_at(record, "id")] = &record;
    }
  }
  shapes.erase("");
  Drawing drawing;
  for (const json& record : records) {
    if (!record.is_object() || text_at(record, "typeName") != "shape" ||
        number_at(record, "opacity", 1) < 0.03) {
      continue;
    }
    const auto props = record.find("props");
    if (props == record.end() || !props->is_object()) continue;
    Affine map;
    const json* at = &record;
    for (int depth = 0; at != nullptr && depth < kMaxGroups; ++depth) {
      map = Affine{1, 0, 0, 1, number_at(*at, "x"), number_at(*at, "y")} *
            turned_about({}, number_at(*at, "rotation")) * map;
      const auto parent = shapes.find(text_at(*at, "parentId"));
      at = parent == shapes.end() ? nullptr : parent->second;
    }
    const std::string type = text_at(record, "type");
    if (type == "draw") {
      // Segments of one line: free ones and straight ones in turn.
      std::vector<Vec> line;
      const json* segments = array_at(*props, "segments");
      if (segments == nullptr) continue;
      for (const json& segment : *segments) {
        const json* points =
            segment.is_object() ? array_at(segment, "points") : nullptr;
        if (points == nullptr) {
          fail("a line of the file has no list of points; export it as SVG");
        }
        const std::vector<Vec> more = objects_of(*points);
        line.insert(line.end(), more.begin(), more.end());
      }
      add_stroke(line, map, drawing);
    } else if (type == "line") {
      const auto points = props->find("points");
      if (points == props->end()) continue;
      add_stroke(handles_of(*points), map, drawing);
    } else if (type == "geo") {
      const std::string geo = text_at(*props, "geo");
      add_stroke(
          outline_of(geo, number_at(*props, "w"), number_at(*props, "h")), map,
          drawing);
    }
  }
  return cropped(std::move(drawing), "file");
}

// ---- Quick, Draw! ----

Drawing from_list(const json& list, const ReadOptions& options) {
  if (list.empty()) fail("the list is empty, expected drawings");
  if (!list[0].is_object()) {
    return read_quickdraw_value(json{{"drawing", list}}, options.quickdraw)
        .drawing;
  }
  if (options.index >= static_cast<int64_t>(list.size())) {
    fail("no drawing {}, the file has {}, counted from 0", options.index,
         list.size());
  }
  return read_quickdraw_value(list[static_cast<size_t>(options.index)],
                              options.quickdraw)
      .drawing;
}

// Little-endian numbers of a file.
class BinaryReader {
 public:
  explicit BinaryReader(Bytes data) : data_(data) {}

  bool done() const { return at_ == data_.size(); }

  // Steps over a drawing, or reads it; false where there is none.
  bool drawing(Drawing* out) {
    constexpr size_t kFront = 8 + 2 + 1 + 4;
    if (data_.size() - at_ < kFront + 2) return false;
    // Two letters of a country, and whether it was recognised.
    const auto is_letter = [this](size_t i) {
      const unsigned char c = data_[at_ + 8 + i];
      return (c >= 'A' && c <= 'Z') || c == 0;
    };
    if (!is_letter(0) || !is_letter(1) || data_[at_ + 10] > 1) return false;
    at_ += kFront;
    const size_t strokes = half();
    for (size_t i = 0; i < strokes; ++i) {
      if (data_.size() - at_ < 2) return false;
      const size_t points = half();
      if (points == 0 || data_.size() - at_ < 2 * points) return false;
      if (out != nullptr) {
        Stroke stroke;
        for (size_t k = 0; k < points; ++k) {
          stroke.points.push_back(
              {static_cast<float>(data_[at_ + k]),
               static_cast<float>(data_[at_ + points + k])});
        }
        out->strokes.push_back(std::move(stroke));
      }
      at_ += 2 * points;
    }
    return true;
  }

 private:
  size_t half() {
    const size_t value = data_[at_] | data_[at_ + 1] << 8;
    at_ += 2;
    return value;
  }

  Bytes data_;
  size_t at_ = 0;
};

}  // namespace

Drawing read_json_scene(std::string_view text, const std::string& name,
                        const ReadOptions& options) {
  json value;
  try {
    value = parse_json(text);
  } catch (const Error&) {
    return read_drawing_json(text, name);  // which says what is wrong
  }
  if (value.is_array()) return from_list(value, options);
  if (!value.is_object() || value.contains("format")) {
    return read_drawing_json(text, name);
  }
  if (value.contains("drawing")) {
    return read_quickdraw_value(value, options.quickdraw).drawing;
  }
  if (text_at(value, "type").substr(0, 10) == "excalidraw") {
    return read_excalidraw(value);
  }
  if (const json* records = array_at(value, "records")) {
    return read_tldraw(*records);
  }
  return read_drawing_json(text, name);
}

bool is_quickdraw_binary(Bytes data) {
  BinaryReader reader(data);
  if (reader.done()) return false;
  while (!reader.done()) {
    if (!reader.drawing(nullptr)) return false;
  }
  return true;
}

Drawing read_quickdraw_binary(Bytes data, int64_t index) {
  BinaryReader reader(data);
  int64_t found = 0;
  for (; !reader.done(); ++found) {
    Drawing drawing;
    if (!reader.drawing(found == index ? &drawing : nullptr)) break;
    if (found == index) return cropped(std::move(drawing), "drawing");
  }
  fail("no drawing {}, the file has {}, counted from 0", index, found);
}

}  // namespace limner
