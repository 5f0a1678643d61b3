#include "sources.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "arrays.h"
#include "image/codec.h"
#include "sketch/classes.h"
#include "sketch/colour_labels.h"
#include "sketch/drawing_limits.h"
#include "sketch/labels.h"
#include "sketch/trace.h"
#include "util/error.h"

namespace limner::python {
namespace {

namespace py = pybind11;

// Values of an array from here on are shades of gray (see holds_labels()).
constexpr int kMinShade = 64;

std::filesystem::path path_of(const py::handle& text) {
  const auto encoded =
      py::reinterpret_steal<py::bytes>(PyUnicode_EncodeFSDefault(text.ptr()));
  if (!encoded) throw py::error_already_set();
  return std::string(encoded);
}

std::vector<unsigned char> bytes_of_object(const py::handle& value) {
  char* data = nullptr;
  Py_ssize_t size = 0;
  if (PyBytes_AsStringAndSize(value.ptr(), &data, &size) != 0) {
    throw py::error_already_set();
  }
  return {data, data + size};
}

Stroke stroke_of(const py::tuple& fields) {
  Stroke stroke;
  const auto points = fields[0].cast<FloatArray>();
  const auto xy = points.unchecked<2>();
  stroke.points.reserve(static_cast<size_t>(xy.shape(0)));
  for (py::ssize_t i = 0; i < xy.shape(0); ++i) {
    stroke.points.push_back({xy(i, 0), xy(i, 1)});
  }
  stroke.label = fields[1].cast<int>();
  stroke.confidence = fields[2].cast<float>();
  stroke.detail = fields[3].cast<float>();
  if (!fields[4].is_none()) {
    const auto pressure = fields[4].cast<FloatArray>();
    stroke.pressure.assign(pressure.data(), pressure.data() + pressure.size());
  }
  return stroke;
}

Drawing drawing_of(const py::tuple& value) {
  Drawing drawing;
  drawing.side = value[0].cast<float>();
  for (const py::handle& stroke : value[1]) {
    drawing.strokes.push_back(stroke_of(stroke.cast<py::tuple>()));
  }
  check_drawing(drawing);
  return drawing;
}

GivenDrawing strokes(Drawing drawing) {
  GivenDrawing given;
  given.drawing = std::move(drawing);
  return given;
}

// Whether numbers are those of classes, by the rule for a gray PNG of 8 bits.
bool are_labels(const Image& numbers) {
  const auto& values = numbers.pixels;
  const int max = *std::max_element(values.begin(), values.end());
  if (max >= kMinShade) return false;
  const auto paper = std::count(values.begin(), values.end(), 0);
  return max <= kStrokeClasses ||
         2 * static_cast<size_t>(paper) > values.size();
}

// The classes of a picture in exactly the legend's colours; no pixels for
// others.
Image colour_labels(const Image& rgb) {
  try {
    Image labels = read_colour_labels(rgb);
    const bool any = std::any_of(labels.pixels.begin(), labels.pixels.end(),
                                 [](uint8_t value) { return value > 0; });
    if (any) return labels;
  } catch (const Error&) {
    // A picture of lines.
  }
  return {};
}

GivenDrawing of_pixels(const FaceMaker& maker, const Image& image,
                       const DrawingOptions& options) {
  if (image.channels == 4) {
    return maker.read(encode(image, ImageFormat::kPng), "", options);
  }
  const PngKind as = options.read.png;
  const bool asked = as == PngKind::kLabels;
  if (asked && image.channels != 1) {
    fail("as_=\"labels\" needs an array [h,w] of class numbers, got [h,w,3]");
  }
  Image labels;
  bool coloured = false;
  if (image.channels == 1 && as != PngKind::kPicture &&
      (asked || are_labels(image))) {
    check_labels(
        image,
        options.as == ReadAs::kStrokes ? kStrokeClasses : maker.config().labels,
        "the label image");
    labels = image;
  } else if (image.channels == 3 && as == PngKind::kByContent) {
    labels = colour_labels(image);
    coloured = !labels.pixels.empty();
  }
  GivenDrawing given;
  if (labels.pixels.empty()) {
    TraceOptions trace;
    trace.name = "the drawing";
    given.drawing = trace_picture(image, trace);
    given.traced = true;
  } else if (coloured || options.as == ReadAs::kStrokes) {
    given.drawing = trace_labels(labels);
    given.from_labels = true;
  } else {
    given.labels = std::move(labels);
  }
  return given;
}

Image spread(const Image& gray) {
  Image rgb(gray.width, gray.height, 3);
  for (size_t i = 0; i < gray.pixels.size(); ++i) {
    std::memset(&rgb.pixels[3 * i], gray.pixels[i], 3);
  }
  return rgb;
}

}  // namespace

Source source_of(const py::handle& value) {
  if (PyUnicode_Check(value.ptr())) return path_of(value);
  if (PyBytes_Check(value.ptr())) return bytes_of_object(value);
  if (py::isinstance<py::array>(value))
    return image_of(value.cast<py::array>());
  if (py::isinstance<py::tuple>(value)) {
    return drawing_of(value.cast<py::tuple>());
  }
  fail("expected a path, bytes, an array or strokes, got {}",
       std::string(py::str(py::type::of(value).attr("__name__"))));
}

GivenDrawing read_drawing(const FaceMaker& maker, const Source& source,
                          const DrawingOptions& options) {
  if (const auto* file = std::get_if<std::filesystem::path>(&source)) {
    return maker.read(*file, options);
  }
  if (const auto* bytes = std::get_if<std::vector<unsigned char>>(&source)) {
    if (bytes->size() > kMaxDrawingFile) {
      fail("the drawing has {} bytes, more than {}", bytes->size(),
           kMaxDrawingFile);
    }
    return maker.read(*bytes, "the drawing", options);
  }
  if (const auto* image = std::get_if<Image>(&source)) {
    return of_pixels(maker, *image, options);
  }
  return strokes(std::get<Drawing>(source));
}

AlignedPhoto read_photo(FaceMaker& maker, const Source& source,
                        const PhotoOptions& options) {
  if (const auto* file = std::get_if<std::filesystem::path>(&source)) {
    return maker.photo(*file, options);
  }
  if (const auto* bytes = std::get_if<std::vector<unsigned char>>(&source)) {
    return maker.photo(*bytes, "the photo", options);
  }
  const auto* image = std::get_if<Image>(&source);
  if (image == nullptr) fail("expected a photo, got strokes");
  if (image->channels == 4) {
    return maker.photo(encode(*image, ImageFormat::kPng), "the photo", options);
  }
  return maker.align(image->channels == 1 ? spread(*image) : *image, "",
                     options);
}

}  // namespace limner::python
