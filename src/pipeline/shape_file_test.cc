#include "pipeline/shape_file.h"

#include <gtest/gtest.h>

#include "pipeline/drawings.h"
#include "sketch/test_shapes.h"
#include "util/error.h"
#include "util/files.h"
#include "util/test_folder.h"
#include "weights/safetensors.h"

namespace limner {
namespace {

TEST(ShapeFile, KeepsShapesToTheBit) {
  const TestFolder folder;
  const std::filesystem::path file = folder / "shapes.safetensors";
  const FaceShapes& shapes = simple_shapes();
  write_face_shapes(file, shapes);
  const auto read = read_face_shapes(read_checkpoint(file));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->mean(), shapes.mean());
  EXPECT_EQ(read->component_values(), shapes.component_values());
  EXPECT_EQ(read->rest(), shapes.rest());
  EXPECT_EQ(read->borders(), shapes.borders());
}

TEST(ShapeFile, KeepsExamplesToAQuarterUnit) {
  const TestFolder folder;
  const std::filesystem::path file = folder / "shapes.safetensors";
  write_face_shapes(file, example_shapes());
  const std::vector<FaceExample>& written = example_shapes().examples();
  const auto shapes = read_face_shapes(read_checkpoint(file));
  ASSERT_TRUE(shapes);
  const std::vector<FaceExample>& read = shapes->examples();
  ASSERT_EQ(read.size(), written.size());
  const auto near = [](const std::vector<Point>& a,
                       const std::vector<Point>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) {
      ASSERT_NEAR(a[i].x, b[i].x, 0.25) << i;
      ASSERT_NEAR(a[i].y, b[i].y, 0.25) << i;
    }
  };
  for (size_t e = 0; e < read.size(); ++e) {
    near(read[e].points, written[e].points);
    EXPECT_EQ(read[e].borders, written[e].borders);
    ASSERT_EQ(read[e].around.size(), written[e].around.size());
    for (size_t i = 0; i < read[e].around.size(); ++i) {
      EXPECT_EQ(read[e].around[i].label, written[e].around[i].label);
      near(read[e].around[i].points, written[e].around[i].points);
    }
  }
}

TEST(ShapeFile, RefusesExamplesThatMakeNoSense) {
  const TestFolder folder;
  const std::filesystem::path file = folder / "shapes.safetensors";
  write_face_shapes(file, example_shapes());
  const Checkpoint good = read_checkpoint(file);
  const auto with = [&](const std::string& name, size_t at, float value) {
    std::vector<NamedTensor> tensors;
    for (const auto& [key, tensor] : good.tensors.tensors) {
      std::vector<float> values = tensor.to_f32();
      if (key == name) values.at(at) = value;
      tensors.push_back(
          {key, make_tensor(tensor.shape, std::move(values)), DType::kF32});
    }
    const std::filesystem::path bad = folder / "bad.safetensors";
    write_safetensors(
        bad, tensors,
        {{"format", "pt"},
         {"limner_shapes", "{\"kind\": \"shapes\", \"points\": 195}"}});
    read_face_shapes(read_checkpoint(bad));
  };
  EXPECT_NO_THROW(with("examples.strokes", 0, 0));
  EXPECT_THROW(with("examples.strokes", 0, 12), Error);  // an example
  EXPECT_THROW(with("examples.strokes", 1, 23), Error);  // a class
  EXPECT_THROW(with("examples.strokes", 3, 0), Error);   // points
  EXPECT_THROW(with("examples.strokes", 3, 9e9F), Error);
  EXPECT_THROW(with("examples.borders", 5, 12), Error);
}

TEST(ShapeFile, TellsFilesWithoutShapesFromDamagedOnes) {
  const TestFolder folder;
  const std::filesystem::path file = folder / "other.safetensors";
  write_safetensors(file, {{"mean", make_tensor({2}, {1, 2}), DType::kF32}},
                    {{"format", "pt"}});
  EXPECT_FALSE(read_face_shapes(read_checkpoint(file)));
  write_safetensors(
      file, {{"mean", make_tensor({2}, {1, 2}), DType::kF32}},
      {{"format", "pt"}, {"limner_shapes", "{\"kind\": \"shapes\"}"}});
  EXPECT_THROW(read_face_shapes(read_checkpoint(file)), Error);
}

TEST(PrepareDrawing, HatchingBecomesLinesUnlessFaithfulIsOne) {
  Drawing doodle = simple_doodle();
  Stroke scribble;
  scribble.label = classes::kHair;
  for (int k = 0; k < 40; ++k) {
    scribble.points.push_back({180.0F + 4 * k, k % 2 == 0 ? 60.0F : 130.0F});
  }
  doodle.strokes.insert(doodle.strokes.begin(), scribble);
  PrepareOptions options;
  options.shapes = &example_shapes();
  EXPECT_EQ(prepare_drawing(doodle, nullptr, options).hatches, 0);
  options.faithful.reset();
  const PreparedDrawing fitted = prepare_drawing(doodle, nullptr, options);
  EXPECT_EQ(fitted.hatches, 1);
  for (size_t i = 0; i < fitted.drawing.strokes.size(); ++i) {
    const int source = fitted.fit->source[i];
    EXPECT_NE(source, 0);  // the scribble
    if (source < 0) continue;
    EXPECT_EQ(fitted.drawing.strokes[i].label, doodle.strokes[source].label);
  }
}

TEST(PrepareDrawing, FitsToShapesWhereThereAreSome) {
  const Drawing doodle = simple_doodle();
  const PreparedDrawing plain = prepare_drawing(doodle, nullptr);
  EXPECT_FALSE(plain.fit);
  PrepareOptions options;
  options.shapes = &simple_shapes();
  const PreparedDrawing kept = prepare_drawing(doodle, nullptr, options);
  ASSERT_TRUE(kept.fit);
  EXPECT_FALSE(kept.fit->changed());
  EXPECT_EQ(kept.drawing.strokes.size(), plain.drawing.strokes.size());
  EXPECT_EQ(kept.drawing.strokes[0].points[5].x,
            plain.drawing.strokes[0].points[5].x);
  options.faithful.reset();
  const PreparedDrawing fitted = prepare_drawing(doodle, nullptr, options);
  ASSERT_TRUE(fitted.fit);
  EXPECT_TRUE(fitted.fit->changed());
  EXPECT_EQ(fitted.fit->source.size(), fitted.drawing.strokes.size());
  // What was labelled stays as it was.
  EXPECT_EQ(fitted.labelled.drawing.strokes.size(), doodle.strokes.size());
}

}  // namespace
}  // namespace limner
