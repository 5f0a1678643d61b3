#include "train/data/hand_labels.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "train/data/stroke_symbols.h"
#include "util/files.h"
#include "util/test_folder.h"

namespace limner::train {
namespace {

using testing::HasSubstr;

Stroke ring(double x, double y, double rx, double ry, int part) {
  Stroke stroke;
  for (int i = 0; i <= 32; ++i) {
    const double angle = 2 * M_PI * i / 32;
    stroke.points.push_back({static_cast<float>(x + rx * std::cos(angle)),
                             static_cast<float>(y + ry * std::sin(angle))});
  }
  stroke.label = kFirstHandLabel + part;
  return stroke;
}

Stroke line(std::vector<Point> points, int part) {
  Stroke stroke;
  stroke.points = std::move(points);
  stroke.label = kFirstHandLabel + part;
  return stroke;
}

// A head with two ring eyes, a brow, a mouth and an ear.
Drawing doodle_face() {
  Drawing drawing;
  drawing.strokes = {ring(250, 250, 150, 200, 6),
                     ring(190, 210, 20, 20, 0),
                     ring(310, 210, 20, 20, 0),
                     line({{170, 160}, {190, 150}, {215, 160}}, 0),
                     line({{200, 350}, {250, 370}, {300, 350}}, 2),
                     line({{405, 220}, {420, 240}, {405, 270}}, 3)};
  return drawing;
}

std::vector<int> labels_of(const Drawing& drawing) {
  std::vector<int> out;
  for (const Stroke& stroke : drawing.strokes) out.push_back(stroke.label);
  return out;
}

TEST(HandLabels, PartsBecomeClasses) {
  Drawing drawing = doodle_face();
  give_classes(drawing);
  EXPECT_THAT(labels_of(drawing),
              testing::ElementsAre(kContourLabel, 2, 1, 5, 7, 11));
}

// Classes that a label may be, of the labels of one stroke.
std::set<uint32_t> meanings(const MixedStroke& stroke) {
  std::set<uint32_t> out;
  for (const int label : stroke.labels) out.insert(possible_classes(label));
  return out;
}

TEST(HandLabels, TheOutlineIsHairsBorderOnlyByHair) {
  Drawing drawing = doodle_face();
  give_classes(drawing);
  std::vector<MixedStroke> bald = unvaried(drawing);
  place_labels(bald);
  const uint32_t skin = 1U << 9;
  const uint32_t hair = 1U << 16;
  const uint32_t neck = 1U << 17;
  EXPECT_TRUE(meanings(bald[0]).count(skin));
  EXPECT_TRUE(meanings(bald[0]).count(neck));
  for (const uint32_t bits : meanings(bald[0])) EXPECT_EQ(bits & hair, 0U);

  drawing.strokes.push_back(
      line({{120, 150}, {180, 45}, {250, 30}, {320, 45}, {380, 150}}, 4));
  drawing.strokes.back().label = 15;
  std::vector<MixedStroke> haired = unvaried(drawing);
  place_labels(haired);
  EXPECT_TRUE(meanings(haired[0]).count(hair));
  EXPECT_TRUE(meanings(haired[0]).count(neck));
  // The chin lies below, hair above.
  for (size_t i = 0; i < haired[0].points.size(); ++i) {
    const uint32_t bits = possible_classes(haired[0].labels[i]);
    if (bits == neck) {
      EXPECT_GT(haired[0].points[i].y, 250);
    }
    if (bits == hair) {
      EXPECT_LT(haired[0].points[i].y, 250);
    }
  }
}

TEST(HandLabels, SetsAreMirrored) {
  const int right = set_of_classes({1, 4});
  EXPECT_EQ(possible_classes(right), (1U << 0) | (1U << 3));
  EXPECT_EQ(mirrored_label(right), set_of_classes({2, 5}));
  EXPECT_EQ(mirrored_label(set_of_classes({10, 18})), set_of_classes({10, 18}));
  EXPECT_EQ(mirrored_label(11), 12);
}

TEST(HandLabels, CorrectionsAreReadAndApplied) {
  const TestFolder folder;
  const auto file = folder.path() / "labels.csv";
  write_file(file, std::string("drawing,stroke,class\n0,1,4\n0,3,brows\n"
                               "0,2,any\n"));
  const std::vector<Drawing> coarse = {doodle_face()};
  std::vector<Drawing> fine = coarse;
  give_classes(fine[0]);
  apply_hand_labels(read_hand_labels(file), coarse, fine);
  EXPECT_THAT(labels_of(fine[0]),
              testing::ElementsAre(kContourLabel, 4, kFirstHandLabel,
                                   kBothBrowsLabel, 7, 11));

  std::vector<MixedStroke> placed = unvaried(fine[0]);
  place_labels(placed);
  EXPECT_THAT(placed[3].labels, testing::ElementsAre(5, 5, 4));

  write_file(file, std::string("drawing,stroke,class\n0,6,4\n"));
  EXPECT_THAT(error_of([&] {
                apply_hand_labels(read_hand_labels(file), coarse, fine);
              }),
              HasSubstr("stroke 6 of drawing 0, which is not there"));
  write_file(file, std::string("drawing,stroke,class\n0,1,23\n"));
  EXPECT_THAT(error_of([&] { read_hand_labels(file); }),
              HasSubstr("line 2: class is 23"));
  write_file(file, std::string("drawing,stroke,class\n0,x,2\n"));
  EXPECT_THAT(error_of([&] { read_hand_labels(file); }),
              HasSubstr("line 2: stroke is 'x'"));
  write_file(file, std::string("0,1,2\n"));
  EXPECT_THAT(error_of([&] { read_hand_labels(file); }),
              HasSubstr("expected 'drawing,stroke,class'"));
}

// A face of few classes where a mask's would lie.
Drawing mask_face(bool glasses) {
  Drawing drawing;
  const auto add = [&](Stroke stroke, int label) {
    stroke.label = label;
    drawing.strokes.push_back(std::move(stroke));
  };
  add(ring(256, 270, 140, 190, 0), 10);
  add(ring(194, 240, 28, 12, 0), 2);
  add(ring(318, 240, 28, 12, 0), 1);
  add(ring(256, 380, 50, 20, 0), 7);
  add(line({{120, 200}, {256, 60}, {392, 200}}, 0), 15);
  if (glasses) add(ring(256, 240, 110, 35, 0), 3);
  return drawing;
}

TEST(StrokeSymbols, GlassesStayAndEyesLieOnTheirSides) {
  int rings = 0;
  int drawn = 0;
  for (uint64_t i = 0; i < 60; ++i) {
    Random random(5, i);
    const bool glasses = i % 2 == 0;
    const Drawing out = draw_symbols(mask_face(glasses), random);
    bool has_glasses = false;
    for (const Stroke& stroke : out.strokes) {
      has_glasses = has_glasses || stroke.label == 3;
      if (stroke.points.empty()) continue;
      double x = 0;
      for (const Point& p : stroke.points) x += p.x;
      x /= static_cast<double>(stroke.points.size());
      if (stroke.label == 1) {
        EXPECT_GT(x, 256);
      }
      if (stroke.label == 2) {
        EXPECT_LT(x, 256);
      }
      drawn += stroke.label == kContourLabel ? 1 : 0;
    }
    if (glasses) {
      EXPECT_TRUE(has_glasses);
    }
    rings += !glasses && has_glasses ? 1 : 0;
    Random again(5, i);
    EXPECT_EQ(draw_symbols(mask_face(glasses), again).strokes.size(),
              out.strokes.size());
  }
  EXPECT_GT(drawn, 30);
  EXPECT_LT(rings, 15);
}

TEST(StrokeSymbols, VariationsHaveClassesOfTheNetwork) {
  for (uint64_t i = 0; i < 30; ++i) {
    Random random(6, i);
    const std::vector<MixedStroke> strokes = vary(
        draw_symbols(mask_face(false), random), strong_variation(), random);
    for (const MixedStroke& stroke : strokes) {
      for (const int label : stroke.labels) {
        EXPECT_NE(possible_classes(label), 0U);
      }
    }
  }
}

}  // namespace
}  // namespace limner::train
