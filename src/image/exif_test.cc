#include "image/exif.h"

#include <gmock/gmock.h>

#include <string>

namespace limner {
namespace {

using ::testing::ElementsAreArray;
using Data = std::vector<unsigned char>;

// A block with two entries, the second being the orientation.
Data block(bool big_endian, int orientation, int type = 3) {
  Data out;
  const auto number = [&](uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
      const int shift = 8 * (big_endian ? bytes - 1 - i : i);
      out.push_back(value >> shift);
    }
  };
  out.insert(out.end(), 2, big_endian ? 'M' : 'I');
  number(42, 2);
  number(8, 4);  // where the entries are
  number(2, 2);  // how many
  number(0x0100, 2), number(4, 2), number(1, 4), number(6, 4);
  number(0x0112, 2), number(type, 2), number(1, 4);
  number(orientation, 2), number(0, 2);
  return out;
}

TEST(Exif, ReadsBothByteOrders) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(exif_orientation(block(false, orientation)), orientation);
    EXPECT_EQ(exif_orientation(block(true, orientation)), orientation);
  }
  Data prefixed = {'E', 'x', 'i', 'f', 0, 0};
  const Data data = block(true, 6);
  prefixed.insert(prefixed.end(), data.begin(), data.end());
  EXPECT_EQ(exif_orientation(prefixed), 6);
}

TEST(Exif, TakesDamagedBlocksAsUpright) {
  EXPECT_EQ(exif_orientation({}), 1);
  for (const bool big_endian : {false, true}) {
    const Data data = block(big_endian, 6);
    for (size_t size = 0; size + 2 < data.size(); ++size) {
      const Data cut(data.begin(), data.begin() + size);
      EXPECT_EQ(exif_orientation(cut), 1) << size;
    }
    EXPECT_EQ(exif_orientation(block(big_endian, 0)), 1);
    EXPECT_EQ(exif_orientation(block(big_endian, 9)), 1);
    EXPECT_EQ(exif_orientation(block(big_endian, 6, 4)), 1);
  }
  Data far = block(true, 6);
  far[4] = 0xff;  // the entries lie beyond the end
  EXPECT_EQ(exif_orientation(far), 1);
  Data many = block(true, 6);
  many[8] = many[9] = 0xff;  // more entries than there are
  many[23] = 0;              // and none of them the orientation
  EXPECT_EQ(exif_orientation(many), 1);
}

TEST(Upright, TurnsAllEightWays) {
  // 1 2 3
  // 4 5 6
  Image stored(3, 2, 1);
  stored.pixels = {1, 2, 3, 4, 5, 6};
  const struct {
    int orientation, width;
    std::vector<int> pixels;
  } cases[] = {{1, 3, {1, 2, 3, 4, 5, 6}}, {2, 3, {3, 2, 1, 6, 5, 4}},
               {3, 3, {6, 5, 4, 3, 2, 1}}, {4, 3, {4, 5, 6, 1, 2, 3}},
               {5, 2, {1, 4, 2, 5, 3, 6}}, {6, 2, {4, 1, 5, 2, 6, 3}},
               {7, 2, {6, 3, 5, 2, 4, 1}}, {8, 2, {3, 6, 2, 5, 1, 4}},
               {0, 3, {1, 2, 3, 4, 5, 6}}, {9, 3, {1, 2, 3, 4, 5, 6}}};
  for (const auto& wanted : cases) {
    const Image image = upright(stored, wanted.orientation);
    EXPECT_EQ(image.width, wanted.width) << wanted.orientation;
    EXPECT_EQ(image.height, 6 / wanted.width) << wanted.orientation;
    EXPECT_THAT(image.pixels, ElementsAreArray(wanted.pixels))
        << wanted.orientation;
  }
}

TEST(Upright, KeepsChannelsTogether) {
  Image stored(2, 1, 3);
  stored.pixels = {1, 2, 3, 4, 5, 6};
  EXPECT_THAT(upright(stored, 6).pixels, ElementsAreArray({1, 2, 3, 4, 5, 6}));
  EXPECT_THAT(upright(stored, 8).pixels, ElementsAreArray({4, 5, 6, 1, 2, 3}));
}

}  // namespace
}  // namespace limner
