#include "pipeline/face_reading.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

#include "model/parser.h"
#include "pipeline/face_search.h"
#include "sketch/mask_sketch.h"

namespace limner {
namespace {

// Groups of parts, a bit for each.
constexpr uint32_t bit(int part) { return uint32_t{1} << part; }
constexpr uint32_t kEyeParts = bit(kLeftEye) | bit(kRightEye);
constexpr uint32_t kMouthParts = bit(kMouth) | bit(kUpperLip) | bit(kLowerLip);
constexpr uint32_t kFaceParts = bit(kSkin) | bit(kNose) | bit(kGlasses) |
                                kEyeParts | bit(kLeftBrow) | bit(kRightBrow) |
                                kMouthParts;

// Least areas, in areas of the frame. Of the training pictures 99 % have eyes
// of 0.0012, noses of 0.013 and lips of 0.005 or more; here the frame may be
// half as large again as it should be.
constexpr double kMinEye = 0.0004;
constexpr double kMinNose = 0.002;
constexpr double kMinMouth = 0.001;
constexpr double kMinOther = 0.0006;

// Faces of the training pictures have 0.7 to 1.3 and 10 degrees.
constexpr double kMinRatio = 0.5;  // of |e| to |m|, see frame_of()
constexpr double kMaxRatio = 1.8;
constexpr double kMaxSlant = 28;  // between m and the upright on e, degrees
// Where the nose may be in the frame of the points that were found.
constexpr double kMaxNoseOff = 0.12;
constexpr double kMinNoseDown = 0.49;
constexpr double kMaxNoseDown = 0.69;

// How far parts may be from where the fit of the others puts them.
constexpr double kMaxResidual = 0.05;

// The pixels of one part that hang together.
struct Region {
  std::vector<int> pixels;  // y * side + x
  Place centre;             // in the frame
};

// Whether a place lies to the right of a line through `at` that goes `down`.
bool right_of(Place place, Place at, Place down) {
  return (place.x - at.x) * down.y - (place.y - at.y) * down.x > 0;
}

class Labels {
 public:
  Labels(const std::vector<float>& logits, int side)
      : logits_(logits), side_(side), labels_(area()) {
    for (size_t i = 0; i < area(); ++i) {
      float max = logits[i];
      for (int k = 1; k < Parser::kClasses; ++k) {
        if (logits[k * area() + i] > max) {
          max = logits[k * area() + i];
          labels_[i] = static_cast<uint8_t>(k);
        }
      }
    }
  }

  // Regions of the group with at least this share of the frame, largest first.
  std::vector<Region> regions(uint32_t group, double min_share) const {
    std::vector<Region> found;
    std::vector<bool> seen(area());
    for (size_t i = 0; i < area(); ++i) {
      if (seen[i] || !in_group(i, group)) continue;
      Region region;
      region.pixels.push_back(static_cast<int>(i));
      seen[i] = true;
      double sum_x = 0, sum_y = 0;
      for (size_t next = 0; next < region.pixels.size(); ++next) {
        const int x = region.pixels[next] % side_;
        const int y = region.pixels[next] / side_;
        sum_x += x + 0.5;
        sum_y += y + 0.5;
        for (int j = std::max(0, y - 1); j <= std::min(side_ - 1, y + 1); ++j) {
          for (int k = std::max(0, x - 1); k <= std::min(side_ - 1, x + 1);
               ++k) {
            const size_t at = static_cast<size_t>(j) * side_ + k;
            if (seen[at] || !in_group(at, group)) continue;
            seen[at] = true;
            region.pixels.push_back(static_cast<int>(at));
          }
        }
      }
      const auto count = static_cast<double>(region.pixels.size());
      if (count < min_share * static_cast<double>(area())) continue;
      region.centre = {sum_x / count / side_, sum_y / count / side_};
      found.push_back(std::move(region));
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Region& a, const Region& b) {
                       return a.pixels.size() > b.pixels.size();
                     });
    return found;
  }

  std::optional<Region> largest(uint32_t group, double min_share) const {
    std::vector<Region> all = regions(group, min_share);
    if (all.empty()) return std::nullopt;
    return std::move(all.front());
  }

  // Mean probability of the group over a region.
  double certainty(const Region& region, uint32_t group) const {
    double sum = 0;
    for (const int i : region.pixels) {
      const float max = logits_[labels_[i] * area() + i];
      double all = 0, of_group = 0;
      for (int k = 0; k < Parser::kClasses; ++k) {
        const double share = std::exp(logits_[k * area() + i] - max);
        all += share;
        if ((bit(k) & group) != 0) of_group += share;
      }
      sum += of_group / all;
    }
    return sum / static_cast<double>(region.pixels.size());
  }

  // How much of the inner face shows parts of a face: an ellipse from above
  // the brows to below the mouth, in the frame of the face.
  double cover(const FaceFrame& frame) const {
    constexpr int kSteps = 24;
    int all = 0, face = 0;
    for (int j = 0; j < kSteps; ++j) {
      for (int i = 0; i < kSteps; ++i) {
        const double u = (i + 0.5) / kSteps * 2 - 1;
        const double v = (j + 0.5) / kSteps * 2 - 1;
        if (u * u + v * v > 1) continue;
        const Place at = to_photo(frame, {0.5 + 0.17 * u, 0.58 + 0.2 * v});
        ++all;
        const int x = static_cast<int>(std::floor(at.x * side_));
        const int y = static_cast<int>(std::floor(at.y * side_));
        if (x < 0 || y < 0 || x >= side_ || y >= side_) continue;
        if (in_group(static_cast<size_t>(y) * side_ + x, kFaceParts)) ++face;
      }
    }
    return static_cast<double>(face) / all;
  }

  // The middle of what lies to one side (0 left, 1 right) of a line through
  // `at` in the direction `down`; none where there is nothing.
  std::optional<Place> half_centre(const Region& region, Place at, Place down,
                                   int which) const {
    Place sum;
    int count = 0;
    for (const int i : region.pixels) {
      const Place pixel = {(i % side_ + 0.5) / side_,
                           (i / side_ + 0.5) / side_};
      if (right_of(pixel, at, down) != (which == 1)) continue;
      sum = {sum.x + pixel.x, sum.y + pixel.y};
      ++count;
    }
    if (count == 0) return std::nullopt;
    return Place{sum.x / count, sum.y / count};
  }

  // The middle of the two ends of a region along `direction`.
  Place between_ends(const Region& region, Place direction) const {
    double min = 1e9, max = -1e9;
    const auto along = [&](int i) {
      return (i % side_ + 0.5) * direction.x + (i / side_ + 0.5) * direction.y;
    };
    for (const int i : region.pixels) {
      min = std::min(min, along(i));
      max = std::max(max, along(i));
    }
    // The ends are a little more than one pixel wide.
    const double width = 1.5 * side_ / 256;
    std::array<Place, 2> ends{};
    std::array<int, 2> counts{};
    for (const int i : region.pixels) {
      for (int end = 0; end < 2; ++end) {
        if (end == 0 ? along(i) > min + width : along(i) < max - width) {
          continue;
        }
        ends[end].x += i % side_ + 0.5;
        ends[end].y += i / side_ + 0.5;
        ++counts[end];
      }
    }
    return {(ends[0].x / counts[0] + ends[1].x / counts[1]) / 2 / side_,
            (ends[0].y / counts[0] + ends[1].y / counts[1]) / 2 / side_};
  }

 private:
  size_t area() const { return static_cast<size_t>(side_) * side_; }
  bool in_group(size_t i, uint32_t group) const {
    return (bit(labels_[i]) & group) != 0;
  }

  const std::vector<float>& logits_;
  int side_;
  std::vector<uint8_t> labels_;
};

struct Match {
  Place usual, found;
};

// The turned and scaled frame that brings the usual places closest to those
// found, in the sense of least squares.
FaceFrame fit(const std::vector<Match>& matches) {
  Place a = {0, 0}, b = {0, 0};
  for (const Match& match : matches) {
    a = {a.x + match.usual.x, a.y + match.usual.y};
    b = {b.x + match.found.x, b.y + match.found.y};
  }
  const auto count = static_cast<double>(matches.size());
  a = {a.x / count, a.y / count};
  b = {b.x / count, b.y / count};
  double dot = 0, cross = 0, norm = 0;
  for (const Match& match : matches) {
    const Place p = {match.usual.x - a.x, match.usual.y - a.y};
    const Place q = {match.found.x - b.x, match.found.y - b.y};
    dot += p.x * q.x + p.y * q.y;
    cross += p.x * q.y - p.y * q.x;
    norm += p.x * p.x + p.y * p.y;
  }
  FaceFrame frame;
  frame.side = std::hypot(dot, cross) / norm;
  frame.angle = std::atan2(cross, dot) * 180 / M_PI;
  // The frame's middle is the usual place (0.5, 0.5).
  const Place way = {(0.5 - a.x), (0.5 - a.y)};
  frame.centre = {b.x + (dot * way.x - cross * way.y) / norm,
                  b.y + (cross * way.x + dot * way.y) / norm};
  return frame;
}

// Whether eyes, nose and mouth can be those of one face.
bool plausible(const FacePoints& points, Place nose) {
  const Place e = {points.right_eye.x - points.left_eye.x,
                   points.right_eye.y - points.left_eye.y};
  const Place m = {
      points.mouth.x - (points.left_eye.x + points.right_eye.x) / 2,
      points.mouth.y - (points.left_eye.y + points.right_eye.y) / 2};
  const double width = std::hypot(e.x, e.y);
  const double height = std::hypot(m.x, m.y);
  if (!(width > 0 && height > 0)) return false;
  const double ratio = width / height;
  if (ratio < kMinRatio || ratio > kMaxRatio) return false;
  const double slant =
      std::atan2(e.x * m.x + e.y * m.y, e.x * m.y - e.y * m.x) * 180 / M_PI;
  if (std::abs(slant) > kMaxSlant) return false;
  const Place at = to_frame(frame_of(points), nose);
  return std::abs(at.x - 0.5) < kMaxNoseOff && at.y > kMinNoseDown &&
         at.y < kMaxNoseDown;
}

}  // namespace

FaceReading read_face(const std::vector<float>& logits, int side) {
  const Labels labels(logits, side);
  FaceReading reading;
  const auto nose = labels.largest(bit(kNose), kMinNose);
  const auto mouth = labels.largest(kMouthParts, kMinMouth);
  if (!nose || !mouth) return reading;

  // The two largest regions of eyes on both sides of the way from the nose to
  // the mouth.
  const Place down = {mouth->centre.x - nose->centre.x,
                      mouth->centre.y - nose->centre.y};
  std::optional<Region> eyes[2];
  for (Region& eye : labels.regions(kEyeParts, kMinEye)) {
    std::optional<Region>& own =
        eyes[right_of(eye.centre, nose->centre, down) ? 1 : 0];
    if (!own) own = std::move(eye);
  }
  const auto glasses = labels.largest(bit(kGlasses), 4 * kMinOther);
  if (!eyes[0] && !eyes[1] && !glasses) return reading;

  // Behind dark glasses the eyes are in the middles of the lenses.
  std::optional<Place> lenses[2];
  if (glasses) {
    for (int which = 0; which < 2; ++which) {
      lenses[which] = labels.half_centre(*glasses, nose->centre, down, which);
    }
  }
  if (lenses[0] && lenses[1]) {
    reading.points.left_eye = *lenses[0];
    reading.points.right_eye = *lenses[1];
  } else if (!eyes[0] || !eyes[1]) {
    std::vector<Match> matches = {{kUsualNose, nose->centre},
                                  {kUsualMouth, mouth->centre}};
    const auto add = [&](const std::optional<Region>& part, Place usual) {
      if (part) matches.push_back({usual, part->centre});
    };
    add(eyes[0], kUsualLeftEye);
    add(eyes[1], kUsualRightEye);
    // The names of parts are the person's sides, those of places the image's.
    add(labels.largest(bit(kRightBrow), kMinOther), kUsualLeftBrow);
    add(labels.largest(bit(kLeftBrow), kMinOther), kUsualRightBrow);
    const FaceFrame guess = fit(matches);
    for (const Match& match : matches) {
      const Place at = to_frame(guess, match.found);
      const double off = std::hypot(at.x - match.usual.x, at.y - match.usual.y);
      if (!(off < kMaxResidual)) return reading;
    }
    reading.points.left_eye = to_photo(guess, kUsualLeftEye);
    reading.points.right_eye = to_photo(guess, kUsualRightEye);
  }
  if (eyes[0]) reading.points.left_eye = eyes[0]->centre;
  if (eyes[1]) reading.points.right_eye = eyes[1]->centre;
  const Place e = {reading.points.right_eye.x - reading.points.left_eye.x,
                   reading.points.right_eye.y - reading.points.left_eye.y};
  const double length = std::hypot(e.x, e.y);
  if (!(length > 0)) return reading;
  reading.points.mouth =
      labels.between_ends(*mouth, {e.x / length, e.y / length});
  if (!plausible(reading.points, nose->centre)) return reading;

  reading.complete = true;
  double product = labels.certainty(*nose, bit(kNose)) *
                   labels.certainty(*mouth, kMouthParts) *
                   labels.cover(frame_of(reading.points));
  for (const auto& eye : eyes) {
    if (eye) {
      product *= labels.certainty(*eye, kEyeParts);
    } else {
      // One of two is as good as an eye that is half certain.
      product *= glasses ? labels.certainty(*glasses, bit(kGlasses)) : 0.5;
    }
  }
  reading.score = std::pow(product, 0.2);
  return reading;
}

}  // namespace limner
