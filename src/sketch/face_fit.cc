#include "sketch/face_fit.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "sketch/classes.h"
#include "sketch/curves.h"
#include "sketch/face_lines.h"
#include "sketch/face_maps.h"
#include "sketch/face_measures.h"
#include "sketch/face_neighbours.h"
#include "sketch/face_pose.h"
#include "sketch/face_target.h"
#include "util/error.h"

namespace limner {
namespace {

// Distances of a part (see PartMeasured) at which it begins to count as a
// symbol and at which it is one.
constexpr double kReal = 1.7;
constexpr double kSymbol = 2.8;
// Distances of a drawing at which all its parts begin to count as symbols and
// at which they do.
constexpr double kFewSymbols = 0.2;
constexpr double kAllSymbols = 0.4;
// Where auto_faithful() leaves 1 and where it arrives at 0.
constexpr double kFaithfulUpTo = 0.15;
constexpr double kUnfaithfulFrom = 0.35;
// A part is drawn anew when it is to go this much of the way.
constexpr double kRedraw = 0.35;
// Rays of the outline that have to be known for a drawing to lie by it.
constexpr double kSteadyRays = 0.75;
// How much higher than a hairline a bald head is, as a share.
constexpr double kSkull = 0.15;
// Shares of the outline's radius: skin lines beyond are part of it.
constexpr double kOuter = 0.78;
constexpr double kAround = 1.6;
// Glasses reach this far to both sides of the middle, in units.
constexpr double kGlassesReach = 30;

constexpr std::array<ShapePart, 6> kRings = {
    ShapePart::kEyeRight, ShapePart::kEyeLeft, ShapePart::kBrowRight,
    ShapePart::kBrowLeft, ShapePart::kNose,    ShapePart::kMouth};

// What parts tell of the drawing: eyes differ most among real faces, noses of
// one line are drawn by hand alone.
double part_weight(ShapePart part) {
  switch (part) {
    case ShapePart::kEyeRight:
    case ShapePart::kEyeLeft:
      return 0.7;
    case ShapePart::kBrowRight:
    case ShapePart::kBrowLeft:
      return 0.4;
    case ShapePart::kNose:
      return 1.3;
    case ShapePart::kMouth:
      return 1.2;
    default:
      return 1;
  }
}

class Fitting {
 public:
  Fitting(const Drawing& drawing, const FaceShapes& shapes, bool add_hair)
      : drawing_(drawing), shapes_(shapes), add_hair_(add_hair) {}

  FitResult run(std::optional<double> faithful) {
    pose(pose_of(drawing_));
    judge();
    out_.faithful = faithful.value_or(auto_faithful(out_.distance));
    if (out_.faithful >= 1 || !any_part()) {
      keep();
      return std::move(out_);
    }
    steady_pose();
    if (!find_changes()) {
      keep();
      return std::move(out_);
    }
    draw();
    undo_pose(out_.pose, posed_.side, out_.faithful, out_.drawing.strokes);
    return std::move(out_);
  }

 private:
  PartFit& fit_of(ShapePart part) {
    return out_.parts[static_cast<size_t>(part)];
  }
  PartMeasured& measured(ShapePart part) {
    return measures_.parts[static_cast<size_t>(part)];
  }
  // How much of the way a part goes, 0..1.
  double& amount(ShapePart part) { return amounts_[static_cast<size_t>(part)]; }
  bool any_part() const {
    return std::any_of(measures_.parts.begin(), measures_.parts.end(),
                       [](const PartMeasured& part) { return !!part.place; });
  }

  void pose(const Framing& pose);
  void steady_pose();
  void judge();
  bool find_changes();
  void keep();
  void find_target();
  void blend_neighbours();
  void draw();
  void draw_own();
  void find_around();
  void draw_around();
  void draw_new();
  std::vector<float> borders() const;
  bool is_dropped(const Stroke& stroke, const OutlineMap& around);
  void add(Stroke stroke, int source) {
    out_.drawing.strokes.push_back(std::move(stroke));
    out_.source.push_back(source);
  }

  const Drawing& drawing_;
  const FaceShapes& shapes_;
  const bool add_hair_;
  FitResult out_;
  Drawing posed_;  // upright, in the frame
  FaceMeasures measures_;
  std::array<double, kShapeParts> amounts_ = {};
  bool spans_eyes_ = false;  // what is labelled glasses
  double symbols_ = 0;       // share of the whole that counts as symbols, 0..1
  ShapePoints target_;       // the nearest face, its parts where they go
  std::array<double, kOutlineRays> radii_ = {};  // of the outline's place
  // What is around the face: lines that are drawn, the example that gives the
  // others (null: the nearest face), and whether it completes the hair.
  DrawnAround drawn_;
  const FaceExample* around_ = nullptr;
  bool bald_ = false;  // the top of the head stays without hair
};

void Fitting::pose(const Framing& pose) {
  out_.pose = pose;
  posed_ = apply_framing(drawing_, pose);
  measures_ = measure_face(posed_, shapes_);
}

// Symbols lie by the outline, so that a change of one within it leaves the
// others where they are.
void Fitting::steady_pose() {
  const auto known =
      std::count_if(measures_.radii.begin(), measures_.radii.end(),
                    [](double radius) { return radius > 0; });
  if (symbols_ <= 0 || known < kSteadyRays * kOutlineRays) return;
  const std::optional<Framing> steady = outline_pose(drawing_);
  if (!steady) return;
  const Framing before = out_.pose;
  pose(mixed_pose(before, *steady, symbols_));
  if (!measured(ShapePart::kOutline).place) pose(before);
  for (int k = 0; k < kShapeParts; ++k) {
    out_.parts[k].from = measures_.parts[k].place;
  }
}

void Fitting::judge() {
  const bool glasses =
      std::any_of(drawing_.strokes.begin(), drawing_.strokes.end(),
                  [](const Stroke& s) { return s.label == classes::kGlasses; });
  double sum = 0;
  double weights = 0;
  const auto add_part = [&](ShapePart part) {
    const PartMeasured& seen = measured(part);
    PartFit& fit = fit_of(part);
    fit.distance = seen.place ? seen.distance : 0;
    fit.from = seen.place;
    amount(part) = seen.place ? smooth_step(seen.distance, kReal, kSymbol) : 1;
    // Dark glasses hide eyes.
    const bool eye =
        part == ShapePart::kEyeRight || part == ShapePart::kEyeLeft;
    if (!seen.place && eye && glasses) return;
    sum += part_weight(part) * amount(part);
    weights += part_weight(part);
  };
  for (const ShapePart part : kRings) add_part(part);
  add_part(ShapePart::kOutline);
  out_.distance = sum / weights;
  symbols_ = smooth_step(out_.distance, kFewSymbols, kAllSymbols);
}

// Decides about each part; false when all stay as they are.
bool Fitting::find_changes() {
  const double way = 1 - out_.faithful;
  const auto has = [&](std::initializer_list<int> labels) {
    return std::any_of(drawing_.strokes.begin(), drawing_.strokes.end(),
                       [&](const Stroke& stroke) {
                         return std::find(labels.begin(), labels.end(),
                                          stroke.label) != labels.end();
                       });
  };
  bool any = false;
  const auto decide = [&](ShapePart part) {
    PartFit& fit = fit_of(part);
    if (!measured(part).place) {
      // A part that is left out is missing where the rest is a symbol.
      fit.change = way * symbols_ > kRedraw ? PartFit::Change::kAdded
                                            : PartFit::Change::kMissing;
      amount(part) = fit.change == PartFit::Change::kAdded ? 1 : 0;
    } else {
      amount(part) = way * std::max(amount(part), symbols_);
      fit.change = amount(part) > kRedraw ? PartFit::Change::kRedrawn
                   : amount(part) > 0     ? PartFit::Change::kMoved
                                          : PartFit::Change::kKept;
    }
    any = any || amount(part) > 0;
  };
  for (const ShapePart part : kRings) decide(part);
  decide(ShapePart::kOutline);
  // A face with a hat, or hidden in clothes, is not given more.
  const auto complete = [&](ShapePart part, std::initializer_list<int> labels) {
    if (has(labels) || way * symbols_ <= kRedraw) return;
    fit_of(part).change = PartFit::Change::kAdded;
  };
  complete(ShapePart::kNeck, {classes::kNeck, classes::kCloth,
                              classes::kFaceCloth, classes::kNecklace});
  drawn_ = drawn_around(posed_, measures_);
  const bool hat = has({classes::kHat, classes::kFaceHat});
  bald_ =
      !hat && way * symbols_ > kRedraw && (!add_hair_ || has_bald_top(drawn_));
  if (bald_) return any;
  complete(ShapePart::kHair,
           {classes::kHair, classes::kHat, classes::kFaceHat});
  // Drawn hair gets the outline that it lacks.
  if (drawn_.has_hair && way * symbols_ > kRedraw && !hat &&
      !shapes_.examples().empty()) {
    fit_of(ShapePart::kHair).change = PartFit::Change::kMoved;
  }
  return any;
}

void Fitting::keep() {
  out_.drawing = drawing_;
  out_.source.clear();
  for (size_t i = 0; i < drawing_.strokes.size(); ++i) {
    out_.source.push_back(static_cast<int>(i));
  }
  for (PartFit& fit : out_.parts) {
    fit.to = fit.from;
    fit.change = fit.from ? PartFit::Change::kKept : PartFit::Change::kMissing;
  }
}

// New parts have the form of real ones.
void Fitting::blend_neighbours() {
  const auto blend = [&](std::initializer_list<ShapePart> parts) {
    std::vector<Neighbour> neighbours;
    for (const ShapePart part : parts) {
      const PartFit::Change change = fit_of(part).change;
      if (change != PartFit::Change::kRedrawn &&
          change != PartFit::Change::kAdded) {
        continue;
      }
      if (neighbours.empty()) {
        neighbours = nearest_examples(shapes_, measures_, parts);
      }
      blend_part(neighbours, part, target_);
    }
  };
  // Both sides of one face.
  blend({ShapePart::kEyeRight, ShapePart::kEyeLeft});
  blend({ShapePart::kBrowRight, ShapePart::kBrowLeft});
  blend({ShapePart::kNose});
  blend({ShapePart::kMouth});
}

// Where the parts of the nearest face go: as far towards it as the faithfulness
// allows.
void Fitting::find_target() {
  target_ = nearest_by_part(shapes_, measures_);
  blend_neighbours();
  const double stay = out_.faithful;
  for (const ShapePart part : kRings) {
    const ShapeRange range = shape_range(part);
    const PartPlace at = place_of_points(target_, range);
    PartFit& fit = fit_of(part);
    fit.to = at;
    if (!fit.from) continue;
    if (fit.change != PartFit::Change::kRedrawn) {
      fit.to = mixed_place(*fit.from, at, amount(part));
      continue;
    }
    fit.to = mixed_place(at, *fit.from, stay);
    const BoxMap map(at, *fit.to);
    const auto move = [&](const ShapeRange& points) {
      for (int i = points.first; i < points.end(); ++i) {
        target_[i] = map(target_[i]);
      }
    };
    move(range);
    if (part == ShapePart::kMouth) move(shape_range(ShapePart::kLips));
  }
  const ShapeRange outline = shape_range(ShapePart::kOutline);
  const PartFit& fit = fit_of(ShapePart::kOutline);
  const bool redrawn = fit.change == PartFit::Change::kRedrawn;
  // Shares of the nearest face's radii.
  OutlineMap::Rays shares = {};
  OutlineMap::Rays wanted = face_radii(target_);
  find_around();
  if (redrawn && around_ != nullptr &&
      fit_of(ShapePart::kHair).change != PartFit::Change::kMissing) {
    take_hairline(*around_, wanted);
  }
  for (int k = 0; bald_ && k < kOutlineRays; ++k) {
    wanted[k] *= 1 + kSkull * std::max(0.0, -outline_ray(k).y);
  }
  for (int k = 0; k < kOutlineRays; ++k) {
    const double drawn = measures_.radii[k];
    if (drawn == 0) continue;
    const double wants = std::max(wanted[k], 1.0);
    shares[k] = (redrawn ? mixed(wants, drawn, stay)
                         : mixed(drawn, wants, amount(ShapePart::kOutline))) /
                wants;
  }
  fill_gaps(shares);
  for (int k = 0; k < kOutlineRays; ++k) {
    radii_[k] = shares[k] * wanted[k];
    const ShapeVector ray = outline_ray(k);
    target_[outline.first + k] = {
        static_cast<float>(kOutlineCentre.x + radii_[k] * ray.x),
        static_cast<float>(kOutlineCentre.y + radii_[k] * ray.y)};
  }
  if (fit.change != PartFit::Change::kMissing) {
    fit_of(ShapePart::kOutline).to = place_of_points(target_, outline);
  }
}

// Whether a stroke gives way to new lines. Lines of the skin within the face,
// a beard or a wrinkle, do not.
bool Fitting::is_dropped(const Stroke& stroke, const OutlineMap& around) {
  const auto redrawn = [&](ShapePart part) {
    return fit_of(part).change == PartFit::Change::kRedrawn;
  };
  if (stroke.label == classes::kGlasses) {
    // A line on one side of the face is none.
    return redrawn(ShapePart::kEyeRight) && redrawn(ShapePart::kEyeLeft) &&
           !spans_eyes_;
  }
  // The chin of a doodle may be taken for the neck's border.
  const bool other =
      stroke.label == classes::kOther || stroke.label == classes::kContour;
  const std::optional<ShapePart> part =
      other ? ShapePart::kOutline : shape_part_of(stroke.label);
  if (!part || !redrawn(*part)) return false;
  if (!other) return true;
  const auto outer = std::count_if(stroke.points.begin(), stroke.points.end(),
                                   [&](const Point& p) {
                                     const double share = around.share(p);
                                     return share > kOuter && share < kAround;
                                   });
  return 2 * static_cast<size_t>(outer) > stroke.points.size();
}

void Fitting::draw_own() {
  const auto frames = place_of(posed_, FacePart::kGlasses);
  spans_eyes_ =
      frames && 0.5 * frames->width - std::abs(frames->x - kOutlineCentre.x) >
                    kGlassesReach;
  const OutlineMap around(measures_.radii, radii_);
  std::array<std::optional<BoxMap>, kShapeParts> maps;
  for (const ShapePart part : kRings) {
    const PartFit& fit = fit_of(part);
    if (fit.change != PartFit::Change::kMoved) continue;
    maps[static_cast<size_t>(part)].emplace(*fit.from, *fit.to);
  }
  // Glasses go with the eyes.
  std::optional<BoxMap> glasses;
  const PartFit& right = fit_of(ShapePart::kEyeRight);
  const PartFit& left = fit_of(ShapePart::kEyeLeft);
  if (right.from && left.from) {
    const auto both = [](const PartPlace& a, const PartPlace& b) {
      return PartPlace{(a.x + b.x) / 2, (a.y + b.y) / 2, std::abs(a.x - b.x),
                       0};
    };
    glasses.emplace(both(*right.from, *left.from), both(*right.to, *left.to));
  }
  for (size_t i = 0; i < posed_.strokes.size(); ++i) {
    Stroke stroke = posed_.strokes[i];
    if (is_dropped(stroke, around)) continue;
    const std::optional<ShapePart> part = shape_part_of(stroke.label);
    if (part && *part != ShapePart::kOutline) {
      if (const auto& map = maps[static_cast<size_t>(*part)]) {
        for (Point& p : stroke.points) p = (*map)(p);
      }
    } else if (stroke.label == classes::kGlasses && glasses) {
      for (Point& p : stroke.points) p = (*glasses)(p);
    } else {
      for (Point& p : stroke.points) p = around(p);
    }
    add(std::move(stroke), static_cast<int>(i));
  }
}

// Chooses what the face gets around it.
void Fitting::find_around() {
  const PartFit::Change hair = fit_of(ShapePart::kHair).change;
  const PartFit::Change neck = fit_of(ShapePart::kNeck).change;
  if (hair == PartFit::Change::kMissing && neck == PartFit::Change::kMissing &&
      fit_of(ShapePart::kOutline).change != PartFit::Change::kRedrawn) {
    return;
  }
  drawn_.hair = hair_radii(posed_.strokes);
  OutlineMap::Rays face = measures_.radii;
  fill_gaps(face);
  for (int k = 0; k < kOutlineRays; ++k) {
    drawn_.hair[k] /= std::max(face[k], 1.0);
  }
  around_ = nearest_around(shapes_, measures_, drawn_);
}

void Fitting::draw_around() {
  if (around_ == nullptr) return;
  const PartFit::Change hair = fit_of(ShapePart::kHair).change;
  const PartFit::Change neck = fit_of(ShapePart::kNeck).change;
  const auto add_lines = [&](std::initializer_list<int> wanted) {
    for (Stroke& stroke : lines_around(*around_, radii_, drawn_, wanted)) {
      add(std::move(stroke), -1);
    }
  };
  if (hair != PartFit::Change::kMissing) {
    if (!has_outlined_hair(drawn_)) add_lines({classes::kHair});
    if (!drawn_.has_ears) add_lines({classes::kRightEar, classes::kLeftEar});
  }
  if (neck == PartFit::Change::kAdded) {
    add_lines({classes::kNeck, classes::kCloth, classes::kOther});
  }
}

// The class of the outline at each ray.
std::vector<float> Fitting::borders() const {
  std::vector<float> borders =
      around_ != nullptr ? around_->borders : shapes_.borders();
  for (int k = 0; bald_ && k < kOutlineRays; ++k) {
    if (borders[k] == classes::kHairFace && !(drawn_.hair[k] > 0)) {
      borders[k] = classes::kContour;
    }
  }
  return borders;
}

void Fitting::draw_new() {
  draw_around();
  for (int k = 0; k < kShapeParts; ++k) {
    const auto part = static_cast<ShapePart>(k);
    const PartFit::Change change = fit_of(part).change;
    const bool is_around = part == ShapePart::kHair || part == ShapePart::kNeck;
    if ((change != PartFit::Change::kRedrawn &&
         change != PartFit::Change::kAdded) ||
        (is_around && around_ != nullptr)) {
      continue;
    }
    for (Stroke& stroke : part_strokes(part, target_, borders())) {
      add(std::move(stroke), -1);
    }
  }
}

void Fitting::draw() {
  find_target();
  out_.drawing.side = posed_.side;
  draw_own();
  draw_new();
}

}  // namespace

bool FitResult::changed() const {
  return std::any_of(parts.begin(), parts.end(), [](const PartFit& part) {
    return part.change != PartFit::Change::kKept &&
           part.change != PartFit::Change::kMissing;
  });
}

double auto_faithful(double distance) {
  return 1 - smooth_step(distance, kFaithfulUpTo, kUnfaithfulFrom);
}

FitResult fit_drawing(const Drawing& drawing, const FaceShapes& shapes,
                      std::optional<double> faithful, bool add_hair) {
  if (faithful && !(*faithful >= 0 && *faithful <= 1)) {
    fail("faithfulness must be 0 to 1, got {}", *faithful);
  }
  if (drawing.side != kFrameSide) {
    fail("a drawing to fit must lie in the frame, its side {}; got {}",
         kFrameSide, drawing.side);
  }
  return Fitting(drawing, shapes, add_hair).run(faithful);
}

}  // namespace limner
