#include "sketch/face_guide.h"

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <utility>

#include "sketch/classes.h"
#include "sketch/face_lines.h"
#include "sketch/face_maps.h"
#include "sketch/face_measures.h"
#include "sketch/face_neighbours.h"
#include "sketch/face_pose.h"
#include "sketch/face_target.h"
#include "sketch/frame.h"

namespace limner {
namespace {

using Rays = OutlineMap::Rays;

class Guide {
 public:
  Guide(const Drawing& drawing, const FaceShapes& shapes)
      : drawing_(drawing), shapes_(shapes) {
    find_pose();
    posed_ = apply_framing(drawing, pose_);
    measures_ = measure_face(posed_, shapes);
    drawn_ = drawn_around(posed_, measures_);
    target_ = nearest_by_part(shapes, measures_);
    // The face's outline as drawn, and as a face would have it.
    wanted_ = face_radii(target_);
    radii_ = measures_.radii;
    Rays ratios = {};
    for (int k = 0; k < kOutlineRays; ++k) ratios[k] = radii_[k] / wanted_[k];
    fill_gaps(ratios);
    for (int k = 0; k < kOutlineRays; ++k) radii_[k] = ratios[k] * wanted_[k];
    around_ = nearest_around(shapes, measures_, drawn_);
  }

  std::vector<GuidePart> run() {
    add_inner({ShapePart::kEyeRight, ShapePart::kEyeLeft});
    add_inner({ShapePart::kBrowRight, ShapePart::kBrowLeft});
    add_inner({ShapePart::kNose});
    add_inner({ShapePart::kMouth});
    if (!has({classes::kContour, classes::kHairFace, classes::kFaceNeck,
              classes::kFaceCloth, classes::kFaceHat, classes::kFaceEar})) {
      add(ShapePart::kOutline,
          part_strokes(
              ShapePart::kOutline, target_,
              around_ != nullptr ? around_->borders : shapes_.borders()));
    }
    if (!has({classes::kHair, classes::kHat, classes::kFaceHat})) {
      add_around(ShapePart::kHair, {classes::kHair});
    }
    if (!has({classes::kNeck, classes::kCloth, classes::kFaceCloth,
              classes::kNecklace}) &&
        !borders_below_chin()) {
      add_around(ShapePart::kNeck,
                 {classes::kNeck, classes::kCloth, classes::kOther});
    }
    return std::move(out_);
  }

 private:
  void find_pose() {
    pose_.scale = double{kFrameSide} / drawing_.side;
    if (const auto outline = outline_pose(drawing_)) {
      pose_ = *outline;
      return;
    }
    const Framing all = pose_of(drawing_);
    if (!all.basis.empty()) pose_ = all;
  }

  bool has(std::initializer_list<int> labels) const {
    return std::any_of(drawing_.strokes.begin(), drawing_.strokes.end(),
                       [&](const Stroke& stroke) {
                         return std::find(labels.begin(), labels.end(),
                                          stroke.label) != labels.end();
                       });
  }

  // A neck may be drawn by its borders alone.
  bool borders_below_chin() const {
    constexpr float kNone = std::numeric_limits<float>::lowest();
    float chin = kNone;
    float lowest = kNone;
    for (const Stroke& stroke : drawing_.strokes) {
      for (const Point& p : stroke.points) {
        if (stroke.label == classes::kFaceNeck ||
            stroke.label == classes::kContour) {
          chin = std::max(chin, p.y);
        } else if (stroke.label == classes::kOther) {
          lowest = std::max(lowest, p.y);
        }
      }
    }
    return chin > kNone && lowest > chin;
  }

  void add_inner(std::initializer_list<ShapePart> parts) {
    const std::vector<Neighbour> neighbours =
        nearest_examples(shapes_, measures_, parts);
    const OutlineMap to_drawn(wanted_, radii_);
    for (const ShapePart part : parts) {
      if (measures_.parts[static_cast<size_t>(part)].place) continue;
      blend_part(neighbours, part, target_);
      add_mapped(part, to_drawn);
    }
  }

  void add_around(ShapePart part, std::initializer_list<int> labels) {
    if (around_ != nullptr) {
      add(part, lines_around(*around_, radii_, drawn_, labels));
      return;
    }
    const AroundMap to_drawn(wanted_, radii_, filled_with_one());
    add_mapped(part, to_drawn);
  }

  // The target's part, taken from its outline to the drawn one.
  template <typename Map>
  void add_mapped(ShapePart part, const Map& to_drawn) {
    std::vector<Stroke> strokes = part_strokes(part, target_, {});
    for (Stroke& stroke : strokes) {
      for (Point& p : stroke.points) p = to_drawn(p);
    }
    add(part, std::move(strokes));
  }

  static Rays filled_with_one() {
    Rays rays;
    rays.fill(1);
    return rays;
  }

  void add(ShapePart part, std::vector<Stroke> strokes) {
    if (strokes.empty()) return;
    Drawing drawing;
    drawing.side = kFrameSide;
    drawing.strokes = std::move(strokes);
    out_.push_back({part, undo_framing(drawing, pose_, drawing_.side).strokes});
  }

  const Drawing& drawing_;
  const FaceShapes& shapes_;
  Framing pose_;
  Drawing posed_;
  FaceMeasures measures_;
  DrawnAround drawn_;
  ShapePoints target_;
  Rays wanted_ = {}, radii_ = {};
  const FaceExample* around_ = nullptr;
  std::vector<GuidePart> out_;
};

}  // namespace

std::vector<GuidePart> guide_parts(const Drawing& drawing,
                                   const FaceShapes& shapes) {
  return Guide(drawing, shapes).run();
}

}  // namespace limner
