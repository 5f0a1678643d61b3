#include "sketch/mask_sketch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "image/resize.h"
#include "sketch/borders.h"
#include "sketch/curves.h"
#include "sketch/edges.h"
#include "sketch/labels.h"
#include "util/error.h"

namespace limner {
namespace {

// By mask label. inner: the class of edges inside. border: the rank in
// border_class()'s order, 1 first.
struct PartLines {
  int inner;
  int rank;
  // How far from a border, in 1/512, edges only repeat it.
  float margin;
  // Edges of a part are drawn before stronger ones elsewhere.
  float weight;
};
constexpr std::array<PartLines, kMaskLabels> kPartTable = {{
    {0, 99, 0, 0},      // background
    {10, 8, 5, 1.6F},   // skin
    {6, 7, 4, 2.0F},    // nose
    {3, 3, 4, 1.5F},    // glasses
    {1, 4, 3, 2.0F},    // eye on the right
    {2, 4, 3, 2.0F},    // eye on the left
    {4, 5, 4, 0.7F},    // brow on the right
    {5, 5, 4, 0.7F},    // brow on the left
    {11, 9, 5, 1.6F},   // ear on the right
    {12, 9, 5, 1.6F},   // ear on the left
    {7, 6, 3, 1.5F},    // mouth
    {7, 6, 3, 1.5F},    // upper lip
    {7, 6, 3, 1.5F},    // lower lip
    {15, 10, 6, 1.0F},  // hair
    {13, 10, 6, 0.8F},  // hat
    {8, 1, 3, 1.2F},    // earring
    {9, 2, 3, 1.2F},    // necklace
    {14, 10, 6, 1.4F},  // neck
    {16, 10, 6, 0.7F},  // cloth
}};

// Length of all inner edges at full detail, in 1/512 of the side.
constexpr double kMaxInner = 11000;

// The border of the skin with a part that does not come before it.
int skin_border(int other) {
  switch (other) {
    case 0:
      return 10;
    case 8:
    case 9:
      return 21;
    case 13:
      return 17;
    case 14:
      return 20;
    case 17:
      return 18;
    default:
      return 19;
  }
}

void check_mask_label(int label) {
  if (label >= 0 && label < kMaskLabels) return;
  fail("mask labels are 0 to {}, got {}", kMaskLabels - 1, label);
}

// Pixels of mask [s,s,1] near another region: for each, the distance along
// rows or columns to the nearest such pixel, up to `max`.
std::vector<uint8_t> distance_to_border(const Image& mask, int max) {
  const int s = mask.width;
  std::vector<uint8_t> distance(mask.pixels.size(), static_cast<uint8_t>(max));
  for (int y = 0; y < s; ++y) {
    for (int x = 0; x < s; ++x) {
      const uint8_t* at = mask.row(y) + x;
      if ((x > 0 && at[-1] != *at) || (x + 1 < s && at[1] != *at) ||
          (y > 0 && at[-s] != *at) || (y + 1 < s && at[s] != *at)) {
        distance[static_cast<size_t>(y) * s + x] = 0;
      }
    }
  }
  // Two passes, each from the neighbours that it has passed (8 of them: the
  // distance of a king's moves).
  const auto relax = [&](int x, int y, int dx, int dy) {
    const int i = x + dx;
    const int j = y + dy;
    if (i < 0 || j < 0 || i >= s || j >= s) return;
    uint8_t& here = distance[static_cast<size_t>(y) * s + x];
    const int through = distance[static_cast<size_t>(j) * s + i] + 1;
    here = static_cast<uint8_t>(std::min<int>(here, through));
  };
  for (int y = 0; y < s; ++y) {
    for (int x = 0; x < s; ++x) {
      relax(x, y, -1, 0);
      for (int dx = -1; dx <= 1; ++dx) relax(x, y, dx, -1);
    }
  }
  for (int y = s - 1; y >= 0; --y) {
    for (int x = s - 1; x >= 0; --x) {
      relax(x, y, 1, 0);
      for (int dx = -1; dx <= 1; ++dx) relax(x, y, dx, 1);
    }
  }
  return distance;
}

// Where edges are wanted: inside regions, away from their borders.
std::vector<char> inner_pixels(const Image& mask) {
  const float unit = kFrameSide / static_cast<float>(mask.width);
  const int max = static_cast<int>(std::ceil(8 / unit)) + 1;
  const std::vector<uint8_t> distance = distance_to_border(mask, max);
  std::vector<char> inner(mask.pixels.size());
  for (size_t i = 0; i < inner.size(); ++i) {
    const PartLines& part = kPartTable[mask.pixels[i]];
    inner[i] = part.inner > 0 && distance[i] * unit >= part.margin ? 1 : 0;
  }
  return inner;
}

void scale_by(Polyline& line, float factor) {
  for (Point& point : line) {
    point.x *= factor;
    point.y *= factor;
  }
}

void add_borders(const Image& mask, const SketchOptions& options,
                 Drawing& drawing) {
  const float unit = kFrameSide / static_cast<float>(mask.width);
  // Neighbouring points of a traced line are 1/2 to 1 pixel apart.
  const double sigma = options.smoothing / (0.8 * unit);
  const double tolerance = std::max(0.6, 0.4 * unit);
  for (Border& border : trace_borders(mask, border_class)) {
    if (is_closed(border.line) &&
        length_of(border.line) * unit < options.min_border) {
      continue;
    }
    Polyline line = smooth(border.line, sigma);
    scale_by(line, unit);
    drawing.strokes.push_back({simplify(line, tolerance), border.label, 0});
  }
}

// Brightness steps are judged against the range of the picture's darkest and
// brightest parts.
float contrast_of(const Image& photo, const Image& mask) {
  std::array<int, 256> counts = {};
  int total = 0;
  for (size_t i = 0; i < mask.pixels.size(); ++i) {
    if (mask.pixels[i] == 0) continue;
    ++counts[photo.pixels[3 * i + 1]];
    ++total;
  }
  const auto quantile = [&](double q) {
    int seen = 0;
    for (int value = 0; value < 256; ++value) {
      seen += counts[value];
      if (seen > q * total) return value;
    }
    return 255;
  };
  const int range = quantile(0.98) - quantile(0.02);
  return std::clamp(static_cast<float>(range) / 180.0F, 0.45F, 1.0F);
}

void add_inner(const Image& mask, const Image& photo,
               const SketchOptions& options, Drawing& drawing) {
  // Finer pictures than the drawing would only cost time.
  const int side = std::min<int>(photo.width, static_cast<int>(kFrameSide));
  const Image view = resize(photo, side, side, Filter::kBilinear);
  const Image regions = resize(mask, side, side, Filter::kNearest);
  const float unit = kFrameSide / static_cast<float>(side);
  const float contrast = contrast_of(view, regions);
  const int shortest = std::max(static_cast<int>(std::ceil(12 / unit)), 4);
  std::vector<Edge> edges = find_edges(view, regions, inner_pixels(regions),
                                       3.5F * contrast, shortest);
  // The strongest first; length counts, but less than contrast.
  const auto score = [&](const Edge& edge) {
    return kPartTable[edge.region].weight * edge.contrast *
           std::pow(static_cast<float>(edge.line.size()), 0.4F);
  };
  std::vector<std::pair<float, size_t>> ranking;
  for (size_t i = 0; i < edges.size(); ++i) {
    ranking.emplace_back(-score(edges[i]), i);
  }
  std::sort(ranking.begin(), ranking.end());
  double drawn = 0;
  for (const auto& [negative, i] : ranking) {
    Edge& edge = edges[i];
    drawn += length_of(edge.line) * unit;
    // Detail d has d squared of the most that is drawn.
    const auto detail = static_cast<float>(std::sqrt(drawn / kMaxInner));
    if (detail > options.detail) break;
    Polyline line = smooth(edge.line, 1.6 / unit);
    scale_by(line, unit);
    drawing.strokes.push_back(
        {simplify(line, 0.7), inner_class(edge.region), detail});
  }
}

}  // namespace

int border_class(int a, int b) {
  check_mask_label(a);
  check_mask_label(b);
  if (a == b) return 0;
  if (kPartTable[b].rank < kPartTable[a].rank) std::swap(a, b);
  const int rank = kPartTable[a].rank;
  if (a == kSkin) return skin_border(b);
  // Hair, hat, neck and cloth among each other.
  const bool same = rank == kPartTable[b].rank;
  if (rank == kPartTable[kHair].rank && same) return 22;
  return kPartTable[a].inner;
}

int inner_class(int part) {
  check_mask_label(part);
  return kPartTable[part].inner;
}

Drawing sketch_of(const Image& mask, const Image* photo,
                  const SketchOptions& options) {
  check_labels(mask, kMaskLabels - 1, "sketch of a mask");
  if (mask.width != mask.height || mask.width < 1) {
    fail("sketch of a mask: it is {}x{} pixels; expected a square", mask.width,
         mask.height);
  }
  Drawing drawing;
  drawing.side = kFrameSide;
  add_borders(mask, options, drawing);
  if (photo != nullptr && options.detail > 0) {
    if (photo->width != photo->height || photo->channels != 3) {
      fail(
          "sketch of a mask: its photo is {}x{} with {} channels; expected a "
          "square of 3",
          photo->width, photo->height, photo->channels);
    }
    add_inner(mask, *photo, options, drawing);
  }
  return drawing;
}

}  // namespace limner
