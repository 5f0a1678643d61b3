#include "sketch/svg_path.h"

#include <cmath>
#include <string>

#include "sketch/svg_text.h"
#include "util/error.h"

namespace limner {
namespace {

class PathReader {
 public:
  PathReader(std::string_view data, Pen& pen) : scan_(data), pen_(pen) {}

  void read() {
    char command = '\0';
    while (!scan_.done()) {
      const size_t place = scan_.position();
      if (!scan_.number_ahead()) {
        command = scan_.peek();
        scan_.skip();
        if (place == first_ && command != 'M' && command != 'm') {
          refuse(command, place);
        }
      } else if (command == '\0' || command == 'Z' || command == 'z') {
        fail("expected a command at character {}, got a number", place);
      } else if (command == 'M' || command == 'm') {
        // Further pairs after a move are lines.
        command = command == 'M' ? 'L' : 'l';
      }
      step(command, place);
    }
  }

  // Leading separators do not count as a command's place.
  void start() {
    scan_.skip_separators();
    first_ = scan_.position();
  }

 private:
  [[noreturn]] static void refuse(char command, size_t place) {
    fail(
        "no command '{}' here, at character {}; a path starts with M and has "
        "M, L, H, V, C, S, Q, T, A and Z",
        printable(std::string(1, command)), place);
  }

  Vec pair() {
    const double x = scan_.number();
    const double y = scan_.number();
    return {origin_.x + x, origin_.y + y};
  }

  // The last control point mirrored, for S and T.
  Vec mirrored(char kind) const {
    const Vec at = pen_.at();
    if (last_ != kind) return at;
    return {2 * at.x - control_.x, 2 * at.y - control_.y};
  }

  void step(char command, size_t place) {
    const bool relative = command >= 'a' && command <= 'z';
    const Vec at = pen_.at();
    origin_ = relative ? at : Vec{};
    char kind = '\0';  // of the curve drawn, C or Q
    switch (relative ? command - 'a' + 'A' : command) {
      case 'M':
        pen_.move_to(pair());
        break;
      case 'L':
        pen_.line_to(pair());
        break;
      case 'H':
        pen_.line_to({origin_.x + scan_.number(), at.y});
        break;
      case 'V':
        pen_.line_to({at.x, origin_.y + scan_.number()});
        break;
      case 'C': {
        const Vec first = pair();
        control_ = pair();
        pen_.cubic_to(first, control_, pair());
        kind = 'C';
        break;
      }
      case 'S': {
        const Vec first = mirrored('C');
        control_ = pair();
        pen_.cubic_to(first, control_, pair());
        kind = 'C';
        break;
      }
      case 'Q':
        control_ = pair();
        pen_.quadratic_to(control_, pair());
        kind = 'Q';
        break;
      case 'T':
        control_ = mirrored('Q');
        pen_.quadratic_to(control_, pair());
        kind = 'Q';
        break;
      case 'A': {
        const double rx = scan_.number();
        const double ry = scan_.number();
        const double turn = scan_.number();
        const bool large = scan_.flag();
        const bool clockwise = scan_.flag();
        draw_arc(pen_, rx, ry, turn, large, clockwise, pair());
        break;
      }
      case 'Z':
        pen_.close();
        break;
      default:
        refuse(command, place);
    }
    last_ = kind;
  }

  SvgScanner scan_;
  Pen& pen_;
  size_t first_ = 0;
  Vec origin_;   // of the coordinates being read
  Vec control_;  // of the last curve
  char last_ = '\0';
};

}  // namespace

void draw_arc(Pen& pen, double rx, double ry, double turn, bool large,
              bool clockwise, Vec to) {
  const Vec from = pen.at();
  rx = std::abs(rx);
  ry = std::abs(ry);
  if (from.x == to.x && from.y == to.y) return;
  if (rx == 0 || ry == 0) return pen.line_to(to);
  const double angle = turn * M_PI / 180;
  const double u = std::cos(angle), v = std::sin(angle);
  // Half the chord, in the ellipse's own directions (F.6.5.1).
  const double hx = (from.x - to.x) / 2, hy = (from.y - to.y) / 2;
  const double px = u * hx + v * hy, py = u * hy - v * hx;
  const double reach = std::hypot(px / rx, py / ry);
  if (reach > 1) {
    rx *= reach;
    ry *= reach;
  }
  // The centre, as a multiple of the quarter-turned half chord (F.6.5.2): on
  // the unit circle it is sqrt(1 - reach^2) away from the chord.
  const double ux = px / rx, uy = py / ry;
  const double length = std::hypot(ux, uy);
  double away = 0;
  if (length < 1) away = std::sqrt((1 - length) * (1 + length)) / length;
  if (large == clockwise) away = -away;
  const double cx = away * uy, cy = -away * ux;
  const Ellipse ellipse = {{u * rx * cx - v * ry * cy + (from.x + to.x) / 2,
                            v * rx * cx + u * ry * cy + (from.y + to.y) / 2},
                           rx,
                           ry,
                           angle};
  const double begin = std::atan2(uy - cy, ux - cx);
  double sweep = std::atan2(-uy - cy, -ux - cx) - begin;
  if (clockwise && sweep < 0) sweep += 2 * M_PI;
  if (!clockwise && sweep > 0) sweep -= 2 * M_PI;
  pen.arc_to(ellipse, begin, sweep, to);
}

void draw_path(std::string_view data, Pen& pen) {
  if (trimmed(data) == "none") return;
  PathReader reader(data, pen);
  reader.start();
  reader.read();
}

}  // namespace limner
