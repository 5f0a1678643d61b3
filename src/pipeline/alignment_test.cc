// Finding faces in real photos, with the bundled parser; skipped without them.
#include "pipeline/alignment.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "image/codec.h"
#include "image/resize.h"
#include "util/error.h"
#include "util/random.h"

namespace limner {
namespace {

namespace fs = std::filesystem;

using testing::HasSubstr;

const fs::path kFaces = fs::path(LIMNER_SHARED) / "faces" / "images";
const fs::path kParser = fs::path(LIMNER_TESTDATA) / ".." / ".." / "models" /
                         "limner-256.safetensors";

TEST(IsAligned, WithinTheToleranceOfASquare) {
  const Image photo(200, 200, 3);
  EXPECT_TRUE(is_aligned(photo, whole_frame(photo)));
  EXPECT_TRUE(is_aligned(photo, {{107, 95}, 215, 5}));
  EXPECT_FALSE(is_aligned(photo, {{100, 100}, 225, 0}));
  EXPECT_FALSE(is_aligned(photo, {{100, 100}, 178, 0}));
  EXPECT_FALSE(is_aligned(photo, {{111, 100}, 200, 0}));
  EXPECT_FALSE(is_aligned(photo, {{100, 100}, 200, -7}));
  EXPECT_FALSE(is_aligned(Image(200, 210, 3), {{100, 100}, 200, 0}));
}

TEST(NaturalSide, NothingIsEnlarged) {
  EXPECT_EQ(natural_side({{0, 0}, 300.4, 0}), 300);
  EXPECT_EQ(natural_side({{0, 0}, 5000, 0}), 1024);
}

TEST(AlignmentFace, SaysWhatIsMissing) {
  const auto message = [](const Alignment& alignment) {
    try {
      alignment.face();
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  Alignment alignment;
  EXPECT_THAT(message(alignment), HasSubstr("no face was found"));
  alignment.faces.resize(9);
  for (FoundFace& face : alignment.faces) face.frame = {{10, 20}, 30, 0};
  EXPECT_THAT(message(alignment), HasSubstr("has 9 faces: 1 at 10,20 (30 px)"));
  EXPECT_THAT(message(alignment), HasSubstr("--face N"));
  alignment.chosen = 3;
  EXPECT_EQ(&alignment.face(), &alignment.faces[3]);
}

class RealPhotos : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kFaces) || !fs::exists(kParser)) {
      GTEST_SKIP() << "no ../shared/faces or bundled parser";
    }
  }
  static Image face(const std::string& id) {
    return read_rgb(kFaces / (id + ".jpg"));
  }
  // A picture in which the aligned photo has this frame, and around it the
  // photo goes on as a blur.
  static Image scene(const Image& photo, const FaceFrame& frame, int width,
                     int height) {
    const int square = std::max(width, height);
    const Place middle = to_frame(frame, {square / 2.0, square / 2.0});
    const Image whole =
        crop_frame(photo,
                   {{middle.x * photo.width, middle.y * photo.width},
                    photo.width * square / frame.side,
                    -frame.angle},
                   square);
    Image out(width, height, 3);
    for (int y = 0; y < height; ++y) {
      std::copy_n(whole.row(y), size_t{3} * width, out.row(y));
    }
    return out;
  }
};

TEST_F(RealPhotos, AnAlignedPhotoIsKept) {
  FaceFinder finder(kParser);
  const Image photo = face("00000");
  const Alignment alignment = align(finder, photo);
  EXPECT_TRUE(alignment.kept);
  EXPECT_EQ(aligned_photo(photo, alignment).pixels, photo.pixels);
  EXPECT_EQ(aligned_photo(photo, alignment, 100).width, 100);
  // By number it is looked for in any case.
  EXPECT_FALSE(align(finder, photo, 1).kept);
}

TEST_F(RealPhotos, ATurnedFaceInALargerPhoto) {
  FaceFinder finder(kParser);
  const FaceFrame frame = {{330, 260}, 300, 18};
  const Alignment alignment =
      align(finder, scene(face("00000"), frame, 800, 600));
  ASSERT_EQ(alignment.faces.size(), 1U);
  EXPECT_FALSE(alignment.kept);
  const FrameChange change = change_between(frame, alignment.face().frame);
  EXPECT_NEAR(change.scale, 1, 0.08);
  EXPECT_LT(change.shift, 0.04);
  EXPECT_LT(change.angle, 4);
}

// Dim and noisy, on bright ground.
TEST_F(RealPhotos, AFaceInTheDark) {
  FaceFinder finder(kParser);
  const Image photo = resize(face("00000"), 200, 200, Filter::kBilinear);
  Image picture(640, 480, 3);
  std::fill(picture.pixels.begin(), picture.pixels.end(), uint8_t{230});
  Random random(4);
  for (int y = 0; y < 200; ++y) {
    for (int x = 0; x < 600; ++x) {
      const double value = 0.19 * photo.row(y)[x] + 2 * random.normal();
      picture.row(y + 120)[x + 660] =
          static_cast<uint8_t>(std::clamp(value, 0.0, 255.0));
    }
  }
  const Alignment alignment = align(finder, picture);
  ASSERT_EQ(alignment.faces.size(), 1U);
  const FrameChange change =
      change_between({{320, 220}, 200, 0}, alignment.face().frame);
  EXPECT_NEAR(change.scale, 1, 0.08);
  EXPECT_LT(change.shift, 0.04);
}

TEST_F(RealPhotos, NoiseHasNoFace) {
  FaceFinder finder(kParser);
  Image photo(500, 400, 3);
  Random random(3);
  for (uint8_t& value : photo.pixels) {
    value = static_cast<uint8_t>(random.next() >> 24);
  }
  const Alignment alignment = align(finder, photo, kLargestFace);
  EXPECT_TRUE(alignment.faces.empty());
  EXPECT_THROW(alignment.face(), Error);
}

TEST_F(RealPhotos, OtherPicturesAreRefused) {
  FaceFinder finder(kParser);
  EXPECT_THROW(finder.find(Image(20, 20, 1)), Error);
  EXPECT_THROW(finder.find(Image()), Error);
  EXPECT_TRUE(finder.find(Image(1, 1, 3)).empty());
  EXPECT_TRUE(finder.find(Image(5000, 1, 3)).empty());
}

}  // namespace
}  // namespace limner
