#include "sketch/frame.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "sketch/curves.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr double kFrame = kFrameSide;
// A segment counts by its length, a dot like a line of this share of the box.
constexpr double kDot = 1.0 / 256;

struct Usual {
  const char* name;  // in Framing::basis
  PartPlace mean;
  PartPlace spread;
};

// Measured on the sketches (sketch_of() with photo, detail 0.5) of the 1725
// training faces and their mirror images; FrameMeasure in frame_test.cc prints
// this table. The faces' crop is made from eyes and mouth, hence the small
// spread there.
constexpr std::array<Usual, kFaceParts> kUsual = {{
    {"eyes", {317.7, 240.5, 53.3, 19.6}, {2.7, 2.1, 7.8, 4.9}},
    {"eyes", {194.3, 240.5, 53.3, 19.6}, {2.7, 2.1, 7.8, 4.9}},
    {"brows", {323.1, 208.2, 83.7, 24.0}, {6.2, 7.4, 12.0, 4.3}},
    {"brows", {188.9, 208.2, 83.7, 24.0}, {6.2, 7.4, 12.0, 4.3}},
    {"glasses", {256.0, 252.7, 278.2, 96.6}, {8.4, 8.8, 20.6, 13.8}},
    {"nose", {256.0, 291.0, 84.2, 84.1}, {4.0, 6.6, 7.1, 7.2}},
    {"mouth", {256.0, 379.1, 94.0, 40.0}, {2.3, 9.4, 14.6, 11.5}},
    {"outline", {256.0, 278.7, 276.0, 365.2}, {16.6, 16.0, 23.8, 33.4}},
    {"all strokes", {256.0, 259.4, 385.8, 467.0}, {21.5, 8.5, 48.9, 15.5}},
}};

const Usual& usual(FacePart part) { return kUsual[static_cast<int>(part)]; }

bool belongs(int label, FacePart part) {
  switch (part) {
    case FacePart::kEyeRight:
      return label == 1;
    case FacePart::kEyeLeft:
      return label == 2;
    case FacePart::kBrowRight:
      return label == 4;
    case FacePart::kBrowLeft:
      return label == 5;
    case FacePart::kGlasses:
      return label == 3;
    case FacePart::kNose:
      return label == 6;
    case FacePart::kMouth:
      return label == 7;
    case FacePart::kOutline:
      return label == 10 || (label >= 17 && label <= 21);
    case FacePart::kAll:
      return true;
  }
  return false;
}

void check(const Drawing& drawing) {
  constexpr float kFarthest = 1e9F;  // so that sums stay finite
  if (!(drawing.side > 0) || !std::isfinite(drawing.side)) {
    fail("a drawing's side must be positive, got {}", drawing.side);
  }
  for (const Stroke& stroke : drawing.strokes) {
    for (const Point& p : stroke.points) {
      if (!(std::abs(p.x) <= kFarthest) || !(std::abs(p.y) <= kFarthest)) {
        fail(
            "a stroke of class {} has a point at {},{}; expected finite "
            "coordinates up to {:.0e} either way",
            stroke.label, p.x, p.y, kFarthest);
      }
    }
  }
}

struct Sample {
  double value;
  double weight;
};

// Where the lowest and the highest `share` of the weight end.
std::pair<double, double> inner_range(std::vector<Sample>& samples,
                                      double share) {
  std::sort(samples.begin(), samples.end(),
            [](const Sample& a, const Sample& b) { return a.value < b.value; });
  double total = 0;
  for (const Sample& sample : samples) total += sample.weight;
  double low = samples.front().value;
  double high = samples.back().value;
  double seen = 0;
  for (const Sample& sample : samples) {
    seen += sample.weight;
    if (seen >= share * total) {
      low = sample.value;
      break;
    }
  }
  seen = 0;
  for (auto it = samples.rbegin(); it != samples.rend(); ++it) {
    seen += it->weight;
    if (seen >= share * total) {
      high = it->value;
      break;
    }
  }
  return {low, std::max(low, high)};
}

// Box of the lines without what lies outermost.
std::optional<PartPlace> box_of(const std::vector<const Polyline*>& lines) {
  constexpr double kOutermost = 0.02;
  double left = HUGE_VAL, right = -HUGE_VAL, top = HUGE_VAL, bottom = -HUGE_VAL;
  double length = 0;
  for (const Polyline* line : lines) {
    length += length_of(*line);
    for (const Point& p : *line) {
      left = std::min<double>(left, p.x);
      right = std::max<double>(right, p.x);
      top = std::min<double>(top, p.y);
      bottom = std::max<double>(bottom, p.y);
    }
  }
  if (left > right) return std::nullopt;
  // Pieces of 1/256 of the extent, but no more than about 100,000.
  const double extent = std::max(right - left, bottom - top);
  const double piece = std::max(extent * kDot, length / 100'000);
  std::vector<Sample> xs, ys;
  const auto add = [&](double x, double y, double weight) {
    xs.push_back({x, weight});
    ys.push_back({y, weight});
  };
  for (const Polyline* line : lines) {
    if (length_of(*line) == 0) {
      if (!line->empty()) {
        add(line->front().x, line->front().y, std::max(piece, 1e-9));
      }
      continue;
    }
    for (size_t i = 1; i < line->size(); ++i) {
      const Point a = (*line)[i - 1];
      const Point b = (*line)[i];
      const double size = length_of({a, b});
      const int parts = std::max(static_cast<int>(std::ceil(size / piece)), 1);
      for (int k = 0; k < parts; ++k) {
        const double t = (k + 0.5) / parts;
        add(a.x + t * (double{b.x} - a.x), a.y + t * (double{b.y} - a.y),
            size / parts);
      }
    }
  }
  const auto [x0, x1] = inner_range(xs, kOutermost);
  const auto [y0, y1] = inner_range(ys, kOutermost);
  return PartPlace{(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0};
}

using Places = std::array<std::optional<PartPlace>, kFaceParts>;

// One equation scale a + ex dx + ey dy = target, of standard deviation sigma.
struct Equation {
  double a, ex, ey, target, sigma;
};

std::vector<Equation> equations_of(const Places& places) {
  std::vector<Equation> equations;
  for (int i = 0; i < kFaceParts; ++i) {
    if (!places[i]) continue;
    const PartPlace& at = *places[i];
    const auto& [name, mean, spread] = kUsual[i];
    equations.push_back({at.x, 1, 0, mean.x, spread.x});
    equations.push_back({at.y, 0, 1, mean.y, spread.y});
    equations.push_back({at.width, 0, 0, mean.width, spread.width});
    equations.push_back({at.height, 0, 0, mean.height, spread.height});
  }
  return equations;
}

// Solves the normal equations for scale, dx and dy, of which dx and dy are
// means given the scale.
std::array<double, 3> solve(const std::vector<Equation>& equations,
                            const std::vector<double>& weights) {
  double wx = 0, ax = 0, tx = 0, wy = 0, ay = 0, ty = 0;
  for (size_t i = 0; i < equations.size(); ++i) {
    const Equation& e = equations[i];
    wx += weights[i] * e.ex;
    ax += weights[i] * e.ex * e.a;
    tx += weights[i] * e.ex * e.target;
    wy += weights[i] * e.ey;
    ay += weights[i] * e.ey * e.a;
    ty += weights[i] * e.ey * e.target;
  }
  double aa = 0, at = 0;
  for (size_t i = 0; i < equations.size(); ++i) {
    const Equation& e = equations[i];
    const double a = e.a - e.ex * ax / wx - e.ey * ay / wy;
    const double t = e.target - e.ex * tx / wx - e.ey * ty / wy;
    aa += weights[i] * a * a;
    at += weights[i] * a * t;
  }
  const double scale = aa > 0 ? at / aa : 0;
  return {scale, (tx - scale * ax) / wx, (ty - scale * ay) / wy};
}

// Fits to the places; scale 0 when they have no extent.
Framing fit(const Places& places) {
  const std::vector<Equation> equations = equations_of(places);
  std::vector<double> weights;
  for (const Equation& e : equations) {
    weights.push_back(1 / (e.sigma * e.sigma));
  }
  Framing framing;
  constexpr int kRounds = 8;
  for (int round = 0; round < kRounds; ++round) {
    const auto [scale, dx, dy] = solve(equations, weights);
    framing.scale = scale;
    framing.dx = dx;
    framing.dy = dy;
    // Beyond two deviations an equation pulls no harder (Huber, 1964).
    for (size_t i = 0; i < equations.size(); ++i) {
      const Equation& e = equations[i];
      const double off =
          std::abs(scale * e.a + e.ex * dx + e.ey * dy - e.target) / e.sigma;
      weights[i] = std::min(1.0, 2 / std::max(off, 1e-9)) / (e.sigma * e.sigma);
    }
  }
  for (int i = 0; i < kFaceParts; ++i) {
    const std::string name = kUsual[i].name;
    if (!places[i] || framing.basis.find(name) != std::string::npos) continue;
    framing.basis += (framing.basis.empty() ? "" : ", ") + name;
  }
  return framing;
}

// The turn in degrees that brings the middles of the parts closest to the
// usual arrangement; 0 with fewer than two.
double turn_of(const Places& places) {
  double weight = 0, px = 0, py = 0, qx = 0, qy = 0;
  const auto each = [&](const auto& body) {
    // The outline's middle says little: it is not known how much of it is
    // there.
    for (int i = 0; i < static_cast<int>(FacePart::kOutline); ++i) {
      if (!places[i]) continue;
      const double sx = kUsual[i].spread.x;
      const double sy = kUsual[i].spread.y;
      body(*places[i], kUsual[i].mean, 1 / (sx * sx + sy * sy));
    }
  };
  each([&](const PartPlace& p, const PartPlace& q, double w) {
    weight += w;
    px += w * p.x;
    py += w * p.y;
    qx += w * q.x;
    qy += w * q.y;
  });
  if (weight == 0) return 0;
  double sine = 0, cosine = 0;
  each([&](const PartPlace& p, const PartPlace& q, double w) {
    const double ax = p.x - px / weight, ay = p.y - py / weight;
    const double bx = q.x - qx / weight, by = q.y - qy / weight;
    cosine += w * (ax * bx + ay * by);
    sine += w * (ax * by - ay * bx);
  });
  if (sine == 0 && cosine == 0) return 0;
  return std::atan2(sine, cosine) * 180 / M_PI;
}

Places places_in(const Drawing& drawing) {
  Places places;
  for (int i = 0; i < static_cast<int>(FacePart::kAll); ++i) {
    places[i] = place_of(drawing, static_cast<FacePart>(i));
  }
  return places;
}

Places only(FacePart part, const std::optional<PartPlace>& place) {
  Places places;
  places[static_cast<int>(part)] = place;
  return places;
}

bool is_empty(const Places& places) {
  return std::none_of(places.begin(), places.end(),
                      [](const auto& place) { return place.has_value(); });
}

// Larger side of the box around all places.
double extent_of(const Places& places) {
  double left = HUGE_VAL, right = -HUGE_VAL, top = HUGE_VAL, bottom = -HUGE_VAL;
  for (const auto& place : places) {
    if (!place) continue;
    left = std::min(left, place->x - place->width / 2);
    right = std::max(right, place->x + place->width / 2);
    top = std::min(top, place->y - place->height / 2);
    bottom = std::max(bottom, place->y + place->height / 2);
  }
  return std::max({right - left, bottom - top, 0.0});
}

// Whether what it was fitted to comes out neither tiny nor far larger than the
// frame.
bool is_sensible(const Framing& framing, const Places& places) {
  const double size = framing.scale * extent_of(places);
  return size > 0.02 * kFrame && size < 3 * kFrame;
}

Drawing turned(const Drawing& drawing, double angle) {
  if (angle == 0) return drawing;
  Framing turn;
  turn.angle = angle;
  return apply_framing(drawing, turn);
}

// `framing`, or the one that leaves the drawing where it is.
Framing kept_or_moved(Framing framing, float side) {
  if (!is_framed(framing, side)) return framing;
  framing.scale = kFrame / side;
  framing.dx = framing.dy = framing.angle = 0;
  return framing;
}

}  // namespace

std::optional<PartPlace> place_of(const Drawing& drawing, FacePart part) {
  std::vector<const Polyline*> lines;
  for (const Stroke& stroke : drawing.strokes) {
    if (belongs(stroke.label, part)) lines.push_back(&stroke.points);
  }
  return box_of(lines);
}

const PartPlace& usual_place(FacePart part) { return usual(part).mean; }
const PartPlace& usual_spread(FacePart part) { return usual(part).spread; }

Framing fit_framing(const Drawing& drawing, bool allow_rotation) {
  check(drawing);
  Places places = places_in(drawing);
  if (is_empty(places)) {
    fail(
        "no face in the drawing: none of its {} strokes has a class of the "
        "face (1 to 7, 10, 17 to 21); label some, or draw one",
        drawing.strokes.size());
  }
  double angle = 0;
  if (allow_rotation) {
    constexpr double kMaxTurn = 30;
    constexpr int kRounds = 3;  // boxes change as the drawing turns
    for (int round = 0; round < kRounds; ++round) {
      angle = std::clamp(angle + turn_of(places), -kMaxTurn, kMaxTurn);
      places = places_in(turned(drawing, angle));
    }
  }
  const Places outline =
      only(FacePart::kOutline, places[static_cast<int>(FacePart::kOutline)]);
  const Places all =
      only(FacePart::kAll, place_of(turned(drawing, angle), FacePart::kAll));
  for (const Places* some : {&std::as_const(places), &outline, &all}) {
    if (extent_of(*some) == 0) continue;
    Framing framing = fit(*some);
    framing.angle = angle;
    if (is_sensible(framing, *some)) return framing;
  }
  fail(
      "no face in the drawing: its strokes of the face are dots without "
      "extent; draw them as lines");
}

Framing find_framing(const Drawing& drawing, bool allow_rotation) {
  return kept_or_moved(fit_framing(drawing, allow_rotation), drawing.side);
}

std::optional<Framing> outline_framing(const Drawing& drawing, double angle) {
  check(drawing);
  const Places outline = only(
      FacePart::kOutline, place_of(turned(drawing, angle), FacePart::kOutline));
  if (extent_of(outline) == 0) return std::nullopt;
  Framing framing = fit(outline);
  framing.angle = angle;
  if (!is_sensible(framing, outline)) return std::nullopt;
  return framing;
}

Framing rough_framing(const Drawing& drawing) {
  check(drawing);
  const Places all = only(FacePart::kAll, place_of(drawing, FacePart::kAll));
  if (extent_of(all) == 0) {
    fail("no lines in the drawing: its {} strokes have no extent",
         drawing.strokes.size());
  }
  return kept_or_moved(fit(all), drawing.side);
}

bool is_framed(const Framing& framing, float side) {
  const double turn = framing.angle * M_PI / 180;
  const double c = framing.scale * std::cos(turn) * side / 2;
  const double s = framing.scale * std::sin(turn) * side / 2;
  const double shift = std::hypot(c - s + framing.dx - kFrame / 2,
                                  s + c + framing.dy - kFrame / 2);
  const double size = std::abs(std::log(framing.scale * side / kFrame));
  // 98 of 100 validation faces lie in this range (sizes differ by 2 % in the
  // median, middles by 1.5, angles by 0.4 degrees), and 95 in the wider one.
  const bool coarse = framing.basis == usual(FacePart::kOutline).name ||
                      framing.basis == usual(FacePart::kAll).name;
  return size < (coarse ? 0.2 : 0.1) && shift < (coarse ? 60 : 12) &&
         std::abs(framing.angle) < 5;
}

Drawing apply_framing(const Drawing& drawing, const Framing& framing) {
  check(drawing);
  const double turn = framing.angle * M_PI / 180;
  const double c = framing.scale * std::cos(turn);
  const double s = framing.scale * std::sin(turn);
  Drawing out = drawing;
  out.side = static_cast<float>(kFrame);
  for (Stroke& stroke : out.strokes) {
    for (Point& p : stroke.points) {
      p = {static_cast<float>(c * p.x - s * p.y + framing.dx),
           static_cast<float>(s * p.x + c * p.y + framing.dy)};
    }
  }
  return out;
}

Drawing undo_framing(const Drawing& drawing, const Framing& framing,
                     float side) {
  if (!(framing.scale > 0)) {
    fail("a framing's scale must be positive, got {}", framing.scale);
  }
  Framing back;
  back.scale = 1 / framing.scale;
  back.angle = -framing.angle;
  const double turn = back.angle * M_PI / 180;
  const double c = back.scale * std::cos(turn);
  const double s = back.scale * std::sin(turn);
  back.dx = -c * framing.dx + s * framing.dy;
  back.dy = -s * framing.dx - c * framing.dy;
  Drawing out = apply_framing(drawing, back);
  out.side = side;
  check(out);
  return out;
}

}  // namespace limner
