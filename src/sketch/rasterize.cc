#include "sketch/rasterize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "image/codec.h"
#include "image/resize.h"
#include "sketch/classes.h"
#include "sketch/labels.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr std::array<int, kStrokeClasses + 1> kPainting = {
    0,  22, 10, 16, 14, 15, 13, 19, 18, 20, 17, 21,
    11, 12, 6,  7,  4,  5,  3,  1,  2,  9,  8};

constexpr std::array<int, kStrokeClasses + 1> make_places() {
  std::array<int, kStrokeClasses + 1> places = {};
  for (int i = 0; i <= kStrokeClasses; ++i) places[kPainting[i]] = i;
  return places;
}
constexpr std::array<int, kStrokeClasses + 1> kPlaces = make_places();

// Cuts a segment where from + t step falls below 0: narrows [t0, t1]; false
// when nothing is left.
bool cut(double from, double step, double& t0, double& t1) {
  if (step == 0) return from >= 0;
  const double t = -from / step;
  if (step > 0) {
    t0 = std::max(t0, t);
  } else {
    t1 = std::min(t1, t);
  }
  return t0 <= t1;
}

// A square of width x width pixels, its upper left one at (x, y).
void stamp(Image& image, int x, int y, int width, uint8_t label) {
  const int right = std::min(x + width, image.width);
  const int bottom = std::min(y + width, image.height);
  for (int j = std::max(y, 0); j < bottom; ++j) {
    for (int i = std::max(x, 0); i < right; ++i) image.row(j)[i] = label;
  }
}

// The line from a to b (in pixels), 8-connected.
void draw_line(Image& image, Point a, Point b, int width, uint8_t label) {
  // Stamps beyond this frame leave no mark.
  const double low = -width - 1;
  const double high = image.width + 1;
  const double half = 0.5 * (width - 1);
  const double ax = a.x - half, ay = a.y - half;
  const double bx = b.x - half, by = b.y - half;
  double t0 = 0;
  double t1 = 1;
  if (!cut(ax - low, bx - ax, t0, t1) || !cut(high - ax, ax - bx, t0, t1) ||
      !cut(ay - low, by - ay, t0, t1) || !cut(high - ay, ay - by, t0, t1)) {
    return;
  }
  const auto pixel = [](double from, double to, double t) {
    return static_cast<int>(std::floor(from + t * (to - from)));
  };
  int x = pixel(ax, bx, t0);
  int y = pixel(ay, by, t0);
  const int end_x = pixel(ax, bx, t1);
  const int end_y = pixel(ay, by, t1);
  const int dx = std::abs(end_x - x);
  const int dy = std::abs(end_y - y);
  const int step_x = x < end_x ? 1 : -1;
  const int step_y = y < end_y ? 1 : -1;
  for (int error = dx - dy;;) {
    stamp(image, x, y, width, label);
    if (x == end_x && y == end_y) return;
    const int twice = 2 * error;
    if (twice > -dy) {
      error -= dy;
      x += step_x;
    }
    if (twice < dx) {
      error += dx;
      y += step_y;
    }
  }
}

}  // namespace

int paint_order(int label) { return kPlaces[stroke_class(label).id]; }

Image rasterize(const Drawing& drawing, int side, int width) {
  constexpr int kWidest = 16;
  if (width < 1 || width > kWidest) {
    fail("lines are 1 to {} pixels wide, got {}", kWidest, width);
  }
  if (side < 1 || side > kMaxImageSide) {
    fail("cannot draw {0}x{0} pixels; sides are 1 to {1}", side, kMaxImageSide);
  }
  if (!(drawing.side > 0) || !std::isfinite(drawing.side)) {
    fail("a drawing's side must be positive, got {}", drawing.side);
  }
  std::array<std::vector<const Stroke*>, kStrokeClasses + 1> by_place;
  for (const Stroke& stroke : drawing.strokes) {
    if (stroke.label < 1 || stroke.label > kStrokeClasses) {
      fail("a stroke's class must be 1 to {}, got {}", kStrokeClasses,
           stroke.label);
    }
    for (const Point& point : stroke.points) {
      if (!std::isfinite(point.x) || !std::isfinite(point.y)) {
        fail("a stroke of class {} has a point that is not finite",
             stroke.label);
      }
    }
    by_place[kPlaces[stroke.label]].push_back(&stroke);
  }
  Image image(side, side, 1);
  const float scale = static_cast<float>(side) / drawing.side;
  const auto in_pixels = [scale](Point p) {
    return Point{p.x * scale, p.y * scale};
  };
  for (const auto& strokes : by_place) {
    for (const Stroke* stroke : strokes) {
      const auto& points = stroke->points;
      const auto label = static_cast<uint8_t>(stroke->label);
      if (points.size() == 1) {
        const Point dot = in_pixels(points[0]);
        draw_line(image, dot, dot, width, label);
      }
      for (size_t i = 1; i < points.size(); ++i) {
        draw_line(image, in_pixels(points[i - 1]), in_pixels(points[i]), width,
                  label);
      }
    }
  }
  return image;
}

Image reduce_labels(const Image& labels, int side) {
  check_labels(labels, kStrokeClasses, "reduce labels");
  if (side < 1 || side >= labels.width || side >= labels.height) {
    return resize(labels, side, side, Filter::kNearest);
  }
  Image out(side, side, 1);
  const int64_t w = labels.width;
  const int64_t h = labels.height;
  for (int y = 0; y < side; ++y) {
    const int top = static_cast<int>(y * h / side);
    const int bottom = static_cast<int>(((y + 1) * h + side - 1) / side);
    uint8_t* to = out.row(y);
    for (int x = 0; x < side; ++x) {
      const int left = static_cast<int>(x * w / side);
      const int right = static_cast<int>(((x + 1) * w + side - 1) / side);
      // By place in the order of painting; nothing counts nothing.
      std::array<int, kStrokeClasses + 1> counts = {};
      int best = 0;
      for (int j = top; j < bottom; ++j) {
        const uint8_t* from = labels.row(j);
        for (int i = left; i < right; ++i) {
          if (from[i] == 0) continue;
          const int place = kPlaces[from[i]];
          ++counts[place];
          if (counts[place] > counts[best] ||
              (counts[place] == counts[best] && place > best)) {
            best = place;
          }
        }
      }
      to[x] = static_cast<uint8_t>(kPainting[best]);
    }
  }
  return out;
}

}  // namespace limner
