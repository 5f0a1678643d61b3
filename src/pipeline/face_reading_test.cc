#include "pipeline/face_reading.h"

#include <gmock/gmock.h>

#include <cmath>
#include <vector>

#include "model/parser.h"
#include "pipeline/face_search.h"

namespace limner {
namespace {

constexpr int kSide = 128;

// Logits by hand: skin everywhere, and ellipses of parts in a frame.
class Face {
 public:
  explicit Face(FaceFrame frame = {{kSide / 2.0, kSide / 2.0}, kSide, 0})
      : frame_(frame),
        logits_(static_cast<size_t>(Parser::kClasses) * kSide * kSide, 0.0F) {
    fill(1, 5, [](Place) { return true; });
  }

  Face& part(int label, Place middle, double width, double height) {
    fill(label, 10, [&](Place at) {
      return std::hypot((at.x - middle.x) / width, (at.y - middle.y) / height) <
             0.5;
    });
    return *this;
  }
  Face& eyes() {
    return part(5, kUsualLeftEye, 0.1, 0.05).part(4, kUsualRightEye, 0.1, 0.05);
  }
  Face& nose() { return part(2, kUsualNose, 0.12, 0.14); }
  Face& mouth() {
    return part(11, {0.5, 0.725}, 0.2, 0.03).part(12, {0.5, 0.75}, 0.2, 0.04);
  }
  Face& glasses() { return part(3, {0.5, 0.48}, 0.5, 0.12); }

  const std::vector<float>& logits() const { return logits_; }
  FaceReading read() const { return read_face(logits_, kSide); }

 private:
  template <typename Inside>
  void fill(int label, float value, const Inside& inside) {
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        if (!inside(to_frame(frame_, {x + 0.5, y + 0.5}))) continue;
        logits_[(static_cast<size_t>(label) * kSide + y) * kSide + x] = value;
      }
    }
  }

  FaceFrame frame_;
  std::vector<float> logits_;
};

void expect_near(Place a, Place b, double tolerance) {
  EXPECT_NEAR(a.x, b.x, tolerance);
  EXPECT_NEAR(a.y, b.y, tolerance);
}

TEST(ReadFace, EyesAndMouth) {
  const FaceReading reading = Face().eyes().nose().mouth().read();
  ASSERT_TRUE(reading.complete);
  expect_near(reading.points.left_eye, kUsualLeftEye, 0.004);
  expect_near(reading.points.right_eye, kUsualRightEye, 0.004);
  expect_near(reading.points.mouth, {0.5, 0.74}, 0.01);
  EXPECT_GT(reading.score, 0.95);
}

TEST(ReadFace, ATurnedFace) {
  const FaceFrame frame = {{60, 66}, 110, 20};
  const FaceReading reading = Face(frame).eyes().nose().mouth().read();
  ASSERT_TRUE(reading.complete);
  const Place eye = to_photo(frame, kUsualLeftEye);
  expect_near(reading.points.left_eye, {eye.x / kSide, eye.y / kSide}, 0.006);
  const FaceFrame found = frame_of(reading.points);
  EXPECT_NEAR(found.angle, 20, 1.5);
}

TEST(ReadFace, WithoutAPartThereIsNoFace) {
  EXPECT_FALSE(Face().nose().mouth().read().complete);
  EXPECT_FALSE(Face().eyes().mouth().read().complete);
  EXPECT_FALSE(Face().eyes().nose().read().complete);
}

TEST(ReadFace, AHiddenEyeIsPlacedByTheOthers) {
  const FaceReading reading =
      Face().part(5, kUsualLeftEye, 0.1, 0.05).nose().mouth().read();
  ASSERT_TRUE(reading.complete);
  expect_near(reading.points.right_eye, kUsualRightEye, 0.02);
}

TEST(ReadFace, DarkGlassesStandForEyes) {
  const FaceReading reading = Face().glasses().nose().mouth().read();
  ASSERT_TRUE(reading.complete);
  EXPECT_NEAR(reading.points.left_eye.x, 0.394, 0.02);
  EXPECT_NEAR(reading.points.right_eye.y, 0.48, 0.01);
}

TEST(ReadFace, PartsInAnImpossiblePlaceAreNoFace) {
  // The mouth above the eyes, and eyes on one side.
  EXPECT_FALSE(
      Face().eyes().nose().part(11, {0.5, 0.3}, 0.2, 0.06).read().complete);
  EXPECT_FALSE(Face()
                   .part(5, {0.1, 0.47}, 0.1, 0.05)
                   .part(4, {0.3, 0.47}, 0.1, 0.05)
                   .nose()
                   .mouth()
                   .read()
                   .complete);
}

TEST(Candidates, AFaceIsFoundWhereItIs) {
  const FaceFrame frame = {{50, 70}, 80, 12};
  Evidence evidence(2, kSide / 2, kSide / 2);
  evidence.add(Face(frame).eyes().nose().mouth().logits(), kSide, 0, 0);
  const auto found = candidates_of(evidence, 50, 105, 3);
  ASSERT_FALSE(found.empty());
  EXPECT_GT(found[0].score, 0.9);
  const FrameChange change = change_between(frame, found[0].frame);
  EXPECT_LT(change.shift, 0.1);
  EXPECT_LT(std::abs(std::log(change.scale)), 0.2);
  EXPECT_LE(change.angle, 24.001);
  for (size_t i = 1; i < found.size(); ++i) {
    EXPECT_LT(found[i].score, found[0].score);
    EXPECT_GE(change_between(found[0].frame, found[i].frame).shift, 0.25);
  }
}

TEST(Candidates, SquaresOfAPictureAreJoined) {
  // The same face, seen in the two halves of a wider picture.
  const FaceFrame frame = {{50, 70}, 80, 0};
  const std::vector<float> face = Face(frame).eyes().nose().mouth().logits();
  Evidence evidence(2, kSide, kSide / 2);
  evidence.add(face, kSide, kSide / 2, 0);
  evidence.add(Face().logits(), kSide, 0, 0);
  const auto found = candidates_of(evidence, 50, 105, 3);
  ASSERT_FALSE(found.empty());
  EXPECT_NEAR(found[0].frame.centre.x, kSide + 50, 10);
}

TEST(Candidates, SkinAloneIsNone) {
  Evidence evidence(2, kSide / 2, kSide / 2);
  evidence.add(Face().logits(), kSide, 0, 0);
  EXPECT_TRUE(candidates_of(evidence, 50, 105, 3).empty());
}

}  // namespace
}  // namespace limner
