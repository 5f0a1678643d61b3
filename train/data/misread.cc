#include "train/data/misread.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "sketch/classes.h"
#include "train/data/doodle.h"

namespace limner::train {
namespace {

using Strokes = std::vector<Stroke>;

// Of a single stroke. Borders and eyes are read as a whole, see below.
struct Confusion {
  int from, to;
  double chance;
};
constexpr std::array<Confusion, 24> kConfusions = {{
    {4, 3, 0.2},    {5, 3, 0.2},   {4, 17, 0.04},  {5, 17, 0.04},
    {6, 10, 0.05},  {6, 7, 0.05},  {7, 10, 0.05},  {7, 6, 0.02},
    {11, 8, 0.08},  {12, 8, 0.08}, {11, 15, 0.15}, {12, 15, 0.15},
    {11, 21, 0.1},  {12, 21, 0.1}, {13, 15, 0.4},  {14, 16, 0.2},
    {14, 10, 0.1},  {15, 22, 0.1}, {15, 17, 0.08}, {15, 10, 0.04},
    {16, 14, 0.25}, {16, 22, 0.1}, {22, 15, 0.3},  {20, 17, 0.5},
}};

struct Box {
  double left = std::numeric_limits<double>::max(), right = -left;
  double top = left, bottom = -left;

  void add(const Stroke& stroke) {
    for (const Point& p : stroke.points) {
      left = std::min<double>(left, p.x);
      right = std::max<double>(right, p.x);
      top = std::min<double>(top, p.y);
      bottom = std::max<double>(bottom, p.y);
    }
  }
};

// The stroke cut where `label_at` (of a point) changes.
template <typename LabelAt>
void relabel(const Stroke& stroke, const LabelAt& label_at, Strokes& out) {
  Stroke piece = stroke;
  piece.points.clear();
  for (const Point& p : stroke.points) {
    const int label = label_at(p);
    if (!piece.points.empty() && label != piece.label) {
      Stroke done = piece;
      done.points.push_back(p);
      out.push_back(std::move(done));
      piece.points.clear();
    }
    piece.label = label;
    piece.points.push_back(p);
  }
  // A last point of another class is no line.
  if (piece.points.size() > 1 || stroke.points.size() == 1) {
    out.push_back(std::move(piece));
  }
}

// Everything around the face becomes the border with the hair, but for the
// chin.
void misread_outline(Strokes& strokes, Random& random) {
  const auto meant = [](const Stroke& stroke) {
    return stroke.detail == 0 &&
           doodle_part(stroke.label) == DoodlePart::kOutline;
  };
  Box box;
  for (const Stroke& stroke : strokes) {
    if (meant(stroke)) box.add(stroke);
  }
  const double x = (box.left + box.right) / 2;
  const double y = (box.top + box.bottom) / 2;
  const double w = std::max(box.right - box.left, 1.0) / 2;
  const double h = std::max(box.bottom - box.top, 1.0) / 2;
  constexpr std::array<int, 4> kChins = {classes::kFaceNeck, classes::kOther,
                                         classes::kContour, classes::kHairFace};
  const double u = random.uniform();
  const int chin = kChins[u < 0.35 ? 0 : u < 0.55 ? 1 : u < 0.7 ? 2 : 3];
  const double from = random.between(0, 0.9);  // angles about straight down
  const double to = random.between(0, 0.9);
  const bool second = random.uniform() < 0.3;
  Strokes out;
  for (const Stroke& stroke : strokes) {
    if (!meant(stroke)) {
      out.push_back(stroke);
      continue;
    }
    relabel(
        stroke,
        [&](Point p) {
          const double angle = std::atan2((p.x - x) / w, (p.y - y) / h);
          if (angle < -from || angle > to) return classes::kHairFace;
          return second && angle > 0.5 * to ? classes::kOther : chin;
        },
        out);
  }
  strokes = std::move(out);
}

// Both eyes as glasses, or their upper halves as brows; sometimes one alone.
void misread_eyes(Strokes& strokes, Random& random) {
  const double both = random.uniform();
  const double mode = random.uniform();
  const bool brows_too = random.uniform() < 0.4;
  Strokes out;
  for (const Stroke& stroke : strokes) {
    const bool eye = stroke.label == 1 || stroke.label == 2;
    const bool brow = stroke.label == 4 || stroke.label == 5;
    const bool right = stroke.label == 1 || stroke.label == 4;
    const bool spared = both < 0.15 ? right : both < 0.3 ? !right : false;
    if (spared || !(eye || (brow && brows_too))) {
      out.push_back(stroke);
      continue;
    }
    Stroke read = stroke;
    if (mode < 0.65) {
      read.label = classes::kGlasses;
      out.push_back(std::move(read));
      continue;
    }
    Box box;
    box.add(stroke);
    const double middle = (box.top + box.bottom) / 2;
    const int upper = right ? 4 : 5;
    const int lower = mode < 0.85 ? classes::kGlasses : stroke.label;
    relabel(
        stroke, [&](Point p) { return p.y <= middle ? upper : lower; }, out);
  }
  strokes = std::move(out);
}

}  // namespace

void misread(std::vector<Stroke>& strokes, double share, Random& random) {
  if (share <= 0) return;
  for (Stroke& stroke : strokes) {
    double u = random.uniform();
    for (const Confusion& confusion : kConfusions) {
      if (confusion.from != stroke.label) continue;
      u -= confusion.chance * share;
      if (u >= 0) continue;
      stroke.label = confusion.to;
      break;
    }
  }
  if (random.uniform() < share) misread_outline(strokes, random);
  if (random.uniform() < share) misread_eyes(strokes, random);
}

}  // namespace limner::train
