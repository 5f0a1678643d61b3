#include "pipeline/labeling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "model/labeler.h"
#include "pipeline/label_sense.h"
#include "pipeline/network_file.h"
#include "sketch/classes.h"
#include "sketch/drawing_limits.h"
#include "sketch/point_sequence.h"
#include "util/error.h"

namespace limner {
namespace {

// The labeler's classes beyond the stroke classes, counted from 0.
constexpr int kFacialHair = kStrokeClasses;
constexpr int kNothing = kStrokeClasses + 1;
constexpr int kSkinLines = 10;
static_assert(Labeler::kClasses == kStrokeClasses + 2);
static_assert(Labeler::kInputs == kPointFeatures);
static_assert(Labeler::kGroup == kSlotGroup);

// Never certain: a logarithm stays finite.
constexpr float kMin = 1e-9F;

// Probabilities of the stroke classes 1..22 at one slot, given that it is one.
void stroke_shares(const float* shares, float* out) {
  std::copy_n(shares, kStrokeClasses, out);
  out[kSkinLines - 1] += shares[kFacialHair];
  const float rest = std::max(1.0F - shares[kNothing], kMin);
  for (int k = 0; k < kStrokeClasses; ++k) out[k] /= rest;
}

// The part of `stroke` between two lengths along it.
Stroke cut(const Stroke& stroke, const std::vector<double>& along, double from,
           double to) {
  Stroke out;
  out.detail = stroke.detail;
  const bool pressed = stroke.pressure.size() == stroke.points.size();
  const auto add = [&](Point p, float pressure) {
    out.points.push_back(p);
    if (pressed) out.pressure.push_back(pressure);
  };
  const auto add_between = [&](double at) {
    const auto after = std::upper_bound(along.begin(), along.end(), at);
    const auto k = static_cast<size_t>(std::clamp<int64_t>(
        after - along.begin() - 1, 0, static_cast<int64_t>(along.size()) - 2));
    const double length = along[k + 1] - along[k];
    const auto t =
        static_cast<float>(length > 0 ? (at - along[k]) / length : 0);
    const Point a = stroke.points[k];
    const Point b = stroke.points[k + 1];
    add({a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)},
        pressed ? stroke.pressure[k] +
                      t * (stroke.pressure[k + 1] - stroke.pressure[k])
                : 0.0F);
  };
  if (from > 0) add_between(from);
  for (size_t i = 0; i < along.size(); ++i) {
    if (along[i] >= from && along[i] <= to && !(from > 0 && along[i] == from) &&
        !(to < along.back() && along[i] == to)) {
      add(stroke.points[i], pressed ? stroke.pressure[i] : 0.0F);
    }
  }
  if (to < along.back()) add_between(to);
  return out;
}

void check(const Drawing& drawing) {
  const auto is_far = [](const Point& p) {
    // Written so that NaN counts as far.
    return !(std::abs(p.x) <= kMaxCoordinate) ||
           !(std::abs(p.y) <= kMaxCoordinate);
  };
  for (size_t s = 0; s < drawing.strokes.size(); ++s) {
    const std::vector<Point>& points = drawing.strokes[s].points;
    const auto wrong = std::find_if(points.begin(), points.end(), is_far);
    if (wrong != points.end()) {
      fail("stroke {} has a point at {},{}, expected numbers within {}", s,
           wrong->x, wrong->y, kMaxCoordinate);
    }
  }
  if (drawing.strokes.size() > kMaxLabelledStrokes) {
    fail(
        "a drawing of {} strokes; at most {} can be labelled. Draw longer "
        "lines, or give the strokes their classes",
        drawing.strokes.size(), kMaxLabelledStrokes);
  }
}

// Of the points, those that are most likely no part of a face.
double share_of_nothing(const PointSequence& points,
                        const std::vector<float>& shares) {
  int64_t used = 0;
  int64_t nothing = 0;
  for (int i = 0; i < points.slots(); ++i) {
    if (points.used[i] == 0) continue;
    const float* row = &shares[static_cast<size_t>(i) * Labeler::kClasses];
    ++used;
    if (std::max_element(row, row + Labeler::kClasses) - row == kNothing) {
      ++nothing;
    }
  }
  return static_cast<double>(nothing) / static_cast<double>(used);
}

// Cuts a stroke, of `count` slots from `first` on, where its class changes.
// classes: probabilities [slots, kStrokeClasses]; change: what one costs.
void add_pieces(const Stroke& stroke, const PointSequence& points,
                const std::vector<float>& classes, int first, int count,
                double change, std::vector<Stroke>& out) {
  const auto row =
      classes.begin() + static_cast<int64_t>(first) * kStrokeClasses;
  const std::vector<float> own(row, row + int64_t{count} * kStrokeClasses);
  std::vector<float> logs(own.size());
  std::transform(own.begin(), own.end(), logs.begin(),
                 [](float p) { return std::log(p + kMin); });
  const std::vector<double> along = lengths_along(stroke.points);
  // A dot has no place to cut.
  const double needed =
      along.back() > 0 ? change : std::numeric_limits<double>::infinity();
  const std::vector<int> labels = best_labels(logs, kStrokeClasses, needed);
  for (int begin = 0; begin < count;) {
    int end = begin;
    double sure = 0;
    while (end < count && labels[end] == labels[begin]) {
      sure += own[static_cast<size_t>(end) * kStrokeClasses + labels[begin]];
      ++end;
    }
    // Halfway between the points on both sides of a change.
    const auto border = [&](int i) {
      return 0.5 * (points.along[first + i - 1] + points.along[first + i]);
    };
    Stroke piece = begin == 0 && end == count
                       ? stroke
                       : cut(stroke, along, begin == 0 ? 0.0 : border(begin),
                             end == count ? along.back() : border(end));
    piece.label = labels[begin] + 1;
    piece.confidence = static_cast<float>(std::min(1.0, sure / (end - begin)));
    out.push_back(std::move(piece));
    begin = end;
  }
}

void check_shares(const std::vector<float>& shares) {
  if (!std::all_of(shares.begin(), shares.end(),
                   [](float p) { return std::isfinite(p); })) {
    fail(
        "the stroke labeler's results are not finite: its file is damaged or "
        "its training went wrong; use another");
  }
}

}  // namespace

struct StrokeLabeler::Network {
  Labeler labeler;
};

StrokeLabeler::StrokeLabeler(const TensorMap& tensors, int heads)
    : network_(new Network{Labeler(tensors, "", heads)}) {}
StrokeLabeler::~StrokeLabeler() = default;
StrokeLabeler::StrokeLabeler(StrokeLabeler&&) noexcept = default;
StrokeLabeler& StrokeLabeler::operator=(StrokeLabeler&&) noexcept = default;

Labelled StrokeLabeler::label(const Drawing& drawing,
                              const LabelOptions& options) const {
  const auto keeps = [&](const Stroke& stroke) {
    return options.keep_given && stroke.label != 0;
  };
  if (!drawing.strokes.empty() &&
      std::all_of(drawing.strokes.begin(), drawing.strokes.end(), keeps)) {
    return as_given(drawing);
  }
  check(drawing);
  const PointSequence points = sample_points(drawing);
  const std::vector<float> shares =
      network_->labeler.run(points.features, points.used);
  check_shares(shares);

  Labelled out;
  out.drawing.side = drawing.side;
  out.nothing = share_of_nothing(points, shares);
  if (out.nothing > options.max_nothing) {
    fail(
        "the drawing does not look like a face: {:.0f} % of it is no part of "
        "one. Give the strokes their classes to use it all the same",
        100 * out.nothing);
  }

  std::vector<float> classes(static_cast<size_t>(points.slots()) *
                             kStrokeClasses);
  for (int i = 0; i < points.slots(); ++i) {
    stroke_shares(&shares[static_cast<size_t>(i) * Labeler::kClasses],
                  &classes[static_cast<size_t>(i) * kStrokeClasses]);
  }
  if (options.sense) {
    std::vector<bool> given;
    for (const Stroke& stroke : drawing.strokes) given.push_back(keeps(stroke));
    make_sense(drawing, given, points, classes);
  }

  int slot = 0;
  for (size_t s = 0; s < drawing.strokes.size(); ++s) {
    const Stroke& stroke = drawing.strokes[s];
    if (stroke.points.empty()) continue;
    while (points.stroke[slot] != static_cast<int>(s)) ++slot;
    const int first = slot;
    while (slot < points.slots() &&
           points.stroke[slot] == static_cast<int>(s)) {
      ++slot;
    }
    if (keeps(stroke)) {
      out.drawing.strokes.push_back(stroke);
      out.source.push_back(static_cast<int>(s));
      continue;
    }
    add_pieces(stroke, points, classes, first, slot - first, options.change,
               out.drawing.strokes);
    out.source.resize(out.drawing.strokes.size(), static_cast<int>(s));
  }
  for (size_t i = 0; i < out.drawing.strokes.size(); ++i) {
    const Stroke& stroke = out.drawing.strokes[i];
    const bool given = keeps(drawing.strokes[out.source[i]]);
    if (!given && stroke.confidence < options.doubt) {
      out.doubtful.push_back(static_cast<int>(i));
    }
  }
  std::stable_sort(out.doubtful.begin(), out.doubtful.end(), [&](int a, int b) {
    return out.drawing.strokes[a].confidence <
           out.drawing.strokes[b].confidence;
  });
  return out;
}

Labelled as_given(const Drawing& drawing) {
  Labelled out;
  out.drawing = drawing;
  out.source.resize(drawing.strokes.size());
  std::iota(out.source.begin(), out.source.end(), 0);
  return out;
}

StrokeLabeler read_labeler(const Checkpoint& checkpoint) {
  const NetworkFile file(checkpoint, "labeler");
  file.whole("classes", Labeler::kClasses, Labeler::kClasses);
  constexpr int kMaxHeads = 1024;
  return StrokeLabeler(file.tensors(), file.whole("heads", 1, kMaxHeads));
}

StrokeLabeler read_labeler(const std::filesystem::path& path) {
  return read_labeler(read_checkpoint(path));
}

}  // namespace limner
