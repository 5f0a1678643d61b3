#include "train/data/hand_labels.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "sketch/classes.h"
#include "sketch/eye_parts.h"
#include "util/error.h"
#include "util/files.h"

namespace limner::train {
namespace {

constexpr int kEyePart = kFirstHandLabel;
constexpr int kEarPart = kFirstHandLabel + 3;
constexpr int kHairPart = kFirstHandLabel + 4;
constexpr int kOutlinePart = kFirstHandLabel + 6;

// Heights on the face's box, -1 its top and 1 its bottom: from where the
// outline is the chin, and above where it may be. sin and cos of an ellipse:
// 0.55 lies 57 degrees from straight down.
constexpr float kChin = 0.62F;
constexpr float kAboveChin = 0.4F;
// Shares of the face's size within which hair borders the outline, surely and
// perhaps; and an ear.
constexpr float kAtHair = 0.1F;
constexpr float kNearHair = 0.25F;
constexpr float kAtEar = 0.12F;
// Outlines shorter than this share of the longest are beside it, unless they
// lie on it within this share of the face's size.
constexpr double kMinOutline = 0.2;
constexpr float kOnOutline = 0.06F;

float distance(const Point& a, const Point& b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

float nearest(const std::vector<Point>& points, const Point& p) {
  float best = INFINITY;
  for (const Point& q : points) best = std::min(best, distance(q, p));
  return best;
}

// Which strokes are the outline itself, not a neck or a cheek beside it.
std::vector<bool> contours(const Drawing& drawing) {
  std::vector<bool> out(drawing.strokes.size(), false);
  double longest = 0;
  for (const Stroke& stroke : drawing.strokes) {
    if (stroke.label == kOutlinePart) {
      longest = std::max(longest, length_of(stroke.points));
    }
  }
  StrokeBox box;
  std::vector<Point> main;
  for (size_t i = 0; i < out.size(); ++i) {
    const Stroke& stroke = drawing.strokes[i];
    if (stroke.label != kOutlinePart) continue;
    out[i] = length_of(stroke.points) >= kMinOutline * longest;
    if (!out[i]) continue;
    box.add(stroke.points);
    main.insert(main.end(), stroke.points.begin(), stroke.points.end());
  }
  const float reach = kOnOutline * std::max(box.width(), box.height());
  for (size_t i = 0; i < out.size(); ++i) {
    const Stroke& stroke = drawing.strokes[i];
    if (stroke.label != kOutlinePart || out[i]) continue;
    out[i] =
        std::all_of(stroke.points.begin(), stroke.points.end(),
                    [&](const Point& p) { return nearest(main, p) < reach; });
  }
  return out;
}

int label_of_eye(const EyePart& part, float x, float middle) {
  if (part.side == EyePart::Side::kBoth &&
      part.kind != EyePart::Kind::kGlasses) {
    return part.kind == EyePart::Kind::kEye ? kBothEyesLabel : kBothBrowsLabel;
  }
  if (part.sure) return eye_class(part, x, middle);
  EyePart eye = part;
  eye.kind = EyePart::Kind::kEye;
  EyePart brow = part;
  brow.kind = EyePart::Kind::kBrow;
  return set_of_classes(
      {eye_class(eye, x, middle), eye_class(brow, x, middle)});
}

void give_eye_classes(Drawing& drawing, const StrokeBox& face) {
  std::vector<const Polyline*> lines;
  std::vector<size_t> which;
  for (size_t i = 0; i < drawing.strokes.size(); ++i) {
    if (drawing.strokes[i].label != kEyePart) continue;
    lines.push_back(&drawing.strokes[i].points);
    which.push_back(i);
  }
  const EyeParts found = tell_eye_parts(lines, face);
  for (size_t k = 0; k < which.size(); ++k) {
    StrokeBox box;
    box.add(*lines[k]);
    drawing.strokes[which[k]].label =
        label_of_eye(found.parts[k], box.x(), found.middle);
  }
}

// What the outline is at `p`, of which u and v are the place on the face's box.
int contour_class(const Point& p, float v, float size,
                  const std::vector<Point>& hair,
                  const std::vector<StrokeBox>& ears) {
  if (v > kChin) return set_of_classes({18});
  if (v > kAboveChin) return set_of_classes({10, 18});
  const float to_hair = nearest(hair, p) / size;
  if (to_hair < kAtHair) return set_of_classes({17});
  for (const StrokeBox& ear : ears) {
    const float reach = kAtEar * size;
    if (p.y >= ear.top && p.y <= ear.bottom && p.x >= ear.left - reach &&
        p.x <= ear.right + reach) {
      return set_of_classes({10, 21});
    }
  }
  if (to_hair < kNearHair) return set_of_classes({10, 17});
  return set_of_classes({10});
}

int number_in(std::string_view text, const std::string& where,
              const char* name) {
  int value = -1;
  const auto result =
      std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size() ||
      value < 0) {
    fail("{}: {} is '{}', expected a whole number from 0", where, name,
         printable(std::string(text), 20));
  }
  return value;
}

int label_in(std::string_view text, const std::string& where) {
  if (text == "any") return 0;
  if (text == "eyes") return kBothEyesLabel;
  if (text == "brows") return kBothBrowsLabel;
  if (text == "contour") return kContourLabel;
  const int value = number_in(text, where, "class");
  if (value < 1 || value > kStrokeClasses) {
    fail("{}: class is {}, expected 1 to {}, eyes, brows, contour or any",
         where, value, kStrokeClasses);
  }
  return value;
}

}  // namespace

void give_classes(Drawing& drawing) {
  StrokeBox face;
  StrokeBox all;
  const std::vector<bool> is_contour = contours(drawing);
  for (size_t i = 0; i < drawing.strokes.size(); ++i) {
    all.add(drawing.strokes[i].points);
    if (is_contour[i]) face.add(drawing.strokes[i].points);
  }
  if (face.empty) face = all;
  give_eye_classes(drawing, face);
  for (size_t i = 0; i < drawing.strokes.size(); ++i) {
    Stroke& stroke = drawing.strokes[i];
    if (is_contour[i]) {
      stroke.label = kContourLabel;
    } else if (stroke.label == kFirstHandLabel + 1) {
      stroke.label = 6;
    } else if (stroke.label == kFirstHandLabel + 2) {
      stroke.label = 7;
    } else if (stroke.label == kEarPart) {
      StrokeBox box;
      box.add(stroke.points);
      stroke.label = box.x() > face.x() ? 11 : 12;
    } else if (stroke.label == kHairPart) {
      stroke.label = 15;
    }
  }
}

void place_labels(std::vector<MixedStroke>& strokes) {
  StrokeBox face;
  StrokeBox both;
  std::vector<Point> hair;
  std::vector<StrokeBox> ears;
  for (const MixedStroke& stroke : strokes) {
    if (stroke.points.empty()) continue;
    switch (stroke.labels.front()) {
      case kContourLabel:
        face.add(stroke.points);
        break;
      case kBothEyesLabel:
      case kBothBrowsLabel:
        both.add(stroke.points);
        break;
      case 15:
        hair.insert(hair.end(), stroke.points.begin(), stroke.points.end());
        break;
      case 11:
      case 12:
        ears.emplace_back();
        ears.back().add(stroke.points);
        break;
      default:
        break;
    }
  }
  const float size = std::max(face.height(), 1e-6F);
  for (MixedStroke& stroke : strokes) {
    for (size_t i = 0; i < stroke.points.size(); ++i) {
      const Point& p = stroke.points[i];
      int& label = stroke.labels[i];
      if (label == kContourLabel) {
        label = contour_class(p, (p.y - face.y()) / (0.5F * size), size, hair,
                              ears);
      } else if (label == kBothEyesLabel) {
        label = p.x > both.x() ? 1 : 2;
      } else if (label == kBothBrowsLabel) {
        label = p.x > both.x() ? 4 : 5;
      }
    }
  }
}

std::vector<HandLabel> read_hand_labels(const std::filesystem::path& file) {
  const std::vector<unsigned char> bytes = read_file(file);
  const std::string text(bytes.begin(), bytes.end());
  std::vector<HandLabel> out;
  size_t at = 0;
  for (int number = 1; at < text.size(); ++number) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line(&text[at], end - at);
    at = end + 1;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.empty()) continue;
    if (number == 1) {
      if (line == "drawing,stroke,class") continue;
      fail("{}: the first line is '{}', expected 'drawing,stroke,class'",
           file.string(), printable(std::string(line), 40));
    }
    const std::string where = fmt::format("{}: line {}", file.string(), number);
    const size_t first = line.find(',');
    const size_t second =
        first == line.npos ? line.npos : line.find(',', first + 1);
    if (second == line.npos) fail("{}: expected drawing,stroke,class", where);
    out.push_back(
        {number_in(line.substr(0, first), where, "drawing"),
         number_in(line.substr(first + 1, second - first - 1), where, "stroke"),
         label_in(line.substr(second + 1), where)});
  }
  return out;
}

void apply_hand_labels(const std::vector<HandLabel>& labels,
                       const std::vector<Drawing>& coarse,
                       std::vector<Drawing>& drawings) {
  for (const HandLabel& one : labels) {
    if (one.drawing >= static_cast<int>(drawings.size()) ||
        one.stroke >= static_cast<int>(drawings[one.drawing].strokes.size())) {
      fail("a label for stroke {} of drawing {}, which is not there",
           one.stroke, one.drawing);
    }
    drawings[one.drawing].strokes[one.stroke].label =
        one.label != 0 ? one.label
                       : coarse[one.drawing].strokes[one.stroke].label;
  }
}

}  // namespace limner::train
