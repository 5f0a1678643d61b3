// NumPy's arrays from and to limner's pictures and tables.
#pragma once

#include <pybind11/numpy.h>

#include "image/image.h"
#include "pipeline/codes.h"

namespace limner::python {

using FloatArray = pybind11::array_t<float, pybind11::array::c_style |
                                                pybind11::array::forcecast>;

// A picture of an array uint8 [h,w], [h,w,1], [h,w,3] or [h,w,4], of any
// strides. Throws Error for other types, shapes and sizes.
Image image_of(const pybind11::array& pixels);

// uint8 [h,w] of one channel, else [h,w,channels]. Takes the pixels over.
pybind11::array array_of(Image image);

// float32 [rows, width] and the reverse. Throws Error for other shapes and for
// values that are not finite.
pybind11::array array_of(const CodeTable& table);
CodeTable table_of(const FloatArray& values);

// float32 [channels, side, side] and the reverse: the map of the generator's
// level at that side. Throws Error as table_of() does.
pybind11::array array_of(const StructureMap& map);
StructureMap map_of(const FloatArray& values);

}  // namespace limner::python
