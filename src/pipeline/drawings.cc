#include "pipeline/drawings.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "image/codec.h"
#include "sketch/classes.h"
#include "sketch/colour_labels.h"
#include "sketch/drawing_limits.h"
#include "sketch/rasterize.h"
#include "sketch/trace.h"
#include "util/error.h"
#include "util/files.h"
#include "util/naming.h"

namespace limner {
namespace {

constexpr float kFrameSide = 512;

// Of a PNG's header, which starts every PNG.
constexpr size_t kDepthAt = 24;
constexpr size_t kColourAt = 25;
constexpr int kGray = 0;
constexpr int kPalette = 3;

// A value from here on is a shade of gray, not a class somebody got wrong.
constexpr int kLeastShade = 64;
// Colours of a palette that differ by less than this between channels count as
// gray, and are lines on paper when they span more than kContrast.
constexpr int kTint = 12;
constexpr int kContrast = 96;

bool starts_with(Bytes data, const char* text, size_t size) {
  return data.size() >= size && std::memcmp(data.data(), text, size) == 0;
}

bool is_png(Bytes data) {
  return starts_with(data, "\x89PNG", 4) && data.size() > kColourAt;
}

bool is_photo(Bytes data) {
  return starts_with(data, "\xff\xd8", 2) || starts_with(data, "RIFF", 4);
}

bool mostly_paper(const Image& numbers) {
  const auto paper =
      std::count(numbers.pixels.begin(), numbers.pixels.end(), 0);
  return 2 * static_cast<size_t>(paper) > numbers.pixels.size();
}

int largest(const Image& image) {
  return image.pixels.empty()
             ? 0
             : *std::max_element(image.pixels.begin(), image.pixels.end());
}

// Whether a picture [h,w,3] has shades of gray alone, dark and light ones.
bool is_black_and_white(const Image& rgb) {
  int darkest = 255;
  int lightest = 0;
  for (size_t i = 0; i + 2 < rgb.pixels.size(); i += 3) {
    const auto [low, high] =
        std::minmax({rgb.pixels[i], rgb.pixels[i + 1], rgb.pixels[i + 2]});
    if (high - low > kTint) return false;
    darkest = std::min<int>(darkest, low);
    lightest = std::max<int>(lightest, high);
  }
  return lightest - darkest > kContrast;
}

// Whether a palette image of `numbers`, in colours [h,w,3], shows lines: in
// black and white, and not the dark paper and more than one shade of labels
// that somebody made visible with grays.
bool shows_lines(const Image& numbers, const Image& rgb) {
  if (!is_black_and_white(rgb)) return false;
  const auto paper =
      std::find(numbers.pixels.begin(), numbers.pixels.end(), 0) -
      numbers.pixels.begin();
  const std::set<uint8_t> used(numbers.pixels.begin(), numbers.pixels.end());
  constexpr int kMiddle = 128;
  return !mostly_paper(numbers) || rgb.pixels[3 * paper] >= kMiddle ||
         used.size() <= 2;
}

// Whether a PNG of colours has exactly those of the legend, and strokes.
bool holds_colour_labels(const Image& rgb) {
  try {
    return largest(read_colour_labels(rgb)) > 0;
  } catch (const Error&) {
    return false;
  }
}

Drawing traced(const Image& rgb, const std::string& name) {
  TraceOptions options;
  options.name = name;
  return trace_picture(rgb, options);
}

void check_strokes(const Drawing& drawing) {
  if (drawing.strokes.empty()) {
    fail("the drawing has no strokes; draw a face as lines");
  }
}

OpenedDrawing opened(Bytes data, const std::string& name,
                     const ReadOptions& options) {
  if (is_photo(data)) return {traced(decode_rgb(data, name), name), true};
  if (!is_png(data) || holds_labels(data, name)) {
    return {decode_drawing(data, name, options), false};
  }
  const Image rgb = decode_rgb(data, name);
  if (holds_colour_labels(rgb)) {
    return {decode_drawing(data, name, options), false};
  }
  return {traced(rgb, name), true};
}

}  // namespace

bool holds_labels(Bytes data, const std::string& name) {
  if (!is_png(data)) return false;
  const int colour = data[kColourAt];
  const int depth = data[kDepthAt];
  if (colour != kGray && colour != kPalette) return false;
  if (depth > 8) {
    // Only the high byte is left.
    return largest(decode_rgb(data, name)) == 0;
  }
  if (depth == 1 && colour == kGray) return false;
  const Image numbers = decode_indices(data, name);
  const int most = largest(numbers);
  if (most >= kLeastShade) return false;
  if (colour == kGray) return depth == 8 || mostly_paper(numbers);
  if (shows_lines(numbers, decode_rgb(data, name))) return false;
  return most <= kStrokeClasses || mostly_paper(numbers);
}

OpenedDrawing open_drawing(const std::filesystem::path& path,
                           const ReadOptions& options) {
  return open_drawing(read_file(path, kMaxDrawingFile), path.string(), options);
}

OpenedDrawing open_drawing(Bytes data, const std::string& name,
                           const ReadOptions& options) {
  return naming(name, [&] {
    OpenedDrawing out = opened(data, name, options);
    check_strokes(out.drawing);
    return out;
  });
}

int64_t strokes_to_label(const Drawing& drawing, bool keep_given) {
  return std::count_if(
      drawing.strokes.begin(), drawing.strokes.end(),
      [&](const Stroke& stroke) { return !keep_given || stroke.label == 0; });
}

Labelled label_drawing(const Drawing& drawing, const StrokeLabeler* labeler,
                       const LabelOptions& options) {
  check_strokes(drawing);
  const int64_t unknown = strokes_to_label(drawing, options.keep_given);
  if (unknown > 0 && labeler == nullptr) {
    fail(
        "{} of {} strokes need a class: name a stroke labeler with --labeler "
        "FILE (or LIMNER_LABELER), or give the strokes their classes",
        unknown, drawing.strokes.size());
  }
  if (unknown > 0) return labeler->label(drawing, options);
  Labelled out;
  out.drawing = drawing;
  for (size_t i = 0; i < drawing.strokes.size(); ++i) {
    out.source.push_back(static_cast<int>(i));
  }
  return out;
}

PreparedDrawing prepare_drawing(const Drawing& drawing,
                                const StrokeLabeler* labeler,
                                const PrepareOptions& options) {
  PreparedDrawing out;
  LabelOptions label;
  label.keep_given = options.keep_given;
  out.labelled = label_drawing(drawing, labeler, label);
  const double plain = double{kFrameSide} / drawing.side;
  if (options.frame) {
    out.framing = find_framing(out.labelled.drawing, options.allow_rotation);
  } else {
    out.framing.scale = plain;
  }
  out.moved = out.framing.scale != plain || out.framing.dx != 0 ||
              out.framing.dy != 0 || out.framing.angle != 0;
  out.drawing = apply_framing(out.labelled.drawing, out.framing);
  if (options.shapes != nullptr) {
    out.fit = fit_drawing(out.drawing, *options.shapes, options.faithful);
    out.drawing = std::move(out.fit->drawing);
    out.fit->drawing = {};
  }
  return out;
}

Image label_image(const Drawing& drawing) {
  return rasterize(drawing, kDrawnSide, kDrawnWidth);
}

}  // namespace limner
