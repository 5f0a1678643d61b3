// What Python hands over, read while the interpreter's lock is held, so that
// the work itself needs no Python object.
#pragma once

#include <pybind11/pybind11.h>

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "image/image.h"
#include "pipeline/face_maker.h"
#include "sketch/stroke.h"

namespace limner::python {

// A drawing or a photo: a file's name, a file's bytes, pixels, or strokes.
using Source = std::variant<std::filesystem::path, std::vector<unsigned char>,
                            Image, Drawing>;

// Takes str (a path), bytes (a file), a uint8 array [h,w], [h,w,3] or [h,w,4]
// and, for strokes, a tuple (side, [(points [n,2], label, confidence, detail,
// pressure [n] or None), ...]). Throws Error for other types and shapes.
Source source_of(const pybind11::handle& value);

// A drawing for the network. Pixels are read as a PNG of them would be: numbers
// of classes are a label image, colours of the legend are strokes with classes,
// anything else is a picture of lines. Throws Error as FaceMaker::read() does.
GivenDrawing read_drawing(const FaceMaker& maker, const Source& source,
                          const DrawingOptions& options);

// A photo, aligned as `options` say. Throws Error as FaceMaker::photo() does.
AlignedPhoto read_photo(FaceMaker& maker, const Source& source,
                        const PhotoOptions& options);

}  // namespace limner::python
