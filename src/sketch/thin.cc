#include "sketch/thin.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace limner {
namespace {

// Neighbours in order around a pixel, from the one above, clockwise; bit k of
// a code is neighbour k.
struct Codes {
  // Runs of ink around the pixel, where two straight neighbours join over the
  // corner between them (Hilditch, 1969), are one: taking the pixel away
  // neither parts a line nor opens a hole.
  std::array<bool, 256> simple = {};
  // No end of a line, whose neighbours are one pair (Guo and Hall, 1989).
  std::array<bool, 256> inner = {};

  constexpr Codes() {
    for (int code = 0; code < 256; ++code) {
      const auto on = [code](int k) { return ((code >> (k & 7)) & 1) != 0; };
      int runs = 0;
      int pairs = 0;
      int other_pairs = 0;
      for (int k = 0; k < 8; k += 2) {
        if (!on(k) && (on(k + 1) || on(k + 2))) ++runs;
        if (on(k + 7) || on(k)) ++pairs;
        if (on(k) || on(k + 1)) ++other_pairs;
      }
      simple[code] = runs == 1;
      inner[code] = pairs >= 2 && other_pairs >= 2;
    }
  }
};
constexpr Codes kCodes;

}  // namespace

void thin(Image& ink) {
  // With a margin of paper, so that every pixel has eight neighbours.
  const int stride = ink.width + 2;
  std::vector<uint8_t> padded(static_cast<size_t>(stride) * (ink.height + 2));
  std::vector<size_t> left;
  for (int y = 0; y < ink.height; ++y) {
    const uint8_t* row = ink.row(y);
    for (int x = 0; x < ink.width; ++x) {
      if (row[x] == 0) continue;
      const size_t at = static_cast<size_t>(y + 1) * stride + x + 1;
      padded[at] = 1;
      left.push_back(at);
    }
  }
  const std::array<int, 8> around = {-stride, 1 - stride, 1,  1 + stride,
                                     stride,  stride - 1, -1, -1 - stride};
  const auto code_of = [&](const uint8_t* at) {
    int code = 0;
    for (int k = 0; k < 8; ++k) code |= at[around[k]] << k;
    return code;
  };
  // Side by side in turn, so that lines are worn down to their middle. Only
  // what was a border and no end before a pass goes in it, one by one.
  std::vector<size_t> border;
  for (bool changed = true; changed;) {
    changed = false;
    for (const int k : {0, 4, 2, 6}) {
      border.clear();
      for (const size_t at : left) {
        const uint8_t* pixel = &padded[at];
        if (*pixel != 0 && pixel[around[k]] == 0 &&
            kCodes.inner[code_of(pixel)]) {
          border.push_back(at);
        }
      }
      for (const size_t at : border) {
        if (!kCodes.simple[code_of(&padded[at])]) continue;
        padded[at] = 0;
        changed = true;
      }
    }
    const auto gone = [&](size_t at) { return padded[at] == 0; };
    left.erase(std::remove_if(left.begin(), left.end(), gone), left.end());
  }
  for (int y = 0; y < ink.height; ++y) {
    const uint8_t* row = &padded[static_cast<size_t>(y + 1) * stride + 1];
    std::copy(row, row + ink.width, ink.row(y));
  }
}

void fill_holes(Image& ink, int max) {
  const int w = ink.width;
  const int h = ink.height;
  std::vector<uint8_t> seen = ink.pixels;
  std::vector<int> hole;
  for (int first = 0; first < w * h; ++first) {
    if (seen[first] != 0) continue;
    hole = {first};
    seen[first] = 1;
    bool open = false;
    for (size_t next = 0; next < hole.size(); ++next) {
      const int at = hole[next];
      const int x = at % w;
      const int y = at / w;
      const auto add = [&](bool inside, int to) {
        open = open || !inside;
        if (!inside || seen[to] != 0) return;
        seen[to] = 1;
        hole.push_back(to);
      };
      add(x > 0, at - 1);
      add(x + 1 < w, at + 1);
      add(y > 0, at - w);
      add(y + 1 < h, at + w);
    }
    if (open || static_cast<int>(hole.size()) > max) continue;
    for (const int at : hole) ink.pixels[at] = 1;
  }
}

}  // namespace limner
