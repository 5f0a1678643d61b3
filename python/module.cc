// limner._limner: the face maker for the Python package beside this file, which
// turns what people have into what is taken here (sources.h) and documents it.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "arrays.h"
#include "image/resize.h"
#include "pipeline/notes.h"
#include "sketch/classes.h"
#include "sketch/drawing_file.h"
#include "sources.h"
#include "util/error.h"
#include "util/naming.h"
#include "util/parallel.h"

namespace limner::python {
namespace {

namespace py = pybind11;

// Looks at a drawing or a photo; of keywords, so that calls read well.
struct Options {
  DrawingOptions drawing;
  PhotoOptions photo;
};

Options options_of(const py::kwargs& given) {
  Options out;
  for (const auto& [key, value] : given) {
    const auto name = key.cast<std::string>();
    if (name == "faithfulness") {
      out.drawing.faithful = value.cast<std::optional<double>>();
    } else if (name == "frame") {
      out.drawing.prepare.frame = value.cast<bool>();
    } else if (name == "turn") {
      out.drawing.prepare.allow_rotation = value.cast<bool>();
    } else if (name == "index") {
      out.drawing.read.index = value.cast<int64_t>();
    } else if (name == "as_labels") {
      out.drawing.read.png = PngKind::kLabels;
    } else if (name == "as_picture") {
      out.drawing.read.png = PngKind::kPicture;
    } else if (name == "relabel") {
      out.drawing.prepare.keep_given = !value.cast<bool>();
    } else if (name == "align") {
      out.photo.align = value.cast<bool>();
    } else if (name == "face") {
      out.photo.face = value.cast<int>();
    } else {
      throw py::type_error("unknown option " + name);
    }
  }
  out.photo.way_out = "align=False takes it as it is";
  return out;
}

py::list list_of(const Drawing& drawing) {
  py::list strokes;
  for (const Stroke& stroke : drawing.strokes) {
    py::array_t<float> points(
        {static_cast<py::ssize_t>(stroke.points.size()), py::ssize_t{2}});
    auto xy = points.mutable_unchecked<2>();
    for (size_t i = 0; i < stroke.points.size(); ++i) {
      xy(static_cast<py::ssize_t>(i), 0) = stroke.points[i].x;
      xy(static_cast<py::ssize_t>(i), 1) = stroke.points[i].y;
    }
    py::object pressure = py::none();
    if (!stroke.pressure.empty()) {
      pressure =
          py::array_t<float>(static_cast<py::ssize_t>(stroke.pressure.size()),
                             stroke.pressure.data());
    }
    strokes.append(py::make_tuple(points, stroke.label, stroke.confidence,
                                  stroke.detail, pressure));
  }
  return strokes;
}

// Runs body() without the interpreter's lock, one thread at a time.
template <typename Body>
auto in_turn(std::mutex& mutex, const Body& body) {
  const py::gil_scoped_release release;
  const std::lock_guard lock(mutex);
  return body();
}

// A face maker that threads take turns with.
class Engine {
 public:
  explicit Engine(const FaceMakerOptions& options) : maker_(options) {}
  explicit Engine(FaceMaker maker) : maker_(std::move(maker)) {}

  std::unique_ptr<Engine> sharing() {
    return in_turn(mutex_,
                   [&] { return std::make_unique<Engine>(maker_.sharing()); });
  }

  std::string config() const { return maker_.config().to_json().dump(); }

  // -> (picture, notes)
  py::tuple generate(const py::handle& drawing, const py::object& photo,
                     const AppearanceCodes* looks,
                     const std::optional<uint64_t>& seed, int preview,
                     const py::kwargs& given) {
    std::vector<std::string> notes;
    Image picture;
    with_codes(drawing, photo, looks, seed, given, notes,
               [&](const FaceCodes& codes) {
                 picture = maker_.engine().render(codes, preview);
               });
    return py::make_tuple(array_of(std::move(picture)), notes);
  }

  // -> (codes, notes)
  py::tuple codes(const py::handle& drawing, const py::object& photo,
                  const AppearanceCodes* looks,
                  const std::optional<uint64_t>& seed,
                  const py::kwargs& given) {
    std::vector<std::string> notes;
    FaceCodes made;
    with_codes(drawing, photo, looks, seed, given, notes,
               [&](FaceCodes codes) { made = std::move(codes); });
    return py::make_tuple(std::move(made), notes);
  }

  AppearanceCodes looks(const py::object& photo,
                        const std::optional<uint64_t>& seed,
                        const py::kwargs& given) {
    const Options options = options_of(given);
    std::optional<Source> source;
    if (!photo.is_none()) source = source_of(photo);
    std::vector<std::string> notes;
    return in_turn(mutex_,
                   [&] { return looks_of(source, seed, options, notes); });
  }

  py::array render(const FaceCodes& codes, int preview) {
    return array_of(in_turn(mutex_, [&] {
      check(codes);
      return maker_.engine().render(codes, preview);
    }));
  }

  // -> (side, strokes, doubtful, notes)
  py::tuple label(const py::handle& drawing, const py::kwargs& given) {
    Options options = options_of(given);
    options.drawing.as = ReadAs::kStrokes;
    const Source source = source_of(drawing);
    std::vector<std::string> notes;
    const Labelled labelled = in_turn(mutex_, [&] {
      const GivenDrawing read = read_drawing(maker_, source, options.drawing);
      notes = read.notes;
      LabelOptions label;
      label.keep_given = options.drawing.prepare.keep_given;
      return naming(read.name,
                    [&] { return maker_.label(read.drawing, label); });
    });
    return py::make_tuple(labelled.drawing.side, list_of(labelled.drawing),
                          labelled.doubtful, notes);
  }

  // The label image that the network reads of a drawing, -> (labels, notes)
  py::tuple labels(const py::handle& drawing, const py::kwargs& given) {
    const Options options = options_of(given);
    const Source source = source_of(drawing);
    Sketch sketch = in_turn(mutex_, [&] {
      return maker_.sketch(read_drawing(maker_, source, options.drawing),
                           options.drawing);
    });
    return py::make_tuple(array_of(std::move(sketch.labels)), sketch.notes);
  }

  py::array parse(const py::handle& photo, int side, const py::kwargs& given) {
    Options options = options_of(given);
    options.photo.lenient = true;
    const Source source = source_of(photo);
    return array_of(in_turn(mutex_, [&] {
      const AlignedPhoto aligned = read_photo(maker_, source, options.photo);
      Image mask = maker_.parser().parse(aligned.image);
      if (side > 0) mask = resize(mask, side, side, Filter::kNearest);
      return mask;
    }));
  }

  py::array align(const py::handle& photo, int side, bool exact,
                  const py::kwargs& given) {
    Options options = options_of(given);
    const int face = options.photo.face;
    options.photo.align = false;
    const Source source = source_of(photo);
    return array_of(in_turn(mutex_, [&] {
      const Image image = read_photo(maker_, source, options.photo).image;
      Alignment alignment = limner::align(maker_.finder(), image, face);
      if (exact) alignment.kept = false;
      return aligned_photo(image, alignment, side);
    }));
  }

 private:
  AppearanceCodes looks_of(const std::optional<Source>& photo,
                           const std::optional<uint64_t>& seed,
                           const Options& options,
                           std::vector<std::string>& notes) {
    if (!photo) return maker_.looks(*seed);
    const AlignedPhoto aligned = read_photo(maker_, *photo, options.photo);
    if (!aligned.note.empty()) notes.push_back(aligned.note);
    if (!aligned.warning.empty()) notes.push_back(aligned.warning);
    return maker_.looks(aligned.image);
  }

  // use(codes) of a drawing's face, as `limner generate` makes them.
  void with_codes(const py::handle& drawing, const py::object& photo,
                  const AppearanceCodes* looks,
                  const std::optional<uint64_t>& seed, const py::kwargs& given,
                  std::vector<std::string>& notes,
                  const std::function<void(FaceCodes)>& use) {
    const Options options = options_of(given);
    const Source source = source_of(drawing);
    std::optional<Source> photo_source;
    if (!photo.is_none()) photo_source = source_of(photo);
    in_turn(mutex_, [&] {
      Sketch sketch = maker_.sketch(
          read_drawing(maker_, source, options.drawing), options.drawing);
      notes = std::move(sketch.notes);
      const AppearanceCodes own =
          looks != nullptr ? *looks
                           : looks_of(photo_source, seed, options, notes);
      use(maker_.engine().combine(sketch.codes, own));
    });
  }

  void check(const FaceCodes& codes) const {
    const ModelConfig& config = maker_.config();
    if (codes.styles.rows != config.styles ||
        codes.styles.width != config.style_width) {
      fail("codes of shape [{}, {}], but the model expects [{}, {}]",
           codes.styles.rows, codes.styles.width, config.styles,
           config.style_width);
    }
    if (codes.maps.empty() == config.structure_maps) {
      fail("the codes hold {} structure maps, but the model {}",
           codes.maps.empty() ? "no" : "some",
           config.structure_maps ? "needs them" : "has none");
    }
  }

  std::mutex mutex_;  // of the maker, which serves one thread at a time
  FaceMaker maker_;
};

std::unique_ptr<Engine> open_engine(const std::filesystem::path& model,
                                    const std::filesystem::path& labeler,
                                    const std::filesystem::path& parser,
                                    const std::filesystem::path& shapes,
                                    const std::string& precision) {
  FaceMakerOptions options;
  options.model = model;
  options.labeler = labeler;
  options.parser = parser;
  options.shapes = shapes;
  options.engine.precision = precision == "exact"  ? Precision::kExact
                             : precision == "bf16" ? Precision::kBf16
                                                   : Precision::kFast;
  const py::gil_scoped_release release;
  return std::make_unique<Engine>(options);
}

FaceCodes make_codes(const FloatArray& styles,
                     const std::vector<FloatArray>& maps) {
  FaceCodes codes;
  codes.styles = table_of(styles);
  for (const FloatArray& map : maps) codes.maps.push_back(map_of(map));
  return codes;
}

void bind_codes(py::module_& m) {
  py::class_<FaceCodes>(m, "Codes")
      .def(py::init(&make_codes), py::arg("styles"),
           py::arg("maps") = std::vector<FloatArray>())
      .def_property_readonly(
          "styles",
          [](const FaceCodes& codes) { return array_of(codes.styles); })
      .def_property_readonly("maps",
                             [](const FaceCodes& codes) {
                               py::list maps;
                               for (const auto& map : codes.maps) {
                                 maps.append(array_of(map));
                               }
                               return maps;
                             })
      .def(
          "mix",
          [](const FaceCodes& codes, const FaceCodes& other,
             const std::vector<int>& rows, float alpha) {
            FaceCodes mixed = codes;
            mix_codes(mixed, other, rows, alpha);
            return mixed;
          },
          py::arg("other"), py::arg("rows"), py::arg("alpha") = 1.0F)
      .def("save",
           [](const FaceCodes& codes, const std::filesystem::path& file) {
             write_latent(file, codes);
           })
      .def_static(
          "load",
          [](const std::filesystem::path& file) { return read_latent(file); })
      .def("__repr__", [](const FaceCodes& codes) {
        return fmt::format("Codes(styles [{}, {}], {} maps)", codes.styles.rows,
                           codes.styles.width, codes.maps.size());
      });
  py::class_<AppearanceCodes>(m, "Looks")
      .def_property_readonly(
          "fine",
          [](const AppearanceCodes& looks) { return array_of(looks.fine); })
      .def_readonly("relative", &AppearanceCodes::relative);
}

}  // namespace

PYBIND11_MODULE(_limner, m) {
  m.doc() = "The face maker of limner, in C++. Use the package `limner`.";
  py::register_exception<Error>(m, "Error", PyExc_RuntimeError);
  bind_codes(m);
  py::class_<Engine>(m, "Engine")
      .def(py::init(&open_engine))
      .def("sharing", &Engine::sharing)
      .def("config", &Engine::config)
      .def("generate", &Engine::generate)
      .def("codes", &Engine::codes)
      .def("looks", &Engine::looks)
      .def("render", &Engine::render)
      .def("label", &Engine::label)
      .def("labels", &Engine::labels)
      .def("parse", &Engine::parse)
      .def("align", &Engine::align);
  m.def("set_threads", &set_threads);
  m.def("threads", &threads);
  m.def("class_names", [] {
    std::vector<std::string> names;
    for (int k = 0; k <= kStrokeClasses; ++k) {
      names.emplace_back(stroke_class(k).name);
    }
    return names;
  });
  m.def("colours", [](const py::array& labels) {
    return array_of(colour_map(image_of(labels)));
  });
  m.def("read_strokes", [](const py::handle& source, int64_t index) {
    const Source from = source_of(source);
    ReadOptions options;
    options.index = index;
    Drawing drawing;
    if (const auto* file = std::get_if<std::filesystem::path>(&from)) {
      drawing = open_drawing(*file, options).drawing;
    } else if (const auto* bytes =
                   std::get_if<std::vector<unsigned char>>(&from)) {
      drawing = open_drawing(*bytes, "the drawing", options).drawing;
    } else {
      fail("expected a path or bytes of a drawing");
    }
    return py::make_tuple(drawing.side, list_of(drawing));
  });
  m.def("write_strokes",
        [](const std::filesystem::path& file, const py::tuple& drawing) {
          write_drawing(file, std::get<Drawing>(source_of(drawing)));
        });
}

}  // namespace limner::python
