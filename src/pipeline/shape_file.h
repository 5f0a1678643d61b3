// Face shapes in files: of their own, as `limner shapes` writes them, or in a
// model's file, as `limner convert --add-shapes` puts them there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "sketch/face_shapes.h"
#include "weights/checkpoint.h"

namespace limner {

// The face shapes that the file holds; none where its metadata has no
// "limner_shapes". Throws Error as FaceShapes does.
std::optional<FaceShapes> read_face_shapes(const Checkpoint& file);

// Writes them atomically, in float32, examples in 16 bits. Throws Error for
// more than 2048 of them, or points of a stroke. Returns the file's SHA-256 in
// hex.
std::string write_face_shapes(const std::filesystem::path& path,
                              const FaceShapes& shapes);

}  // namespace limner
