// How alike two faces look in colour: statistics of each region, whatever its
// shape and place.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "image/image.h"

namespace limner {

// CIE 1976 L*a*b* of an sRGB colour (IEC 61966-2-1; white point D65, 2
// degrees). L is 0..100.
using Lab = std::array<double, 3>;
Lab lab_of(const std::array<uint8_t, 3>& rgb);

// The Euclidean distance of two colours: CIE 1976 Delta E*ab. About 2 can just
// be seen.
double delta_e(const Lab& a, const Lab& b);

// A region of the face that has a colour of its own.
struct Region {
  const char* name;
  std::vector<int> parts;
};
// background, skin (with nose and ears), brows, eyes, lips, hair, neck, cloth.
const std::vector<Region>& appearance_regions();

struct ColourStatistics {
  int64_t pixels = 0;
  Lab mean{};
  Lab deviation{};  // the standard deviation of each channel
};

// One entry a region of appearance_regions().
using Appearance = std::vector<ColourStatistics>;

// picture: RGB [h,w,3]. parts: [h,w,1] of 0..18. Throws Error for others.
Appearance appearance_of(const Image& picture, const Image& parts);

// The distance of two regions' colours, in units of Delta E:
//   sqrt(|mean_a - mean_b|^2 + |deviation_a - deviation_b|^2),
// the 2-Wasserstein distance of normal distributions with these means and
// deviations and independent channels.
double colour_distance(const ColourStatistics& a, const ColourStatistics& b);

struct AppearanceDistance {
  // By region; nothing where one of the two has less than a thousandth of its
  // pixels there.
  std::vector<std::optional<double>> regions;
  // Over the regions that both have; nothing where there is none.
  std::optional<double> mean;
  // The same with Delta E of the means alone.
  std::optional<double> mean_delta_e;
};
AppearanceDistance appearance_distance(const Appearance& a,
                                       const Appearance& b);

// The mean Delta E of pixels at the same place, RGB pictures of one size.
// Throws Error for others.
double pixel_distance(const Image& a, const Image& b);

}  // namespace limner
