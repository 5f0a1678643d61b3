#include "server/requests.h"

#include <cmath>
#include <mutex>
#include <nlohmann/json.hpp>

#include "pipeline/trait_file.h"
#include "server/photos.h"
#include "sketch/drawing_json.h"
#include "util/base64.h"
#include "util/error.h"
#include "util/json_text.h"
#include "util/number_text.h"

namespace limner::server {
namespace {

using nlohmann::json;

constexpr size_t kLongestKey = 128;
constexpr size_t kMaxLooks = 8;
constexpr double kHeaviest = 1000;
constexpr int64_t kLargestSeed = (int64_t{1} << 53) - 1;

// Calls body(), whose Errors are the client's fault.
template <typename Body>
auto reading(const Body& body) {
  try {
    return body();
  } catch (const Error& error) {
    throw HttpError(400, error.what());
  }
}

// Parses a body. A value takes up to 64 bytes of memory, so marks are limited
// to those that a drawing of the most points has, and one body is parsed at a
// time.
json parse_body(std::string_view body, const Limits& limits) {
  constexpr int64_t kPerPoint = 4;    // [x,y], with a comma and a pressure's
  constexpr int64_t kPerStroke = 16;  // its keys and brackets
  constexpr int64_t kRest = 2000;     // looks among it
  static std::mutex one;
  const std::lock_guard lock(one);
  json value = parse_json(
      body, kPerPoint * limits.points + kPerStroke * limits.strokes + kRest);
  if (!value.is_object()) {
    fail("the body is {}, expected an object", json_kind(value));
  }
  return value;
}

// The value of a key, or null.
const json* find(const json& object, const char* key) {
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

const json& needed(const json& object, const char* key) {
  const json* found = find(object, key);
  if (found == nullptr) fail("{} is missing", key);
  return *found;
}

int64_t whole(const json& value, const std::string& place, int64_t min,
              int64_t max) {
  // Unsigned numbers above INT64_MAX compare as large in nlohmann's operators.
  if (!value.is_number_integer() || value < min || value > max) {
    fail("{} is {}, expected a whole number {} to {}", place,
         value.is_number() ? printable(value.dump(), 30) : json_kind(value),
         min, max);
  }
  return value.get<int64_t>();
}

std::string text(const json& value, const std::string& place) {
  if (!value.is_string()) {
    fail("{} is {}, expected a string", place, json_kind(value));
  }
  return value.get<std::string>();
}

std::string read_key(const json& body) {
  const json* key = find(body, "key");
  if (key == nullptr) return "";
  std::string value = text(*key, "key");
  if (value.size() > kLongestKey) {
    fail("key has {} bytes, at most {} are accepted", value.size(),
         kLongestKey);
  }
  return value;
}

Drawing read_drawing_value(const json& value, const Limits& limits) {
  Drawing drawing;
  try {
    drawing = drawing_from_json(value);
  } catch (const Error& error) {
    fail("drawing: {}", error.what());
  }
  if (drawing.strokes.empty()) fail("drawing: has no strokes");
  check_drawing_size(drawing, limits);
  return drawing;
}

// A seed or an id. `place`: "appearance", "appearances[1].mix[2]".
Look read_look(const json& value, const std::string& place) {
  const json* seed = find(value, "seed");
  const json* id = find(value, "id");
  if ((seed == nullptr) == (id == nullptr)) {
    fail("{} needs one of \"seed\" and \"id\"", place);
  }
  Look look;
  if (seed != nullptr) {
    look.seed = whole(*seed, place + ".seed", 0, kLargestSeed);
    return look;
  }
  look.id = text(*id, place + ".id");
  if (look.id.size() != kPhotoIdDigits ||
      look.id.find_first_not_of("0123456789abcdef") != std::string::npos) {
    fail("{}.id is none that /api/appearance gave", place);
  }
  return look;
}

double read_weight(const json& value, const std::string& place) {
  const json* weight = find(value, "weight");
  if (weight == nullptr) fail("{}.weight is missing", place);
  if (!weight->is_number() || !(*weight >= 0) || !(*weight <= kHeaviest)) {
    fail("{}.weight must be a number 0 to {}", place, kHeaviest);
  }
  return weight->get<double>();
}

std::vector<Look> read_mix(const json& mix, const std::string& of) {
  if (!mix.is_array() || mix.empty() || mix.size() > kMaxLooks) {
    fail("{}.mix must be an array of 1 to {} looks", of, kMaxLooks);
  }
  std::vector<Look> looks;
  double sum = 0;
  for (size_t i = 0; i < mix.size(); ++i) {
    const std::string place = fmt::format("{}.mix[{}]", of, i);
    if (!mix[i].is_object()) {
      fail("{} is {}, expected an object", place, json_kind(mix[i]));
    }
    Look look = read_look(mix[i], place);
    look.weight = read_weight(mix[i], place);
    sum += look.weight;
    if (look.weight > 0) looks.push_back(std::move(look));
  }
  if (looks.empty()) fail("{}.mix: the weights sum to 0", of);
  for (Look& look : looks) look.weight /= sum;
  return looks;
}

std::map<std::string, double> read_traits(const json& traits,
                                          const std::string& of) {
  if (!traits.is_object() || traits.size() > kMaxTraits) {
    fail("{}.traits must be an object of at most {} numbers", of, kMaxTraits);
  }
  std::map<std::string, double> amounts;
  for (const auto& [id, amount] : traits.items()) {
    if (!amount.is_number() || !(amount >= -1) || !(amount <= 1)) {
      fail("{}.traits.{} must be a number -1 to 1", of, printable(id, 40));
    }
    if (amount != 0) amounts[id] = amount.get<double>();
  }
  return amounts;
}

// place: "appearance", "appearances[1]".
FaceLooks read_looks(const json& appearance, const std::string& place) {
  if (!appearance.is_object()) {
    fail("{} is {}, expected an object", place, json_kind(appearance));
  }
  FaceLooks looks;
  if (const json* traits = find(appearance, "traits")) {
    looks.traits = read_traits(*traits, place);
  }
  const json* mix = find(appearance, "mix");
  if (mix == nullptr) {
    looks.mix = {read_look(appearance, place)};
    return looks;
  }
  if (appearance.contains("seed") || appearance.contains("id")) {
    fail("{} needs one of \"seed\", \"id\" and \"mix\"", place);
  }
  looks.mix = read_mix(*mix, place);
  return looks;
}

// A flag, or `absent` where there is none.
bool read_flag(const json& body, const char* key, bool absent) {
  const json* value = find(body, key);
  if (value == nullptr) return absent;
  if (!value->is_boolean()) fail("{} must be true or false", key);
  return value->get<bool>();
}

// None for "auto".
std::optional<double> read_faithful(const json& body) {
  const json* value = find(body, "faithful");
  if (value == nullptr || *value == "auto") return std::nullopt;
  if (!value->is_number() || !(*value >= 0) || !(*value <= 1)) {
    fail("faithful must be a number 0 to 1 or \"auto\"");
  }
  return value->get<double>();
}

ImageFormat read_format(const json& value) {
  const std::string name = text(value, "format");
  if (name == "png") return ImageFormat::kPng;
  if (name == "jpeg") return ImageFormat::kJpeg;
  if (name == "webp") return ImageFormat::kWebp;
  fail("format is \"{}\", expected png, jpeg or webp", printable(name, 20));
}

std::vector<unsigned char> read_picture(const json& value) {
  const std::string encoded = text(value, "picture");
  try {
    std::vector<unsigned char> bytes = from_base64(encoded);
    if (bytes.empty()) fail("is empty");
    return bytes;
  } catch (const Error& error) {
    fail("picture: {}", error.what());
  }
}

// All of a request for a face but its looks.
GenerateRequest read_face(const json& value, const Limits& limits) {
  const json* drawing = find(value, "drawing");
  const json* picture = find(value, "picture");
  if ((drawing == nullptr) == (picture == nullptr)) {
    fail("the body needs one of \"drawing\" and \"picture\"");
  }
  GenerateRequest request;
  request.key = read_key(value);
  if (const json* size = find(value, "size")) {
    request.size = static_cast<int>(whole(*size, "size", 0, 1 << 20));
  }
  if (const json* format = find(value, "format")) {
    request.format = read_format(*format);
  }
  if (const json* quality = find(value, "quality")) {
    request.quality = static_cast<int>(whole(*quality, "quality", 1, 100));
  }
  request.frame = read_flag(value, "frame", true);
  request.faithful = read_faithful(value);
  if (drawing != nullptr) {
    request.drawing = read_drawing_value(*drawing, limits);
  } else {
    request.picture = read_picture(*picture);
  }
  return request;
}

}  // namespace

void check_drawing_size(const Drawing& drawing, const Limits& limits) {
  const auto strokes = static_cast<int64_t>(drawing.strokes.size());
  int64_t points = 0;
  for (const Stroke& stroke : drawing.strokes) {
    points += static_cast<int64_t>(stroke.points.size());
  }
  const auto check = [](int64_t count, int64_t max, const char* what) {
    if (count <= max) return;
    throw HttpError(413, fmt::format("the drawing has {} {}, at most {} are "
                                     "accepted",
                                     count, what, max));
  };
  check(strokes, limits.strokes, "strokes");
  check(points, limits.points, "points");
}

DrawingRequest read_drawing_request(std::string_view body,
                                    const Limits& limits) {
  return reading([&] {
    const json value = parse_body(body, limits);
    DrawingRequest request;
    request.drawing = read_drawing_value(needed(value, "drawing"), limits);
    request.fit = read_flag(value, "fit", false);
    request.guide = read_flag(value, "guide", false);
    request.faithful = read_faithful(value);
    request.key = read_key(value);
    request.cut = read_flag(value, "cut", false);
    request.brief = read_flag(value, "brief", false);
    return request;
  });
}

GenerateRequest read_generate_request(std::string_view body,
                                      const Limits& limits) {
  return reading([&] {
    const json value = parse_body(body, limits);
    const json& appearance = needed(value, "appearance");
    GenerateRequest request = read_face(value, limits);
    request.looks = read_looks(appearance, "appearance");
    return request;
  });
}

VariationsRequest read_variations_request(std::string_view body,
                                          const Limits& limits) {
  return reading([&] {
    const json value = parse_body(body, limits);
    const json& all = needed(value, "appearances");
    if (!all.is_array() || all.empty() || all.size() > kMaxVariations) {
      fail("appearances must be an array of 1 to {} looks", kMaxVariations);
    }
    VariationsRequest request;
    request.each = read_face(value, limits);
    for (size_t i = 0; i < all.size(); ++i) {
      request.looks.push_back(
          read_looks(all[i], fmt::format("appearances[{}]", i)));
    }
    return request;
  });
}

bool query_flag(const Request& request, const std::string& name, bool absent) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return absent;
  if (found->second == "true") return true;
  if (found->second == "false") return false;
  throw HttpError(400, fmt::format("{} is \"{}\", expected true or false", name,
                                   printable(found->second, 40)));
}

double query_number(const Request& request, const std::string& name, double min,
                    double max, double absent) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return absent;
  const std::string& word = found->second;
  const char* end = word.data() + word.size();
  double value = NAN;
  const auto [stop, error] = read_number(word.data(), end, value);
  if (error != std::errc() || stop != end || !(value >= min) ||
      !(value <= max)) {
    throw HttpError(400, fmt::format("{} is \"{}\", expected a number {} to {}",
                                     name, printable(word, 40), min, max));
  }
  return value;
}

}  // namespace limner::server
