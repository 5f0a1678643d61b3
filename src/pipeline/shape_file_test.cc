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
