#include "arrays.h"

#include <cmath>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "image/codec.h"
#include "util/error.h"

namespace limner::python {
namespace {

namespace py = pybind11;

std::string shape_text(const py::array& array) {
  std::string text;
  for (py::ssize_t k = 0; k < array.ndim(); ++k) {
    text += (k == 0 ? "" : ", ") + std::to_string(array.shape(k));
  }
  return "[" + text + "]";
}

// An array over values that it owns.
template <typename T>
py::array owning(std::vector<T> values, std::vector<py::ssize_t> shape) {
  auto kept = std::make_unique<std::vector<T>>(std::move(values));
  T* data = kept->data();
  const py::capsule owner(kept.get(), [](void* pointer) {
    delete static_cast<std::vector<T>*>(pointer);
  });
  kept.release();
  return py::array_t<T>(std::move(shape), data, owner);
}

std::vector<float> finite_values(const FloatArray& array) {
  std::vector<float> values(array.data(), array.data() + array.size());
  for (const float value : values) {
    if (!std::isfinite(value)) {
      fail("codes must be finite numbers, got {}", value);
    }
  }
  return values;
}

}  // namespace

Image image_of(const py::array& pixels) {
  const py::dtype type = pixels.dtype();
  if (type.kind() != 'u' || type.itemsize() != 1) {
    fail(
        "expected an array of uint8, got {}; pixels from 0 to 1 are made such "
        "by (255 * x).round().astype(numpy.uint8)",
        std::string(py::str(py::handle(type))));
  }
  const py::ssize_t channels = pixels.ndim() == 3 ? pixels.shape(2) : 1;
  if (pixels.ndim() < 2 || pixels.ndim() > 3 ||
      (channels != 1 && channels != 3 && channels != 4)) {
    fail("expected an array [h,w], [h,w,3] or [h,w,4], got {}",
         shape_text(pixels));
  }
  const py::ssize_t height = pixels.shape(0), width = pixels.shape(1);
  if (height < 1 || width < 1 || height > kMaxImageSide ||
      width > kMaxImageSide || height * width > kMaxImagePixels) {
    fail("expected a picture of 1 to {} pixels a side, got {}", kMaxImageSide,
         shape_text(pixels));
  }
  const py::array_t<uint8_t, py::array::c_style> dense(pixels);
  Image image(static_cast<int>(width), static_cast<int>(height),
              static_cast<int>(channels));
  std::memcpy(image.pixels.data(), dense.data(), image.pixels.size());
  return image;
}

py::array array_of(Image image) {
  std::vector<py::ssize_t> shape = {image.height, image.width};
  if (image.channels > 1) shape.push_back(image.channels);
  return owning(std::move(image.pixels), std::move(shape));
}

py::array array_of(const CodeTable& table) {
  return owning(table.values, {table.rows, table.width});
}

CodeTable table_of(const FloatArray& values) {
  if (values.ndim() != 2 || values.size() == 0) {
    fail("expected codes [rows, width], got {}", shape_text(values));
  }
  CodeTable table(static_cast<int>(values.shape(0)),
                  static_cast<int>(values.shape(1)));
  table.values = finite_values(values);
  return table;
}

py::array array_of(const StructureMap& map) {
  return owning(map.values, {map.channels, map.side, map.side});
}

StructureMap map_of(const FloatArray& values) {
  StructureMap map;
  const py::ssize_t side = values.ndim() == 3 ? values.shape(1) : 0;
  while (map.level < 10 && (4 << map.level) < side) ++map.level;
  map.side = 4 << map.level;
  if (side != map.side || values.shape(2) != side || values.size() == 0) {
    fail(
        "expected a structure map [channels, side, side] of side 4, 8, ..., "
        "got {}",
        shape_text(values));
  }
  map.channels = static_cast<int>(values.shape(0));
  map.values = finite_values(values);
  return map;
}

}  // namespace limner::python
