#include "metrics/appearance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/dataset.h"
#include "sketch/labels.h"
#include "util/error.h"

namespace limner {
namespace {

// A region needs one pixel in so many.
constexpr int64_t kSeen = 1000;

// Linear light of a byte of sRGB.
const std::array<double, 256>& linear_light() {
  static const std::array<double, 256> kTable = [] {
    std::array<double, 256> table{};
    for (int i = 0; i < 256; ++i) {
      const double v = i / 255.0;
      table[i] = v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
    }
    return table;
  }();
  return kTable;
}

double lab_root(double t) {
  constexpr double kEdge = 6.0 / 29;
  return t > kEdge * kEdge * kEdge ? std::cbrt(t)
                                   : t / (3 * kEdge * kEdge) + 4.0 / 29;
}

int64_t pixels_of(const Appearance& appearance) {
  return std::accumulate(appearance.begin(), appearance.end(), int64_t{0},
                         [](int64_t sum, const ColourStatistics& region) {
                           return sum + region.pixels;
                         });
}

void check_picture(const Image& picture) {
  if (picture.channels == 3 && !picture.pixels.empty()) return;
  fail("a picture has {} channels and {}x{} pixels, expected RGB",
       picture.channels, picture.width, picture.height);
}

Lab lab_at(const Image& picture, size_t pixel) {
  const uint8_t* rgb = &picture.pixels[3 * pixel];
  return lab_of({rgb[0], rgb[1], rgb[2]});
}

}  // namespace

Lab lab_of(const std::array<uint8_t, 3>& rgb) {
  const auto& linear = linear_light();
  const double r = linear[rgb[0]], g = linear[rgb[1]], b = linear[rgb[2]];
  // Divided by the white's, so that grays have a = b = 0.
  const double fx =
      lab_root((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.9504700);
  const double fy = lab_root(0.2126729 * r + 0.7151522 * g + 0.0721750 * b);
  const double fz =
      lab_root((0.0193339 * r + 0.1191920 * g + 0.9503041 * b) / 1.0888300);
  return {116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)};
}

double delta_e(const Lab& a, const Lab& b) {
  return std::sqrt((a[0] - b[0]) * (a[0] - b[0]) +
                   (a[1] - b[1]) * (a[1] - b[1]) +
                   (a[2] - b[2]) * (a[2] - b[2]));
}

const std::vector<Region>& appearance_regions() {
  static const std::vector<Region> kRegions = {
      {"background", {kBackground}},
      {"skin", {kSkin, kNose, kLeftEar, kRightEar}},
      {"brows", {kLeftBrow, kRightBrow}},
      {"eyes", {kLeftEye, kRightEye}},
      {"lips", {kUpperLip, kLowerLip}},
      {"hair", {kHair}},
      {"neck", {kNeck}},
      {"cloth", {kCloth}},
  };
  return kRegions;
}

Appearance appearance_of(const Image& picture, const Image& parts) {
  check_picture(picture);
  check_labels(parts, kMaskLabels - 1, "the parts");
  if (picture.width != parts.width || picture.height != parts.height) {
    fail("a picture of {}x{} pixels came with parts of {}x{}", picture.width,
         picture.height, parts.width, parts.height);
  }
  const std::vector<Region>& regions = appearance_regions();
  std::array<int, kMaskLabels> region_of{};
  region_of.fill(-1);
  for (size_t i = 0; i < regions.size(); ++i) {
    for (const int part : regions[i].parts) {
      region_of[part] = static_cast<int>(i);
    }
  }
  Appearance result(regions.size());
  std::vector<Lab> squares(regions.size());
  for (size_t i = 0; i < parts.pixels.size(); ++i) {
    const int at = region_of[parts.pixels[i]];
    if (at < 0) continue;
    const Lab lab = lab_at(picture, i);
    ++result[at].pixels;
    for (int c = 0; c < 3; ++c) {
      result[at].mean[c] += lab[c];
      squares[at][c] += lab[c] * lab[c];
    }
  }
  for (size_t i = 0; i < regions.size(); ++i) {
    ColourStatistics& region = result[i];
    if (region.pixels == 0) continue;
    const auto count = static_cast<double>(region.pixels);
    for (int c = 0; c < 3; ++c) {
      region.mean[c] /= count;
      region.deviation[c] = std::sqrt(std::max(
          0.0, squares[i][c] / count - region.mean[c] * region.mean[c]));
    }
  }
  return result;
}

double colour_distance(const ColourStatistics& a, const ColourStatistics& b) {
  return std::hypot(delta_e(a.mean, b.mean), delta_e(a.deviation, b.deviation));
}

AppearanceDistance appearance_distance(const Appearance& a,
                                       const Appearance& b) {
  if (a.size() != b.size()) {
    fail("appearances of {} and {} regions cannot be compared", a.size(),
         b.size());
  }
  const int64_t min_a = std::max<int64_t>(1, pixels_of(a) / kSeen);
  const int64_t min_b = std::max<int64_t>(1, pixels_of(b) / kSeen);
  AppearanceDistance result;
  result.regions.resize(a.size());
  double sum = 0, sum_delta_e = 0;
  int count = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].pixels < min_a || b[i].pixels < min_b) continue;
    result.regions[i] = colour_distance(a[i], b[i]);
    sum += *result.regions[i];
    sum_delta_e += delta_e(a[i].mean, b[i].mean);
    ++count;
  }
  if (count > 0) {
    result.mean = sum / count;
    result.mean_delta_e = sum_delta_e / count;
  }
  return result;
}

double pixel_distance(const Image& a, const Image& b) {
  check_picture(a);
  check_picture(b);
  if (a.width != b.width || a.height != b.height) {
    fail("pictures of {}x{} and {}x{} pixels cannot be compared", a.width,
         a.height, b.width, b.height);
  }
  double sum = 0;
  const size_t count = a.pixels.size() / 3;
  for (size_t i = 0; i < count; ++i) {
    sum += delta_e(lab_at(a, i), lab_at(b, i));
  }
  return sum / static_cast<double>(count);
}

}  // namespace limner
