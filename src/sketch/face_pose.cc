#include "sketch/face_pose.h"

#include <cmath>

#include "sketch/face_maps.h"
#include "util/error.h"

namespace limner {

Framing pose_of(const Drawing& drawing) {
  try {
    return find_framing(drawing, /*allow_rotation=*/true);
  } catch (const Error&) {
    return {};  // nothing to go by
  }
}

std::optional<Framing> outline_pose(const Drawing& drawing) {
  try {
    return outline_framing(drawing,
                           fit_framing(drawing, /*allow_rotation=*/true).angle);
  } catch (const Error&) {
    return std::nullopt;
  }
}

Framing mixed_pose(const Framing& a, const Framing& b, double t) {
  const auto turned = [](const Framing& pose) {
    const double turn = pose.angle * M_PI / 180;
    return std::pair{pose.scale * std::cos(turn), pose.scale * std::sin(turn)};
  };
  const auto [ac, as] = turned(a);
  const auto [bc, bs] = turned(b);
  const double c = mixed(ac, bc, t);
  const double s = mixed(as, bs, t);
  Framing out = a;
  out.scale = std::hypot(c, s);
  out.angle = std::atan2(s, c) * 180 / M_PI;
  out.dx = mixed(a.dx, b.dx, t);
  out.dy = mixed(a.dy, b.dy, t);
  return out;
}

void undo_pose(const Framing& pose, double side, double share,
               std::vector<Stroke>& strokes) {
  const double middle = side / 2;
  const double turn = pose.angle * M_PI / 180;
  // Where the frame's middle was drawn.
  const double ux = (middle - pose.dx) / pose.scale;
  const double uy = (middle - pose.dy) / pose.scale;
  const double x = std::cos(turn) * ux + std::sin(turn) * uy;
  const double y = -std::sin(turn) * ux + std::cos(turn) * uy;
  const double scale = std::pow(1 / pose.scale, share);
  const double c = scale * std::cos(share * turn);
  const double s = scale * std::sin(share * turn);
  const double to_x = mixed(middle, x, share);
  const double to_y = mixed(middle, y, share);
  if (scale == 1 && turn == 0 && to_x == middle && to_y == middle) return;
  for (Stroke& stroke : strokes) {
    for (Point& p : stroke.points) {
      const double dx = p.x - middle;
      const double dy = p.y - middle;
      p = {static_cast<float>(to_x + c * dx + s * dy),
           static_cast<float>(to_y - s * dx + c * dy)};
    }
  }
}

}  // namespace limner
