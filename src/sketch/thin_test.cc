#include "sketch/thin.h"

#include <gmock/gmock.h>

#include <vector>

#include "util/random.h"

namespace limner {
namespace {

// How many regions of `value` there are; those of ink hang together over
// corners, those of paper, around the picture too, do not.
int regions(const Image& ink, int value) {
  const int w = ink.width + 2;
  const int h = ink.height + 2;
  std::vector<int> pixels(static_cast<size_t>(w) * h, 0);
  for (int y = 0; y < ink.height; ++y) {
    for (int x = 0; x < ink.width; ++x) {
      pixels[(y + 1) * w + x + 1] = ink.row(y)[x];
    }
  }
  int count = 0;
  std::vector<int> open;
  for (int first = 0; first < w * h; ++first) {
    if (pixels[first] != value) continue;
    ++count;
    pixels[first] = -1;
    open = {first};
    while (!open.empty()) {
      const int at = open.back();
      open.pop_back();
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) {
          if (value == 0 && dx != 0 && dy != 0) continue;
          const int x = at % w + dx;
          const int y = at / w + dy;
          if (x < 0 || y < 0 || x >= w || y >= h) continue;
          if (pixels[y * w + x] != value) continue;
          pixels[y * w + x] = -1;
          open.push_back(y * w + x);
        }
      }
    }
  }
  return count;
}

bool has_square(const Image& ink) {
  for (int y = 0; y + 2 < ink.height; ++y) {
    for (int x = 0; x + 2 < ink.width; ++x) {
      int sum = 0;
      for (int k = 0; k < 9; ++k) sum += ink.row(y + k / 3)[x + k % 3];
      if (sum == 9) return true;
    }
  }
  return false;
}

TEST(Thin, KeepsPiecesAndHoles) {
  Random random(2);
  for (int i = 0; i < 200; ++i) {
    Image ink(1 + static_cast<int>(random.next() % 40),
              1 + static_cast<int>(random.next() % 40), 1);
    const double share = random.uniform();
    for (uint8_t& v : ink.pixels) v = random.uniform() < share ? 1 : 0;
    Image thinned = ink;
    thin(thinned);
    EXPECT_EQ(regions(thinned, 1), regions(ink, 1));
    EXPECT_EQ(regions(thinned, 0), regions(ink, 0));
    EXPECT_FALSE(has_square(thinned));
    for (size_t k = 0; k < ink.pixels.size(); ++k) {
      EXPECT_LE(thinned.pixels[k], ink.pixels[k]);
    }
    Image again = thinned;
    thin(again);
    EXPECT_EQ(again.pixels, thinned.pixels);
  }
}

TEST(FillHoles, FillsWhatInkSurrounds) {
  Image ink(20, 12, 1);
  for (int y = 2; y < 10; ++y) {
    for (int x = 0; x < 18; ++x) ink.row(y)[x] = 1;
  }
  // Two pixels across a corner are two holes.
  ink.row(4)[4] = ink.row(5)[5] = 0;
  for (int x = 8; x < 12; ++x) ink.row(6)[x] = 0;
  ink.row(7)[0] = 0;  // at the border
  Image small = ink;
  fill_holes(small, 1);
  EXPECT_EQ(small.row(4)[4], 1);
  EXPECT_EQ(small.row(5)[5], 1);
  EXPECT_EQ(small.row(6)[9], 0);
  EXPECT_EQ(small.row(7)[0], 0);
  Image large = ink;
  fill_holes(large, 1000);
  EXPECT_EQ(large.row(6)[9], 1);
  EXPECT_EQ(large.row(7)[0], 0);
  EXPECT_EQ(large.row(0)[0], 0);
}

TEST(Thin, LeavesTheMiddleOfABar) {
  Image ink(40, 20, 1);
  for (int y = 6; y < 13; ++y) {
    for (int x = 5; x < 35; ++x) ink.row(y)[x] = 1;
  }
  thin(ink);
  for (int y = 0; y < 20; ++y) {
    for (int x = 10; x < 30; ++x) EXPECT_EQ(ink.row(y)[x], y == 9 ? 1 : 0);
  }
}

TEST(Thin, LeavesLinesOfOnePixelAlone) {
  Image ink(30, 30, 1);
  for (int i = 3; i < 25; ++i) ink.row(i)[i] = ink.row(28)[i] = 1;
  const Image before = ink;
  thin(ink);
  EXPECT_EQ(ink.pixels, before.pixels);
}

}  // namespace
}  // namespace limner
