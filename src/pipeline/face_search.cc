#include "pipeline/face_search.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "model/parser.h"
#include "sketch/mask_sketch.h"

namespace limner {
namespace {

// Steps of the search: the evidence is wide enough for what lies between.
constexpr double kSideStep = 1.15;
constexpr std::array<double, 5> kAngles = {-24, -12, 0, 12, 24};
// A part without evidence counts as this much; skin may be hidden by hair.
constexpr float kFloor = 0.02F;
constexpr float kSkinFloor = 0.2F;
constexpr float kNever = -1e9F;
// Weaker candidates are not worth a look.
constexpr double kMinScore = 0.25;
// Behind dark glasses there are no eyes.
constexpr float kGlassesCount = 0.6F;

float sigmoid(float x) { return 1.0F / (1.0F + std::exp(-x)); }

// The best of every cell and the eight around it, which leaves room for faces
// that differ from the usual one.
std::vector<float> widened(const std::vector<float>& cells, int width,
                           int height) {
  std::vector<float> wide(cells.size());
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      float max = 0;
      for (int j = std::max(0, y - 1); j <= std::min(height - 1, y + 1); ++j) {
        for (int i = std::max(0, x - 1); i <= std::min(width - 1, x + 1); ++i) {
          max = std::max(max, cells[static_cast<size_t>(j) * width + i]);
        }
      }
      wide[static_cast<size_t>(y) * width + x] = max;
    }
  }
  return wide;
}

// Parts that are looked for together; glasses may hide eyes.
enum Group {
  kEyeGroup,
  kNoseGroup,
  kMouthGroup,
  kSkinGroup,
  kGlassesGroup,
  kOther,
  kGroups
};

Group group_of(int part) {
  if (part == kLeftEye || part == kRightEye) return kEyeGroup;
  if (part == kNose) return kNoseGroup;
  if (part == kGlasses) return kGlassesGroup;
  if (part == kSkin) return kSkinGroup;
  if (part == kMouth || part == kUpperLip || part == kLowerLip) {
    return kMouthGroup;
  }
  return kOther;
}

}  // namespace

Evidence::Evidence(int cell_side, int cells_across, int cells_down)
    : cell(cell_side), width(cells_across), height(cells_down) {
  const size_t cells = static_cast<size_t>(width) * height;
  for (auto* map : {&eye, &nose, &mouth, &skin}) map->assign(cells, 0.0F);
}

void Evidence::add(const std::vector<float>& logits, int square, int column,
                   int row) {
  const size_t area = static_cast<size_t>(square) * square;
  const int cells = square / cell;
  std::vector<std::array<float, kGroups>> best(square);
  for (int j = 0; j < cells; ++j) {
    if (row + j < 0 || row + j >= height) continue;
    // By how much a group leads all others, at best in each cell.
    std::vector<std::array<float, kGroups>> lead(cells);
    for (auto& values : lead) values.fill(kNever);
    for (int y = j * cell; y < (j + 1) * cell; ++y) {
      for (auto& values : best) values.fill(kNever);
      for (int part = 0; part < Parser::kClasses; ++part) {
        const Group group = group_of(part);
        const float* from =
            &logits[part * area + static_cast<size_t>(y) * square];
        for (int x = 0; x < square; ++x) {
          best[x][group] = std::max(best[x][group], from[x]);
        }
      }
      for (int x = 0; x < cells * cell; ++x) {
        const auto& values = best[x];
        float first = kNever, second = kNever;
        int leader = kOther;
        for (int group = 0; group < kGroups; ++group) {
          if (values[group] > first) {
            second = first;
            first = values[group];
            leader = group;
          } else {
            second = std::max(second, values[group]);
          }
        }
        auto& there = lead[x / cell];
        for (int group = 0; group < kOther; ++group) {
          there[group] = std::max(
              there[group], values[group] - (group == leader ? second : first));
        }
      }
    }
    for (int i = 0; i < cells; ++i) {
      if (column + i < 0 || column + i >= width) continue;
      const size_t at = static_cast<size_t>(row + j) * width + column + i;
      const auto keep = [&](std::vector<float>& map, float value) {
        map[at] = std::max(map[at], value);
      };
      keep(eye, sigmoid(lead[i][kEyeGroup]));
      keep(eye, kGlassesCount * sigmoid(lead[i][kGlassesGroup]));
      keep(nose, sigmoid(lead[i][kNoseGroup]));
      keep(mouth, sigmoid(lead[i][kMouthGroup]));
      keep(skin, sigmoid(lead[i][kSkinGroup]));
    }
  }
}

std::vector<Candidate> candidates_of(const Evidence& evidence, double min_side,
                                     double max_side, size_t limit) {
  const int width = evidence.width;
  const int height = evidence.height;
  const std::vector<float> eye = widened(evidence.eye, width, height);
  const std::vector<float> nose = widened(evidence.nose, width, height);
  const std::vector<float> mouth = widened(evidence.mouth, width, height);
  const std::vector<float> skin = widened(evidence.skin, width, height);
  struct Best {
    float product = 0;
    float side = 0, angle = 0;
  };
  std::vector<Best> best(static_cast<size_t>(width) * height);
  struct Sought {
    const std::vector<float>& evidence;
    Place usual;
    float floor;
    int dx, dy;  // from the middle of the frame, in cells
  };
  std::array<Sought, 7> parts = {{{eye, kUsualLeftEye, kFloor, 0, 0},
                                  {eye, kUsualRightEye, kFloor, 0, 0},
                                  {nose, kUsualNose, kFloor, 0, 0},
                                  {mouth, kUsualMouth, kFloor, 0, 0},
                                  {skin, kUsualLeftCheek, kSkinFloor, 0, 0},
                                  {skin, kUsualRightCheek, kSkinFloor, 0, 0},
                                  {skin, kUsualChin, kSkinFloor, 0, 0}}};
  for (double side = min_side; side < max_side * 1.001; side *= kSideStep) {
    for (const double angle : kAngles) {
      for (Sought& part : parts) {
        const Place at =
            to_photo({{0, 0}, side / evidence.cell, angle}, part.usual);
        part.dx = static_cast<int>(std::lround(at.x));
        part.dy = static_cast<int>(std::lround(at.y));
      }
      for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
          float product = 1;
          for (const Sought& part : parts) {
            const int i = x + part.dx;
            const int j = y + part.dy;
            const bool inside = i >= 0 && j >= 0 && i < width && j < height;
            const size_t at = inside ? static_cast<size_t>(j) * width + i : 0;
            product *= std::max(part.floor, inside ? part.evidence[at] : 0.0F);
          }
          Best& there = best[static_cast<size_t>(y) * width + x];
          if (product > there.product) {
            there = {product, static_cast<float>(side),
                     static_cast<float>(angle)};
          }
        }
      }
    }
  }

  std::vector<Candidate> all;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const Best& there = best[static_cast<size_t>(y) * width + x];
      const double score = std::pow(there.product, 1.0 / 7);
      if (score < kMinScore) continue;
      all.push_back({{{(x + 0.5) * evidence.cell, (y + 0.5) * evidence.cell},
                      there.side,
                      there.angle},
                     score});
    }
  }
  std::stable_sort(
      all.begin(), all.end(),
      [](const Candidate& a, const Candidate& b) { return a.score > b.score; });
  std::vector<Candidate> kept;
  for (const Candidate& candidate : all) {
    if (kept.size() == limit) break;
    const bool near =
        std::any_of(kept.begin(), kept.end(), [&](const Candidate& better) {
          return change_between(better.frame, candidate.frame).shift < 0.25;
        });
    if (!near) kept.push_back(candidate);
  }
  return kept;
}

}  // namespace limner
