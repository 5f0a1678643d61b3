#include "sketch/face_shapes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "sketch/test_shapes.h"
#include "util/error.h"

namespace limner {
namespace {

TEST(FaceShapes, SampleLiesOnTheMasksParts) {
  const std::optional<FaceSample> sample = sample_face(simple_mask(3));
  ASSERT_TRUE(sample);
  ASSERT_EQ(sample->points.size(), static_cast<size_t>(kShapePoints));
  const auto at = [&](int i) { return sample->points[i]; };
  const ShapeRange right = shape_range(ShapePart::kEyeRight);
  const ShapeRange left = shape_range(ShapePart::kEyeLeft);
  EXPECT_GT(at(right.left()).x, at(left.right()).x);
  for (const ShapeRange& eye : {right, left}) {
    EXPECT_LT(at(eye.top()).y, at(eye.bottom()).y);
    EXPECT_NEAR(at(eye.right()).x - at(eye.left()).x, 52, 14);
  }
  const ShapeRange outline = shape_range(ShapePart::kOutline);
  const Point chin = at(outline.first + kOutlineRays / 4);
  EXPECT_NEAR(chin.x, kOutlineCentre.x, 0.01);
  EXPECT_NEAR(chin.y, 456, 20);
  EXPECT_EQ(sample->borders[kOutlineRays / 4], classes::kFaceNeck);
  EXPECT_EQ(sample->borders[3 * kOutlineRays / 4], classes::kHairFace);
}

TEST(FaceShapes, MirroredMaskGivesMirroredPoints) {
  const Image mask = simple_mask(5);
  const ShapePoints points = sample_face(mask)->points;
  const ShapePoints mirrored = sample_face(mirrored_mask(mask))->points;
  const int left = shape_range(ShapePart::kEyeLeft).right();
  const int right = shape_range(ShapePart::kEyeRight).left();
  EXPECT_NEAR(points[left].x, 512 - mirrored[right].x, 1.5);
  EXPECT_NEAR(points[left].y, mirrored[right].y, 1.5);
}

TEST(FaceShapes, MaskWithoutAnEyeIsNoSample) {
  Image mask = simple_mask(1);
  for (uint8_t& label : mask.pixels) {
    if (label == kLeftEye) label = kSkin;
  }
  EXPECT_FALSE(sample_face(mask));
}

TEST(FaceShapes, NearestIsTheMeanWithoutObservations) {
  const FaceShapes& shapes = simple_shapes();
  const ShapePoints points = shapes.nearest({});
  for (int i = 0; i < kShapePoints; ++i) {
    EXPECT_NEAR(points[i].x, shapes.mean()[2 * i], 1e-3);
    EXPECT_NEAR(points[i].y, shapes.mean()[2 * i + 1], 1e-3);
  }
}

TEST(FaceShapes, NearestApproachesWhatIsSeenTheMoreItIsBelieved) {
  const FaceShapes& shapes = simple_shapes();
  const ShapeRange mouth = shape_range(ShapePart::kMouth);
  const ShapeMeasure width = {{2 * mouth.right(), 1}, {2 * mouth.left(), -1}};
  const double wanted = shapes.mean_of(width) + shapes.spread_of(width);
  double last = shapes.mean_of(width);
  for (const double sigma : {100.0, 10.0, 1.0, 0.1}) {
    const ShapePoints points = shapes.nearest({{width, wanted, sigma}});
    const double got = points[mouth.right()].x - points[mouth.left()].x;
    EXPECT_GT(got, last);
    EXPECT_LT(got, wanted + 0.01);
    last = got;
  }
  EXPECT_NEAR(last, wanted, 0.2 * shapes.spread_of(width));
}

TEST(FaceShapes, FacesItWasLearntFromComeBack) {
  const FaceShapes& shapes = simple_shapes();
  const ShapePoints points = sample_face(simple_mask(7))->points;
  std::vector<ShapeObservation> observed;
  for (int i = 0; i < kShapePoints; ++i) {
    observed.push_back({{{2 * i, 1}}, points[i].x, 0.5});
    observed.push_back({{{2 * i + 1, 1}}, points[i].y, 0.5});
  }
  const ShapePoints found = shapes.nearest(observed);
  double off = 0;
  for (int i = 0; i < kShapePoints; ++i) {
    off += std::hypot(found[i].x - points[i].x, found[i].y - points[i].y);
  }
  EXPECT_LT(off / kShapePoints, 2);
}

TEST(FaceShapes, RefusesWhatDoesNotFit) {
  const FaceShapes& good = simple_shapes();
  EXPECT_THROW(
      FaceShapes({}, good.component_values(), good.rest(), good.borders()),
      Error);
  EXPECT_THROW(FaceShapes(good.mean(), {}, good.rest(), good.borders()), Error);
  std::vector<float> broken = good.mean();
  broken[3] = NAN;
  EXPECT_THROW(
      FaceShapes(broken, good.component_values(), good.rest(), good.borders()),
      Error);
  std::vector<float> borders = good.borders();
  borders[0] = 3;
  EXPECT_THROW(
      FaceShapes(good.mean(), good.component_values(), good.rest(), borders),
      Error);
  EXPECT_THROW(learn_face_shapes({}, 4), Error);
}

}  // namespace
}  // namespace limner
