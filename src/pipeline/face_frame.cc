#include "pipeline/face_frame.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "image/codec.h"
#include "image/resize.h"
#include "util/error.h"
#include "util/parallel.h"

namespace limner {
namespace {

constexpr double kDegree = M_PI / 180.0;
// Beyond the photo it is blurred by this much, in sides of the frame ...
constexpr double kBlur = 0.02;
// ... and has faded to the mean colour at the farthest point of the frame, but
// not before it is this far out.
constexpr double kMinFade = 0.3;

Place direction(double angle) {
  return {std::cos(angle * kDegree), std::sin(angle * kDegree)};
}

// A part of a photo, reduced: from photo to part, p -> (p - origin) * scale.
struct Part {
  Image image;
  double left = 0, top = 0;
  double scale_x = 1, scale_y = 1;
};

// What the frame covers of the photo and some pixels around it, reduced so that
// it is about as fine as `side` pixels a frame.
Part part_of(const Image& photo, const FaceFrame& frame, int side) {
  const double finer = std::max(1.0, frame.side / side);
  const double margin = 4 * finer + 0.05 * frame.side;
  double left = photo.width, right = 0, top = photo.height, bottom = 0;
  for (const Place corner : {Place{0, 0}, {1, 0}, {0, 1}, {1, 1}}) {
    const Place at = to_photo(frame, corner);
    left = std::min(left, at.x);
    right = std::max(right, at.x);
    top = std::min(top, at.y);
    bottom = std::max(bottom, at.y);
  }
  // Mirrored content comes from within the same distance of the edge.
  const double over_x = std::max({0.0, -left, right - photo.width});
  const double over_y = std::max({0.0, -top, bottom - photo.height});
  const auto low = [](double at, double reach) {
    return static_cast<int>(std::max(0.0, std::floor(at - reach)));
  };
  const auto high = [](double at, double reach, int size) {
    return static_cast<int>(
        std::min(static_cast<double>(size), std::ceil(at + reach)));
  };
  const int x0 = low(std::min(left, photo.width - over_x), margin);
  const int y0 = low(std::min(top, photo.height - over_y), margin);
  const int x1 = high(std::max(right, over_x), margin, photo.width);
  const int y1 = high(std::max(bottom, over_y), margin, photo.height);

  Part part;
  part.left = x0;
  part.top = y0;
  Image box(x1 - x0, y1 - y0, 3);
  for (int y = y0; y < y1; ++y) {
    std::copy_n(photo.row(y) + static_cast<size_t>(x0) * 3,
                static_cast<size_t>(box.width) * 3, box.row(y - y0));
  }
  const auto reduced = [&](int size) {
    return std::max(1, static_cast<int>(std::lround(size / finer)));
  };
  const int width = reduced(box.width);
  const int height = reduced(box.height);
  part.scale_x = static_cast<double>(width) / box.width;
  part.scale_y = static_cast<double>(height) / box.height;
  part.image = finer > 1.0 ? resize(box, width, height, Filter::kLanczos)
                           : std::move(box);
  return part;
}

// Keys' cubic with a = -1/2, for the pixels at -1, 0, 1, 2 around `t` in 0..1.
std::array<float, 4> cubic_weights(float t) {
  const float s = 1.0F - t;
  return {-0.5F * t * s * s, 1.0F + t * t * (1.5F * t - 2.5F),
          1.0F + s * s * (1.5F * s - 2.5F), -0.5F * s * t * t};
}

// Index of a pixel mirrored at the borders (the outermost one is repeated).
int mirrored_index(int i, int size) {
  const int period = 2 * size;
  i = (i % period + period) % period;
  return i < size ? i : period - 1 - i;
}

void sample(const Image& image, double x, double y, float* rgb) {
  const double left = std::floor(x - 0.5);
  const double top = std::floor(y - 0.5);
  const auto across = cubic_weights(static_cast<float>(x - 0.5 - left));
  const auto down = cubic_weights(static_cast<float>(y - 0.5 - top));
  std::array<int, 4> columns;
  for (int k = 0; k < 4; ++k) {
    columns[k] =
        3 * mirrored_index(static_cast<int>(left) + k - 1, image.width);
  }
  std::fill_n(rgb, 3, 0.0F);
  for (int j = 0; j < 4; ++j) {
    const uint8_t* row =
        image.row(mirrored_index(static_cast<int>(top) + j - 1, image.height));
    for (int k = 0; k < 4; ++k) {
      const float weight = down[j] * across[k];
      const uint8_t* pixel = row + columns[k];
      for (int c = 0; c < 3; ++c) rgb[c] += weight * pixel[c];
    }
  }
}

// Three box filters in a row, which is close to a Gaussian of this deviation;
// planes of [side, side], the border repeated.
void blur(std::vector<float>& plane, int side, double deviation) {
  const int radius = std::max(
      1, static_cast<int>(
             std::lround(std::sqrt(deviation * deviation + 0.25) - 0.5)));
  std::vector<float> line(side);
  const auto pass = [&](float* first, int step) {
    for (int i = 0; i < side; ++i)
      line[i] = first[static_cast<size_t>(i) * step];
    const auto at = [&](int i) { return line[std::clamp(i, 0, side - 1)]; };
    double sum = 0;
    for (int i = -radius; i <= radius; ++i) sum += at(i);
    const double share = 1.0 / (2 * radius + 1);
    for (int i = 0; i < side; ++i) {
      first[static_cast<size_t>(i) * step] = static_cast<float>(sum * share);
      sum += at(i + radius + 1) - at(i - radius);
    }
  };
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < side; ++i) {
      pass(&plane[static_cast<size_t>(i) * side], 1);
    }
    for (int i = 0; i < side; ++i) pass(&plane[i], side);
  }
}

// How far a place is beyond each edge of the photo; below 0: not.
std::array<double, 4> beyond(const Image& photo, Place at) {
  return {-at.x, at.x - photo.width, -at.y, at.y - photo.height};
}

// How far the frame reaches beyond each edge; 0: not.
std::array<double, 4> reach_beyond(const Image& photo, const FaceFrame& frame) {
  const double rounding = 1e-6 * frame.side;
  std::array<double, 4> reach{};
  for (const Place corner : {Place{0, 0}, {1, 0}, {0, 1}, {1, 1}}) {
    const auto out = beyond(photo, to_photo(frame, corner));
    for (int e = 0; e < 4; ++e) {
      if (out[e] > rounding) reach[e] = std::max(reach[e], out[e]);
    }
  }
  return reach;
}

// How far beyond the photo each pixel of the crop is: 0 at its edge, 1 at the
// farthest point; below 0 inside.
std::vector<float> depths(const Image& photo, const FaceFrame& frame,
                          int side) {
  const auto reach = reach_beyond(photo, frame);
  std::vector<float> depth(static_cast<size_t>(side) * side);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const auto out =
          beyond(photo, to_photo(frame, {(x + 0.5) / side, (y + 0.5) / side}));
      double max = -1e9;
      for (int e = 0; e < 4; ++e) {
        if (reach[e] <= 0) continue;
        max = std::max(max, out[e] / std::max(reach[e], kMinFade * frame.side));
      }
      depth[static_cast<size_t>(y) * side + x] = static_cast<float>(max);
    }
  }
  return depth;
}

// Blurs and fades what lies beyond the photo. planes: [3, side, side].
void soften_beyond(std::vector<float>& planes, const std::vector<float>& depth,
                   int side) {
  const size_t area = depth.size();
  for (int c = 0; c < 3; ++c) {
    float* plane = &planes[c * area];
    std::vector<float> soft(plane, plane + area);
    blur(soft, side, std::max(0.5, kBlur * side));
    double sum = 0;
    size_t inside = 0;
    for (size_t i = 0; i < area; ++i) {
      if (depth[i] > 0) continue;
      sum += plane[i];
      ++inside;
    }
    const auto mean = static_cast<float>(
        inside > 0 ? sum / static_cast<double>(inside) : 128);
    for (size_t i = 0; i < area; ++i) {
      // The blur sets in a little inside, so that the edge does not show.
      const float softness = std::clamp(1.0F + 10.0F * depth[i], 0.0F, 1.0F);
      const float fading = std::clamp(depth[i], 0.0F, 1.0F);
      plane[i] += (soft[i] - plane[i]) * softness;
      plane[i] += (mean - plane[i]) * fading;
    }
  }
}

}  // namespace

Place to_photo(const FaceFrame& frame, Place in_frame) {
  const Place u = direction(frame.angle);
  const double x = (in_frame.x - 0.5) * frame.side;
  const double y = (in_frame.y - 0.5) * frame.side;
  return {frame.centre.x + x * u.x - y * u.y,
          frame.centre.y + x * u.y + y * u.x};
}

Place to_frame(const FaceFrame& frame, Place in_photo) {
  const Place u = direction(frame.angle);
  const double x = (in_photo.x - frame.centre.x) / frame.side;
  const double y = (in_photo.y - frame.centre.y) / frame.side;
  return {0.5 + x * u.x + y * u.y, 0.5 - x * u.y + y * u.x};
}

FacePoints points_in_photo(const FaceFrame& frame, const FacePoints& in_frame) {
  return {to_photo(frame, in_frame.left_eye),
          to_photo(frame, in_frame.right_eye), to_photo(frame, in_frame.mouth)};
}

FaceFrame frame_of(const FacePoints& face) {
  const Place middle = {(face.left_eye.x + face.right_eye.x) / 2,
                        (face.left_eye.y + face.right_eye.y) / 2};
  const Place e = {face.right_eye.x - face.left_eye.x,
                   face.right_eye.y - face.left_eye.y};
  const Place m = {face.mouth.x - middle.x, face.mouth.y - middle.y};
  const Place top = {e.x + m.y, e.y - m.x};
  const double side =
      std::max(4.0 * std::hypot(e.x, e.y), 3.6 * std::hypot(m.x, m.y));
  if (!(side > 0) || std::hypot(top.x, top.y) < 1e-6 * side) {
    fail(
        "eyes at {:.1f},{:.1f} and {:.1f},{:.1f} and a mouth at {:.1f},{:.1f} "
        "make no frame",
        face.left_eye.x, face.left_eye.y, face.right_eye.x, face.right_eye.y,
        face.mouth.x, face.mouth.y);
  }
  return {{middle.x + m.x / 10, middle.y + m.y / 10},
          side,
          std::atan2(top.y, top.x) / kDegree};
}

FaceFrame whole_frame(const Image& photo) {
  return {{photo.width / 2.0, photo.height / 2.0},
          static_cast<double>(photo.width),
          0.0};
}

FrameChange change_between(const FaceFrame& from, const FaceFrame& to) {
  const double turn = std::remainder(to.angle - from.angle, 360.0);
  return {to.side / from.side,
          std::hypot(to.centre.x - from.centre.x, to.centre.y - from.centre.y) /
              from.side,
          std::abs(turn)};
}

Image crop_frame(const Image& photo, const FaceFrame& frame, int side) {
  if (photo.channels != 3 || photo.width < 1 || photo.height < 1) {
    fail("cannot cut a face out of a picture of {} x {} pixels, {} channels",
         photo.width, photo.height, photo.channels);
  }
  if (side < 1 || side > kMaxImageSide) {
    fail("the side of a cut-out is 1 to {}, got {}", kMaxImageSide, side);
  }
  const double half = frame.side * M_SQRT1_2;
  if (!(frame.side > 0) || !std::isfinite(frame.angle) ||
      !(frame.centre.x > -half && frame.centre.x < photo.width + half) ||
      !(frame.centre.y > -half && frame.centre.y < photo.height + half) ||
      frame.side > 16.0 * std::max(photo.width, photo.height)) {
    fail("a frame of {:.0f} pixels at {:.0f},{:.0f} lies outside of the photo",
         frame.side, frame.centre.x, frame.centre.y);
  }
  const Part part = part_of(photo, frame, side);
  const size_t area = static_cast<size_t>(side) * side;
  std::vector<float> planes(3 * area);
  const Place first = to_photo(frame, {0.5 / side, 0.5 / side});
  const Place u = direction(frame.angle);
  const double step = frame.side / side;
  parallel_for(side, int64_t{60} * side, [&](int64_t begin, int64_t end) {
    for (int64_t y = begin; y < end; ++y) {
      for (int x = 0; x < side; ++x) {
        const double across = x * step;
        const double down = static_cast<double>(y) * step;
        const double px = first.x + across * u.x - down * u.y;
        const double py = first.y + across * u.y + down * u.x;
        float rgb[3];
        sample(part.image, (px - part.left) * part.scale_x,
               (py - part.top) * part.scale_y, rgb);
        const size_t at = static_cast<size_t>(y) * side + x;
        for (int c = 0; c < 3; ++c) planes[c * area + at] = rgb[c];
      }
    }
  });
  const auto reach = reach_beyond(photo, frame);
  if (*std::max_element(reach.begin(), reach.end()) > 0) {
    soften_beyond(planes, depths(photo, frame, side), side);
  }
  Image crop(side, side, 3);
  for (size_t i = 0; i < area; ++i) {
    for (int c = 0; c < 3; ++c) {
      crop.pixels[3 * i + c] = static_cast<uint8_t>(
          std::lround(std::clamp(planes[c * area + i], 0.0F, 255.0F)));
    }
  }
  return crop;
}

}  // namespace limner
