#include "pipeline/label_sense.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <set>

#include "sketch/classes.h"
#include "sketch/curves.h"
#include "sketch/eye_parts.h"

namespace limner {
namespace {

constexpr float kMax = 0.5F;
constexpr float kPartly = 0.1F;
// Shares of the face's width: how far a bridge reaches to either side of its
// middle, and how far apart two eyes are at least.
constexpr float kBridge = 0.02F;
constexpr float kApart = 0.12F;
// Of its own width: how far a bridge, or both frames in one line, reaches.
constexpr float kBridgeShare = 0.15F;
// In a portrait, a brow that the network is surer of than the first stays one;
// of one that reaches down to the eye's corners, the second is enough.
constexpr float kSureBrow = 0.9F, kLikelyBrow = 0.8F;
// In a portrait that has glasses, what the network is surer of than this is
// part of them, and a point surer of the hairline lies on it, hair or none.
constexpr float kSureGlasses = 0.9F, kSureHairline = 0.7F;
// In a portrait, glasses need no bridge where they span this share of the
// face's width: eyes span less.
constexpr float kGlassesSpan = 0.8F;
// How far down an eye its corners are, of its height.
constexpr float kCorners = 0.4F;
// Height over width of a line that is no brow when it closes.
constexpr float kRound = 0.45F;
// A line inside a ring that is this wide beside it, with another inside of it,
// is an eye behind glasses: pupils of round eyes are smaller or stand alone.
constexpr float kEyeInFrame = 0.4F;
// Of a frame's width: how near to it the bar to an ear begins.
constexpr float kBarGap = 0.15F;
// Place on the face's box, from -1 to 1: the chin, and the middle of it.
constexpr float kChin = 0.62F;
constexpr float kAboveChin = 0.4F;
constexpr float kChinHalf = 0.5F;
// A drawing with this share of lines that only a whole portrait has is one.
constexpr float kPortrait = 0.02F;
// So much of a drawing is hair where it has any.
constexpr float kMinHair = 0.04F;
// From the eyes to the mouth times this: no hairline lies farther above them.
constexpr float kHighestHairline = 1.25F;

bool holds_middle(const StrokeBox& ring, const StrokeBox& inner) {
  return inner.x() > ring.left && inner.x() < ring.right &&
         inner.y() > ring.top && inner.y() < ring.bottom;
}

class Sense {
 public:
  Sense(const Drawing& drawing, const std::vector<bool>& given,
        const PointSequence& points, std::vector<float>& shares)
      : drawing_(drawing), given_(given), points_(points), shares_(shares) {
    const size_t count = drawing.strokes.size();
    boxes_.resize(count);
    slots_.resize(count);
    for (size_t s = 0; s < count; ++s) boxes_[s].add(drawing.strokes[s].points);
    for (int i = 0; i < points.slots(); ++i) {
      if (points.stroke[i] >= 0) slots_[points.stroke[i]].push_back(i);
    }
    find_means();
    find_portrait();
    StrokeBox all;
    for (size_t s = 0; s < count; ++s) {
      all.add(boxes_[s]);
      if (is_outline(s)) face_.add(boxes_[s]);
    }
    if (face_.empty) face_ = all;
  }

  void run() {
    make_eyes();
    make_outline();
    make_mouth();
  }

 private:
  using Shares = std::array<float, kStrokeClasses + 1>;

  void find_means() {
    means_.assign(drawing_.strokes.size(), Shares{});
    for (size_t s = 0; s < means_.size(); ++s) {
      if (given_[s]) {
        means_[s][drawing_.strokes[s].label] = 1;
        continue;
      }
      for (const int i : slots_[s]) {
        for (int k = 1; k <= kStrokeClasses; ++k) means_[s][k] += share(i, k);
      }
      const auto n = static_cast<float>(std::max<size_t>(slots_[s].size(), 1));
      for (float& value : means_[s]) value /= n;
    }
  }

  // Shares of the drawing's points whose most probable class is one of these.
  float share_of(std::initializer_list<int> labels) {
    int count = 0;
    int all = 0;
    for (size_t s = 0; s < slots_.size(); ++s) {
      for (const int i : slots_[s]) {
        int best = 1;
        for (int k = 2; k <= kStrokeClasses; ++k) {
          if (share(i, k) > share(i, best)) best = k;
        }
        if (given_[s]) best = drawing_.strokes[s].label;
        count += std::count(labels.begin(), labels.end(), best) > 0 ? 1 : 0;
        ++all;
      }
    }
    return static_cast<float>(count) / static_cast<float>(std::max(all, 1));
  }

  // What is drawn like a portrait, with lines of skin, ears, neck or clothes,
  // is what the network knows best.
  void find_portrait() {
    portrait_ = share_of({classes::kContour, classes::kFaceEar, classes::kNeck,
                          classes::kCloth, classes::kFaceCloth}) > kPortrait;
  }

  float& share(int slot, int label) {
    return shares_[static_cast<size_t>(slot) * kStrokeClasses + label - 1];
  }
  float of(size_t s, std::initializer_list<int> labels) const {
    float sum = 0;
    for (const int k : labels) sum += means_[s][k];
    return sum;
  }
  bool is_outline(size_t s) const {
    return of(s, {classes::kContour, classes::kHairFace, classes::kFaceNeck,
                  classes::kFaceCloth, classes::kFaceHat, classes::kFaceEar}) >
           kMax;
  }
  float eye(size_t s) const {
    return of(s, {classes::kRightEye, classes::kLeftEye});
  }
  float brow(size_t s) const {
    return of(s, {classes::kRightBrow, classes::kLeftBrow});
  }

  // Gives class `to` the probabilities of `from` at a slot.
  void move(int slot, std::initializer_list<int> from, int to) {
    float sum = 0;
    for (const int k : from) {
      if (k == to) continue;
      sum += share(slot, k);
      share(slot, k) = 0;
    }
    share(slot, to) += sum;
  }

  float x_at(int slot) const;
  bool is_bridge(size_t s) const;
  bool sides_contradict() const;
  bool is_sure_brow(size_t s) const { return portrait_ && brow(s) > kSureBrow; }
  bool is_hairline() const;
  bool has_wide_glasses() const;
  bool is_ring_of_eye(size_t k) const;
  bool is_no_brow(size_t k) const;
  bool frames_an_eye(size_t s, bool joined) const;
  bool is_bar(size_t s) const;
  void make_glasses(size_t s);
  bool find_frames();
  bool is_behind_glasses(size_t s) const;
  void make_eyes();
  void make_outline();
  void make_mouth();

  const Drawing& drawing_;
  const std::vector<bool>& given_;
  const PointSequence& points_;
  std::vector<float>& shares_;
  std::vector<StrokeBox> boxes_;
  std::vector<std::vector<int>> slots_;
  std::vector<Shares> means_;
  StrokeBox face_;
  // Strokes of eyes, brows and glasses, and what their places say.
  std::vector<size_t> eyes_;
  EyeParts parts_;
  bool glasses_ = false;
  bool portrait_ = false;
  std::set<size_t> framing_;  // frames of glasses and the bridge between them
};

float Sense::x_at(int slot) const {
  return point_at(drawing_.strokes[points_.stroke[slot]].points,
                  points_.along[slot])
      .x;
}

// Of glasses, and over the nose.
bool Sense::is_bridge(size_t s) const {
  // An eye that lies askew hardly reaches over the middle.
  const float reach =
      std::max(kBridge * face_.width(), kBridgeShare * boxes_[s].width());
  return means_[s][classes::kGlasses] > kMax &&
         boxes_[s].left < parts_.middle - reach &&
         boxes_[s].right > parts_.middle + reach;
}

bool Sense::sides_contradict() const {
  bool left = false;
  bool right = false;
  StrokeBox all;
  for (size_t a = 0; a < eyes_.size(); ++a) {
    const bool a_right =
        of(eyes_[a], {classes::kRightEye, classes::kRightBrow}) > kMax;
    const bool a_left =
        of(eyes_[a], {classes::kLeftEye, classes::kLeftBrow}) > kMax;
    left = left || a_left;
    right = right || a_right;
    all.add(boxes_[eyes_[a]]);
    for (size_t b = 0; a_right && b < eyes_.size(); ++b) {
      if (of(eyes_[b], {classes::kLeftEye, classes::kLeftBrow}) > kMax &&
          boxes_[eyes_[a]].right < boxes_[eyes_[b]].left) {
        return true;
      }
    }
  }
  if (left && right) return false;
  // One side only: two things apart are still two eyes.
  StrokeBox low;
  StrokeBox high;
  for (size_t a = 0; a < eyes_.size(); ++a) {
    if (parts_.parts[a].side == EyePart::Side::kBoth) return false;
    (parts_.parts[a].side == EyePart::Side::kLeft ? low : high)
        .add(boxes_[eyes_[a]]);
  }
  return !low.empty && !high.empty &&
         high.left - low.right > kApart * face_.width();
}

// A line around an eye, or what is drawn for one: its upper part is no brow. A
// ring above an eye may be one.
bool Sense::is_ring_of_eye(size_t k) const {
  const size_t s = eyes_[k];
  if (given_[s] || glasses_ || is_sure_brow(s) || eye(s) + brow(s) <= kMax ||
      parts_.parts[k].side == EyePart::Side::kBoth ||
      !goes_around(drawing_.strokes[s].points)) {
    return false;
  }
  for (size_t j = 0; j < eyes_.size(); ++j) {
    if (j != k && parts_.parts[j].side == parts_.parts[k].side &&
        eye(eyes_[j]) > kMax && boxes_[eyes_[j]].y() > boxes_[s].bottom) {
      return false;
    }
  }
  return eye(s) > kPartly || boxes_[s].height() > kRound * boxes_[s].width();
}

// A brow that lies under an eye, or reaches down to its corners as a lid does;
// or that has none under it, where it is the lowest thing on its side, and is a
// ring, level with the eye of the other side, or in a drawing without any eye:
// nobody draws brows alone.
bool Sense::is_no_brow(size_t k) const {
  const size_t s = eyes_[k];
  if (given_[s] || is_sure_brow(s) || brow(s) <= kMax) return false;
  bool any_eye = glasses_;
  bool level = false;
  StrokeBox below;  // the eye of its side
  for (size_t j = 0; j < eyes_.size(); ++j) {
    if (j == k || eye(eyes_[j]) <= kMax) continue;
    any_eye = true;
    if (parts_.parts[j].side != parts_.parts[k].side) {
      const StrokeBox& other = boxes_[eyes_[j]];
      level =
          level || (boxes_[s].y() > other.top && boxes_[s].y() < other.bottom);
      continue;
    }
    below.add(boxes_[eyes_[j]]);
    if (boxes_[s].top > boxes_[eyes_[j]].bottom) return true;
  }
  if (!below.empty && !(portrait_ && brow(s) > kLikelyBrow) &&
      boxes_[s].bottom > below.top + kCorners * below.height()) {
    return true;
  }
  if (!below.empty || parts_.parts[k].kind != EyePart::Kind::kEye) return false;
  return !any_eye || (level && (!glasses_ || is_behind_glasses(s))) ||
         (brow(s) < kSureBrow &&
          boxes_[s].height() > kRound * boxes_[s].width());
}

// A ring around an eye that has a pupil; or any where a bridge joins it.
bool Sense::frames_an_eye(size_t s, bool joined) const {
  const StrokeBox& ring = boxes_[s];
  // An iris may touch the lids.
  const auto inside = [](const StrokeBox& inner, const StrokeBox& outer) {
    return !inner.empty && holds_middle(outer, inner) &&
           inner.left > outer.left && inner.right < outer.right;
  };
  for (const size_t eye : eyes_) {
    if (eye == s || !inside(boxes_[eye], ring)) continue;
    if (joined && goes_around(drawing_.strokes[s].points)) return true;
    if (boxes_[eye].width() < kEyeInFrame * ring.width()) continue;
    for (const size_t pupil : eyes_) {
      if (pupil != s && pupil != eye && inside(boxes_[pupil], boxes_[eye])) {
        return true;
      }
    }
  }
  return false;
}

void Sense::make_glasses(size_t s) {
  if (given_[s]) return;
  for (const int i : slots_[s]) {
    float rest = 0;
    for (int k = 1; k <= kStrokeClasses; ++k) {
      if (k == classes::kGlasses) continue;
      rest += share(i, k);
      share(i, k) = 0;
    }
    share(i, classes::kGlasses) += rest;
  }
}

// A flat line that goes on from the outer side of a frame, to the ear.
bool Sense::is_bar(size_t s) const {
  const StrokeBox& bar = boxes_[s];
  if (framing_.count(s) > 0 || bar.height() > bar.width()) return false;
  return std::any_of(framing_.begin(), framing_.end(), [&](size_t f) {
    const StrokeBox& frame = boxes_[f];
    const float reach = kBarGap * frame.width();
    return bar.y() > frame.top && bar.y() < frame.bottom &&
           (std::abs(bar.right - frame.left) < reach ||
            std::abs(bar.left - frame.right) < reach);
  });
}

// Two rings around eyes with a bridge between them are glasses, whatever the
// network took them for, and the eyes inside are eyes. Returns whether there
// are such.
bool Sense::find_frames() {
  for (const size_t a : eyes_) {
    for (const size_t b : eyes_) {
      for (size_t s = 0; s < boxes_.size(); ++s) {
        if (slots_[s].empty() || !bridges(boxes_[s], boxes_[a], boxes_[b])) {
          continue;
        }
        const bool joined = joins(boxes_[s], boxes_[a], boxes_[b]);
        if (frames_an_eye(a, joined) && frames_an_eye(b, joined)) {
          framing_.insert({a, b, s});
        }
      }
    }
  }
  if (framing_.empty()) return false;
  for (const size_t s : eyes_) {
    if (is_bar(s)) framing_.insert(s);
  }
  for (const size_t line : framing_) make_glasses(line);
  find_means();
  return true;
}

bool Sense::has_wide_glasses() const {
  StrokeBox all;
  for (const size_t s : eyes_) {
    if (means_[s][classes::kGlasses] > kMax) all.add(boxes_[s]);
  }
  return portrait_ && !all.empty && all.width() > kGlassesSpan * face_.width();
}

bool Sense::is_behind_glasses(size_t s) const {
  return framing_.count(s) == 0 &&
         std::any_of(framing_.begin(), framing_.end(), [&](size_t frame) {
           return holds_middle(boxes_[frame], boxes_[s]);
         });
}

void Sense::make_eyes() {
  std::vector<const Polyline*> lines;
  for (size_t s = 0; s < means_.size(); ++s) {
    if (slots_[s].empty() ||
        eye(s) + brow(s) + means_[s][classes::kGlasses] <= kMax) {
      continue;
    }
    eyes_.push_back(s);
    lines.push_back(&drawing_.strokes[s].points);
  }
  const bool frames = find_frames();
  parts_ = tell_eye_parts(lines, face_);
  glasses_ =
      frames || has_wide_glasses() ||
      std::any_of(eyes_.begin(), eyes_.end(), [&](size_t s) {
        return (given_[s] && means_[s][classes::kGlasses] > 0) || is_bridge(s);
      });
  for (size_t k = 0; k < eyes_.size(); ++k) {
    const size_t s = eyes_[k];
    if (glasses_ && !is_behind_glasses(s)) continue;
    if (given_[s] || means_[s][classes::kGlasses] <= 0.01F) continue;
    if (glasses_ && portrait_ && means_[s][classes::kGlasses] > kSureGlasses) {
      continue;
    }
    EyePart part = parts_.parts[k];
    if (part.kind == EyePart::Kind::kGlasses) part.kind = EyePart::Kind::kEye;
    if (!part.sure && brow(s) > eye(s)) part.kind = EyePart::Kind::kBrow;
    for (const int i : slots_[s]) {
      move(i, {classes::kGlasses}, eye_class(part, x_at(i), parts_.middle));
    }
  }
  find_means();
  for (size_t k = 0; k < eyes_.size(); ++k) {
    if (!is_ring_of_eye(k) && !is_no_brow(k)) continue;
    for (const int i : slots_[eyes_[k]]) {
      move(i, {classes::kRightBrow}, classes::kRightEye);
      move(i, {classes::kLeftBrow}, classes::kLeftEye);
    }
  }
  find_means();
  if (!sides_contradict()) return;
  for (size_t k = 0; k < eyes_.size(); ++k) {
    if (given_[eyes_[k]]) continue;
    for (const int i : slots_[eyes_[k]]) {
      EyePart part = parts_.parts[k];
      part.kind = EyePart::Kind::kEye;
      const bool right =
          eye_class(part, x_at(i), parts_.middle) == classes::kRightEye;
      move(i, {right ? classes::kLeftEye : classes::kRightEye},
           right ? classes::kRightEye : classes::kLeftEye);
      move(i, {right ? classes::kLeftBrow : classes::kRightBrow},
           right ? classes::kRightBrow : classes::kLeftBrow);
    }
  }
}

// Whether the outline of a portrait ends where hair begins, though no hair is
// drawn: a bald head is higher.
bool Sense::is_hairline() const {
  if (!portrait_) return false;
  StrokeBox eyes;
  StrokeBox mouth;
  for (size_t s = 0; s < means_.size(); ++s) {
    if (eye(s) > kMax) eyes.add(boxes_[s]);
    if (means_[s][classes::kMouth] > kMax) mouth.add(boxes_[s]);
  }
  return !eyes.empty && !mouth.empty &&
         eyes.y() - face_.top < kHighestHairline * (mouth.y() - eyes.y());
}

void Sense::make_outline() {
  bool hair = share_of({classes::kHair, classes::kHat}) > kMinHair;
  for (size_t s = 0; s < means_.size(); ++s) {
    hair = hair || of(s, {classes::kHair, classes::kHat}) > kMax;
  }
  hair = hair || is_hairline();
  for (size_t s = 0; s < means_.size(); ++s) {
    if (given_[s] || !is_outline(s)) continue;
    for (const int i : slots_[s]) {
      const Point p = point_at(drawing_.strokes[s].points, points_.along[i]);
      const float u = 2 * (p.x - face_.x()) / std::max(face_.width(), 1e-6F);
      const float v = 2 * (p.y - face_.y()) / std::max(face_.height(), 1e-6F);
      const bool chin = v > kChin;
      if (hair && !(chin && std::abs(u) < kChinHalf)) continue;
      if (portrait_ && share(i, classes::kHairFace) > kSureHairline) continue;
      const bool neck =
          chin || (v > kAboveChin &&
                   share(i, classes::kFaceNeck) > share(i, classes::kContour));
      move(i, {classes::kHairFace},
           neck ? classes::kFaceNeck : classes::kContour);
    }
  }
}

void Sense::make_mouth() {
  StrokeBox eyes;
  for (const size_t s : eyes_) {
    if (eye(s) > kMax) eyes.add(boxes_[s]);
  }
  if (eyes.empty) return;
  for (size_t s = 0; s < means_.size(); ++s) {
    if (given_[s] || means_[s][classes::kMouth] <= kMax) continue;
    if (boxes_[s].bottom >= eyes.top) continue;
    for (const int i : slots_[s]) {
      share(i, classes::kMouth) = 0;
      float rest = 0;
      for (int k = 1; k <= kStrokeClasses; ++k) rest += share(i, k);
      if (!(rest > 0)) share(i, classes::kContour) = rest = 1;
      for (int k = 1; k <= kStrokeClasses; ++k) share(i, k) /= rest;
    }
  }
}

}  // namespace

void make_sense(const Drawing& drawing, const std::vector<bool>& given,
                const PointSequence& points, std::vector<float>& shares) {
  Sense(drawing, given, points, shares).run();
}

}  // namespace limner
