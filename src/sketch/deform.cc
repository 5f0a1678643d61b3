#include "sketch/deform.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "sketch/curves.h"

namespace limner {
namespace {

// 0 to 1 with level ends.
double ease(double t) { return t * t * (3 - 2 * t); }

struct Offset {
  double x = 0;
  double y = 0;
};

Offset draw_offset(double deviation, Random& random) {
  Offset offset;
  offset.x = deviation * random.normal();
  offset.y = deviation * random.normal();
  return offset;
}

Offset blend(Offset a, Offset b, double t) {
  return {a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
}

// A shift for every place of the unit square: random at the points of a grid,
// smooth between them.
class Field {
 public:
  Field(double deviation, Random& random) {
    for (Offset& offset : offsets_) offset = draw_offset(deviation, random);
  }

  Offset at(double u, double v) const {
    u = std::clamp(u, 0.0, 1.0) * kCells;
    v = std::clamp(v, 0.0, 1.0) * kCells;
    const int i = std::min(static_cast<int>(u), kCells - 1);
    const int j = std::min(static_cast<int>(v), kCells - 1);
    const double s = ease(u - i);
    const double t = ease(v - j);
    const auto grid = [this](int x, int y) {
      return offsets_[y * (kCells + 1) + x];
    };
    return blend(blend(grid(i, j), grid(i + 1, j), s),
                 blend(grid(i, j + 1), grid(i + 1, j + 1), s), t);
  }

 private:
  static constexpr int kCells = 4;
  std::array<Offset, (kCells + 1) * (kCells + 1)> offsets_;
};

// A turn by `degrees` and a change of size about (x, y), and a shift.
class Slip {
 public:
  Slip(double x, double y, double degrees, double size, Offset shift)
      : x_(x),
        y_(y),
        cos_((1 + size) * std::cos(degrees * M_PI / 180)),
        sin_((1 + size) * std::sin(degrees * M_PI / 180)),
        shift_(shift) {}

  Point operator()(Point p) const {
    const double dx = p.x - x_;
    const double dy = p.y - y_;
    return {static_cast<float>(x_ + cos_ * dx - sin_ * dy + shift_.x),
            static_cast<float>(y_ + sin_ * dx + cos_ * dy + shift_.y)};
  }

 private:
  double x_, y_, cos_, sin_;
  Offset shift_;
};

// `line` with points at most `step` apart.
Polyline divided(const Polyline& line, double step) {
  Polyline out;
  for (size_t i = 0; i < line.size(); ++i) {
    if (i > 0) {
      const Point a = line[i - 1];
      const Point b = line[i];
      const double length = length_of({a, b});
      const int parts = static_cast<int>(std::ceil(length / step));
      for (int k = 1; k < parts; ++k) {
        const float t = static_cast<float>(k) / static_cast<float>(parts);
        out.push_back({a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)});
      }
    }
    out.push_back(line[i]);
  }
  return out;
}

// `line` without its last `share` of points.
void cut_end(Polyline& line, double share) {
  const auto keep = static_cast<size_t>(
      std::ceil((1 - share) * static_cast<double>(line.size())));
  line.resize(std::max<size_t>(keep, std::min<size_t>(line.size(), 2)));
}

// Adds offsets drawn about every `wavelength` along the line.
void wobble(Polyline& line, double deviation, double wavelength,
            Random& random) {
  const bool closed = is_closed(line);
  const double length = length_of(line);
  const int waves = std::max(static_cast<int>(std::lround(length / wavelength)),
                             closed ? 3 : 1);
  std::vector<Offset> offsets(waves + 1);
  for (Offset& offset : offsets) offset = draw_offset(deviation, random);
  if (closed) offsets.back() = offsets.front();
  double along = 0;
  Point before = line.front();
  for (Point& point : line) {
    along += length_of({before, point});
    before = point;
    const double at = length > 0 ? along / length * waves : 0;
    const int k = std::clamp(static_cast<int>(at), 0, waves - 1);
    const Offset offset =
        blend(offsets[k], offsets[k + 1], ease(std::min(at - k, 1.0)));
    point.x += static_cast<float>(offset.x);
    point.y += static_cast<float>(offset.y);
  }
}

}  // namespace

Drawing deform(const Drawing& drawing, const DeformOptions& options,
               Random& random) {
  const double unit = drawing.side / double{kFrameSide};
  const double share = random.uniform();
  const double detail =
      options.min_detail +
      (options.max_detail - options.min_detail) * random.uniform();
  const auto deviation = [&](double value) { return value * share; };
  const Field field(deviation(options.warp) * unit, random);
  const double turn = deviation(options.turn) * random.normal();
  const double size = deviation(options.size) * random.normal();
  const Slip whole(drawing.side / 2, drawing.side / 2, turn, size,
                   draw_offset(deviation(options.shift) * unit, random));

  Drawing out;
  out.side = drawing.side;
  for (const Stroke& stroke : drawing.strokes) {
    if (stroke.points.empty() || stroke.detail > std::max(detail, 0.0)) {
      continue;
    }
    if (random.uniform() < options.drop) continue;
    const double step = options.wavelength * unit / 4;
    Polyline line = divided(stroke.points, step);
    if (random.uniform() < options.shorten) {
      const bool front = random.uniform() < 0.5;
      if (front) std::reverse(line.begin(), line.end());
      cut_end(line, options.cut * random.uniform());
      if (front) std::reverse(line.begin(), line.end());
    }
    wobble(line, deviation(options.wobble) * unit, options.wavelength * unit,
           random);
    const Point middle = line[line.size() / 2];
    const double own_turn = deviation(options.stroke_turn) * random.normal();
    const double own_size = deviation(options.stroke_size) * random.normal();
    const Slip own(middle.x, middle.y, own_turn, own_size,
                   draw_offset(deviation(options.stroke_shift) * unit, random));
    for (Point& point : line) {
      point = whole(own(point));
      const Offset moved =
          field.at(point.x / drawing.side, point.y / drawing.side);
      point.x += static_cast<float>(moved.x);
      point.y += static_cast<float>(moved.y);
    }
    out.strokes.push_back(
        {std::move(line), stroke.label, stroke.detail, stroke.confidence});
  }
  return out;
}

}  // namespace limner
