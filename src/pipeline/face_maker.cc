#include "pipeline/face_maker.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "image/codec.h"
#include "model/face_weights.h"
#include "pipeline/network_file.h"
#include "pipeline/notes.h"
#include "pipeline/shape_file.h"
#include "sketch/drawing_limits.h"
#include "sketch/labels.h"
#include "util/error.h"
#include "util/files.h"
#include "util/naming.h"
#include "weights/checkpoint.h"

namespace limner {
namespace {

void add_scaled(CodeTable& to, const CodeTable& from, double scale) {
  for (size_t i = 0; i < to.values.size(); ++i) {
    to.values[i] += static_cast<float>(scale * from.values[i]);
  }
}

// What there was to tell of the file, ahead of what was done with it.
AlignedPhoto with_notes(AlignedPhoto photo, const Notes& notes) {
  for (auto note = notes.rbegin(); note != notes.rend(); ++note) {
    photo.note = photo.note.empty() ? *note : *note + "; " + photo.note;
  }
  return photo;
}

bool is_label_image(Bytes file, const std::string& name, PngKind png) {
  if (png == PngKind::kByContent) return holds_labels(file, name);
  return png == PngKind::kLabels;
}

}  // namespace

FaceMakerOptions all_networks_of(const std::filesystem::path& model) {
  FaceMakerOptions options;
  options.model = model;
  const Checkpoint checkpoint = read_checkpoint(model);
  const auto file_of = [&](const char* kind) {
    return has_network(checkpoint, kind) ? model : std::filesystem::path();
  };
  options.labeler = file_of("labeler");
  options.parser = file_of("parser");
  options.shapes = file_of("shapes");
  return options;
}

struct FaceMaker::Networks {
  std::filesystem::path labeler_file, parser_file, shapes_file;
  std::mutex mutex;  // of opening
  WeightFiles files;
  std::optional<StrokeLabeler> labeler;
  std::optional<FaceFinder> finder;
  std::optional<PhotoParser> parser;
  std::optional<FaceShapes> shapes;
  bool shapes_read = false;
  std::vector<LookTrait> traits;  // of the model

  // The one that those of all makers share their weights with.
  template <typename Network>
  const Network& opened(std::optional<Network>& network) {
    if (parser_file.empty()) fail("no face parser, which reads photos");
    const std::lock_guard lock(mutex);
    if (!network) network.emplace(files.at(parser_file));
    return *network;
  }
};

FaceMaker::FaceMaker(const FaceMakerOptions& options)
    : networks_(std::make_shared<Networks>()) {
  networks_->labeler_file = options.labeler;
  networks_->parser_file = options.parser;
  networks_->shapes_file = options.shapes;
  if (options.model.empty()) return;
  const Checkpoint& model = networks_->files.at(options.model);
  engine_.emplace(read_face_weights(model), options.engine);
  networks_->traits = read_look_traits(model, config());
}

FaceMaker::FaceMaker(std::shared_ptr<Networks> networks)
    : networks_(std::move(networks)) {}

FaceMaker::~FaceMaker() = default;
FaceMaker::FaceMaker(FaceMaker&&) noexcept = default;
FaceMaker& FaceMaker::operator=(FaceMaker&&) noexcept = default;

FaceMaker FaceMaker::sharing() const {
  FaceMaker other(networks_);
  if (engine_) other.engine_.emplace(engine_->sharing());
  return other;
}

bool FaceMaker::has_labeler() const { return !networks_->labeler_file.empty(); }
bool FaceMaker::has_parser() const { return !networks_->parser_file.empty(); }

Engine& FaceMaker::engine() {
  if (!engine_) fail("no model, which makes faces");
  return *engine_;
}

const ModelConfig& FaceMaker::config() const {
  if (!engine_) fail("no model, which makes faces");
  return engine_->config();
}

const StrokeLabeler& FaceMaker::labeler() {
  if (!has_labeler()) fail("no stroke labeler, which gives strokes classes");
  const std::lock_guard lock(networks_->mutex);
  std::optional<StrokeLabeler>& labeler = networks_->labeler;
  if (!labeler) {
    try {
      labeler.emplace(
          read_labeler(networks_->files.at(networks_->labeler_file)));
    } catch (const Error& error) {
      throw ErrorOfAll(error.what());
    }
  }
  return *labeler;
}

const FaceShapes* FaceMaker::shapes() {
  const std::lock_guard lock(networks_->mutex);
  const std::filesystem::path& file = networks_->shapes_file;
  if (!networks_->shapes_read && !file.empty()) {
    try {
      networks_->shapes = read_face_shapes(networks_->files.at(file));
    } catch (const Error& error) {
      throw ErrorOfAll(error.what());
    }
  }
  networks_->shapes_read = true;
  return networks_->shapes ? &*networks_->shapes : nullptr;
}

FaceFinder& FaceMaker::finder() {
  if (!finder_) finder_.emplace(networks_->opened(networks_->finder).sharing());
  return *finder_;
}

PhotoParser& FaceMaker::parser() {
  if (!parser_) parser_.emplace(networks_->opened(networks_->parser).sharing());
  return *parser_;
}

// Drawings --------------------------------------------------------------------

GivenDrawing FaceMaker::read(const std::filesystem::path& file,
                             const DrawingOptions& options) const {
  if (options.as == ReadAs::kLabels) {
    return label_image_of(read_indices(file), file.string());
  }
  return read(read_file(file, kMaxDrawingFile), file.string(), options);
}

GivenDrawing FaceMaker::read(Bytes file, const std::string& name,
                             const DrawingOptions& options) const {
  if (options.as == ReadAs::kLabels ||
      (options.as == ReadAs::kDrawing &&
       is_label_image(file, name, options.read.png))) {
    return label_image_of(decode_indices(file, name), name);
  }
  OpenedDrawing opened = open_drawing(file, name, options.read);
  GivenDrawing given;
  given.name = name;
  given.drawing = std::move(opened.drawing);
  given.traced = opened.traced;
  given.from_labels = opened.labels;
  given.notes = std::move(opened.notes);
  return given;
}

GivenDrawing FaceMaker::label_image_of(Image labels,
                                       const std::string& name) const {
  check_labels(labels, config().labels, name);
  GivenDrawing given;
  given.name = name;
  given.labels = std::move(labels);
  return given;
}

const StrokeLabeler* FaceMaker::labeler_for(const Drawing& drawing,
                                            bool keep_given) {
  const bool needed = strokes_to_label(drawing, keep_given) > 0;
  return needed && has_labeler() ? &labeler() : nullptr;
}

Labelled FaceMaker::label(const Drawing& drawing, const LabelOptions& options) {
  return label_drawing(drawing, labeler_for(drawing, options.keep_given),
                       options);
}

PreparedDrawing FaceMaker::prepare(const Drawing& drawing,
                                   const DrawingOptions& options) {
  PrepareOptions prepare = options.prepare;
  prepare.faithful = options.faithful;
  if (prepare.shapes == nullptr && options.faithful != 1.0) {
    prepare.shapes = shapes();
  }
  return prepare_drawing(drawing, labeler_for(drawing, prepare.keep_given),
                         prepare);
}

Sketch FaceMaker::sketch(GivenDrawing given, const DrawingOptions& options) {
  Sketch out;
  out.faithful = options.faithful.value_or(1);
  if (given.labels.pixels.empty()) {
    naming(given.name, [&] {
      const PreparedDrawing prepared = prepare(given.drawing, options);
      out.notes = std::move(given.notes);
      for (std::string& note : notes_on(prepared)) {
        out.notes.push_back(std::move(note));
      }
      out.doubtful = prepared.labelled.doubtful;
      out.labels = label_image(prepared.drawing);
      if (prepared.fit) out.faithful = prepared.fit->faithful;
    });
  } else {
    out.labels = std::move(given.labels);
  }
  out.codes =
      engine().embed_sketch(out.labels, static_cast<float>(out.faithful));
  return out;
}

// Photos ----------------------------------------------------------------------

AlignedPhoto FaceMaker::photo(const std::filesystem::path& file,
                              const PhotoOptions& options) {
  Notes notes;
  Image image = read_rgb(file, notes);
  return with_notes(align(std::move(image), file.string(), options), notes);
}

AlignedPhoto FaceMaker::photo(Bytes file, const std::string& name,
                              const PhotoOptions& options) {
  Notes notes;
  Image image = decode_rgb(file, name, Ground::kWhite, notes);
  return with_notes(align(std::move(image), name, options), notes);
}

AlignedPhoto FaceMaker::align(Image photo, const std::string& name,
                              const PhotoOptions& options) {
  AlignedPhoto out;
  if (options.align && has_parser()) {
    const Alignment alignment = limner::align(finder(), photo, options.face);
    naming(name, [&] {
      out.aligned = !alignment.faces.empty();
      if (out.aligned && alignment.chosen >= 0) {
        out.frame = alignment.face().frame;
      }
      if (alignment.kept) return;
      if (out.aligned) {
        out.note = face_text(alignment.face()) + ", aligned";
        photo = aligned_photo(photo, alignment);
        return;
      }
      const std::string why = "no face was found in the photo";
      if (!options.lenient || photo.width != photo.height) {
        fail("{}; {}", why, options.way_out);
      }
      out.warning = why + ": taken as it is";
    });
  }
  out.image = std::move(photo);
  return out;
}

// Looks -----------------------------------------------------------------------

AppearanceCodes FaceMaker::looks(const Image& photo) {
  return engine().embed_photo(photo);
}

AppearanceCodes FaceMaker::looks(uint64_t seed) {
  return engine().random_appearance(seed);
}

AppearanceCodes FaceMaker::mixture(const std::vector<WeighedLooks>& looks,
                                   const SketchCodes& sketch) {
  if (looks.empty()) fail("no looks to mix");
  if (looks.size() == 1) return looks.front().codes;
  const CodeTable& first = looks.front().codes.fine;
  AppearanceCodes sum;
  sum.fine = CodeTable(first.rows, first.width);
  double relative = 0;
  for (const WeighedLooks& one : looks) {
    const CodeTable& fine = one.codes.fine;
    if (fine.rows != first.rows || fine.width != first.width) {
      fail("cannot mix looks of [{}, {}] and [{}, {}] codes", first.rows,
           first.width, fine.rows, fine.width);
    }
    add_scaled(sum.fine, fine, one.weight);
    sum.relative = sum.relative && one.codes.relative;
    if (one.codes.relative) relative += one.weight;
  }
  if (sum.relative || relative == 0) return sum;
  AppearanceCodes none;
  none.fine = CodeTable(first.rows, first.width);
  const CodeTable styles = engine().combine(sketch, none).styles;
  CodeTable base(first.rows, first.width);
  const auto skipped =
      static_cast<std::ptrdiff_t>(styles.values.size() - base.values.size());
  base.values.assign(styles.values.begin() + skipped, styles.values.end());
  add_scaled(sum.fine, base, relative);
  return sum;
}

const std::vector<LookTrait>& FaceMaker::traits() const {
  return networks_->traits;
}

AppearanceCodes FaceMaker::changed(
    AppearanceCodes looks, const std::map<std::string, double>& traits) const {
  for (const auto& [id, amount] : traits) {
    const auto found = std::find_if(
        networks_->traits.begin(), networks_->traits.end(),
        [&id = id](const LookTrait& trait) { return trait.id == id; });
    if (found == networks_->traits.end()) {
      fail("this model has no trait \"{}\"", printable(id, 40));
    }
    add_scaled(looks.fine, found->direction, amount);
  }
  return looks;
}

// Faces -----------------------------------------------------------------------

MadeFace FaceMaker::make(GivenDrawing drawing, const AppearanceCodes& looks,
                         const DrawingOptions& options, int stop_at) {
  MadeFace face;
  face.sketch = sketch(std::move(drawing), options);
  face.codes = engine().combine(face.sketch.codes, looks);
  face.picture = engine().render(face.codes, stop_at);
  return face;
}

}  // namespace limner
