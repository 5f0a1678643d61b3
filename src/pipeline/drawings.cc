#include "pipeline/drawings.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <utility>

#include "image/codec.h"
#include "sketch/classes.h"
#include "sketch/colour_labels.h"
#include "sketch/drawing_limits.h"
#include "sketch/hatching.h"
#include "sketch/rasterize.h"
#include "sketch/trace.h"
#include "util/error.h"
#include "util/files.h"
#include "util/naming.h"

namespace limner {
namespace {

// Of a PNG's header, which starts every PNG.
constexpr size_t kDepthAt = 24;
constexpr size_t kColourAt = 25;
constexpr int kGray = 0;
constexpr int kPalette = 3;

// A value from here on is a shade of gray, not a class somebody got wrong.
constexpr int kMinShade = 64;
// How far the colours of a smooth edge may stray from the straight way between
// paper and ink.
constexpr double kTint = 12;
// Labels are lines on paper.
constexpr double kMinPaper = 0.7;
constexpr int kMiddle = 128;

bool starts_with(Bytes data, const char* text, size_t size) {
  return data.size() >= size && std::memcmp(data.data(), text, size) == 0;
}

bool is_png(Bytes data) {
  return starts_with(data, "\x89PNG", 4) && data.size() > kColourAt;
}

bool is_photo(Bytes data) {
  return starts_with(data, "\xff\xd8", 2) || starts_with(data, "RIFF", 4) ||
         (is_picture(data) && !is_png(data));
}

// How much of an image of numbers is 0.
double share_of_paper(const Image& numbers) {
  const auto paper =
      std::count(numbers.pixels.begin(), numbers.pixels.end(), 0);
  return static_cast<double>(paper) /
         static_cast<double>(std::max<size_t>(numbers.pixels.size(), 1));
}

bool mostly_paper(const Image& numbers) {
  return share_of_paper(numbers) > 0.5;
}

int largest(const Image& image) {
  return image.pixels.empty()
             ? 0
             : *std::max_element(image.pixels.begin(), image.pixels.end());
}

using Colour = std::array<uint8_t, 3>;

// The colours that a palette image of `numbers` uses, in colours [h,w,3].
std::map<int, Colour> used_colours(const Image& numbers, const Image& rgb) {
  std::map<int, Colour> used;
  for (size_t i = 0; i < numbers.pixels.size(); ++i) {
    const uint8_t* c = &rgb.pixels[3 * i];
    used.emplace(numbers.pixels[i], Colour{c[0], c[1], c[2]});
  }
  return used;
}

std::array<double, 3> from_to(const Colour& a, const Colour& b) {
  return {double(b[0]) - a[0], double(b[1]) - a[1], double(b[2]) - a[2]};
}

double dot(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

// Whether a colour lies between paper and ink, as the smooth edge of a line
// does.
bool is_between(const Colour& paper, const Colour& ink, const Colour& c) {
  const auto whole = from_to(paper, ink);
  const auto part = from_to(paper, c);
  const double square = dot(whole, whole);
  const double t = square > 0 ? dot(whole, part) / square : 0;
  double away = 0;
  for (int i = 0; i < 3; ++i) away += std::pow(part[i] - t * whole[i], 2);
  return t > -0.1 && t < 0.85 && away < kTint * kTint * 4;
}

// Whether most of the colours besides paper are shades of others: of inks of
// one hue or several.
bool has_shades(const Colour& paper, const std::map<int, Colour>& used) {
  size_t shades = 0;
  for (const auto& [number, colour] : used) {
    for (const auto& [other, ink] : used) {
      if (other != number && ink != paper && colour != paper &&
          is_between(paper, ink, colour)) {
        ++shades;
        break;
      }
    }
  }
  return 2 * shades > used.size() - 1;
}

// Whether each number has the legend's colour of its class.
bool is_legend(const std::map<int, Colour>& used) {
  return std::all_of(used.begin(), used.end(), [](const auto& one) {
    return one.first == 0 || class_of_colour(one.second) == one.first;
  });
}

// Whether a palette image of `numbers`, in colours [h,w,3], is a picture of
// lines that a program saved with few colours, not a label image.
bool shows_lines(const Image& numbers, const Image& rgb) {
  const std::map<int, Colour> used = used_colours(numbers, rgb);
  if (used.size() < 2 || is_legend(used)) return false;
  if (share_of_paper(numbers) < kMinPaper) return true;
  const Colour& paper = used.begin()->second;
  const auto light = [](const Colour& c) {
    return (299 * c[0] + 587 * c[1] + 114 * c[2]) / 1000;
  };
  const int last = used.rbegin()->first;
  // Programs number the colours that there are; classes leave gaps.
  const bool gaps = last + 1 > static_cast<int>(used.size());
  const bool dark = light(paper) < kMiddle;
  if (dark && (gaps || used.size() > 2)) {
    // Grays, or colours, that somebody gave labels on black.
    return !gaps && has_shades(paper, used);
  }
  if (has_shades(paper, used)) return true;
  // No face has eyes and brows alone.
  constexpr int kLastBrow = 5;
  return !gaps && last <= kLastBrow;
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

OpenedDrawing decoded(Bytes data, const std::string& name,
                      const ReadOptions& options, bool labels) {
  DecodedDrawing read = decode_drawing_file(data, name, options);
  return {std::move(read.drawing), read.traced, labels, std::move(read.notes)};
}

OpenedDrawing opened(Bytes data, const std::string& name,
                     const ReadOptions& options) {
  const PngKind as = options.png;
  if (as == PngKind::kLabels && !is_png(data)) {
    fail("--as labels is for PNGs of labels, got something else");
  }
  const bool picture = is_photo(data) || is_png(data);
  if (as == PngKind::kPicture && !picture) {
    fail("--as picture is for pictures ({}), got something else",
         picture_formats());
  }
  if (is_photo(data) || as == PngKind::kPicture) {
    Notes notes;
    const Image rgb = decode_rgb(data, name, Ground::kContrast, notes);
    return {traced(rgb, name), true, false, std::move(notes)};
  }
  if (!is_png(data)) return decoded(data, name, options, false);
  if (as == PngKind::kLabels || holds_labels(data, name)) {
    return decoded(data, name, options, true);
  }
  Notes notes;
  const Image rgb = decode_rgb(data, name, Ground::kContrast, notes);
  if (holds_colour_labels(rgb)) return decoded(data, name, options, true);
  return {traced(rgb, name), true, false, std::move(notes)};
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
  const int max = largest(numbers);
  if (max >= kMinShade) return false;
  if (colour == kGray) {
    // A few wrong values are a mistake; a scan that is all dark has no 0.
    if (max > kStrokeClasses && !mostly_paper(numbers)) return false;
    return depth == 8 || mostly_paper(numbers);
  }
  if (shows_lines(numbers, decode_rgb(data, name))) return false;
  return max <= kStrokeClasses || mostly_paper(numbers);
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
  return unknown > 0 ? labeler->label(drawing, options) : as_given(drawing);
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
    WithoutHatching kept{out.drawing, {}, 0};
    if (options.faithful != 1.0) kept = without_hatching(out.drawing);
    out.hatches = kept.hatches;
    out.fit = fit_drawing(kept.drawing, *options.shapes, options.faithful,
                          options.add_hair);
    out.drawing = std::move(out.fit->drawing);
    out.fit->drawing = {};
    if (kept.hatches > 0) {
      for (int& source : out.fit->source) {
        if (source >= 0) source = kept.source[source];
      }
    }
  }
  return out;
}

Image label_image(const Drawing& drawing) {
  return rasterize(drawing, kDrawnSide, kDrawnWidth);
}

}  // namespace limner
