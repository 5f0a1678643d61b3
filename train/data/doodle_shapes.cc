#include "train/data/doodle_shapes.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sketch/classes.h"

namespace limner::train::shapes {
namespace {

// Lines from the top of the head, outwards.
void add_strands(Strokes& out, const PartPlace& face, Random& random) {
  const int count = 3 + static_cast<int>(random.uniform() * 9);
  const double spread = random.between(0.12, 0.28);
  const double length = random.between(0.12, 0.4);
  const double bend = 0.3 * random.normal();
  for (int i = 0; i < count; ++i) {
    const double angle =
        2 * M_PI * (0.75 + spread * (2.0 * i / (count - 1) - 1));
    const double c = std::cos(angle);
    const double s = std::sin(angle);
    const double long_as = length * random.between(0.7, 1.2);
    const auto point = [&](double t) {
      const double size = 1 + long_as * t;
      const double aside = bend * long_as * t * t;
      return at(face.x + face.width / 2 * (c * size - s * aside),
                face.y + face.height / 2 * (s * size + c * aside));
    };
    add(out, {point(0), point(0.5), point(1)}, classes::kHair);
  }
}

// Lines that fall down both sides of the face.
void add_falls(Strokes& out, const FaceLayout& layout, Random& random) {
  const PartPlace& face = layout.outline;
  const int count = 1 + static_cast<int>(random.uniform() * 3);
  const double end = random.between(0.1, layout.long_hair ? 1.6 : 0.7);
  for (const double side : {1.0, -1.0}) {
    for (int i = 0; i < count; ++i) {
      const double out_by = 1.02 + 0.12 * i + 0.1 * random.uniform();
      const double flare = random.between(-0.05, 0.3);
      Polyline line;
      for (int k = 0; k <= 8; ++k) {
        const double v = -1.1 + (end + 1.1) * k / 8;
        const double u =
            v < 0 ? out_by * std::sqrt(std::max(0.0, 1 - v * v / (1.15 * 1.15)))
                  : out_by + flare * v;
        line.push_back(at(face.x + side * u * face.width / 2,
                          face.y + v * face.height / 2));
      }
      add(out, std::move(line), classes::kHair);
    }
  }
}

// One line over the head from side to side, with or without a fringe.
void add_cap(Strokes& out, const PartPlace& face, Random& random) {
  const double wide = 0.5 * face.width * random.between(1.02, 1.3);
  const double high = 0.5 * face.height * random.between(1.05, 1.5);
  const double reach = random.between(-0.06, 0.12);
  add(out, arc(face.x, face.y, wide, high, 0.5 - reach, 1 + reach),
      classes::kHair);
  if (random.uniform() < 0.6) {
    const double y = face.y - 0.5 * face.height * random.between(0.35, 0.8);
    add(out,
        zigzag(face.x - 0.9 * wide, face.x + 0.9 * wide, y,
               y - 0.1 * face.height,
               2 + static_cast<int>(random.uniform() * 9), random),
        classes::kHair);
  }
}

}  // namespace

int pick(std::initializer_list<double> shares, Random& random) {
  double sum = 0;
  for (const double share : shares) sum += share;
  double left = random.uniform() * sum;
  int index = 0;
  for (const double share : shares) {
    left -= share;
    if (left < 0) return index;
    ++index;
  }
  return index - 1;
}

void add(Strokes& strokes, Polyline line, int label) {
  strokes.push_back({std::move(line), label});
}

Polyline arc(double x, double y, double rx, double ry, double from, double to) {
  const int count = 2 + static_cast<int>(20 * std::abs(to - from));
  Polyline line;
  for (int i = 0; i <= count; ++i) {
    const double angle = 2 * M_PI * (from + (to - from) * i / count);
    line.push_back(at(x + rx * std::cos(angle), y + ry * std::sin(angle)));
  }
  return line;
}

Polyline loop(double x, double y, double rx, double ry, Random& random) {
  const double from = random.between(0.5, 1.0);
  const double turn = random.between(0.86, 1.1);
  const bool backwards = random.uniform() < 0.5;
  Polyline line =
      arc(x, y, rx, ry, from, backwards ? from - turn : from + turn);
  const double drift = random.between(-0.15, 0.15);
  const double wave = random.between(0, 0.12);
  const double phase = random.uniform();
  const auto n = static_cast<double>(line.size());
  for (size_t i = 0; i < line.size(); ++i) {
    const double t = static_cast<double>(i) / n;
    const double size =
        1 + drift * (t - 0.5) + wave * std::sin(2 * M_PI * (2 * t + phase));
    line[i] = at(x + (line[i].x - x) * size, y + (line[i].y - y) * size);
  }
  return line;
}

Polyline zigzag(double left, double right, double top, double bottom, int turns,
                Random& random) {
  Polyline line;
  for (int i = 0; i <= turns; ++i) {
    const double x = left + (right - left) * i / turns;
    const double y =
        (i % 2 == 0 ? top : bottom) + 0.25 * (bottom - top) * random.normal();
    line.push_back(at(x, y));
  }
  return line;
}

Strokes doodled_outline(const FaceLayout& layout, Random& random) {
  const PartPlace& place = layout.outline;
  // The top of the head is rarely where the hair begins, but above the eyes.
  const double eyes = (layout.right_eye.y + layout.left_eye.y) / 2;
  const double forehead = 0.4 * std::abs(layout.mouth.y - eyes);
  const double raised =
      std::max(layout.freedom * place.height * random.between(-0.22, 0.12),
               place.y - place.height / 2 - (eyes - forehead));
  const double ry = 0.5 * (place.height + raised);
  // Most draw heads rounder than they are.
  const double round = std::exp(0.13 * random.normal() - 0.05);
  const double own = 0.5 * place.width;
  const double wanted = random.uniform() < 0.7 ? ry * round : own * round;
  const double rx =
      std::max(own + layout.freedom * (wanted - own),
               0.7 * std::abs(layout.right_eye.x - layout.left_eye.x));
  const double y = place.y - raised / 2;
  const double square = random.between(0.62, 1.05);  // 1: an ellipse
  const double taper = random.between(-0.12, 0.3);
  double wave[3], phase[3];
  for (int k = 0; k < 3; ++k) {
    wave[k] = 0.035 * random.normal() / (k + 1);
    phase[k] = random.uniform();
  }
  const double from = 0.75 + 0.12 * random.normal();  // the top
  double turn = random.between(0.97, 1.07);
  if (random.uniform() < 0.12) turn = random.between(0.55, 0.9);  // open
  const double way = random.uniform() < 0.5 ? 1 : -1;
  const double drift = random.between(-0.07, 0.07);
  constexpr int kCount = 64;
  Polyline line;
  for (int i = 0; i <= kCount; ++i) {
    const double t = static_cast<double>(i) / kCount;
    const double angle = from + way * turn * t;
    const double c = std::cos(2 * M_PI * angle);
    const double s = std::sin(2 * M_PI * angle);
    double size = 1 + drift * (t - 0.5);
    for (int k = 0; k < 3; ++k) {
      size += wave[k] * std::sin(2 * M_PI * ((k + 2) * angle + phase[k]));
    }
    const double u = std::copysign(std::pow(std::abs(c), square), c);
    const double v = std::copysign(std::pow(std::abs(s), square), s);
    line.push_back(
        at(place.x + rx * size * u * (1 - taper * v), y + ry * size * v));
  }
  return {{std::move(line), classes::kContour}};
}

Strokes doodled_ears(const FaceLayout& layout, Random& random) {
  Strokes out;
  if (random.uniform() < 0.86) return out;
  const PartPlace& face = layout.outline;
  const double eye = (layout.right_eye.y + layout.left_eye.y) / 2;
  const double h = face.height * random.between(0.07, 0.15);
  const double w = h * random.between(0.45, 0.9);
  const double y = eye + random.between(0.0, 1.2) * h;
  const double half = 0.5 * face.width * random.between(0.92, 1.02);
  add(out, arc(face.x + half, y, w, h, 0.7, 1.3), classes::kRightEar);
  add(out, arc(face.x - half, y, w, h, 0.8, 0.2), classes::kLeftEar);
  return out;
}

Strokes doodled_hair(const FaceLayout& layout, Random& random) {
  Strokes out;
  if (!layout.hair) return out;
  const PartPlace& face = layout.outline;
  const double falls = layout.long_hair ? 0.35 : 0.08;
  switch (pick({1.5, 0.14, falls, 0.13, 0.1}, random)) {
    case 0:
      break;
    case 1:
      add_strands(out, face, random);
      break;
    case 2:
      add_falls(out, layout, random);
      break;
    case 3:
      add_cap(out, face, random);
      break;
    default: {
      const double top = face.y - 0.5 * face.height * random.between(1.0, 1.3);
      const double half = 0.5 * face.width * random.between(0.5, 1.0);
      const double high = face.height * random.between(0.08, 0.25);
      const int turns = 8 + static_cast<int>(random.uniform() * 16);
      add(out,
          zigzag(face.x - half, face.x + half, top, top + high, turns, random),
          classes::kHair);
      break;
    }
  }
  return out;
}

Strokes doodled_body(const FaceLayout& layout, Random& random) {
  Strokes out;
  if (random.uniform() < 0.94) return out;
  const PartPlace& face = layout.outline;
  const double half = face.width * random.between(0.1, 0.3);
  const double from = face.y + face.height * random.between(0.44, 0.5);
  const double to = from + face.height * random.between(0.1, 0.4);
  for (const double side : {1.0, -1.0}) {
    add(out,
        {at(face.x + side * half, from),
         at(face.x + side * half * random.between(0.9, 1.2), to)},
        classes::kNeck);
  }
  return out;
}

}  // namespace limner::train::shapes
