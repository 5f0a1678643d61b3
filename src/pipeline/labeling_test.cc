#include "pipeline/labeling.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "pipeline/test_labeler.h"
#include "sketch/drawing_limits.h"
#include "sketch/point_sequence.h"
#include "util/files.h"
#include "util/random.h"
#include "util/test_folder.h"
#include "weights/safetensors.h"

namespace limner {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Wavy lines all over the place; pressure grows along each.
Drawing wavy_drawing(int strokes = 12) {
  Random random(11);
  Drawing drawing;
  for (int s = 0; s < strokes; ++s) {
    Stroke stroke;
    stroke.detail = 0.25F;
    const double x = 60 + 340 * random.uniform();
    const double y = 60 + 340 * random.uniform();
    const double turn = 6.28 * random.uniform();
    const int points = 40 + 5 * s;
    for (int i = 0; i < points; ++i) {
      const double along = 4.0 * i;
      const double side = 20 * std::sin(0.2 * i + s);
      stroke.points.push_back({static_cast<float>(x + std::cos(turn) * along -
                                                  std::sin(turn) * side),
                               static_cast<float>(y + std::sin(turn) * along +
                                                  std::cos(turn) * side)});
      stroke.pressure.push_back(static_cast<float>(i) /
                                static_cast<float>(points));
    }
    drawing.strokes.push_back(stroke);
  }
  return drawing;
}

// Classes change as often as they like.
LabelOptions restless() {
  LabelOptions options;
  options.change = 0.02;
  return options;
}

bool same(Point a, Point b) { return a.x == b.x && a.y == b.y; }

TEST(Labeling, SplittingKeepsLengthPointsAndPressure) {
  const StrokeLabeler labeler(random_labeler(), kTestHeads);
  const Drawing drawing = wavy_drawing();
  const Labelled found = labeler.label(drawing, restless());
  ASSERT_EQ(found.source.size(), found.drawing.strokes.size());
  ASSERT_GT(found.drawing.strokes.size(), drawing.strokes.size());
  EXPECT_EQ(found.drawing.side, drawing.side);
  EXPECT_TRUE(std::is_sorted(found.source.begin(), found.source.end()));

  std::vector<double> lengths(drawing.strokes.size(), 0.0);
  std::vector<size_t> reached(drawing.strokes.size(), 0);
  const Stroke* last = nullptr;
  int last_source = -1;
  for (size_t i = 0; i < found.source.size(); ++i) {
    const Stroke& piece = found.drawing.strokes[i];
    const int source = found.source[i];
    const Stroke& whole = drawing.strokes[source];
    EXPECT_GE(piece.label, 1);
    EXPECT_LE(piece.label, 22);
    EXPECT_EQ(piece.detail, whole.detail);
    ASSERT_EQ(piece.pressure.size(), piece.points.size());
    ASSERT_GE(piece.points.size(), 2U);
    EXPECT_TRUE(std::is_sorted(piece.pressure.begin(), piece.pressure.end()));
    lengths[source] += lengths_along(piece.points).back();
    if (source == last_source) {
      // Cut where the class changes, and hanging together.
      EXPECT_NE(piece.label, last->label);
      EXPECT_TRUE(same(piece.points.front(), last->points.back()));
      EXPECT_EQ(piece.pressure.front(), last->pressure.back());
    }
    for (size_t k = 0; k < piece.points.size(); ++k) {
      size_t& next = reached[source];
      if (next < whole.points.size() &&
          same(piece.points[k], whole.points[next])) {
        EXPECT_EQ(piece.pressure[k], whole.pressure[next]);
        ++next;
      }
    }
    last = &piece;
    last_source = source;
  }
  for (size_t s = 0; s < drawing.strokes.size(); ++s) {
    const std::vector<Point>& points = drawing.strokes[s].points;
    EXPECT_EQ(reached[s], points.size()) << "stroke " << s;
    EXPECT_NEAR(lengths[s], lengths_along(points).back(), 0.01);
  }
}

TEST(Labeling, GivenClassesStay) {
  const StrokeLabeler labeler(random_labeler(), kTestHeads);
  Drawing drawing = wavy_drawing();
  drawing.strokes[2].label = 9;
  drawing.strokes[2].confidence = 0.3F;
  drawing.strokes[5].label = 13;
  LabelOptions options = restless();
  options.doubt = 1;
  const Labelled found = labeler.label(drawing, options);
  for (size_t i = 0; i < found.source.size(); ++i) {
    const int source = found.source[i];
    if (source != 2 && source != 5) continue;
    EXPECT_EQ(found.drawing.strokes[i].label, source == 2 ? 9 : 13);
    EXPECT_EQ(found.drawing.strokes[i].points.size(),
              drawing.strokes[source].points.size());
    EXPECT_THAT(found.doubtful, testing::Not(testing::Contains(i)));
  }
  EXPECT_EQ(std::count(found.source.begin(), found.source.end(), 2), 1);
  EXPECT_EQ(found.drawing.strokes.size() - 2, found.doubtful.size());

  options.keep_given = false;
  const Labelled anew = labeler.label(drawing, options);
  EXPECT_EQ(anew.doubtful.size(), anew.drawing.strokes.size());
}

TEST(Labeling, AllGivenComesBackAsItIs) {
  // Even where the network would see no face.
  const StrokeLabeler labeler(random_labeler({{kTestNothing, 50.0F}}),
                              kTestHeads);
  Drawing drawing = wavy_drawing(3);
  EXPECT_THAT(error_of([&] { labeler.label(drawing); }),
              HasSubstr("does not look like a face: 100 %"));
  for (Stroke& stroke : drawing.strokes) stroke.label = 15;
  const Labelled found = labeler.label(drawing);
  EXPECT_THAT(found.source, ElementsAre(0, 1, 2));
  EXPECT_TRUE(found.doubtful.empty());
  EXPECT_EQ(found.nothing, 0);
}

TEST(Labeling, DoubtfulStrokesAreSorted) {
  const StrokeLabeler labeler(random_labeler(), kTestHeads);
  LabelOptions options;
  options.doubt = 0.9F;
  const Labelled found = labeler.label(wavy_drawing(), options);
  ASSERT_GT(found.doubtful.size(), 2U);
  float last = 0;
  for (const int index : found.doubtful) {
    const float sure = found.drawing.strokes[index].confidence;
    EXPECT_LT(sure, options.doubt);
    EXPECT_GE(sure, last);
    last = sure;
  }
}

TEST(Labeling, FacialHairCountsAsSkinLines) {
  const StrokeLabeler labeler(random_labeler({{22, 60.0F}}), kTestHeads);
  for (const Stroke& stroke : labeler.label(wavy_drawing()).drawing.strokes) {
    EXPECT_EQ(stroke.label, 10);
    EXPECT_GT(stroke.confidence, 0.99F);
    EXPECT_LE(stroke.confidence, 1.0F);
  }
}

TEST(Labeling, PlaceAndSizeDoNotMatter) {
  const StrokeLabeler labeler(random_labeler(), kTestHeads);
  const Drawing drawing = wavy_drawing();
  Drawing moved = drawing;
  moved.side = 4096;
  for (Stroke& stroke : moved.strokes) {
    for (Point& p : stroke.points) p = {4 * p.x + 1024, 4 * p.y - 512};
  }
  const Labelled a = labeler.label(drawing);
  const Labelled b = labeler.label(moved);
  ASSERT_EQ(a.source, b.source);
  for (size_t i = 0; i < a.source.size(); ++i) {
    EXPECT_EQ(a.drawing.strokes[i].label, b.drawing.strokes[i].label);
  }
}

TEST(Labeling, DotsAndRepeatedPoints) {
  const StrokeLabeler labeler(random_labeler(), kTestHeads);
  Drawing drawing = wavy_drawing(4);
  drawing.strokes[0].points = {{100, 100}};
  drawing.strokes[0].pressure = {0.5F};
  drawing.strokes[1].points.assign(30, {200, 200});
  drawing.strokes[1].pressure.clear();
  drawing.strokes[2].points = {};
  drawing.strokes[2].pressure.clear();
  const Labelled found = labeler.label(drawing, restless());
  // A dot is not cut; a stroke without points is left out.
  EXPECT_THAT(found.source[0], 0);
  EXPECT_THAT(found.source[1], 1);
  EXPECT_THAT(found.source[2], 3);
  EXPECT_EQ(found.drawing.strokes[0].points.size(), 1U);
  EXPECT_EQ(found.drawing.strokes[0].pressure.size(), 1U);
  EXPECT_EQ(found.drawing.strokes[1].points.size(), 30U);
  EXPECT_NO_THROW(check_drawing(found.drawing));

  Drawing dot;
  dot.strokes.resize(1);
  dot.strokes[0].points = {{7, 7}};
  EXPECT_EQ(labeler.label(dot).drawing.strokes.size(), 1U);
}

TEST(Labeling, HostileDrawings) {
  const StrokeLabeler labeler(random_labeler(), kTestHeads);
  const auto refused = [&](const Drawing& drawing) {
    return error_of([&] { labeler.label(drawing); });
  };
  EXPECT_THAT(refused(Drawing()), HasSubstr("no points"));
  Drawing empty;
  empty.strokes.resize(3);
  EXPECT_THAT(refused(empty), HasSubstr("no points"));
  for (const float value :
       {std::numeric_limits<float>::quiet_NaN(),
        std::numeric_limits<float>::infinity(), 1e30F, -1e7F}) {
    Drawing far = wavy_drawing(3);
    far.strokes[1].points[4].y = value;
    EXPECT_THAT(refused(far), HasSubstr("stroke 1 has a point at"));
  }
  Drawing many;
  many.strokes.resize(kMaxLabelledStrokes + 1);
  for (size_t i = 0; i < many.strokes.size(); ++i) {
    many.strokes[i].points = {{static_cast<float>(i), 0}};
  }
  EXPECT_THAT(refused(many), HasSubstr("at most 5000 can be labelled"));
}

TEST(Labeling, WeightsThatRunAway) {
  TensorMap tensors = random_labeler();
  tensors.tensors["hidden.bias"] =
      make_tensor({8}, std::vector<float>(8, 3e38F));
  const StrokeLabeler labeler(tensors, kTestHeads);
  EXPECT_THAT(error_of([&] { labeler.label(wavy_drawing()); }),
              HasSubstr("not finite"));
}

class LabelerFile : public testing::Test {
 protected:
  std::filesystem::path write(const TensorMap& map,
                              const std::map<std::string, std::string>& info) {
    write_labeler(path, map, info);
    return path;
  }

  std::string refused(const std::string& config) {
    write(random_labeler(), {{"limner_labeler", config}});
    return error_of([&] { read_labeler(path); });
  }

  TestFolder folder;
  std::filesystem::path path = folder / "labeler.safetensors";
};

TEST_F(LabelerFile, GivesTheSameClasses) {
  const TensorMap map = random_labeler();
  const StrokeLabeler read =
      read_labeler(write(map, {{"limner_labeler", kTestLabelerInfo}}));
  const StrokeLabeler direct(map, kTestHeads);
  const Labelled a = read.label(wavy_drawing());
  const Labelled b = direct.label(wavy_drawing());
  ASSERT_EQ(a.source, b.source);
  for (size_t i = 0; i < a.source.size(); ++i) {
    EXPECT_EQ(a.drawing.strokes[i].label, b.drawing.strokes[i].label);
    EXPECT_EQ(a.drawing.strokes[i].confidence, b.drawing.strokes[i].confidence);
  }
}

TEST_F(LabelerFile, OtherFiles) {
  EXPECT_THAT(error_of([&] { read_labeler(folder / "nowhere"); }),
              HasSubstr("nowhere"));
  write_file(path, "no weights at all");
  EXPECT_THAT(error_of([&] { read_labeler(path); }),
              HasSubstr("not a weight file"));
  write(random_labeler(), {{"format", "pt"}});
  EXPECT_THAT(error_of([&] { read_labeler(path); }),
              HasSubstr("is no labeler"));
}

TEST_F(LabelerFile, HostileMetadata) {
  EXPECT_THAT(refused(""), HasSubstr("limner_labeler"));
  EXPECT_THAT(refused("{"), HasSubstr("limner_labeler"));
  EXPECT_THAT(refused(std::string(100'000, '[')), HasSubstr("limner_labeler"));
  for (const char* config :
       {"[]", "7", "null", "{}", R"({"kind": 3})", R"({"kind": "parser"})"}) {
    EXPECT_THAT(refused(config), HasSubstr("not of kind")) << config;
  }
  EXPECT_THAT(refused(R"({"kind": "labeler", "classes": 7, "heads": 2})"),
              HasSubstr("\"classes\" of 24"));
  for (const char* heads : {"0", "-2", "1e9", "99999999999999999999", "2.5",
                            "\"2\"", "null", "[2]"}) {
    EXPECT_THAT(
        refused(fmt::format(
            R"({{"kind": "labeler", "classes": 24, "heads": {}}})", heads)),
        HasSubstr("\"heads\" from 1 to 1024"))
        << heads;
  }
  EXPECT_THAT(refused(R"({"kind": "labeler", "classes": 24, "heads": 5})"),
              HasSubstr("heads"));
}

TEST_F(LabelerFile, BadWeights) {
  const std::map<std::string, std::string> info = {
      {"limner_labeler", kTestLabelerInfo}};
  TensorMap map = random_labeler();
  map.tensors.erase("block1.window.bias");
  write(map, info);
  EXPECT_THAT(error_of([&] { read_labeler(path); }),
              HasSubstr("block1.window.bias"));
  map = random_labeler();
  map.tensors["final.weight"] = make_tensor({22, 8}, std::vector<float>(176));
  write(map, info);
  EXPECT_THAT(error_of([&] { read_labeler(path); }), HasSubstr("final.weight"));
  map = random_labeler();
  map.tensors["norm.weight"] = make_tensor({8}, std::vector<float>(8, NAN));
  write(map, info);
  EXPECT_THAT(error_of([&] { read_labeler(path); }),
              HasSubstr("'norm.weight' holds a number that is not finite"));
}

}  // namespace
}  // namespace limner
