#include "sketch/face_neighbours.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sketch/test_shapes.h"

namespace limner {
namespace {

using Radii = std::array<double, kOutlineRays>;

TEST(FaceNeighbours, OfAFaceAreItselfFirst) {
  for (const uint64_t seed : {0, 3, 7}) {
    const FaceMeasures measures = measure_face(
        sketch_of(simple_mask(seed), nullptr, {}), example_shapes());
    const std::vector<Neighbour> near =
        nearest_examples(example_shapes(), measures, {ShapePart::kOutline});
    ASSERT_EQ(near.size(), 4U);
    EXPECT_EQ(near[0].face, &example_shapes().examples()[seed]);
    double sum = 0;
    for (const Neighbour& one : near) {
      EXPECT_LE(one.weight, near[0].weight);
      sum += one.weight;
    }
    EXPECT_NEAR(sum, 1, 1e-9);
  }
  EXPECT_TRUE(nearest_examples(simple_shapes(), {}, {}).empty());
  EXPECT_EQ(nearest_around(simple_shapes(), {}, {}), nullptr);
}

TEST(FaceNeighbours, GiveTheirFormNotTheirPlace) {
  const FaceExample& face = example_shapes().examples()[2];
  const ShapeRange nose = shape_range(ShapePart::kNose);
  const PartPlace theirs = place_of_points(face.points, nose);
  // A rhombus twice as wide, elsewhere.
  ShapePoints points = face.points;
  for (int i = nose.first; i < nose.end(); ++i) {
    points[i] = {300 + 2 * (face.points[i].x - static_cast<float>(theirs.x)),
                 310 + (face.points[i].y - static_cast<float>(theirs.y))};
    points[i].y += i % 2 == 0 ? 1.0F : -1.0F;
  }
  blend_part({{&face, 1}}, ShapePart::kNose, points);
  const PartPlace now = place_of_points(points, nose);
  EXPECT_NEAR(now.x, 300, 1);
  EXPECT_NEAR(now.y, 310, 1);
  EXPECT_NEAR(now.width, std::sqrt(2) * theirs.width, 0.5);
  for (int i = nose.first; i < nose.end(); ++i) {
    EXPECT_NEAR((points[i].x - now.x) / now.width,
                (face.points[i].x - theirs.x) / theirs.width, 1e-3);
  }
}

TEST(FaceNeighbours, LinesAroundFollowTheOutline) {
  const FaceExample& face = example_shapes().examples()[0];
  const Radii radii = face_radii(face.points);
  const std::vector<Stroke> same =
      lines_around(face, radii, {}, {classes::kHair});
  ASSERT_FALSE(same.empty());
  for (const Stroke& stroke : same) EXPECT_EQ(stroke.label, classes::kHair);
  const Radii before = hair_radii(same);
  Radii larger = radii;
  for (double& r : larger) r += 20;
  const Radii after =
      hair_radii(lines_around(face, larger, {}, {classes::kHair}));
  // A drawing whose hair reaches twice as far beyond the face.
  DrawnAround drawn;
  drawn.has_hair = true;
  for (int k = 0; k < kOutlineRays; ++k) {
    drawn.hair[k] = before[k] == 0 ? 0 : 2 * before[k] / radii[k] - 1;
  }
  const Radii full =
      hair_radii(lines_around(face, radii, drawn, {classes::kHair}));
  int compared = 0;
  for (int k = 24; k < 36; ++k) {
    if (before[k] < 1.1 * radii[k]) continue;
    EXPECT_NEAR(after[k] - before[k], 20, 6) << k;
    EXPECT_NEAR(full[k] - radii[k], 2 * (before[k] - radii[k]), 8) << k;
    ++compared;
  }
  EXPECT_GT(compared, 5);
}

TEST(FaceNeighbours, HairlinesAreTakenAndJawsAreNot) {
  const FaceExample& face = example_shapes().examples()[1];
  Radii radii;
  radii.fill(150);
  take_hairline(face, radii);
  const Radii own = face_radii(face.points);
  EXPECT_EQ(radii[10], 150);  // the chin
  const double size = radii[30] / own[30];
  EXPECT_NEAR(radii[29] / own[29], size, 1e-6);
  EXPECT_NEAR(radii[31] / own[31], size, 1e-6);
}

TEST(FaceNeighbours, HairIsChosenByTheHairDrawn) {
  for (uint64_t seed = 0; seed < 12; ++seed) {
    const FaceExample& face = example_shapes().examples()[seed];
    const FaceMeasures measures = measure_face(
        sketch_of(simple_mask(seed), nullptr, {}), example_shapes());
    DrawnAround drawn;
    drawn.has_hair = true;
    drawn.hair = hair_radii(face.around);
    const Radii radii = face_radii(face.points);
    for (int k = 0; k < kOutlineRays; ++k) drawn.hair[k] /= radii[k];
    EXPECT_EQ(nearest_around(example_shapes(), measures, drawn), &face);
    EXPECT_TRUE(has_outlined_hair(drawn));
  }
  EXPECT_FALSE(has_outlined_hair({}));
}

TEST(LearnExamples, AreWholeFacesThatLookAhead) {
  const Image mask = simple_mask(1);
  const Image photo(256, 256, 3);
  ASSERT_TRUE(example_of(mask, photo));
  Image glasses = mask;
  glasses.row(100)[128] = kGlasses;
  EXPECT_FALSE(example_of(glasses, photo));
  Image turned = mask;
  for (int y = 0; y < 256; ++y) {
    for (int x = 0; x < 250; ++x) {
      if (turned.row(y)[x] == kNose) turned.row(y)[x] = kSkin;
      if (mask.row(y)[x + 6] == kNose) turned.row(y)[x] = kNose;
    }
  }
  EXPECT_FALSE(example_of(turned, photo));
  std::vector<FaceExample> examples = example_shapes().examples();
  FaceExample jagged = examples[0];
  jagged.points[shape_range(ShapePart::kOutline).first + 30].y += 60;
  examples.insert(examples.begin(), jagged);
  const std::vector<FaceExample> chosen =
      choose_examples(examples, simple_shapes(), 5);
  EXPECT_EQ(chosen.size(), 5U);
  for (const FaceExample& one : chosen) {
    EXPECT_NE(one.points[154].y, jagged.points[154].y);
  }
}

}  // namespace
}  // namespace limner
