#include "align_scenes.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "image/resize.h"
#include "util/error.h"

namespace limner {
namespace {

using Paint = std::array<double, 3>;

Paint paint(Random& random) {
  return {255 * random.uniform(), 255 * random.uniform(),
          255 * random.uniform()};
}

// Every value of each pixel is value(x, y, channel).
template <typename Value>
void fill_with(Image& image, const Value& value) {
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      for (int c = 0; c < 3; ++c) {
        image.row(y)[3 * x + c] = static_cast<uint8_t>(
            std::lround(std::clamp(value(x, y, c), 0.0, 255.0)));
      }
    }
  }
}

struct Ellipse {
  double x, y, along, across, turn;
};

void draw_ellipse(const Ellipse& e, const Paint& colour, Image& image) {
  const double reach = std::max(e.along, e.across);
  const int left = std::max(0, static_cast<int>(e.x - reach));
  const int right = std::min(image.width - 1, static_cast<int>(e.x + reach));
  const int top = std::max(0, static_cast<int>(e.y - reach));
  const int bottom = std::min(image.height - 1, static_cast<int>(e.y + reach));
  for (int y = top; y <= bottom; ++y) {
    for (int x = left; x <= right; ++x) {
      const double u =
          (x - e.x) * std::cos(e.turn) + (y - e.y) * std::sin(e.turn);
      const double v =
          (y - e.y) * std::cos(e.turn) - (x - e.x) * std::sin(e.turn);
      const double r = std::hypot(u / e.along, v / e.across);
      if (r >= 1) continue;
      for (int c = 0; c < 3; ++c) {
        // Darker towards its rim.
        image.row(y)[3 * x + c] =
            static_cast<uint8_t>(std::lround(colour[c] * (1 - 0.3 * r * r)));
      }
    }
  }
}

Image weave(Random& random, int width, int height) {
  const double period = random.between(6, 40);
  const double turn = M_PI * random.uniform();
  const Paint warp = paint(random);
  const Paint weft = paint(random);
  Image image(width, height, 3);
  fill_with(image, [&](int x, int y, int c) {
    const double u = (x * std::cos(turn) + y * std::sin(turn)) / period;
    const double v = (y * std::cos(turn) - x * std::sin(turn)) / period;
    const bool over =
        (static_cast<int>(std::floor(u)) + static_cast<int>(std::floor(v))) %
            2 ==
        0;
    const double inside = over ? v - std::floor(v) : u - std::floor(u);
    return (over ? warp : weft)[c] * (0.5 + 0.5 * std::sin(M_PI * inside));
  });
  return image;
}

Image bricks(Random& random, int width, int height) {
  const double high = random.between(14, 70);
  const double wide = high * random.between(1.5, 3);
  const double joint = high * random.between(0.06, 0.2);
  const Paint brick = paint(random);
  const Paint mortar = paint(random);
  const uint64_t seed = random.next();
  Image image(width, height, 3);
  fill_with(image, [&](int x, int y, int c) {
    const int row = static_cast<int>(y / high);
    const double at = x + (row % 2) * wide / 2;
    const int column = static_cast<int>(at / wide);
    const bool between = y - row * high < joint || at - column * wide < joint;
    if (between) return mortar[c];
    // Each brick has a shade of its own.
    const uint64_t mixed = (seed + 7919ULL * static_cast<uint64_t>(row) +
                            104729ULL * static_cast<uint64_t>(column)) *
                           0x9E3779B97F4A7C15ULL;
    return brick[c] *
           (0.7 + 0.3 * static_cast<double>(mixed >> 40) / (1 << 24));
  });
  return image;
}

Image spots(Random& random, int width, int height) {
  Image image(width, height, 3);
  const Paint ground = paint(random);
  fill_with(image, [&](int, int, int c) { return ground[c]; });
  const Paint dark = {ground[0] * 0.3, ground[1] * 0.3, ground[2] * 0.3};
  for (int i = 0; i < 40; ++i) {
    const double x = width * random.uniform();
    const double y = height * random.uniform();
    const double r = random.between(5, 40);
    const Paint colour = random.uniform() < 0.5 ? dark : paint(random);
    draw_ellipse({x, y, r, r, 0}, colour, image);
    if (i % 2 == 0) continue;
    draw_ellipse({x + 4 * r, y, r, r, 0}, colour, image);
    draw_ellipse({x + 2 * r, y + 4 * r, 1.6 * r, 0.7 * r, 0}, colour, image);
  }
  return image;
}

Image rings(Random& random, int width, int height) {
  const double x0 = width * random.between(-0.2, 1.2);
  const double y0 = height * random.between(-0.2, 1.2);
  const double period = random.between(8, 50);
  const double bend = random.between(0.5, 6);
  const Paint light = paint(random);
  const Paint dark = {light[0] * 0.5, light[1] * 0.5, light[2] * 0.5};
  Image image(width, height, 3);
  fill_with(image, [&](int x, int y, int c) {
    const double r = std::hypot(x - x0, 0.6 * (y - y0)) +
                     bend * std::sin(x / 23.0) + bend * std::sin(y / 31.0);
    const double t = 0.5 + 0.5 * std::sin(2 * M_PI * r / period);
    return dark[c] + (light[c] - dark[c]) * t;
  });
  return image;
}

Image leaves(Random& random, int width, int height) {
  Image image(width, height, 3);
  const Paint base = paint(random);
  for (int i = 0; i < 900; ++i) {
    const double length = random.between(10, 70);
    const double light = random.between(0.3, 1.1);
    draw_ellipse(
        {width * random.uniform(), height * random.uniform(), length,
         length * random.between(0.2, 0.6), M_PI * random.uniform()},
        {std::min(255.0, base[0] * light), std::min(255.0, base[1] * light),
         std::min(255.0, base[2] * light)},
        image);
  }
  return image;
}

void dim(Random& random, Image& photo) {
  const double light = random.between(0.12, 0.3);
  fill_with(photo, [&](int x, int y, int c) {
    return photo.row(y)[3 * x + c] * light + 4 * random.normal();
  });
}

void blur(Random& random, Image& photo, double side) {
  // Until the face has 50 to 70 pixels.
  const double scale = std::min(1.0, random.between(50, 70) / side);
  const Image small = resize(
      photo, std::max(1, static_cast<int>(photo.width * scale)),
      std::max(1, static_cast<int>(photo.height * scale)), Filter::kBilinear);
  photo = resize(small, photo.width, photo.height, Filter::kBilinear);
}

void add_border(Random& random, FaceFrame& frame, Image& photo) {
  const int dx = static_cast<int>(photo.width * random.between(0.05, 0.3));
  const int dy = static_cast<int>(photo.height * random.between(0.05, 0.3));
  const Paint colour =
      random.uniform() < 0.5 ? Paint{0, 0, 0} : Paint{255, 255, 255};
  Image out(photo.width + 2 * dx, photo.height + 2 * dy, 3);
  fill_with(out, [&](int x, int y, int c) {
    const int u = x - dx;
    const int v = y - dy;
    const bool inside = u >= 0 && v >= 0 && u < photo.width && v < photo.height;
    return inside ? static_cast<double>(photo.row(v)[3 * u + c]) : colour[c];
  });
  photo = std::move(out);
  frame.centre.x += dx;
  frame.centre.y += dy;
}

void cover(Random& random, const FaceFrame& frame, Image& photo) {
  constexpr double kShare = 1.0 / 6;
  // A cheek, as behind a hand or a telephone, or the brow below a cap.
  static const std::array<Place, 3> kPlaces = {
      Place{0.28, 0.68}, Place{0.72, 0.68}, Place{0.5, 0.2}};
  const size_t which = random.next() % kPlaces.size();
  const Place at = to_photo(frame, kPlaces[which]);
  const double area = kShare * frame.side * frame.side / M_PI;
  const double ratio = which == 2 ? 2.2 : 0.8;
  draw_ellipse({at.x, at.y, std::sqrt(area * ratio), std::sqrt(area / ratio),
                frame.angle * M_PI / 180},
               paint(random), photo);
}

}  // namespace

Image texture(Random& random, const std::string& kind, int width, int height) {
  if (kind == "weave") return weave(random, width, height);
  if (kind == "bricks") return bricks(random, width, height);
  if (kind == "spots") return spots(random, width, height);
  if (kind == "rings") return rings(random, width, height);
  if (kind == "leaves") return leaves(random, width, height);
  fail("no texture '{}'", kind);
}

void harm(Random& random, const std::string& kind, FaceFrame& frame,
          Image& photo) {
  if (kind == "dim") {
    dim(random, photo);
  } else if (kind == "noisy") {
    const double much = random.between(12, 30);
    fill_with(photo, [&](int x, int y, int c) {
      return photo.row(y)[3 * x + c] + much * random.normal();
    });
  } else if (kind == "blurred") {
    blur(random, photo, frame.side);
  } else if (kind == "colour cast") {
    const Paint cast = {random.between(0.4, 1.2), random.between(0.4, 1.2),
                        random.between(0.4, 1.2)};
    fill_with(photo, [&](int x, int y, int c) {
      return photo.row(y)[3 * x + c] * cast[c];
    });
  } else if (kind == "bordered") {
    add_border(random, frame, photo);
  } else if (kind == "covered") {
    cover(random, frame, photo);
  } else {
    fail("no harm '{}'", kind);
  }
}

}  // namespace limner
