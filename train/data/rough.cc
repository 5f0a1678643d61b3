#include "train/data/rough.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "sketch/classes.h"
#include "sketch/curves.h"
#include "sketch/deform.h"
#include "sketch/frame.h"
#include "train/data/doodle.h"
#include "train/data/misread.h"
#include "util/error.h"

namespace limner::train {
namespace {

using Strokes = std::vector<Stroke>;

// What moves together.
enum Group { kRightEye, kLeftEye, kNose, kMouth, kOutline, kAround };
constexpr int kGroups = 6;

constexpr double kFarthest = 2.5;  // deviations, of a shift

double normal(double deviation, Random& random) {
  return deviation * std::clamp(random.normal(), -kFarthest, kFarthest);
}

// The parts that are drawn as symbols. One who draws symbols draws mostly
// symbols.
std::array<bool, kDoodleParts> draw_symbols(double chance, Random& random) {
  std::array<bool, kDoodleParts> symbols;
  const bool all = random.uniform() < 0.6 * chance;
  for (bool& symbol : symbols) {
    symbol = all || random.uniform() < chance;
  }
  return symbols;
}

// The parts that are left out, whatever the drawing shows of them.
std::array<bool, kDoodleParts> draw_omitted(double chance, Random& random) {
  std::array<bool, kDoodleParts> omitted = {};
  const auto omit = [&](DoodlePart part, double factor) {
    omitted[static_cast<int>(part)] = random.uniform() < factor * chance;
  };
  omit(DoodlePart::kBody, 1.0);
  omit(DoodlePart::kHair, 0.5);
  omit(DoodlePart::kEars, 0.8);
  omit(DoodlePart::kBrows, 0.6);
  omit(DoodlePart::kNose, 0.2);
  return omitted;
}

// p -> (a, b; c, d) (p - centre) + centre + shift.
struct Placement {
  double x = 0, y = 0;
  double a = 1, b = 0, c = 0, d = 1;
  double dx = 0, dy = 0;

  // Sizes of width and height, then a turn by `degrees`.
  void set(double wide, double high, double degrees) {
    const double cosine = std::cos(degrees * M_PI / 180);
    const double sine = std::sin(degrees * M_PI / 180);
    a = cosine * wide;
    b = -sine * high;
    c = sine * wide;
    d = cosine * high;
  }

  Point operator()(Point p) const {
    const double u = p.x - x;
    const double v = p.y - y;
    return {static_cast<float>(x + a * u + b * v + dx),
            static_cast<float>(y + c * u + d * v + dy)};
  }
};

Placement about(const PartPlace& place) {
  Placement placement;
  placement.x = place.x;
  placement.y = place.y;
  return placement;
}

bool is_border(const Stroke& stroke) { return stroke.detail == 0; }

std::optional<Group> group_of(const Stroke& stroke, const PartPlace& face) {
  if (stroke.points.empty()) return std::nullopt;
  switch (stroke.label) {
    case 1:
    case 4:
      return kRightEye;
    case 2:
    case 5:
      return kLeftEye;
    case 3:  // glasses: their bridge goes with either side
      return stroke.points[stroke.points.size() / 2].x > face.x ? kRightEye
                                                                : kLeftEye;
    case 6:
      return kNose;
    case 7:
      return kMouth;
    default:
      return is_border(stroke) &&
                     doodle_part(stroke.label) == DoodlePart::kOutline
                 ? kOutline
                 : kAround;
  }
}

// How the groups lie against each other, and the whole.
struct Placements {
  std::array<Placement, kGroups> groups;
  Placement whole;
};

// unit: 1/512 of the side.
Placements draw_placements(const FaceLayout& layout,
                           const RoughOptions& options, double share,
                           double unit, Random& random) {
  Placements placements;
  placements.groups = {about(layout.right_eye), about(layout.left_eye),
                       about(layout.nose),      about(layout.mouth),
                       about(layout.outline),   about(layout.outline)};
  auto& all = placements.groups;
  const auto size = [&](double deviation) {
    return std::exp(normal(deviation * share, random));
  };
  for (const Group group : {kRightEye, kLeftEye, kNose, kMouth, kOutline}) {
    const bool outline = group == kOutline;
    const double sizes =
        outline ? options.outline_size : options.part_size * 0.6;
    const double both = size(sizes);
    const double wide = both * size(sizes);
    const double high = both * size(sizes);
    const double degrees = normal(
        share * (outline ? options.outline_turn : options.part_turn), random);
    all[group].set(wide, high, degrees);
    all[group].dx = normal(share * options.part_shift * unit, random);
    all[group].dy = normal(share * options.part_shift * unit, random);
  }
  // Hair, ears and neck go where the outline goes, nearly.
  Placement& around = all[kAround];
  const double x = around.x;
  const double y = around.y;
  around = all[kOutline];
  around.x = x;
  around.y = y;
  around.dx += normal(0.4 * share * options.part_shift * unit, random);
  around.dy += normal(0.4 * share * options.part_shift * unit, random);
  // Eyes are rather alike.
  const double dy = normal(share * options.eyes_shift * unit, random);
  const double apart = 0.5 * (layout.right_eye.x - layout.left_eye.x) *
                       (size(options.eyes_apart) - 1);
  const double larger = size(options.part_size);
  for (const Group eye : {kRightEye, kLeftEye}) {
    Placement& placement = all[eye];
    placement.dx = 0.5 * placement.dx + (eye == kRightEye ? apart : -apart);
    placement.dy = 0.5 * placement.dy + dy;
    for (double* number :
         {&placement.a, &placement.b, &placement.c, &placement.d}) {
      *number *= larger;
    }
  }
  placements.whole = about(layout.outline);
  const double stretch = size(options.stretch);
  placements.whole.set(stretch, 1 / stretch,
                       normal(share * options.tilt, random));
  return placements;
}

void place(Strokes& strokes, const Placements& placements,
           const FaceLayout& layout) {
  for (Stroke& stroke : strokes) {
    const std::optional<Group> group = group_of(stroke, layout.outline);
    if (!group) continue;
    const Placement& own = placements.groups[*group];
    for (Point& p : stroke.points) p = placements.whole(own(p));
  }
}

// Lines of few points, drawn over, broken. The strokes from `symbols` on are
// simple already.
void roughen_lines(Strokes& strokes, size_t symbols,
                   const RoughOptions& options, double share, double unit,
                   Random& random) {
  const double smoothing = share * options.smoothing * unit * random.uniform();
  const double tolerance = share * options.simplify * unit * random.uniform();
  const size_t count = strokes.size();
  for (size_t i = 0; i < count; ++i) {
    Polyline line = strokes[i].points;
    const double length = length_of(line);
    if (i < symbols && length > 0) {
      line = smooth(line, std::min(smoothing / length, 1.0 / 12) *
                              static_cast<double>(line.size() - 1));
    }
    line = simplify(line, tolerance);
    const bool twice = random.uniform() < share * options.overdraw;
    const bool broken = random.uniform() < share * options.split;
    if (twice) {
      Stroke again = strokes[i];
      const double dx = normal(2.5 * unit, random);
      const double dy = normal(2.5 * unit, random);
      again.points = line;
      for (Point& p : again.points) {
        p.x += static_cast<float>(dx);
        p.y += static_cast<float>(dy);
      }
      strokes.push_back(std::move(again));
    }
    if (broken && line.size() >= 6) {
      const auto cut = static_cast<std::ptrdiff_t>(
          2 + random.uniform() * static_cast<double>(line.size() - 4));
      Stroke tail = strokes[i];
      tail.points.assign(line.begin() + cut, line.end());
      line.resize(static_cast<size_t>(cut));
      strokes.push_back(std::move(tail));
    }
    strokes[i].points = std::move(line);
  }
}

DeformOptions line_options(const RoughOptions& options, double share) {
  DeformOptions lines;
  lines.shift = lines.turn = lines.size = 0;
  lines.warp = share * options.warp;
  lines.stroke_shift = 2.5 * share;
  lines.stroke_turn = 2.5 * share;
  lines.stroke_size = 0.04 * share;
  lines.wobble = share * options.wobble;
  lines.drop = share * options.drop;
  lines.shorten = share * options.shorten;
  lines.min_detail = 1 - 2 * share;
  lines.max_detail = 1 - 0.8 * share;
  return lines;
}

// Empty where nothing of a face is there to go by.
std::optional<Framing> framing_of(const Drawing& drawing) {
  try {
    return fit_framing(drawing);
  } catch (const Error&) {
    return std::nullopt;
  }
}

// Moved and scaled so that it lies where `wanted` says of the original.
void put_back(Drawing& drawing, const Framing& wanted) {
  const std::optional<Framing> is = framing_of(drawing);
  if (!is) return;
  const double scale = is->scale / wanted.scale;
  const double dx = (is->dx - wanted.dx) / wanted.scale;
  const double dy = (is->dy - wanted.dy) / wanted.scale;
  for (Stroke& stroke : drawing.strokes) {
    for (Point& p : stroke.points) {
      p.x = static_cast<float>(scale * p.x + dx);
      p.y = static_cast<float>(scale * p.y + dy);
    }
  }
}

}  // namespace

Drawing make_rough(const Drawing& drawing, double faithfulness,
                   const RoughOptions& options, Random& random) {
  const double share = 1 - std::clamp(faithfulness, 0.0, 1.0);
  if (share == 0) return drawing;
  const std::optional<Framing> framing = framing_of(drawing);
  if (!framing) return drawing;
  const double unit = drawing.side / 512.0;
  FaceLayout layout = layout_of(drawing, *framing);
  layout.freedom = share;
  const double quick = share * share;
  const auto symbols = draw_symbols(quick * options.symbols, random);
  const auto omitted = draw_omitted(quick * options.omit, random);

  Drawing rough;
  rough.side = drawing.side;
  Drawing simple = rough;
  Strokes borders;
  for (const Stroke& stroke : drawing.strokes) {
    const DoodlePart part = doodle_part(stroke.label);
    const auto index = static_cast<int>(part);
    if (!symbols[index] && !omitted[index]) rough.strokes.push_back(stroke);
    if (part == DoodlePart::kOutline && is_border(stroke)) {
      borders.push_back(stroke);
    }
  }
  for (int part = 0; part < kDoodleParts; ++part) {
    if (!symbols[part]) continue;
    for (Stroke& stroke :
         doodle(static_cast<DoodlePart>(part), layout, random)) {
      simple.strokes.push_back(std::move(stroke));
    }
    if (static_cast<DoodlePart>(part) != DoodlePart::kOutline) continue;
    // Ears and hair go around it.
    if (const auto box = place_of(simple, FacePart::kOutline)) {
      layout.outline = *box;
    }
  }
  const auto placements = draw_placements(layout, options, share, unit, random);
  for (Strokes* strokes : {&rough.strokes, &simple.strokes, &borders}) {
    place(*strokes, placements, layout);
  }
  DeformOptions lines = line_options(options, share);
  rough = deform(rough, lines, random);
  lines.drop = 0;
  lines.shorten *= 0.3;
  simple = deform(simple, lines, random);
  const size_t first_symbol = rough.strokes.size();
  for (Stroke& stroke : simple.strokes) {
    if (stroke.label == classes::kContour) {
      add_by_borders(rough.strokes, stroke.points, borders);
    } else {
      rough.strokes.push_back(std::move(stroke));
    }
  }
  roughen_lines(rough.strokes, first_symbol, options, share, unit, random);
  misread(rough.strokes, share * options.misread, random);
  put_back(rough, *framing);
  return rough;
}

}  // namespace limner::train
