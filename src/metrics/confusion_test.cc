#include "metrics/confusion.h"

#include <gtest/gtest.h>

#include "util/error.h"

namespace limner {
namespace {

Image labels(std::vector<uint8_t> values) {
  Image image(static_cast<int>(values.size()), 1, 1);
  image.pixels = std::move(values);
  return image;
}

TEST(Confusion, CountsByHand) {
  Confusion counts;
  // Skin: 3 true, 2 found, both right. Hair: 2 true, 3 found, 2 right.
  counts.add(labels({kSkin, kSkin, kSkin, kHair, kHair}),
             labels({kSkin, kSkin, kHair, kHair, kHair}));
  EXPECT_EQ(counts.pixels(), 5);
  EXPECT_EQ(counts.count(kSkin, kHair), 1);
  EXPECT_DOUBLE_EQ(*counts.iou(kSkin), 2.0 / 3);
  EXPECT_DOUBLE_EQ(*counts.iou(kHair), 2.0 / 3);
  EXPECT_FALSE(counts.iou(kHat).has_value());
  EXPECT_DOUBLE_EQ(counts.mean_iou(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(counts.pixel_accuracy(), 0.8);
}

TEST(Confusion, PartsThatAreOnlyFoundTakeFromTheOthers) {
  Confusion counts;
  counts.add(labels({kSkin, kSkin, kSkin, kSkin}),
             labels({kSkin, kHat, kHat, kHat}));
  EXPECT_FALSE(counts.iou(kHat).has_value());
  EXPECT_DOUBLE_EQ(counts.mean_iou(), 0.25);
}

TEST(Confusion, GroupsCountAsOnePart) {
  Confusion counts;
  counts.add(labels({kUpperLip, kLowerLip, kLowerLip, kSkin}),
             labels({kLowerLip, kLowerLip, kSkin, kUpperLip}));
  EXPECT_DOUBLE_EQ(*counts.iou(kUpperLip), 0.0);
  EXPECT_DOUBLE_EQ(*counts.iou({kUpperLip, kLowerLip}), 2.0 / 4);
}

TEST(Confusion, PicturesAddUp) {
  Confusion first, second, both;
  const Image a = labels({kSkin, kHair}), b = labels({kHair, kHair});
  first.add(a, b);
  second.add(b, b);
  both.add(a, b);
  both.add(b, b);
  first.add(second);
  EXPECT_DOUBLE_EQ(first.mean_iou(), both.mean_iou());
  EXPECT_DOUBLE_EQ(*both.iou(kHair), 3.0 / 4);
}

TEST(Confusion, WithoutPixelsAndWithWrongOnes) {
  Confusion counts;
  EXPECT_EQ(counts.mean_iou(), 0.0);
  EXPECT_EQ(counts.pixel_accuracy(), 0.0);
  EXPECT_THROW(counts.add(labels({kSkin}), labels({kSkin, kSkin})), Error);
  EXPECT_THROW(counts.add(labels({kMaskLabels}), labels({kSkin})), Error);
  EXPECT_THROW(counts.add(labels({kSkin}), labels({kMaskLabels})), Error);
  EXPECT_EQ(counts.pixels(), 0);
}

TEST(MainParts, AreDistinct) {
  std::vector<bool> seen(kMaskLabels);
  for (const PartGroup& group : main_parts()) {
    for (const int part : group.parts) {
      EXPECT_FALSE(seen[part]) << group.name;
      seen[part] = true;
    }
  }
  EXPECT_EQ(main_parts().size(), 6U);
}

}  // namespace
}  // namespace limner
