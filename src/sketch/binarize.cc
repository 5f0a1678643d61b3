#include "sketch/binarize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "util/error.h"

namespace limner {
namespace {

// What is paler than this, as a share of the ground's brightness, is no ink.
constexpr float kMinDarkness = 0.05F;

// [h,w] of numbers.
struct Plane {
  int width = 0;
  int height = 0;
  std::vector<float> values;

  Plane(int w, int h)
      : width(w), height(h), values(static_cast<size_t>(w) * h) {}
  float* row(int y) { return &values[static_cast<size_t>(y) * width]; }
  const float* row(int y) const {
    return &values[static_cast<size_t>(y) * width];
  }
};

// Sums over windows of (2 reach + 1)^2 pixels, cut at the picture's border.
Plane box_sums(const Plane& from, int reach) {
  const int w = from.width;
  const int h = from.height;
  Plane rows(w, h);
  for (int y = 0; y < h; ++y) {
    const float* in = from.row(y);
    float* out = rows.row(y);
    double sum = 0;
    for (int x = 0; x < std::min(reach, w); ++x) sum += in[x];
    for (int x = 0; x < w; ++x) {
      if (x + reach < w) sum += in[x + reach];
      out[x] = static_cast<float>(sum);
      if (x >= reach) sum -= in[x - reach];
    }
  }
  Plane out(w, h);
  std::vector<double> sums(w, 0.0);
  const auto add = [&](int y, double sign) {
    const float* in = rows.row(y);
    for (int x = 0; x < w; ++x) sums[x] += sign * in[x];
  };
  for (int y = 0; y < std::min(reach, h); ++y) add(y, 1);
  for (int y = 0; y < h; ++y) {
    if (y + reach < h) add(y + reach, 1);
    std::copy(sums.begin(), sums.end(), out.row(y));
    if (y >= reach) add(y - reach, -1);
  }
  return out;
}

float median_size(const Plane& plane) {
  // Of so many pixels, evenly spread, that it is sure enough.
  constexpr size_t kEnough = 1 << 16;
  const size_t step = plane.values.size() / kEnough + 1;
  std::vector<float> sizes;
  for (size_t i = 0; i < plane.values.size(); i += step) {
    sizes.push_back(std::abs(plane.values[i]));
  }
  const auto middle = sizes.begin() + static_cast<int64_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  return *middle;
}

// Standard deviation of the bulk of the pixels, from their median size.
float noise_of(const Plane& plane) { return 1.4826F * median_size(plane); }

// Means of squares of step x step pixels; those at the right and lower border
// may be smaller.
Plane reduced(const Plane& from, int step) {
  Plane out((from.width + step - 1) / step, (from.height + step - 1) / step);
  for (int y = 0; y < out.height; ++y) {
    const int bottom = std::min((y + 1) * step, from.height);
    for (int x = 0; x < out.width; ++x) {
      const int right = std::min((x + 1) * step, from.width);
      float sum = 0;
      for (int j = y * step; j < bottom; ++j) {
        for (int i = x * step; i < right; ++i) sum += from.row(j)[i];
      }
      const int count = (bottom - y * step) * (right - x * step);
      out.row(y)[x] = sum / static_cast<float>(count);
    }
  }
  return out;
}

// The other way around, to w x h: linear between the squares' middles.
Plane enlarged(const Plane& from, int step, int w, int h) {
  struct Place {
    int before, after;
    float share;  // of the one after
  };
  const auto places = [step](int length, int max) {
    std::vector<Place> out;
    for (int i = 0; i < length; ++i) {
      const float at =
          (static_cast<float>(i) + 0.5F) / static_cast<float>(step) - 0.5F;
      const int before = static_cast<int>(std::floor(at));
      out.push_back({std::clamp(before, 0, max - 1),
                     std::clamp(before + 1, 0, max - 1),
                     at - static_cast<float>(before)});
    }
    return out;
  };
  const std::vector<Place> across = places(w, from.width);
  const std::vector<Place> down = places(h, from.height);
  Plane out(w, h);
  std::vector<float> line(from.width);
  for (int y = 0; y < h; ++y) {
    const float* a = from.row(down[y].before);
    const float* b = from.row(down[y].after);
    for (int x = 0; x < from.width; ++x) {
      line[x] = a[x] + down[y].share * (b[x] - a[x]);
    }
    float* to = out.row(y);
    for (int x = 0; x < w; ++x) {
      const Place& p = across[x];
      to[x] = line[p.before] + p.share * (line[p.after] - line[p.before]);
    }
  }
  return out;
}

// The ground that `picture` (0..1, dark lines) is drawn on: local means, again
// and again, of what is left of the picture without the ground so far and
// without ink. (Once would bend slopes of light at the picture's border.)
Plane ground_of(const Plane& picture, int reach) {
  const size_t area = picture.values.size();
  Plane ground(picture.width, picture.height);
  Plane rest = picture;
  Plane weights(picture.width, picture.height);
  std::fill(weights.values.begin(), weights.values.end(), 1.0F);
  constexpr int kRounds = 4;
  for (int round = 1;; ++round) {
    // First over larger windows, so as to find paper beside broad ink.
    const int wide = round == 1 ? 2 * reach : reach;
    const Plane sums = box_sums(rest, wide);
    const Plane counts = box_sums(weights, wide);
    for (size_t i = 0; i < area; ++i) {
      if (counts.values[i] >= 1) {
        ground.values[i] += sums.values[i] / counts.values[i];
      }
      rest.values[i] = picture.values[i] - ground.values[i];
    }
    if (round == kRounds) return ground;
    const float min = -std::max(1.5F * noise_of(rest), 0.02F);
    for (size_t i = 0; i < area; ++i) {
      weights.values[i] = rest.values[i] >= min ? 1.0F : 0.0F;
      rest.values[i] *= weights.values[i];
    }
  }
}

// Whether lines are light on dark ground. Lines are few pixels that differ much
// from those around them, the ground many that differ little: the differences
// are skewed to the lines' side.
bool has_light_lines(const Plane& picture, int reach) {
  Plane ones(picture.width, picture.height);
  std::fill(ones.values.begin(), ones.values.end(), 1.0F);
  const Plane counts = box_sums(ones, reach);
  const Plane sums = box_sums(picture, reach);
  double skew = 0;
  for (size_t i = 0; i < picture.values.size(); ++i) {
    const double d = picture.values[i] - sums.values[i] / counts.values[i];
    skew += d * d * d;
  }
  return skew > 0;
}

// Weights 1 2 1 along rows and columns.
void blur(Plane& plane) {
  const auto pass = [](Plane& p, int count, int length, size_t across,
                       size_t along) {
    for (int i = 0; i < count; ++i) {
      float* at = &p.values[i * across];
      float before = at[0];
      for (int k = 0; k < length; ++k) {
        const float here = at[k * along];
        const float after = k + 1 < length ? at[(k + 1) * along] : here;
        at[k * along] = 0.25F * (before + after) + 0.5F * here;
        before = here;
      }
    }
  };
  const auto w = static_cast<size_t>(plane.width);
  pass(plane, plane.height, plane.width, w, 1);
  pass(plane, plane.width, plane.height, 1, w);
}

// Pixels that hang together (8-connected), by union-find: each pixel of `ink`
// gets the first pixel of its mark.
std::vector<int> marks_of(const Image& ink) {
  std::vector<int> root(ink.pixels.size());
  std::iota(root.begin(), root.end(), 0);
  const auto find = [&](int i) {
    while (root[i] != i) {
      root[i] = root[root[i]];
      i = root[i];
    }
    return i;
  };
  const auto join = [&](int a, int b) {
    a = find(a);
    b = find(b);
    root[std::max(a, b)] = std::min(a, b);
  };
  const int w = ink.width;
  for (int y = 0; y < ink.height; ++y) {
    const uint8_t* row = ink.row(y);
    for (int x = 0; x < w; ++x) {
      if (row[x] == 0) continue;
      const int at = y * w + x;
      if (x > 0 && row[x - 1] != 0) join(at, at - 1);
      if (y == 0) continue;
      const uint8_t* above = row - w;
      if (above[x] != 0) join(at, at - w);
      if (x > 0 && above[x - 1] != 0) join(at, at - w - 1);
      if (x + 1 < w && above[x + 1] != 0) join(at, at - w + 1);
    }
  }
  for (size_t i = 0; i < root.size(); ++i) {
    if (ink.pixels[i] != 0) root[i] = find(static_cast<int>(i));
  }
  return root;
}

// Leaves out marks that nowhere reach `strong`, and specks.
void drop_marks(Image& ink, const Plane& darkness, float strong, double speck) {
  struct Mark {
    int left = INT32_MAX, right = -1, top = INT32_MAX, bottom = -1;
    float darkest = 0;
  };
  const std::vector<int> roots = marks_of(ink);
  std::vector<int> ids(roots.size(), -1);
  std::vector<Mark> marks;
  const auto each = [&](const auto& body) {
    for (int y = 0; y < ink.height; ++y) {
      for (int x = 0; x < ink.width; ++x) {
        const size_t i = static_cast<size_t>(y) * ink.width + x;
        if (ink.pixels[i] != 0) body(x, y, i, ids[roots[i]]);
      }
    }
  };
  each([&](int x, int y, size_t i, int& id) {
    if (id < 0) {
      id = static_cast<int>(marks.size());
      marks.emplace_back();
    }
    Mark& mark = marks[id];
    mark.left = std::min(mark.left, x);
    mark.right = std::max(mark.right, x);
    mark.top = std::min(mark.top, y);
    mark.bottom = std::max(mark.bottom, y);
    mark.darkest = std::max(mark.darkest, darkness.values[i]);
  });
  each([&](int, int, size_t i, int id) {
    const Mark& mark = marks[id];
    const int extent =
        std::max(mark.right - mark.left, mark.bottom - mark.top) + 1;
    if (mark.darkest < strong || extent < speck) ink.pixels[i] = 0;
  });
}

// The largest value within `reach` pixels of each, to both sides and up and
// down.
Plane largest_near(const Plane& from, int reach) {
  const int w = from.width;
  const int h = from.height;
  Plane rows(w, h);
  Plane out(w, h);
  for (int y = 0; y < h; ++y) {
    const float* in = from.row(y);
    for (int x = 0; x < w; ++x) {
      rows.row(y)[x] = *std::max_element(in + std::max(0, x - reach),
                                         in + std::min(w, x + reach + 1));
    }
  }
  for (int y = 0; y < h; ++y) {
    float* to = out.row(y);
    std::copy_n(rows.row(y), w, to);
    for (int j = std::max(0, y - reach); j < std::min(h, y + reach + 1); ++j) {
      const float* in = rows.row(j);
      for (int x = 0; x < w; ++x) to[x] = std::max(to[x], in[x]);
    }
  }
  return out;
}

// Clears what is paler, by a tenth and by `least`, than the darkest pixels
// within `reach` on both sides of it, unless it is darker by as much than what
// lies to either side across: paper between lines that blur joins, and no pale
// place in a line.
void part_lines(Plane& darkness, int reach, float least) {
  constexpr float kPaler = 0.9F;
  // Right, right and down, down, left and down.
  constexpr std::array<std::array<int, 2>, 4> kWays = {
      {{1, 0}, {1, 1}, {0, 1}, {-1, 1}}};
  const int slant = std::max(1, static_cast<int>(std::lround(0.7 * reach)));
  const Plane from = darkness;
  const auto is_gap = [&](int x, int y, size_t way) {
    const float here = from.row(y)[x];
    const int steps = way % 2 == 0 ? reach : slant;
    const auto at = [&](size_t k, int step) {
      return from.row(y + step * kWays[k][1])[x + step * kWays[k][0]];
    };
    float before = 0;
    float after = 0;
    for (int step = 1; step <= steps; ++step) {
      before = std::max(before, at(way, -step));
      after = std::max(after, at(way, step));
    }
    const float side = std::min(before, after);
    if (here >= kPaler * side || side - here < least) return false;
    const size_t across = (way + 2) % kWays.size();
    const float paper = std::min(at(across, -steps), at(across, steps));
    return here - paper <= side - here;
  };
  for (int y = reach; y + reach < from.height; ++y) {
    for (int x = reach; x + reach < from.width; ++x) {
      if (from.row(y)[x] < kMinDarkness) continue;
      for (size_t way = 0; way < kWays.size(); ++way) {
        if (!is_gap(x, y, way)) continue;
        darkness.row(y)[x] = 0;
        break;
      }
    }
  }
}

// Pixels in the middle of a square of 2 reach + 1 pixels of ink.
Plane depths(const Plane& ink, int reach) {
  Plane plane = box_sums(ink, reach);
  const float full = static_cast<float>(2 * reach + 1) * (2 * reach + 1);
  for (float& value : plane.values) value = value >= full ? 1.0F : 0.0F;
  return plane;
}

// Of regions in which a square of 2 reach + 1 pixels fits, a rim of `rim`
// pixels stays.
void hollow(Image& ink, int reach, int rim) {
  Plane plane(ink.width, ink.height);
  std::copy(ink.pixels.begin(), ink.pixels.end(), plane.values.begin());
  Plane core = depths(plane, reach);
  if (std::count(core.values.begin(), core.values.end(), 1.0F) == 0) return;
  // A little farther than the squares, which do not fill round corners.
  core = box_sums(core, reach + 2 * rim);
  plane = depths(plane, rim);
  for (size_t i = 0; i < ink.pixels.size(); ++i) {
    if (core.values[i] > 0 && plane.values[i] > 0) ink.pixels[i] = 0;
  }
}

}  // namespace

Image gray_of(const Image& picture) {
  const int channels = picture.channels;
  if (channels != 1 && channels != 3 && channels != 4) {
    fail("pictures have 1, 3 or 4 channels, got {}", channels);
  }
  if (channels == 1) return picture;
  Image gray(picture.width, picture.height, 1);
  const uint8_t* from = picture.pixels.data();
  for (uint8_t& value : gray.pixels) {
    int light = (299 * from[0] + 587 * from[1] + 114 * from[2] + 500) / 1000;
    if (channels == 4) light = 255 + (light - 255) * from[3] / 255;
    value = static_cast<uint8_t>(light);
    from += channels;
  }
  return gray;
}

double width_of(const Image& ink) {
  int64_t area = 0;
  int64_t outline = 0;
  for (int y = 0; y < ink.height; ++y) {
    const uint8_t* row = ink.row(y);
    for (int x = 0; x < ink.width; ++x) {
      if (row[x] == 0) continue;
      ++area;
      if (x == 0 || x + 1 == ink.width || row[x - 1] == 0 || row[x + 1] == 0 ||
          y == 0 || y + 1 == ink.height || (row - ink.width)[x] == 0 ||
          (row + ink.width)[x] == 0) {
        ++outline;
      }
    }
  }
  if (outline == 0) return 0;
  return 2 * static_cast<double>(area) / static_cast<double>(outline);
}

Ink find_ink(const Image& gray, double speck, int times) {
  const int side = std::max(gray.width, gray.height);
  Plane picture(gray.width, gray.height);
  std::transform(gray.pixels.begin(), gray.pixels.end(), picture.values.begin(),
                 [](uint8_t v) { return static_cast<float>(v) / 255; });
  // The ground is smooth: a small picture will do for it.
  const int step = side >= 512 ? 4 : side >= 128 ? 2 : 1;
  const int reach = std::max(side / 16 / step, 4);
  Plane small = reduced(picture, step);
  if (has_light_lines(small, reach)) {
    for (float& value : picture.values) value = 1 - value;
    for (float& value : small.values) value = 1 - value;
  }

  // By how much of the ground's brightness a pixel is darker: the light takes
  // the same share from line and ground.
  Plane darkness =
      enlarged(ground_of(small, reach), step, gray.width, gray.height);
  for (size_t i = 0; i < darkness.values.size(); ++i) {
    const float ground = darkness.values[i];
    darkness.values[i] = (ground - picture.values[i]) / std::max(ground, 0.15F);
  }
  // Fine lines are spared where there is little noise.
  float noise = noise_of(darkness);
  for (const float much : {0.012F, 0.04F}) {
    if (noise < much) break;
    blur(darkness);
    noise = noise_of(darkness);
  }

  if (times > 1) part_lines(darkness, times * 3 / 2, 3 * noise);

  // How dark ink is, on average of what is surely some.
  const float sure = std::max(5 * noise, 0.06F);
  double sum = 0;
  int64_t count = 0;
  for (const float value : darkness.values) {
    if (value < sure) continue;
    sum += value;
    ++count;
  }
  Ink ink;
  ink.pixels = Image(gray.width, gray.height, 1);
  ink.noise = noise;
  if (count == 0) return ink;
  const auto level = static_cast<float>(sum / static_cast<double>(count));
  const float weak = std::max(3 * noise, std::max(kMinDarkness, 0.35F * level));
  const float strong = std::max(5 * noise, std::max(0.09F, 0.5F * level));
  for (size_t i = 0; i < darkness.values.size(); ++i) {
    ink.pixels.pixels[i] = darkness.values[i] >= weak ? 1 : 0;
  }
  if (times > 1) {
    constexpr float kOfDarkest = 0.5F;
    const Plane max = largest_near(darkness, times * 3 / 2);
    for (size_t i = 0; i < darkness.values.size(); ++i) {
      if (darkness.values[i] < kOfDarkest * max.values[i]) {
        ink.pixels.pixels[i] = 0;
      }
    }
  }
  drop_marks(ink.pixels, darkness, strong, speck);
  const auto& pixels = ink.pixels.pixels;
  ink.share = static_cast<double>(std::count(pixels.begin(), pixels.end(), 1)) /
              static_cast<double>(pixels.size());
  hollow(ink.pixels, std::max(side / 48, 6), 3);
  ink.width = width_of(ink.pixels);
  return ink;
}

}  // namespace limner
