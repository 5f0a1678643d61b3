// Archives as numpy.savez writes them, made here byte by byte.
#include "sketch/sketch_rnn.h"

#include <gmock/gmock.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "sketch/drawing_file.h"
#include "util/error.h"
#include "util/test_bytes.h"
#include "util/test_folder.h"

namespace limner {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

using Row = std::array<int, 3>;

std::string rows_of(const std::vector<Row>& rows) {
  std::string out;
  for (const Row& row : rows) {
    for (const int value : row) {
      out += le(static_cast<uint16_t>(value), 2);
    }
  }
  return out;
}

// An array of objects, its pickle by Python 2 or 3, which differ in how they
// keep bytes.
std::string npy(const std::vector<std::vector<Row>>& drawings, int python) {
  const std::string header =
      "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\n";
  std::string pickle =
      std::string("\x80") + (python == 2 ? '\2' : '\3') +
      "cnumpy.core.multiarray\n_reconstruct\nq\1cnumpy\nndarray\nK" +
      std::string(1, '\0') + "\x85U\1b\x87R(]";
  for (const auto& drawing : drawings) {
    const std::string text = rows_of(drawing);
    pickle += "h\1h\2(K\1K\3\x86";
    pickle += "X" + le(2, 4) + "i2\x89";
    pickle += (python == 2 ? "T" : "B") + le(text.size(), 4) + text;
    pickle +=
        "tbNJ\xff\xff\xff\xff"
        "e";
  }
  return "\x93NUMPY" + std::string("\1\0", 2) + le(header.size(), 2) + header +
         pickle + ".";
}

const std::vector<Row> kTwoStrokes = {
    {10, 0, 0}, {0, 20, 0}, {5, 5, 1}, {-15, 0, 0}, {0, -25, 1}};
const std::vector<Row> kOneStroke = {{0, 0, 0}, {300, -300, 0}};

DecodedDrawing read_rnn(const std::string& file, int64_t index = 0) {
  ReadOptions options;
  options.index = index;
  return decode_drawing_file(
      Bytes(reinterpret_cast<const unsigned char*>(file.data()), file.size()),
      "a.npz", options);
}

TEST(SketchRnn, RowsBecomeStrokes) {
  for (const int python : {2, 3}) {
    const std::string file =
        zip_of({{"test.npy", npy({kOneStroke}, python)},
                {"train.npy", npy({kTwoStrokes, kOneStroke}, python)}});
    const Drawing two = read_rnn(file).drawing;
    ASSERT_THAT(two.strokes, SizeIs(2));
    EXPECT_THAT(two.strokes[0].points, SizeIs(3));
    EXPECT_THAT(two.strokes[1].points, SizeIs(2));
    // From (10, 0) over (10, 20) to (15, 25), then from (0, 25) to (0, 0).
    EXPECT_EQ(two.side, 25);
    EXPECT_EQ(two.strokes[0].points[2].x, 15);
    EXPECT_EQ(two.strokes[0].points[2].y, 25);
    EXPECT_EQ(two.strokes[1].points[1].y, 0);
    // Those of train come first, then those of test.
    EXPECT_EQ(read_rnn(file, 1).drawing.side, 300);
    EXPECT_EQ(read_rnn(file, 2).drawing.strokes.size(), 1U);
    EXPECT_THAT(error_of([&] { read_rnn(file, 3); }),
                HasSubstr("no drawing 3, the file has 3"));
  }
}

TEST(SketchRnn, DamageIsRefused) {
  const std::string good = npy({kTwoStrokes}, 3);
  EXPECT_EQ(error_of([&] {
              read_rnn(zip_of({{"train.npy", good}}));
            }),
            "no error");
  for (size_t size = 0; size < good.size() - 12; ++size) {
    const std::string message = error_of([&] {
      read_rnn(zip_of({{"train.npy", good.substr(0, size)}}));
    });
    EXPECT_THAT(message, HasSubstr("a.npz: ")) << size;
  }
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x41);
    try {
      read_rnn(zip_of({{"train.npy", bad}}));
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    }
  }
  EXPECT_THAT(error_of([&] {
                read_rnn(zip_of({{"weights.npy", good}}));
              }),
              HasSubstr("is a NumPy archive"));
}

}  // namespace
}  // namespace limner
