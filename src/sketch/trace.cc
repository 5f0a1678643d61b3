#include "sketch/trace.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include "image/codec.h"
#include "image/resize.h"
#include "sketch/binarize.h"
#include "sketch/classes.h"
#include "sketch/curves.h"
#include "sketch/labels.h"
#include "sketch/lines.h"
#include "sketch/thin.h"
#include "util/error.h"

namespace limner {
namespace {

// Drawings have up to 15 % of ink, that in thick pens; photographs of faces
// have 4 to 34 % of what would be ink, in broad regions, on uneven ground. With
// these limits, set on 201 photographs and 100 drawings of such faces in lines
// of 1 to 8 pixels at 1024, four photographs passed and no drawing was refused.
constexpr double kMaxInk = 0.25;
constexpr double kMaxNoise = 0.045;
constexpr double kMaxInkWidth = 0.9;  // ink times width in 1/512

// Paper between lines that run into each other is smaller than this, in squares
// of their width.
constexpr double kHole = 0.6;

// Nothing in a picture tells which lines were drawn in one. A line that is cut
// at a fork keeps its class, but none is right for two in one, as the rim of an
// ear that goes on in the hair.
constexpr double kForkTurn = 10;  // degrees
constexpr double kCrossingTurn = 30;

struct Box {
  int left = INT32_MAX, right = -1, top = INT32_MAX, bottom = -1;
};

// Moves points to the middle of the ink [h,w,1] around them: thinning leaves
// one of the two pixels of a line that is two wide. Ends stay.
void centre(Polyline& line, const Image& ink) {
  const bool closed = is_closed(line);
  for (size_t i = closed ? 0 : 1; i + 1 < line.size(); ++i) {
    const int x = static_cast<int>(line[i].x);
    const int y = static_cast<int>(line[i].y);
    int count = 0, dx = 0, dy = 0;
    for (int v = std::max(y - 1, 0); v <= std::min(y + 1, ink.height - 1);
         ++v) {
      for (int u = std::max(x - 1, 0); u <= std::min(x + 1, ink.width - 1);
           ++u) {
        if (ink.row(v)[u] == 0) continue;
        ++count;
        dx += u - x;
        dy += v - y;
      }
    }
    if (count == 0) continue;
    const auto n = static_cast<float>(count);
    line[i].x = static_cast<float>(x) + 0.5F + static_cast<float>(dx) / n;
    line[i].y = static_cast<float>(y) + 0.5F + static_cast<float>(dy) / n;
  }
  if (closed) line.back() = line.front();
}

// Thinning takes half a line's width from its ends: lets those of an open line
// go on straight by up to `steps` pixels, as far as there is ink.
void extend_ends(Polyline& line, const Image& ink, int steps) {
  if (line.size() < 2 || is_closed(line)) return;
  for (int end = 0; end < 2; ++end) {
    const Point tip = line.back();
    const size_t back = std::min<size_t>(line.size(), 5 + steps);
    const Point from = line[line.size() - back];
    const double length = length_of({from, tip});
    const double dx = (double{tip.x} - from.x) / length;
    const double dy = (double{tip.y} - from.y) / length;
    for (int k = 1; k <= steps && length > 0; ++k) {
      const Point p = {static_cast<float>(tip.x + k * dx),
                       static_cast<float>(tip.y + k * dy)};
      const int x = static_cast<int>(std::floor(p.x));
      const int y = static_cast<int>(std::floor(p.y));
      if (x < 0 || y < 0 || x >= ink.width || y >= ink.height) break;
      if (ink.row(y)[x] == 0) break;
      line.push_back(p);
    }
    std::reverse(line.begin(), line.end());
  }
}

void trace_class(const Image& labels, int label, const Box& box,
                 Drawing& drawing) {
  Image ink(box.right - box.left + 1, box.bottom - box.top + 1, 1);
  for (int y = 0; y < ink.height; ++y) {
    const uint8_t* from = labels.row(box.top + y) + box.left;
    uint8_t* to = ink.row(y);
    for (int x = 0; x < ink.width; ++x) to[x] = from[x] == label ? 1 : 0;
  }
  Image thinned = ink;
  thin(thinned);
  const auto width = static_cast<int>(std::lround(width_of(ink)));
  LineOptions options;
  options.long_bridge = 2 + 5 * width;
  options.reach = 6 + 2 * width;
  for (Polyline& line : follow_lines(thinned, options)) {
    centre(line, ink);
    extend_ends(line, ink, 2);
    line = simplify(smooth(line, 0.8), 0.4);
    for (Point& point : line) {
      point.x += static_cast<float>(box.left);
      point.y += static_cast<float>(box.top);
    }
    Stroke stroke;
    stroke.points = std::move(line);
    stroke.label = label;
    drawing.strokes.push_back(std::move(stroke));
  }
}

// Whether a gray picture has the levels of a drawing: half of it and more is
// one, that of the ground, and next to nothing lies between that and the ink's
// but along edges. Of photographs of faces the inside of what lies between
// was a tenth and more, of drawings below a thousandth.
bool has_levels_of_lines(const Image& gray) {
  constexpr int kSame = 6;
  constexpr double kGround = 0.5;
  constexpr double kBetween = 0.003;
  const auto area = static_cast<double>(gray.pixels.size());
  std::array<int64_t, 256> counts = {};
  for (const uint8_t value : gray.pixels) ++counts[value];
  const auto ground = static_cast<int>(
      std::max_element(counts.begin(), counts.end()) - counts.begin());
  int64_t same = 0;
  int ink = ground;  // the level farthest from the ground that is not rare
  for (int level = 0; level < 256; ++level) {
    const int away = std::abs(level - ground);
    if (away <= kSame) same += counts[level];
    if (away > std::abs(ink - ground) &&
        static_cast<double>(counts[level]) > 0.0005 * area) {
      ink = level;
    }
  }
  if (static_cast<double>(same) < kGround * area || ink == ground) return false;
  const auto between = [&](int x, int y) {
    const double t =
        static_cast<double>(gray.row(y)[x] - ground) / (ink - ground);
    return t > 0.15 && t < 0.75;
  };
  int64_t inside = 0;
  for (int y = 1; y + 1 < gray.height; ++y) {
    for (int x = 1; x + 1 < gray.width; ++x) {
      bool all = true;
      for (int i = 0; i < 9 && all; ++i) {
        all = between(x + i % 3 - 1, y + i / 3 - 1);
      }
      inside += all ? 1 : 0;
    }
  }
  return static_cast<double>(inside) < kBetween * area;
}

// In small pictures a line's place is in the levels of its pixels, and lines
// side by side are but a pixel apart: those of even ground are enlarged, to
// this at most.
constexpr int kEnlarged = 1024;
constexpr int kMaxEnlarging = 4;
constexpr double kEvenGround = 0.03;  // as Ink::noise
// Smoothing along a line takes the steps away that pixels make, in pixels of
// the picture as given.
constexpr double kSteps = 0.6;

// The picture with its longer side reduced to `side`.
Image reduced(const Image& gray, int side) {
  const int longer = std::max(gray.width, gray.height);
  if (longer <= side) return gray;
  const auto scaled = [&](int length) {
    return std::max(
        static_cast<int>((int64_t{length} * side + longer / 2) / longer), 1);
  };
  return resize(gray, scaled(gray.width), scaled(gray.height),
                Filter::kBilinear);
}

// Ink of a gray picture that is no photograph, at the size that it is found in.
Ink ink_of(const Image& gray, const TraceOptions& options, int& times) {
  const int side = std::max(gray.width, gray.height);
  const double unit = side / double{kFrameSide};
  const auto speck = [&](double scale) {
    return std::max(options.speck * scale, 3.0);
  };
  Ink ink = find_ink(gray, speck(unit));
  const bool photograph =
      ink.share > 0 && (ink.share > kMaxInk || ink.noise > kMaxNoise ||
                        ink.share * ink.width / unit > kMaxInkWidth);
  if (photograph && !has_levels_of_lines(gray)) {
    fail(
        "no lines found in {}: it looks like a photograph ({:.0f} % of it "
        "would be ink); give a line drawing, or draw over it first",
        printable(options.name), 100 * ink.share);
  }
  times = std::min(std::min(kEnlarged, options.side) / side, kMaxEnlarging);
  if (times < 2 || ink.share == 0 || ink.noise > kEvenGround) {
    times = 1;
    return ink;
  }
  const Image larger =
      resize(gray, gray.width * times, gray.height * times, Filter::kBicubic);
  return find_ink(larger, speck(unit * times), times);
}

}  // namespace

Drawing trace_labels(const Image& labels) {
  check_labels(labels, kStrokeClasses, "trace labels");
  if (labels.width < 1 || labels.height < 1) {
    fail("trace labels: the image has no pixels ({}x{})", labels.width,
         labels.height);
  }
  std::array<Box, kStrokeClasses + 1> boxes;
  for (int y = 0; y < labels.height; ++y) {
    const uint8_t* row = labels.row(y);
    for (int x = 0; x < labels.width; ++x) {
      if (row[x] == 0) continue;
      Box& box = boxes[row[x]];
      box.left = std::min(box.left, x);
      box.right = std::max(box.right, x);
      box.top = std::min(box.top, y);
      box.bottom = std::max(box.bottom, y);
    }
  }
  Drawing drawing;
  drawing.side = static_cast<float>(std::max(labels.width, labels.height));
  for (int label = 1; label <= kStrokeClasses; ++label) {
    if (boxes[label].right < 0) continue;
    trace_class(labels, label, boxes[label], drawing);
  }
  return drawing;
}

std::vector<Polyline> centre_lines(const Image& ink, double line_width,
                                   double unit, const TraceOptions& options) {
  LineOptions lines;
  const auto width = static_cast<int>(std::lround(line_width));
  Image thinned = ink;
  fill_holes(thinned, static_cast<int>(kHole * line_width * line_width));
  thin(thinned);
  lines.bridge = 2 + width;
  lines.long_bridge = 2 + 5 * width;
  lines.spur = std::max(static_cast<int>(options.spur * unit), width);
  lines.reach = std::max(static_cast<int>(4 * unit), 5) + 2 * width;
  lines.trim = static_cast<int>(options.trim * width);
  lines.fork_turn = kForkTurn;
  lines.crossing_turn = kCrossingTurn;
  std::vector<Polyline> out;
  for (Polyline& line : follow_lines(thinned, lines)) {
    if (length_of(line) + width < options.speck * unit) continue;
    extend_ends(line, ink, width / 2 + lines.trim);
    // A thinned line has its points 1 to 1.4 pixels apart.
    out.push_back(
        simplify(smooth(line, std::max(options.smoothing * unit / 1.2, 0.8)),
                 std::max(options.tolerance * unit, 0.35)));
  }
  return out;
}

Drawing trace_picture(const Image& picture, const TraceOptions& options) {
  const std::string name = printable(options.name);
  const int w = picture.width;
  const int h = picture.height;
  if (w < 1 || h < 1 || w > kMaxImageSide || h > kMaxImageSide) {
    fail("cannot trace {}: it is {}x{} pixels; sides are 1 to {}", name, w, h,
         kMaxImageSide);
  }
  if (options.side < 16 || options.side > kMaxImageSide) {
    fail("pictures are traced at 16 to {} pixels, got {}", kMaxImageSide,
         options.side);
  }
  int times = 1;
  const Ink ink =
      ink_of(reduced(gray_of(picture), options.side), options, times);
  const int traced = std::max(ink.pixels.width, ink.pixels.height);
  const double unit = traced / double{kFrameSide};
  TraceOptions finer = options;
  // What thinning bends in an enlarged picture, that smoothing straightens.
  if (times > 2) finer.trim /= 0.5 * times;
  finer.smoothing = std::max(options.smoothing, kSteps * times / unit);
  Drawing drawing;
  drawing.side = static_cast<float>(std::max(w, h));
  const float scale_x =
      static_cast<float>(w) / static_cast<float>(ink.pixels.width);
  const float scale_y =
      static_cast<float>(h) / static_cast<float>(ink.pixels.height);
  for (Polyline& line : centre_lines(ink.pixels, ink.width, unit, finer)) {
    for (Point& point : line) {
      point.x *= scale_x;
      point.y *= scale_y;
    }
    Stroke stroke;
    stroke.points = std::move(line);
    drawing.strokes.push_back(std::move(stroke));
  }
  if (drawing.strokes.empty()) {
    fail(
        "no lines found in {} ({}x{} pixels): it is even, or holds only specks "
        "or noise",
        name, w, h);
  }
  return drawing;
}

}  // namespace limner
