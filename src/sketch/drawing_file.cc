#include "sketch/drawing_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "image/codec.h"
#include "image/known_files.h"
#include "sketch/classes.h"
#include "sketch/colour_labels.h"
#include "sketch/drawing_json.h"
#include "sketch/drawing_limits.h"
#include "sketch/labels.h"
#include "sketch/pdf.h"
#include "sketch/rasterize.h"
#include "sketch/scenes.h"
#include "sketch/sketch_rnn.h"
#include "sketch/svg_lines.h"
#include "sketch/svg_read.h"
#include "sketch/svg_write.h"
#include "sketch/text_file.h"
#include "sketch/trace.h"
#include "util/endings.h"
#include "util/error.h"
#include "util/files.h"
#include "util/json_text.h"
#include "util/naming.h"

namespace limner {
namespace {

enum class Kind { kPng, kXml, kInk, kJson, kLines };

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

Kind kind_of(std::string_view text, const std::string& name) {
  constexpr const char* kExpected =
      "expected SVG, limner's JSON, Quick, Draw! ndjson or a PNG of labels";
  if (text.empty()) fail("{}: is empty, {}", printable(name), kExpected);
  if (starts(text, "\x89PNG")) return Kind::kPng;
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) {
    fail("{}: holds nothing but blanks, {}", printable(name), kExpected);
  }
  text.remove_prefix(first);
  if (text[0] == '<') {
    return xml_root_name(text) == "ink" ? Kind::kInk : Kind::kXml;
  }
  if (text[0] == '[') return Kind::kJson;
  if (text[0] == '{') {
    // The name decides where the content cannot: a first line that is broken.
    if (lower_case_ending(name) == ".ndjson" || is_line_of_many(text)) {
      return Kind::kLines;
    }
    return Kind::kJson;
  }
  if (starts(text, "\xff\xd8") || starts(text, "RIFF")) {
    fail("{}: is a photo, {}", printable(name), kExpected);
  }
  const std::string what = describe_file(bytes_of(text));
  if (!what.empty()) {
    fail(
        "{}: {}; limner reads SVG, PDF, Excalidraw, tldraw, InkML, Quick, "
        "Draw! and pictures ({})",
        printable(name), what, picture_formats());
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

DecodedDrawing read_lines_of_svg(std::string_view text,
                                 const std::string& name) {
  SvgLines lines = svg_lines(read_svg_content(text, name), name);
  return {std::move(lines.drawing), lines.traced, std::move(lines.notes)};
}

DecodedDrawing read_pdf(Bytes data, const std::string& name,
                        const ReadOptions& options) {
  if (!options.pdf) refuse_pdf();
  std::vector<std::string> notes;
  const std::string svg = svg_of_pdf(data, options.index, notes);
  DecodedDrawing out = read_lines_of_svg(svg, name);
  notes.insert(notes.end(), out.notes.begin(), out.notes.end());
  out.notes = std::move(notes);
  return out;
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

DecodedDrawing decode_drawing_file(Bytes data, const std::string& name,
                                   const ReadOptions& options) {
  if (data.size() > kMaxDrawingFile) {
    fail("{}: is {} bytes long, at most {} are accepted", printable(name),
         data.size(), kMaxDrawingFile);
  }
  try {
    std::vector<unsigned char> unpacked;
    if (is_gzip(data)) {
      unpacked = unpack_gzip(data, kMaxDrawingFile);
      data = unpacked;
    }
    if (is_quickdraw_binary(data)) {
      return {read_quickdraw_binary(data, options.index), false, {}};
    }
    if (is_sketch_rnn(data)) {
      return {read_sketch_rnn(data, options.index), false, {}};
    }
    if (is_pdf(data)) return read_pdf(data, name, options);
    const std::string text = utf8_of(data);
    switch (kind_of(text, name)) {
      case Kind::kPng:
        return {decode_picture(data, name), false, {}};
      case Kind::kXml:
        return read_lines_of_svg(text, name);
      case Kind::kInk:
        return {read_inkml(text), false, {}};
      case Kind::kJson:
        return {read_json_scene(text, name, options), false, {}};
      case Kind::kLines:
        break;
    }
    return {read_ndjson_line(text, options.index, options.quickdraw).drawing,
            false,
            {}};
  } catch (const Error& error) {
    const std::string shown_name = printable(name);
    const std::string why = error.what();
    if (starts(why, shown_name + ": ")) throw;
    fail("{}: {}", shown_name, why);
  }
}

Drawing decode_drawing(Bytes data, const std::string& name,
                       const ReadOptions& options) {
  return decode_drawing_file(data, name, options).drawing;
}

Drawing read_drawing(const std::filesystem::path& path,
                     const ReadOptions& options) {
  return decode_drawing(read_file(path, kMaxDrawingFile), path.string(),
                        options);
}

void write_drawing(const std::filesystem::path& path, const Drawing& drawing,
                   const WriteOptions& options) {
  const std::string ending = lower_case_ending(path);
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
  const std::string ending = lower_case_ending(path);
  for (const char* known : {".svg", ".json", ".ndjson", ".png"}) {
    if (ending == known) return;
  }
  fail(
      "{}: cannot tell the format from the ending '{}', expected .svg, .json, "
      ".ndjson or .png",
      printable(path.string()), printable(ending));
}

}  // namespace limner
