#include "sketch/drawing_file.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "image/codec.h"
#include "sketch/classes.h"
#include "sketch/colour_labels.h"
#include "sketch/drawing_json.h"
#include "sketch/drawing_limits.h"
#include "sketch/json_text.h"
#include "sketch/labels.h"
#include "sketch/rasterize.h"
#include "sketch/svg_read.h"
#include "sketch/svg_write.h"
#include "sketch/trace.h"
#include "util/error.h"
#include "util/files.h"
#include "util/naming.h"

namespace limner {
namespace {

enum class Kind { kPng, kXml, kJson, kLines };

bool starts(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

// Quick, Draw! has a whole object on its first line.
bool is_line_of_many(std::string_view text) {
  try {
    return parse_json(text.substr(0, text.find('\n'))).contains("drawing");
  } catch (const Error&) {
    return false;
  }
}

std::string lower_ending(const std::filesystem::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return ending;
}

Kind kind_of(std::string_view text, const std::string& name) {
  constexpr const char* kExpected =
      "expected SVG, limner's JSON, Quick, Draw! ndjson or a PNG of labels";
  if (text.empty()) fail("{}: is empty, {}", printable(name), kExpected);
  if (starts(text, "\x89PNG")) return Kind::kPng;
  // pugixml knows these marks of UTF-16.
  if (starts(text, "\xff\xfe") || starts(text, "\xfe\xff")) return Kind::kXml;
  if (starts(text, "\x1f\x8b")) {
    fail("{}: is compressed (gzip); unpack it first", printable(name));
  }
  if (starts(text, "\xef\xbb\xbf")) text.remove_prefix(3);
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) {
    fail("{}: holds nothing but blanks, {}", printable(name), kExpected);
  }
  text.remove_prefix(first);
  if (text[0] == '<') return Kind::kXml;
  if (text[0] == '{') {
    // The name decides where the content cannot: a first line that is broken.
    if (lower_ending(name) == ".ndjson" || is_line_of_many(text)) {
      return Kind::kLines;
    }
    return Kind::kJson;
  }
  if (starts(text, "\xff\xd8") || starts(text, "RIFF")) {
    fail("{}: is a photo, {}", printable(name), kExpected);
  }
  fail("{}: is no drawing, {}", printable(name), kExpected);
}

// A PNG's colour type says whether its pixels are numbers (0 gray, 3 palette).
bool holds_numbers(Bytes png) {
  constexpr size_t kColourType = 25;
  return png.size() <= kColourType || png[kColourType] == 0 ||
         png[kColourType] == 3;
}

Drawing decode_picture(Bytes data, const std::string& name) {
  Image labels;
  if (holds_numbers(data)) {
    labels = decode_indices(data, name);
    check_labels(labels, kStrokeClasses, name);
  } else {
    const Image rgb = decode_rgb(data, name);
    try {
      labels = read_colour_labels(rgb);
    } catch (const Error& error) {
      fail("{}: {}", printable(name), error.what());
    }
  }
  return trace_labels(labels);
}

void write_labels(const std::filesystem::path& path, const Drawing& drawing,
                  const WriteOptions& options) {
  check_drawing(drawing);
  for (size_t i = 0; i < drawing.strokes.size(); ++i) {
    if (drawing.strokes[i].label == 0) {
      fail(
          "stroke {} has no class, which a picture of labels needs; label the "
          "drawing or write it as .svg or .json",
          i);
    }
  }
  write_image(path, rasterize(drawing, options.side, options.width));
}

}  // namespace

Drawing decode_drawing(Bytes data, const std::string& name,
                       const ReadOptions& options) {
  if (data.size() > kMaxDrawingFile) {
    fail("{}: is {} bytes long, at most {} are accepted", printable(name),
         data.size(), kMaxDrawingFile);
  }
  std::string_view text(reinterpret_cast<const char*>(data.data()),
                        data.size());
  const Kind kind = kind_of(text, name);
  if (kind == Kind::kPng) return decode_picture(data, name);
  if (kind == Kind::kXml) return read_svg(text, name);
  if (starts(text, "\xef\xbb\xbf")) text.remove_prefix(3);
  if (kind == Kind::kJson) return read_drawing_json(text, name);
  try {
    return read_ndjson_line(text, options.index, options.quickdraw).drawing;
  } catch (const Error& error) {
    fail("{}: {}", printable(name), error.what());
  }
}

Drawing read_drawing(const std::filesystem::path& path,
                     const ReadOptions& options) {
  return decode_drawing(read_file(path, kMaxDrawingFile), path.string(),
                        options);
}

void write_drawing(const std::filesystem::path& path, const Drawing& drawing,
                   const WriteOptions& options) {
  const std::string ending = lower_ending(path);
  naming(path.string(), [&] {
    if (ending == ".svg") return write_file(path, write_svg(drawing));
    if (ending == ".json") return write_file(path, write_drawing_json(drawing));
    if (ending == ".ndjson") {
      return write_file(path, write_quickdraw({drawing, "", {}}));
    }
    if (ending == ".png") return write_labels(path, drawing, options);
    check_drawing_path(path);
  });
}

void check_drawing_path(const std::filesystem::path& path) {
  const std::string ending = lower_ending(path);
  for (const char* known : {".svg", ".json", ".ndjson", ".png"}) {
    if (ending == known) return;
  }
  fail(
      "{}: cannot tell the format from the ending '{}', expected .svg, .json, "
      ".ndjson or .png",
      printable(path.string()), printable(ending));
}

}  // namespace limner
