// Embedding limner: draws a face in memory, gives it random looks, renders
// it, then changes a line of the drawing and renders again with the same
// looks. See docs/embedding.md.
//
//   embed_example MODEL FOLDER     writes FOLDER/first.png, FOLDER/second.png
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>

#include "image/codec.h"
#include "pipeline/engine.h"

namespace {

constexpr int kSide = 512;

// Stroke classes, as sketch/classes.h lists them.
constexpr uint8_t kEyeRight = 1;
constexpr uint8_t kEyeLeft = 2;
constexpr uint8_t kMouth = 7;
constexpr uint8_t kContour = 10;

// Draws an ellipse around (x, y) into a label image; all in pixels.
void ellipse(limner::Image& labels, uint8_t label, double x, double y,
             double half_width, double half_height) {
  for (int i = 0; i < 4 * kSide; ++i) {
    const double angle = i * 6.283185307 / (4 * kSide);
    const int column = static_cast<int>(x + half_width * std::cos(angle));
    const int row = static_cast<int>(y + half_height * std::sin(angle));
    labels.row(row)[column] = label;
  }
}

// A label image: one channel, 0 where there is no stroke.
limner::Image draw_face(double mouth_half_width) {
  limner::Image labels(kSide, kSide, 1);
  ellipse(labels, kContour, 256, 256, 110, 145);
  ellipse(labels, kEyeRight, 305, 235, 25, 12);
  ellipse(labels, kEyeLeft, 207, 235, 25, 12);
  ellipse(labels, kMouth, 256, 335, mouth_half_width, 14);
  return labels;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: embed_example MODEL FOLDER\n");
    return 2;
  }
  try {
    const std::filesystem::path folder = argv[2];

    // Looks are drawn at random here, so the photo encoder need not be loaded.
    limner::EngineOptions options;
    options.photo_encoder = false;
    limner::Engine engine(argv[1], options);
    std::printf("pictures of %d px, %d style codes\n", engine.config().size,
                engine.config().styles);

    // Once for all drawings; with a photo: engine.embed_photo(read_rgb(...)).
    const limner::AppearanceCodes looks = engine.random_appearance(7);

    const limner::SketchCodes first = engine.embed_sketch(draw_face(40));
    limner::write_image(folder / "first.png",
                        engine.render(engine.combine(first, looks)));

    const limner::SketchCodes second = engine.embed_sketch(draw_face(60));
    limner::write_image(folder / "second.png",
                        engine.render(engine.combine(second, looks)));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "embed_example: %s\n", error.what());
    return 1;
  }
  return 0;
}
