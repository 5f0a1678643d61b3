#include "train/data/doodle.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "sketch/classes.h"
#include "train/data/doodle_shapes.h"

namespace limner::train {
namespace {

using shapes::add;
using shapes::arc;
using shapes::at;
using shapes::loop;
using shapes::pick;
using shapes::Strokes;
using shapes::zigzag;

struct EyeStyle {
  int kind;
  double size;    // of the eye's usual width
  double aspect;  // height over width
  int pupil;      // 0: none, 1: dot, 2: tick, 3: circle, 4: scribble
};

EyeStyle draw_eye_style(Random& random) {
  EyeStyle style;
  style.kind = pick({0.22, 0.16, 0.38, 0.1, 0.04, 0.05, 0.05}, random);
  style.size = random.between(0.6, 1.9);
  style.aspect = std::exp(0.3 * random.normal() + 0.1);
  style.pupil = pick({0.5, 0.24, 0.06, 0.1, 0.1}, random);
  return style;
}

void add_pupil(Strokes& out, double x, double y, double r, int pupil, int label,
               Random& random) {
  x += 0.3 * r * random.normal();
  y += 0.3 * r * random.normal();
  if (pupil == 1) add(out, {at(x, y), at(x + 0.15 * r, y)}, label);
  if (pupil == 2) add(out, {at(x, y - 0.3 * r), at(x, y + 0.4 * r)}, label);
  if (pupil == 3) add(out, loop(x, y, 0.35 * r, 0.35 * r, random), label);
  if (pupil == 4) {
    add(out,
        zigzag(x - 0.4 * r, x + 0.4 * r, y - 0.35 * r, y + 0.35 * r, 5, random),
        label);
  }
}

void add_eye(Strokes& out, const PartPlace& place, const EyeStyle& style,
             int label, Random& random) {
  const double x = place.x;
  const double y = place.y;
  const double rx =
      0.5 * place.width * style.size * std::exp(0.12 * random.normal());
  const double ry = rx * style.aspect * std::exp(0.12 * random.normal());
  switch (style.kind) {
    case 0: {  // a tick, upright
      const double lean = 0.2 * rx * random.normal();
      add(out,
          {at(x - lean, y - ry), at(x + 0.1 * lean, y), at(x + lean, y + ry)},
          label);
      break;
    }
    case 1:  // a dot
      if (random.uniform() < 0.5) {
        add(out, {at(x, y), at(x + random.between(0, 4), y + 2)}, label);
      } else {
        add(out, loop(x, y, 0.16 * rx + 2, 0.16 * rx + 2, random), label);
      }
      break;
    case 2:  // round
      add(out, loop(x, y, 0.8 * rx, 0.8 * ry, random), label);
      add_pupil(out, x, y, 0.7 * rx, style.pupil, label, random);
      break;
    case 3:  // as an almond, in one line or two
      if (random.uniform() < 0.5) {
        add(out, loop(x, y, 1.1 * rx, 0.55 * rx, random), label);
      } else {
        add(out, arc(x, y, 1.1 * rx, 0.6 * rx, 0.5, 1.0), label);
        add(out, arc(x, y, 1.1 * rx, 0.5 * rx, 0.5, 0.0), label);
      }
      add_pupil(out, x, y, 0.5 * rx, std::max(style.pupil, 1), label, random);
      break;
    case 4:  // half a circle with a lid
      add(out, arc(x, y, rx, rx, 0.0, 0.5), label);
      add(out, {at(x - 1.1 * rx, y), at(x, y - 1), at(x + 1.1 * rx, y)}, label);
      add_pupil(out, x, y + 0.3 * rx, 0.5 * rx, style.pupil, label, random);
      break;
    case 5:  // closed, smiling
      add(out, arc(x, y + 0.3 * rx, rx, 0.7 * rx, 0.5, 1.0), label);
      break;
    default:  // closed, asleep
      add(out, arc(x, y - 0.3 * rx, rx, 0.6 * rx, 0.0, 0.5), label);
      break;
  }
}

Strokes eyes(const FaceLayout& layout, Random& random) {
  Strokes out;
  const EyeStyle style = draw_eye_style(random);
  EyeStyle other = style;
  if (random.uniform() < 0.08) other = draw_eye_style(random);
  add_eye(out, layout.right_eye, style, classes::kRightEye, random);
  add_eye(out, layout.left_eye, other, classes::kLeftEye, random);
  return out;
}

Strokes brows(const FaceLayout& layout, Random& random) {
  Strokes out;
  const int kind = pick({0.78, 0.1, 0.06, 0.06}, random);
  if (kind == 0) return out;
  const double size = random.between(0.5, 1.1);
  const double bend = random.between(0.1, 0.35);
  for (const bool right : {true, false}) {
    const PartPlace& place = right ? layout.right_brow : layout.left_brow;
    const double half = 0.5 * place.width * size;
    const double inner = right ? -half : half;  // x of the end at the nose
    Polyline line;
    if (kind == 1) {  // an arc
      line = arc(place.x, place.y + bend * half, half, 2 * bend * half, 0.5, 1);
    } else {  // straight; cross: lower at the nose
      const double drop = (kind == 2 ? 1 : -0.6) * bend * half;
      line = {at(place.x + inner, place.y + drop), at(place.x, place.y),
              at(place.x - inner, place.y - drop)};
    }
    add(out, std::move(line), right ? classes::kRightBrow : classes::kLeftBrow);
  }
  return out;
}

Strokes nose(const FaceLayout& layout, Random& random) {
  Strokes out;
  const PartPlace& place = layout.nose;
  const double size = random.between(0.35, 1.0);
  const double h = 0.5 * place.height * size;
  const double w = 0.5 * place.width * size;
  const double x = place.x;
  const double y = place.y + 0.3 * (place.height / 2 - h);
  const double side = random.uniform() < 0.5 ? 1 : -1;
  const auto line = [&](Polyline points) {
    add(out, std::move(points), classes::kNose);
  };
  switch (pick({0.7, 0.13, 0.16, 0.1, 0.07, 0.06, 0.06, 0.06}, random)) {
    case 0:
      break;
    case 1:
      line({at(x, y - h), at(x + 0.1 * w * random.normal(), y), at(x, y + h)});
      break;
    case 2:  // an L
      line({at(x, y - h), at(x - 0.3 * side * w, y + 0.4 * h),
            at(x - 0.4 * side * w, y + 0.9 * h),
            at(x + 0.5 * side * w, y + h)});
      break;
    case 3:  // open below or above
      line(random.uniform() < 0.5
               ? Polyline{at(x - w, y + h), at(x, y - h), at(x + w, y + h)}
               : arc(x, y + 0.4 * h, 0.7 * w, 0.5 * h, 0.5, 0.0));
      break;
    case 4:  // nostrils
      line({at(x - 0.4 * w, y + h), at(x - 0.35 * w, y + h)});
      line({at(x + 0.4 * w, y + h), at(x + 0.35 * w, y + h)});
      break;
    case 5:
      line(loop(x, y + 0.3 * h, 0.4 * w, 0.5 * h, random));
      break;
    case 6:  // a triangle
      line({at(x, y - h), at(x + w, y + h), at(x - w, y + h), at(x, y - h)});
      break;
    default:  // a C
      line(arc(x, y, 0.5 * w, 0.7 * h, side > 0 ? 0.8 : 0.7,
               side > 0 ? 0.2 : 1.3));
      break;
  }
  return out;
}

Strokes mouth(const FaceLayout& layout, Random& random) {
  Strokes out;
  const PartPlace& place = layout.mouth;
  const double w = std::min(0.5 * place.width * random.between(0.9, 2.3),
                            0.38 * layout.outline.width);
  const double h = w * random.between(0.3, 1.3);
  const double x = place.x;
  const double y = place.y;
  const auto line = [&](Polyline points) {
    add(out, std::move(points), classes::kMouth);
  };
  switch (pick({0.58, 0.12, 0.09, 0.08, 0.06, 0.07}, random)) {
    case 0: {  // a smile, whose ends may lie anywhere
      const double reach = random.between(0, 0.1);
      line(arc(x, y - 0.5 * h, w, h, 0.5 - reach, reach));
      break;
    }
    case 1:
      line({at(x - w, y), at(x, y + 0.1 * h * random.normal()), at(x + w, y)});
      break;
    case 2:
      line(loop(x, y, 0.8 * w, 0.6 * h + 3, random));
      break;
    case 3:  // open: a line and an arc below it
      line({at(x - w, y - 0.4 * h), at(x + w, y - 0.4 * h)});
      line(arc(x, y - 0.4 * h, w, 1.1 * h, 0.5, 0.0));
      break;
    case 4:  // lips
      line(arc(x, y - 0.3 * h, w, 0.6 * h, 0.5, 0.0));
      line(arc(x, y - 0.3 * h, w, 0.6 * h + 6, 0.5, 0.0));
      if (random.uniform() < 0.5) {
        line(arc(x, y - 0.3 * h, w, 0.4 * h, 0.5, 1.0));
      }
      break;
    default:  // sad
      line(arc(x, y + 0.4 * h, w, 0.8 * h, 0.5, 1.0));
      break;
  }
  return out;
}

// Class of the outline's own line that is nearest.
int nearest_class(Point p, const Strokes& borders) {
  double nearest = std::numeric_limits<double>::max();
  int label = classes::kContour;
  for (const Stroke& border : borders) {
    for (const Point& q : border.points) {
      const double dx = q.x - p.x;
      const double dy = q.y - p.y;
      const double distance = dx * dx + dy * dy;
      if (distance < nearest) {
        nearest = distance;
        label = border.label;
      }
    }
  }
  return label;
}

}  // namespace

DoodlePart doodle_part(int label) {
  switch (label) {
    case 1:
    case 2:
    case 3:
      return DoodlePart::kEyes;
    case 4:
    case 5:
      return DoodlePart::kBrows;
    case 6:
      return DoodlePart::kNose;
    case 7:
      return DoodlePart::kMouth;
    case 8:
    case 11:
    case 12:
      return DoodlePart::kEars;
    case 13:
    case 15:
    case 22:
      return DoodlePart::kHair;
    case 9:
    case 14:
    case 16:
      return DoodlePart::kBody;
    default:
      return DoodlePart::kOutline;
  }
}

FaceLayout layout_of(const Drawing& drawing, const Framing& framing) {
  const auto place = [&](FacePart part) {
    if (const auto found = place_of(drawing, part)) return *found;
    PartPlace usual = usual_place(part);
    usual.x = (usual.x - framing.dx) / framing.scale;
    usual.y = (usual.y - framing.dy) / framing.scale;
    usual.width /= framing.scale;
    usual.height /= framing.scale;
    return usual;
  };
  FaceLayout layout;
  layout.right_eye = place(FacePart::kEyeRight);
  layout.left_eye = place(FacePart::kEyeLeft);
  layout.right_brow = place(FacePart::kBrowRight);
  layout.left_brow = place(FacePart::kBrowLeft);
  layout.nose = place(FacePart::kNose);
  layout.mouth = place(FacePart::kMouth);
  layout.outline = place(FacePart::kOutline);
  for (const Stroke& stroke : drawing.strokes) {
    if (stroke.label != classes::kHair) continue;
    layout.hair = true;
    for (const Point& p : stroke.points) {
      layout.long_hair = layout.long_hair || p.y > layout.mouth.y;
    }
  }
  return layout;
}

Strokes doodle(DoodlePart part, const FaceLayout& layout, Random& random) {
  switch (part) {
    case DoodlePart::kEyes:
      return eyes(layout, random);
    case DoodlePart::kBrows:
      return brows(layout, random);
    case DoodlePart::kNose:
      return nose(layout, random);
    case DoodlePart::kMouth:
      return mouth(layout, random);
    case DoodlePart::kOutline:
      return shapes::doodled_outline(layout, random);
    case DoodlePart::kEars:
      return shapes::doodled_ears(layout, random);
    case DoodlePart::kHair:
      return shapes::doodled_hair(layout, random);
    case DoodlePart::kBody:
      break;
  }
  return shapes::doodled_body(layout, random);
}

void add_by_borders(Strokes& out, const Polyline& line,
                    const Strokes& borders) {
  Polyline piece;
  int label = 0;
  for (const Point& p : line) {
    const int here = nearest_class(p, borders);
    piece.push_back(p);
    if (here != label && piece.size() > 1) {
      add(out, piece, label);
      piece = {p};
    }
    label = here;
  }
  add(out, std::move(piece), label);
}

}  // namespace limner::train
