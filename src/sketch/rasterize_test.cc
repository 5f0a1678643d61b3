#include "sketch/rasterize.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "image/resize.h"
#include "sketch/classes.h"
#include "util/error.h"

namespace limner {
namespace {

Drawing one_stroke(std::vector<Point> points, int label, float side = 16) {
  Drawing drawing;
  drawing.side = side;
  drawing.strokes.push_back({std::move(points), label});
  return drawing;
}

int64_t drawn(const Image& image) {
  return std::count_if(image.pixels.begin(), image.pixels.end(),
                       [](uint8_t v) { return v != 0; });
}

TEST(Rasterize, DrawsLinesOnePixelWide) {
  const Image flat = rasterize(one_stroke({{2.5F, 3.5F}, {9.5F, 3.5F}}, 7), 16);
  EXPECT_EQ(drawn(flat), 8);
  for (int x = 2; x <= 9; ++x) EXPECT_EQ(flat.row(3)[x], 7);
  const Image slanted = rasterize(one_stroke({{1, 1}, {12, 7}}, 7), 16);
  EXPECT_EQ(drawn(slanted), 12);  // one pixel a column
  for (int x = 1; x <= 12; ++x) {
    int count = 0;
    for (int y = 0; y < 16; ++y) count += slanted.row(y)[x] != 0 ? 1 : 0;
    EXPECT_EQ(count, 1) << x;
  }
}

TEST(Rasterize, ScalesAndWidens) {
  const Drawing drawing = one_stroke({{8, 8}, {24, 8}}, 3, 32);
  const Image half = rasterize(drawing, 16);
  EXPECT_EQ(half.row(4)[4], 3);
  EXPECT_EQ(half.row(4)[12], 3);
  EXPECT_EQ(drawn(half), 9);
  const Image wide = rasterize(drawing, 16, 2);
  EXPECT_EQ(drawn(wide), 20);
  for (int x = 3; x <= 12; ++x) {
    EXPECT_EQ(wide.row(3)[x], 3);
    EXPECT_EQ(wide.row(4)[x], 3);
  }
  // Every second pixel of it is still a line.
  const Image nearest = resize(wide, 8, 8, Filter::kNearest);
  EXPECT_EQ(drawn(nearest), 5);
}

TEST(Rasterize, CutsWhatLiesOutside) {
  const Image image =
      rasterize(one_stroke({{-1e9F, 8.5F}, {1e9F, 8.5F}}, 1), 16);
  EXPECT_EQ(drawn(image), 16);
  EXPECT_EQ(drawn(rasterize(one_stroke({{-5, -1}, {20, -1}}, 1), 16)), 0);
  EXPECT_EQ(drawn(rasterize(one_stroke({{16, 0}, {16, 16}}, 1), 16)), 0);
  const Image corner = rasterize(one_stroke({{-4, 4}, {4, -4}}, 1), 16);
  EXPECT_LE(drawn(corner), 1);
  const Image into =
      rasterize(one_stroke({{-3.5F, 2.5F}, {3.5F, 2.5F}}, 1), 16);
  EXPECT_EQ(drawn(into), 4);
}

TEST(Rasterize, DrawsDotsAndNothing) {
  const Image dot = rasterize(one_stroke({{5.2F, 6.9F}}, 9), 16);
  EXPECT_EQ(drawn(dot), 1);
  EXPECT_EQ(dot.row(6)[5], 9);
  EXPECT_EQ(drawn(rasterize(one_stroke({}, 9), 16)), 0);
}

TEST(Rasterize, SmallPartsStayOverBorders) {
  const std::vector<int> order = {0,  22, 10, 16, 14, 15, 13, 19,
                                  18, 20, 17, 21, 11, 12, 6,  7,
                                  4,  5,  3,  1,  2,  9,  8};
  for (size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(paint_order(order[i]), static_cast<int>(i));
  }
  EXPECT_EQ(std::set<int>(order.begin(), order.end()).size(), 23u);
  EXPECT_THROW(paint_order(23), Error);
  Drawing drawing = one_stroke({{0, 8.5F}, {16, 8.5F}}, 1);
  drawing.strokes.push_back({{{8.5F, 0}, {8.5F, 16}}, 17});
  EXPECT_EQ(rasterize(drawing, 16).row(8)[8], 1);
  std::swap(drawing.strokes[0], drawing.strokes[1]);
  EXPECT_EQ(rasterize(drawing, 16).row(8)[8], 1);
}

TEST(Rasterize, RefusesWhatItCannotDraw) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_THROW(rasterize(one_stroke({{1, nan}}, 1), 16), Error);
  EXPECT_THROW(rasterize(one_stroke({{1, 1}, {inf, 2}}, 1), 16), Error);
  EXPECT_THROW(rasterize(one_stroke({{1, 1}}, 0), 16), Error);
  EXPECT_THROW(rasterize(one_stroke({{1, 1}}, 23), 16), Error);
  EXPECT_THROW(rasterize(one_stroke({{1, 1}}, 1), 0), Error);
  EXPECT_THROW(rasterize(one_stroke({{1, 1}}, 1), 16, 0), Error);
  EXPECT_THROW(rasterize(one_stroke({{1, 1}}, 1, 0), 16), Error);
}

TEST(ReduceLabels, KeepsTheMostFrequentStroke) {
  Image labels(4, 4, 1);
  labels.pixels = {0, 0,  15, 15,  //
                   0, 7,  15, 7,   //
                   1, 0,  0,  0,   //
                   0, 17, 0,  0};
  EXPECT_THAT(reduce_labels(labels, 2).pixels,
              ::testing::ElementsAre(7, 15, 1, 0));
  labels.pixels[0] = 23;
  EXPECT_THROW(reduce_labels(labels, 2), Error);
}

TEST(ReduceLabels, LosesNoStroke) {
  for (const int side : {12, 48, 64, 100, 128, 256}) {
    Image labels(512, 512, 1);
    labels.row(301)[77] = 8;
    labels.row(511)[511] = 2;
    const Image small = reduce_labels(labels, side);
    EXPECT_THAT(small.pixels, ::testing::Contains(8)) << side;
    EXPECT_EQ(small.pixels.back(), 2) << side;
  }
}

TEST(ReduceLabels, EnlargesByTheNearest) {
  Image labels(2, 2, 1);
  labels.pixels = {1, 0, 0, 2};
  EXPECT_EQ(reduce_labels(labels, 2).pixels, labels.pixels);
  EXPECT_EQ(reduce_labels(labels, 6).pixels,
            resize(labels, 6, 6, Filter::kNearest).pixels);
}

}  // namespace
}  // namespace limner
