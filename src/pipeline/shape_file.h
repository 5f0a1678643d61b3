// Face shapes in files: of their own, as `limner shapes` writes them, or in a
// model's file, as `limner convert --add-shapes` puts them there.
#pragma once

#include <filesystem>
#include <string>

#include "sketch/face_shapes.h"

namespace limner {

// Whether the file holds face shapes: its metadata has "limner_shapes". Throws
// Error for a file that holds no weights at all.
bool has_face_shapes(const std::filesystem::path& path);

// Throws Error for other files and as FaceShapes does.
FaceShapes read_face_shapes(const std::filesystem::path& path);

// Writes them atomically, in float32, examples in 16 bits. Throws Error for
// more than 2048 of them, or points of a stroke. Returns the file's SHA-256 in
// hex.
std::string write_face_shapes(const std::filesystem::path& path,
                              const FaceShapes& shapes);

}  // namespace limner
