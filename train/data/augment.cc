#include "train/data/augment.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "data/dataset.h"
#include "data/parts.h"

namespace limner::train {
namespace {

using Matrix = std::array<double, 9>;

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c = {};
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      for (int k = 0; k < 3; ++k) c[3 * i + j] += a[3 * i + k] * b[3 * k + j];
    }
  }
  return c;
}

// Towards (below 1) or away from (above 1) the gray of Rec. 601.
Matrix saturate(double by) {
  constexpr std::array<double, 3> kGray = {0.299, 0.587, 0.114};
  Matrix m;
  for (int i = 0; i < 9; ++i) {
    m[i] = (1 - by) * kGray[i % 3] + (i % 4 == 0 ? by : 0.0);
  }
  return m;
}

// Turns about the gray axis.
Matrix turn_hue(double radians) {
  const double c = std::cos(radians);
  const double s = std::sin(radians) / std::sqrt(3.0);
  const double t = (1 - c) / 3;
  return {c + t, t - s, t + s, t + s, c + t, t - s, t - s, t + s, c + t};
}

// x in pixels, mirrored at the borders of [0, side - 1].
int reflected(int x, int side) {
  const int period = 2 * side;
  x %= period;
  if (x < 0) x += period;
  return x < side ? x : period - 1 - x;
}

// Where the middles of the result's pixels lie in the source, in its pixels
// with `bits` fraction bits. Places are within a few sides of the source: with
// 12 bits they fit an int for all sides that pictures may have.
class Walk {
 public:
  Walk(const Transform& t, int source, int side, int bits)
      : scale_(static_cast<double>(source) * (1 << bits)),
        xx_(t.xx / side * scale_),
        xy_(t.xy / side * scale_),
        yx_(t.yx / side * scale_),
        yy_(t.yy / side * scale_),
        x0_(t.x0 * scale_ + 0.5 * (xx_ + xy_) + kBias + 0.5),
        y0_(t.y0 * scale_ + 0.5 * (yx_ + yy_) + kBias + 0.5) {}

  std::pair<int, int> at(int x, int y) const {
    return {rounded(x0_ + xx_ * x + xy_ * y), rounded(y0_ + yx_ * x + yy_ * y)};
  }

 private:
  // Makes places positive, so that cutting off the fraction rounds down.
  static constexpr double kBias = 1 << 30;
  static int rounded(double place) {
    return static_cast<int>(static_cast<int64_t>(place) - (int64_t{1} << 30));
  }

  double scale_, xx_, xy_, yx_, yy_, x0_, y0_;
};

}  // namespace

bool Transform::identity() const {
  return xx == 1 && xy == 0 && x0 == 0 && yx == 0 && yy == 1 && y0 == 0;
}

Transform Transform::inverse() const {
  const double det = xx * yy - xy * yx;
  Transform back;
  back.xx = yy / det;
  back.xy = -xy / det;
  back.yx = -yx / det;
  back.yy = xx / det;
  back.x0 = -(back.xx * x0 + back.xy * y0);
  back.y0 = -(back.yx * x0 + back.yy * y0);
  return back;
}

Augmentation draw_augmentation(const AugmentOptions& options, Random& random) {
  const auto spread = [&](double max) {
    return max * (2 * random.uniform() - 1);
  };
  Augmentation drawn;
  const bool mirror = random.uniform() < options.mirror;
  const double angle = spread(options.rotation) * M_PI / 180;
  const double scale = std::exp(spread(options.scale));
  const double dx = spread(options.shift);
  const double dy = spread(options.shift);
  const double flip = mirror ? -1 : 1;
  Transform& t = drawn.transform;
  t.xx = flip * scale * std::cos(angle);
  t.xy = flip * -scale * std::sin(angle);
  t.yx = scale * std::sin(angle);
  t.yy = scale * std::cos(angle);
  // The middle of the result comes from the middle of the source, shifted.
  t.x0 = 0.5 + dx - 0.5 * (t.xx + t.xy);
  t.y0 = 0.5 + dy - 0.5 * (t.yx + t.yy);

  const bool change = random.uniform() < options.colour;
  const double brightness = spread(options.brightness);
  const double contrast = 1 + spread(options.contrast);
  const double saturation = 1 + spread(options.saturation);
  const double hue = spread(options.hue) * M_PI / 180;
  const double warm = 1 + spread(options.white_balance);
  if (!change) return drawn;
  const Matrix balance = {warm, 0, 0, 0, 1, 0, 0, 0, 1 / warm};
  const Matrix colours =
      product(product(saturate(saturation), turn_hue(hue)), balance);
  for (int i = 0; i < 9; ++i) {
    drawn.colour.matrix[i] = static_cast<float>(contrast * colours[i]);
  }
  drawn.colour.offset.fill(
      static_cast<float>(127.5 * (1 - contrast) + 255 * brightness));
  return drawn;
}

Image warp_photo(const Image& photo, const Transform& transform, int side) {
  const int s = photo.width;
  const Walk walk(transform, s, side, 8);
  Image out(side, side, 3);
  for (int y = 0; y < side; ++y) {
    uint8_t* to = out.row(y);
    for (int x = 0; x < side; ++x, to += 3) {
      // 8 fraction bits; pixel i's centre stands at i + 1/2.
      const auto [px, py] = walk.at(x, y);
      const int fx = px - 128;
      const int fy = py - 128;
      int left = fx >> 8;
      int top = fy >> 8;
      int right = left + 1;
      int bottom = top + 1;
      if (left < 0 || top < 0 || right >= s || bottom >= s) {
        left = reflected(left, s);
        right = reflected(right, s);
        top = reflected(top, s);
        bottom = reflected(bottom, s);
      }
      const int wx = fx & 255;
      const int wy = fy & 255;
      const uint8_t* above = photo.row(top);
      const uint8_t* below = photo.row(bottom);
      for (int c = 0; c < 3; ++c) {
        const int a =
            above[3 * left + c] * (256 - wx) + above[3 * right + c] * wx;
        const int b =
            below[3 * left + c] * (256 - wx) + below[3 * right + c] * wx;
        to[c] = static_cast<uint8_t>((a * (256 - wy) + b * wy + 32768) >> 16);
      }
    }
  }
  return out;
}

Image warp_mask(const Image& mask, const Transform& transform, int side) {
  constexpr int kPoints = 4;
  constexpr int kBits = 12;
  using Steps = std::array<int, kPoints * kPoints>;
  const int s = mask.width;
  const bool mirrored = transform.mirrored();
  const Walk walk(transform, s, side, kBits);
  // Offsets of the points of one pixel from its middle.
  Steps across;
  Steps down;
  const double step = static_cast<double>(s) / side * (1 << kBits) / kPoints;
  int reach = 0;
  for (int k = 0; k < kPoints * kPoints; ++k) {
    const double u = (k % kPoints - 1.5) * step;
    const double v = (k / kPoints - 1.5) * step;
    across[k] =
        static_cast<int>(std::lround(transform.xx * u + transform.xy * v));
    down[k] =
        static_cast<int>(std::lround(transform.yx * u + transform.yy * v));
    reach = std::max({reach, std::abs(across[k]), std::abs(down[k])});
  }
  const int end = s << kBits;
  Image out(side, side, 1);
  for (int y = 0; y < side; ++y) {
    uint8_t* to = out.row(y);
    for (int x = 0; x < side; ++x) {
      const auto [px, py] = walk.at(x, y);
      const bool inside =
          px >= reach && py >= reach && px + reach < end && py + reach < end;
      std::array<uint8_t, kPoints * kPoints> labels;
      uint8_t differ = 0;
      for (int k = 0; k < kPoints * kPoints; ++k) {
        int i = (px + across[k]) >> kBits;
        int j = (py + down[k]) >> kBits;
        if (!inside) {
          i = reflected(i, s);
          j = reflected(j, s);
        }
        labels[k] = mask.pixels[static_cast<size_t>(j) * s + i];
        differ |= labels[k] ^ labels[0];
      }
      uint8_t best = labels[0];
      if (differ != 0) {
        std::array<uint8_t, kMaskLabels> votes = {};
        for (const uint8_t label : labels) ++votes[label];
        best = static_cast<uint8_t>(
            std::max_element(votes.begin(), votes.end()) - votes.begin());
      }
      to[x] = mirrored ? static_cast<uint8_t>(mirrored_part(best)) : best;
    }
  }
  return out;
}

Drawing warp_drawing(const Drawing& drawing, const Transform& transform) {
  const Transform back = transform.inverse();
  const double side = drawing.side;
  // What the result shows of the source, in units of its side.
  const double wide = (std::abs(transform.xx) + std::abs(transform.xy)) / 2;
  const double high = (std::abs(transform.yx) + std::abs(transform.yy)) / 2;
  const double middle_x = transform.x0 + (transform.xx + transform.xy) / 2;
  const double middle_y = transform.y0 + (transform.yx + transform.yy) / 2;
  const double left = middle_x - wide;
  const double right = middle_x + wide;
  const double top = middle_y - high;
  const double bottom = middle_y + high;
  Drawing out;
  out.side = drawing.side;
  // Tile (i, j) is the source, mirrored i times across and j times down.
  const auto add_tile = [&](int i, int j) {
    const double fx = i % 2 == 0 ? 1 : -1;
    const double fy = j % 2 == 0 ? 1 : -1;
    const double x0 = i % 2 == 0 ? i : i + 1;
    const double y0 = j % 2 == 0 ? j : j + 1;
    for (const Stroke& stroke : drawing.strokes) {
      double low_x = 1e9, high_x = -1e9, low_y = 1e9, high_y = -1e9;
      for (const Point& point : stroke.points) {
        const double x = x0 + fx * point.x / side;
        const double y = y0 + fy * point.y / side;
        low_x = std::min(low_x, x);
        high_x = std::max(high_x, x);
        low_y = std::min(low_y, y);
        high_y = std::max(high_y, y);
      }
      if (high_x < left || low_x > right || high_y < top || low_y > bottom) {
        continue;
      }
      Stroke moved = stroke;
      if (transform.mirrored()) moved.label = mirrored_class(stroke.label);
      for (Point& point : moved.points) {
        const double x = x0 + fx * point.x / side;
        const double y = y0 + fy * point.y / side;
        point.x =
            static_cast<float>((back.xx * x + back.xy * y + back.x0) * side);
        point.y =
            static_cast<float>((back.yx * x + back.yy * y + back.y0) * side);
      }
      out.strokes.push_back(std::move(moved));
    }
  };
  const auto tile = [](double at) { return static_cast<int>(std::floor(at)); };
  // A border on the tile's own edge does not reach into the next one.
  constexpr double kInside = 1e-9;
  for (int j = tile(top + kInside); j <= tile(bottom - kInside); ++j) {
    for (int i = tile(left + kInside); i <= tile(right - kInside); ++i) {
      add_tile(i, j);
    }
  }
  return out;
}

Image resize_mask(const Image& mask, int side) {
  return mask.width == side ? mask : warp_mask(mask, Transform(), side);
}

void to_planes(const Image& photo, const ColourChange& change, float* planes) {
  const size_t area = static_cast<size_t>(photo.width) * photo.height;
  const auto& m = change.matrix;
  for (int c = 0; c < 3; ++c) {
    const float r = m[3 * c] / 127.5F;
    const float g = m[3 * c + 1] / 127.5F;
    const float b = m[3 * c + 2] / 127.5F;
    const float offset = change.offset[c] / 127.5F - 1.0F;
    const uint8_t* from = photo.pixels.data();
    float* to = planes + c * area;
    for (size_t i = 0; i < area; ++i, from += 3) {
      const float value = r * from[0] + g * from[1] + b * from[2] + offset;
      to[i] = std::min(std::max(value, -1.0F), 1.0F);
    }
  }
}

}  // namespace limner::train
