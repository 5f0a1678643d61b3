#include "sketch/hatching.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "image/image.h"
#include "sketch/borders.h"
#include "sketch/classes.h"
#include "sketch/curves.h"
#include "sketch/eye_parts.h"
#include "sketch/parallel_lines.h"

namespace limner {
namespace {

constexpr int kGridCell = 8;  // units of the frame
constexpr int kGridSide = static_cast<int>(kFrameSide) / kGridCell;
// Length of lines over area, in 1/unit: lines nearer to each other than this
// number of units on the average. Careful drawings of hair have half of it.
constexpr double kDense = 1 / 8.7;
constexpr int kMinRegion = 30;  // cells
constexpr double kMinInside = 0.25;
constexpr double kInside = 0.6;  // share of a hatch's length in the region
// A region is filled by many pieces of lines between turns, each at least this
// long.
constexpr int kMinPieces = 12;
constexpr double kMinPiece = 12;
constexpr double kTurn = -0.2;  // cosine of the angle at a turn
// Lines that stay: how many at most, how far apart, how long at least.
constexpr size_t kMaxFlows = 7;
constexpr double kBetweenFlows = 26;
constexpr double kMinFlow = 30;
constexpr double kSmoothing = 2;

constexpr std::array<int, 5> kHatched = {classes::kHair, classes::kContour,
                                         classes::kNeck, classes::kCloth,
                                         classes::kHat};

// Where a few parallel lines are shade. Hair and clothes are drawn so.
constexpr std::array<int, 4> kShaded = {classes::kContour, classes::kNeck,
                                        classes::kNose, classes::kMouth};
// A row of lines is a brow where most of it lies above an eye, no farther than
// this share of the eye's width and no higher than that.
constexpr float kAboveEye = 0.9F;
constexpr float kBrowHeight = 0.6F;
constexpr float kOverEye = 0.5F;
// Of a brow's hairs that its outline goes around.
constexpr float kHairsWithin = 0.6F;

using Cells = std::array<double, kGridSide * kGridSide>;

int grid_cell(const Point& p) {
  const int x = static_cast<int>(std::floor(p.x / kGridCell));
  const int y = static_cast<int>(std::floor(p.y / kGridCell));
  return x < 0 || y < 0 || x >= kGridSide || y >= kGridSide ? -1
                                                            : y * kGridSide + x;
}

// Calls each(cell, length) along a line; cell -1 lies beyond the frame.
template <typename Each>
void along_cells(const Polyline& line, const Each& each) {
  constexpr double kStep = 0.5 * kGridCell;
  constexpr double kMaxSteps = 1000;
  for (size_t i = 1; i < line.size(); ++i) {
    const Point& a = line[i - 1];
    const Point& b = line[i];
    const double length = std::hypot(b.x - a.x, b.y - a.y);
    const double steps = std::clamp(std::ceil(length / kStep), 1.0, kMaxSteps);
    for (int k = 0; k < static_cast<int>(steps); ++k) {
      const auto t = static_cast<float>((k + 0.5) / steps);
      each(grid_cell({a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)}),
           length / steps);
    }
  }
}

// Pieces of a line between its sharp turns.
std::vector<Polyline> pieces_of(const Polyline& line) {
  std::vector<Polyline> pieces;
  Polyline piece;
  // Turns of a line drawn with small steps show at some distance.
  const Polyline sparse = simplify(line, 2);
  for (size_t i = 0; i < sparse.size(); ++i) {
    piece.push_back(sparse[i]);
    if (i == 0 || i + 1 == sparse.size()) continue;
    const double ax = sparse[i].x - sparse[i - 1].x;
    const double ay = sparse[i].y - sparse[i - 1].y;
    const double bx = sparse[i + 1].x - sparse[i].x;
    const double by = sparse[i + 1].y - sparse[i].y;
    const double size = std::hypot(ax, ay) * std::hypot(bx, by);
    if (size > 0 && (ax * bx + ay * by) / size < kTurn) {
      pieces.push_back(std::exchange(piece, {sparse[i]}));
    }
  }
  if (piece.size() > 1) pieces.push_back(std::move(piece));
  return pieces;
}

// A connected region of cells that a class fills.
struct HatchedRegion {
  Image cells{kGridSide, kGridSide, 1};  // 1 within
  int count = 0;
};

// Outlines gone over several times have hardly any cells inside.
bool has_inside(const HatchedRegion& region) {
  int inside = 0;
  for (int y = 1; y + 1 < kGridSide; ++y) {
    for (int x = 1; x + 1 < kGridSide; ++x) {
      int count = 0;
      for (int j = -1; j <= 1; ++j) {
        for (int i = -1; i <= 1; ++i) {
          count += region.cells.row(y + j)[x + i];
        }
      }
      if (count == 9) ++inside;
    }
  }
  return inside > kMinInside * region.count;
}

std::vector<HatchedRegion> dense_regions(const Cells& lengths) {
  Image dense(kGridSide, kGridSide, 1);
  const auto length_at = [&](int x, int y) {
    return x < 0 || y < 0 || x >= kGridSide || y >= kGridSide
               ? 0.0
               : lengths[static_cast<size_t>(y) * kGridSide + x];
  };
  for (int y = 0; y < kGridSide; ++y) {
    for (int x = 0; x < kGridSide; ++x) {
      double sum = 0;
      for (int j = -1; j <= 1; ++j) {
        for (int i = -1; i <= 1; ++i) sum += length_at(x + i, y + j);
      }
      dense.row(y)[x] =
          length_at(x, y) > 0 && sum > kDense * 9 * kGridCell * kGridCell ? 1
                                                                          : 0;
    }
  }
  std::vector<HatchedRegion> regions;
  for (int start = 0; start < kGridSide * kGridSide; ++start) {
    if (dense.pixels[start] != 1) continue;
    HatchedRegion region;
    std::vector<int> open = {start};
    dense.pixels[start] = 2;
    while (!open.empty()) {
      const int cell = open.back();
      open.pop_back();
      region.cells.pixels[cell] = 1;
      ++region.count;
      const int x = cell % kGridSide;
      const int y = cell / kGridSide;
      for (const auto& [i, j] :
           {std::pair{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}}) {
        if (i < 0 || j < 0 || i >= kGridSide || j >= kGridSide) continue;
        if (dense.row(j)[i] != 1) continue;
        dense.row(j)[i] = 2;
        open.push_back(j * kGridSide + i);
      }
    }
    if (region.count >= kMinRegion && has_inside(region)) {
      regions.push_back(std::move(region));
    }
  }
  return regions;
}

class Simplifying {
 public:
  explicit Simplifying(const Drawing& drawing) : drawing_(drawing) {
    gone_.resize(drawing.strokes.size());
  }

  WithoutHatching run() {
    for (const auto& [eye, brow] :
         {std::pair{classes::kRightEye, classes::kRightBrow},
          {classes::kLeftEye, classes::kLeftBrow}}) {
      find_brow(eye, brow);
    }
    for (const int label : kShaded) drop_shading(label);
    for (const int label : kHatched) simplify_class(label);
    WithoutHatching out;
    out.drawing.side = drawing_.side;
    for (size_t i = 0; i < drawing_.strokes.size(); ++i) {
      if (gone_[i]) {
        ++out.hatches;
        continue;
      }
      out.drawing.strokes.push_back(drawing_.strokes[i]);
      out.source.push_back(static_cast<int>(i));
    }
    for (Stroke& stroke : added_) {
      out.drawing.strokes.push_back(std::move(stroke));
      out.source.push_back(-1);
    }
    return out;
  }

 private:
  // A side's brow that is drawn as a row of hairs and was taken for something
  // else, in a drawing that has no other there.
  void find_brow(int eye, int brow) {
    StrokeBox eyes;
    for (const Stroke& stroke : drawing_.strokes) {
      if (stroke.label == brow) return;
      if (stroke.label == eye) eyes.add(stroke.points);
    }
    if (eyes.empty) return;
    for (const int label : {classes::kContour, classes::kHair}) {
      for (const std::vector<size_t>& row : parallel_rows(drawing_, label)) {
        StrokeBox box;
        for (const size_t s : row) box.add(drawing_.strokes[s].points);
        const float over =
            std::min(box.right, eyes.right) - std::max(box.left, eyes.left);
        if (over < kOverEye * box.width() || box.bottom > eyes.y() ||
            box.height() > kBrowHeight * eyes.width() ||
            eyes.top - box.bottom > kAboveEye * eyes.width()) {
          continue;
        }
        add(outline_of_row(drawing_, row, kHairsWithin), brow);
        for (const size_t s : row) gone_[s] = true;
        return;
      }
    }
  }

  // A few parallel lines on the skin, along the nose or on the lips. A nose or
  // mouth of nothing else stays.
  void drop_shading(int label) {
    std::vector<bool> shade(drawing_.strokes.size());
    for (const std::vector<size_t>& row : parallel_rows(drawing_, label)) {
      for (const size_t s : row) shade[s] = true;
    }
    bool rest = label == classes::kContour || label == classes::kNeck;
    for (size_t s = 0; s < shade.size() && !rest; ++s) {
      rest = drawing_.strokes[s].label == label && !shade[s];
    }
    if (!rest) return;
    for (size_t s = 0; s < shade.size(); ++s) gone_[s] = gone_[s] || shade[s];
  }

  void simplify_class(int label) {
    Cells lengths = {};
    for (size_t i = 0; i < drawing_.strokes.size(); ++i) {
      const Stroke& stroke = drawing_.strokes[i];
      if (stroke.label != label || gone_[i]) continue;
      along_cells(stroke.points, [&](int cell, double length) {
        if (cell >= 0) lengths[cell] += length;
      });
    }
    for (const HatchedRegion& region : dense_regions(lengths)) {
      simplify_region(region, label);
    }
  }

  void simplify_region(const HatchedRegion& region, int label) {
    std::vector<size_t> hatches;
    std::vector<Polyline> pieces;
    for (size_t i = 0; i < drawing_.strokes.size(); ++i) {
      const Stroke& stroke = drawing_.strokes[i];
      if (stroke.label != label || gone_[i]) continue;
      double inside = 0;
      double all = 0;
      along_cells(stroke.points, [&](int cell, double length) {
        all += length;
        if (cell >= 0 && region.cells.pixels[cell] == 1) inside += length;
      });
      if (inside <= kInside * all) continue;
      hatches.push_back(i);
      for (Polyline& piece : pieces_of(stroke.points)) {
        if (length_of(piece) >= kMinPiece) pieces.push_back(std::move(piece));
      }
    }
    if (pieces.size() < kMinPieces) return;
    for (const size_t i : hatches) gone_[i] = true;
    if (label == classes::kContour) return;
    for (const Border& border : trace_borders(
             region.cells, [](int a, int b) { return a == b ? 0 : 1; })) {
      Polyline line = smooth(border.line, kSmoothing);
      for (Point& p : line) p = {p.x * kGridCell, p.y * kGridCell};
      if (length_of(line) > kMinFlow) add(std::move(line), label);
    }
    add_flows(pieces, label);
  }

  // The longest pieces that lie apart.
  void add_flows(std::vector<Polyline>& pieces, int label) {
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const Polyline& a, const Polyline& b) {
                       return length_of(a) > length_of(b);
                     });
    std::vector<Point> middles;
    for (Polyline& piece : pieces) {
      if (middles.size() == kMaxFlows || length_of(piece) < kMinFlow) return;
      const Point& a = piece.front();
      const Point& b = piece.back();
      const Point middle = {0.5F * (a.x + b.x), 0.5F * (a.y + b.y)};
      const bool near =
          std::any_of(middles.begin(), middles.end(), [&](const Point& other) {
            return std::hypot(other.x - middle.x, other.y - middle.y) <
                   kBetweenFlows;
          });
      if (near) continue;
      middles.push_back(middle);
      add(std::move(piece), label);
    }
  }

  void add(Polyline line, int label) {
    Stroke stroke;
    stroke.points = std::move(line);
    stroke.label = label;
    added_.push_back(std::move(stroke));
  }

  const Drawing& drawing_;
  std::vector<bool> gone_;
  std::vector<Stroke> added_;
};

}  // namespace

WithoutHatching without_hatching(const Drawing& drawing) {
  return Simplifying(drawing).run();
}

}  // namespace limner
