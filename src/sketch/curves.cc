#include "sketch/curves.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace limner {
namespace {

double distance(Point a, Point b) {
  return std::hypot(double{b.x} - a.x, double{b.y} - a.y);
}

// Squared distance of p from the segment ab.
double squared_distance(Point p, Point a, Point b) {
  const double dx = double{b.x} - a.x;
  const double dy = double{b.y} - a.y;
  const double px = double{p.x} - a.x;
  const double py = double{p.y} - a.y;
  const double squared = dx * dx + dy * dy;
  const double t =
      squared > 0 ? std::clamp((px * dx + py * dy) / squared, 0.0, 1.0) : 0.0;
  const double ex = px - t * dx;
  const double ey = py - t * dy;
  return ex * ex + ey * ey;
}

}  // namespace

double length_of(const Polyline& line) {
  double sum = 0;
  for (size_t i = 1; i < line.size(); ++i) {
    sum += distance(line[i - 1], line[i]);
  }
  return sum;
}

Point point_at(const Polyline& line, double along) {
  for (size_t i = 1; i < line.size(); ++i) {
    const Point& a = line[i - 1];
    const Point& b = line[i];
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    if (along <= length) {
      const auto t = static_cast<float>(length > 0 ? along / length : 0);
      return {a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
    }
    along -= length;
  }
  return line.back();
}

bool is_closed(const Polyline& line) {
  return line.size() > 2 && line.front().x == line.back().x &&
         line.front().y == line.back().y;
}

Polyline smooth(const Polyline& line, double sigma) {
  const int count = static_cast<int>(line.size());
  const int reach = static_cast<int>(std::ceil(2.5 * sigma));
  if (count < 3 || reach < 1) return line;
  std::vector<float> weights(reach + 1);
  float sum = 0;
  for (int k = 0; k <= reach; ++k) {
    weights[k] = static_cast<float>(std::exp(-0.5 * k * k / (sigma * sigma)));
    sum += k == 0 ? weights[k] : 2 * weights[k];
  }
  for (float& weight : weights) weight /= sum;

  // The line with `reach` points more at either end: around a closed line,
  // beyond an open one by point reflection, which holds the ends.
  const bool closed = is_closed(line);
  const int period = count - 1;
  Polyline longer(count + 2 * reach);
  for (int i = -reach; i < count + reach; ++i) {
    Point& to = longer[i + reach];
    if (closed) {
      to = line[((i % period) + period) % period];
    } else if (i >= 0 && i < count) {
      to = line[i];
    } else {
      const Point end = i < 0 ? line.front() : line.back();
      const int inside = i < 0 ? -i : 2 * (count - 1) - i;
      const Point from = line[std::clamp(inside, 0, count - 1)];
      to = {2 * end.x - from.x, 2 * end.y - from.y};
    }
  }
  Polyline out(count);
  for (int i = 0; i < count; ++i) {
    const Point* at = &longer[i + reach];
    Point mean = {weights[0] * at->x, weights[0] * at->y};
    for (int k = 1; k <= reach; ++k) {
      mean.x += weights[k] * (at[-k].x + at[k].x);
      mean.y += weights[k] * (at[-k].y + at[k].y);
    }
    out[i] = mean;
  }
  if (closed) {
    out.back() = out.front();
  } else {
    out.front() = line.front();
    out.back() = line.back();
  }
  return out;
}

Polyline simplify(const Polyline& line, double tolerance) {
  const size_t count = line.size();
  if (count < 3) return line;
  std::vector<char> kept(count, 0);
  kept.front() = kept.back() = 1;
  std::vector<std::pair<size_t, size_t>> open = {{0, count - 1}};
  const double limit = tolerance * tolerance;
  while (!open.empty()) {
    const auto [first, last] = open.back();
    open.pop_back();
    double worst = limit;
    size_t at = 0;
    for (size_t i = first + 1; i < last; ++i) {
      const double error = squared_distance(line[i], line[first], line[last]);
      if (error > worst) {
        worst = error;
        at = i;
      }
    }
    if (at == 0) continue;
    kept[at] = 1;
    open.emplace_back(first, at);
    open.emplace_back(at, last);
  }
  Polyline out;
  for (size_t i = 0; i < count; ++i) {
    if (kept[i]) out.push_back(line[i]);
  }
  return out;
}

}  // namespace limner
