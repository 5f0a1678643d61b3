#include "metrics/edits.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>
#include <string>

#include "support/pictures.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr int kSide = 128;

// A face of boxes: hair, skin, brows, eyes, nose, lips, ears, neck, clothes.
Image face() {
  Image mask(kSide, kSide, 1);
  fill_box(mask, 28, 10, 100, 70, 13);
  fill_box(mask, 36, 30, 92, 104, 1);
  fill_box(mask, 30, 55, 36, 75, 9);
  fill_box(mask, 92, 55, 98, 75, 8);
  fill_box(mask, 42, 50, 58, 53, 7);
  fill_box(mask, 70, 50, 86, 53, 6);
  fill_box(mask, 44, 58, 56, 63, 5);
  fill_box(mask, 72, 58, 84, 63, 4);
  fill_box(mask, 60, 60, 68, 78, 2);
  fill_box(mask, 52, 84, 76, 88, 11);
  fill_box(mask, 52, 88, 76, 93, 12);
  fill_box(mask, 50, 104, 78, 116, 17);
  fill_box(mask, 20, 116, 108, kSide, 18);
  return mask;
}

const MaskEdit& edit(const std::string& name) {
  return *std::find_if(mask_edits().begin(), mask_edits().end(),
                       [&](const MaskEdit& e) { return e.name == name; });
}

// The labels of the pixels that an edit changes, before and after.
std::set<std::pair<int, int>> changes(const std::string& name, Image& mask) {
  const Image before = mask;
  EXPECT_TRUE(edit(name).apply(mask)) << name;
  std::set<std::pair<int, int>> found;
  for (size_t i = 0; i < mask.pixels.size(); ++i) {
    if (mask.pixels[i] != before.pixels[i]) {
      found.emplace(before.pixels[i], mask.pixels[i]);
    }
  }
  return found;
}

TEST(MaskEdits, TouchOnlyTheirPart) {
  using Pairs = std::set<std::pair<int, int>>;
  Image mask = face();
  for (const auto& [from, to] : changes("add glasses", mask)) {
    EXPECT_EQ(to, 3);
    EXPECT_TRUE(from == 1 || from == 2 || from == 13) << from;
  }
  EXPECT_EQ(changes("take off glasses", mask), (Pairs{{3, 1}}));
  mask = face();
  for (const auto& [from, to] : changes("put on a hat", mask)) {
    EXPECT_EQ(to, 14) << from;
  }
  EXPECT_EQ(changes("take off a hat", mask), (Pairs{{14, 13}}));
  mask = face();
  EXPECT_EQ(changes("add bangs", mask), (Pairs{{1, 13}}));
  mask = face();
  EXPECT_EQ(changes("raise the brows", mask),
            (Pairs{{1, 6}, {1, 7}, {6, 1}, {7, 1}}));
  mask = face();
  for (const auto& [from, to] : changes("lengthen the hair", mask)) {
    EXPECT_EQ(to, 13) << from;
  }
  mask = face();
  for (const auto& [from, to] : changes("add earrings", mask)) {
    EXPECT_EQ(to, 15) << from;
  }
}

TEST(MaskEdits, OpenedMouthIsBetweenTheLips) {
  Image mask = face();
  ASSERT_TRUE(edit("open the mouth").apply(mask));
  EXPECT_EQ(mask.row(86)[60], 11);
  EXPECT_EQ(mask.row(90)[60], 10);
  EXPECT_EQ(mask.row(95)[60], 12);
  mask = face();
  ASSERT_TRUE(edit("move the mouth down").apply(mask));
  EXPECT_EQ(mask.row(84)[60], 1);
  EXPECT_EQ(mask.row(90)[60], 11);
}

TEST(MaskEdits, KnowWhereTheyMakeNoSense) {
  for (const MaskEdit& edit : mask_edits()) {
    Image nothing(kSide, kSide, 1);
    EXPECT_FALSE(edit.apply(nothing)) << edit.name;
  }
  Image mask = face();
  EXPECT_FALSE(edit("take off glasses").apply(mask));
  mask = face();
  ASSERT_TRUE(edit("add glasses").apply(mask));
  EXPECT_FALSE(edit("add glasses").apply(mask));
}

TEST(EditChange, IsCountedInsideAndOutside) {
  const Image before_mask = face();
  Image after_mask = before_mask;
  fill_box(after_mask, 40, 40, 60, 60, 3);
  Image before(kSide / 2, kSide / 2, 3), after(kSide / 2, kSide / 2, 3);
  std::fill(after.pixels.begin(), after.pixels.end(), uint8_t{10});
  // The edited square, and 4 pixels of the mask around it.
  for (int y = 18; y < 32; ++y) {
    for (int x = 18; x < 32; ++x) {
      for (int c = 0; c < 3; ++c) after.row(y)[3 * x + c] = 60;
    }
  }
  Image found = before_mask;
  fill_box(found, 40, 40, 60, 50, 3);
  const EditChange change =
      change_of({before_mask, after_mask, before, after, before_mask, found});
  EXPECT_DOUBLE_EQ(change.inside, 60);
  EXPECT_DOUBLE_EQ(change.outside, 10);
  EXPECT_DOUBLE_EQ(change.was, 0);
  EXPECT_DOUBLE_EQ(change.is, 0.5);
  EXPECT_THROW(
      change_of({before_mask, before_mask, before, after, before_mask, found}),
      Error);
  EXPECT_THROW(change_of({before_mask, after_mask, before, Image(4, 4, 3),
                          before_mask, found}),
               Error);
}

}  // namespace
}  // namespace limner
