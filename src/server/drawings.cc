#include "server/drawings.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

#include "image/codec.h"
#include "pipeline/notes.h"
#include "server/assets.h"
#include "server/errors.h"
#include "sketch/drawing_json.h"
#include "sketch/face_guide.h"
#include "sketch/point_sequence.h"
#include "sketch/quickdraw.h"
#include "sketch/svg_write.h"
#include "util/naming.h"

namespace limner::server {
namespace {

using nlohmann::json;

constexpr std::string_view kExamples = "examples/drawings/";
constexpr std::string_view kExamplePhotos = "examples/photos/";

DrawingOptions strokes() {
  DrawingOptions options = of_a_client();
  options.as = ReadAs::kStrokes;
  return options;
}

// JSON text of a drawing without its last line end, to stand in another.
std::string inner_json(const Drawing& drawing) {
  std::string text = write_drawing_json(drawing);
  if (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// "woman-with-hat.svg" -> "Woman with hat".
std::string title_of(std::string_view file) {
  std::string title(file.substr(0, file.rfind('.')));
  std::replace(title.begin(), title.end(), '-', ' ');
  if (!title.empty()) {
    title[0] =
        static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
  }
  return title;
}

// Where along the stroke it came from a piece lies, 0..1 of its length.
struct Share {
  double from;
  double to;
};

std::vector<Share> shares_of(const Labelled& labelled) {
  const std::vector<Stroke>& pieces = labelled.drawing.strokes;
  std::vector<Share> shares(pieces.size(), {0, 1});
  for (size_t first = 0; first < pieces.size();) {
    // Pieces of one stroke follow each other.
    std::vector<double> ends = {0};
    size_t next = first;
    while (next < pieces.size() &&
           labelled.source[next] == labelled.source[first]) {
      ends.push_back(ends.back() + lengths_along(pieces[next].points).back());
      ++next;
    }
    const double whole = ends.back();
    for (size_t i = first; next - first > 1 && i < next; ++i) {
      shares[i] = {ends[i - first] / whole, ends[i - first + 1] / whole};
    }
    first = next;
  }
  return shares;
}

}  // namespace

DrawingOptions of_a_client() {
  DrawingOptions options;
  options.read.pdf = false;
  return options;
}

DrawingReader::DrawingReader(FaceMaker maker, const Limits& limits)
    : maker_(std::move(maker)),
      limits_(limits),
      has_shapes_(maker_.shapes() != nullptr),
      lane_({limits.queue, limits.wait_seconds}) {
  if (has_labeler()) maker_.labeler();
}

void DrawingReader::check_classes(const Drawing& drawing) const {
  const int64_t unknown = strokes_to_label(drawing);
  if (unknown == 0 || has_labeler()) return;
  throw HttpError(
      422, fmt::format("{} of {} strokes have no class, and this server has "
                       "no stroke labeler: give every stroke its class",
                       unknown, drawing.strokes.size()));
}

std::string DrawingReader::label(const DrawingRequest& request,
                                 const WorkLane::Asker& asker, Stages& stages) {
  check_classes(request.drawing);
  LabelOptions options;
  if (!request.cut) options.change = 1e6;  // dearer than any stroke
  const double max_nothing = options.max_nothing;
  options.max_nothing = 1;  // is told, not refused
  Labelled labelled;
  std::string more;
  if (strokes_to_label(request.drawing) == 0 && !request.fit &&
      !request.guide) {
    labelled = label_drawing(request.drawing, nullptr);
  } else {
    double waited = 0;
    const auto work = [&] {
      stages.skip();
      labelled =
          blaming(422, [&] { return maker_.label(request.drawing, options); });
      stages.lap("label");
      if (request.fit) more += ",\"fit\":" + fit(request);
      if (request.guide) more += ",\"guide\":" + guide(labelled.drawing);
      if (request.fit || request.guide) stages.lap("fit");
    };
    lane_.run(asker, work, &waited);
    stages.add("wait", waited);
    stages.skip();
  }
  if (!request.cut &&
      labelled.drawing.strokes.size() != request.drawing.strokes.size()) {
    throw std::logic_error("a stroke was cut");
  }
  std::vector<bool> doubtful(labelled.drawing.strokes.size());
  for (const int index : labelled.doubtful) doubtful[index] = true;
  std::string out = "{";
  if (!request.brief) {
    out += "\"drawing\":" + inner_json(labelled.drawing) + ",";
  }
  out += "\"strokes\":[";
  const std::vector<Share> shares = shares_of(labelled);
  for (size_t i = 0; i < doubtful.size(); ++i) {
    const Stroke& stroke = labelled.drawing.strokes[i];
    out += fmt::format("{}{{\"class\":{},\"confidence\":{},\"doubtful\":{}",
                       i == 0 ? "" : ",", stroke.label, stroke.confidence,
                       static_cast<bool>(doubtful[i]));
    if (request.cut) {
      out += fmt::format(",\"source\":{},\"from\":{},\"to\":{}",
                         labelled.source[i], shares[i].from, shares[i].to);
    }
    out += "}";
  }
  out +=
      fmt::format("],\"face\":{}{}}}\n", labelled.nothing <= max_nothing, more);
  stages.lap("write");
  return out;
}

std::string DrawingReader::fit(const DrawingRequest& request) {
  DrawingOptions options;
  options.faithful = request.faithful;
  // At 1 nothing would be fitted, and so nothing told.
  options.prepare.shapes = maker_.shapes();
  PreparedDrawing prepared;
  try {
    prepared = maker_.prepare(request.drawing, options);
  } catch (const ErrorOfAll&) {
    throw;
  } catch (const Error&) {
    return "null";  // no part of a face yet
  }
  if (!prepared.fit) return "null";
  const FitResult& fit = *prepared.fit;
  json sources = json::array();
  for (const int source : fit.source) {
    sources.push_back(source < 0 ? -1 : prepared.labelled.source[source]);
  }
  json parts = json::array();
  for (size_t k = 0; k < fit.parts.size(); ++k) {
    const PartFit& part = fit.parts[k];
    if (part.change == PartFit::Change::kMissing) continue;
    parts.push_back({{"part", shape_part_name(static_cast<ShapePart>(k))},
                     {"change", change_name(part.change)},
                     {"distance", part.distance}});
  }
  return fmt::format(
      "{{\"faithful\":{:.3f},\"distance\":{:.3f},\"drawing\":{},"
      "\"source\":{},\"parts\":{}}}",
      fit.faithful, fit.distance,
      inner_json(undo_framing(prepared.drawing, prepared.framing,
                              request.drawing.side)),
      sources.dump(), parts.dump());
}

std::string DrawingReader::guide(const Drawing& labelled) {
  if (!has_shapes_) return "null";
  const std::vector<GuidePart> parts =
      blaming(422, [&] { return guide_parts(labelled, *maker_.shapes()); });
  std::string out;
  for (const GuidePart& part : parts) {
    Drawing drawing;
    drawing.side = labelled.side;
    drawing.strokes = part.strokes;
    out += fmt::format("{}{{\"part\":\"{}\",\"drawing\":{}}}",
                       out.empty() ? "" : ",", shape_part_name(part.part),
                       inner_json(drawing));
  }
  return "[" + out + "]";
}

DrawingReader::File DrawingReader::convert(const Drawing& drawing,
                                           const std::string& to) const {
  return blaming(422, [&]() -> File {
    if (to == "svg") {
      return {"image/svg+xml", "drawing.svg", write_svg(drawing)};
    }
    if (to == "json") {
      return {"application/json", "drawing.json", write_drawing_json(drawing)};
    }
    if (to == "ndjson") {
      return {"application/x-ndjson", "drawing.ndjson",
              write_quickdraw({drawing, "", {}})};
    }
    if (to != "png") {
      throw HttpError(400, "to must be svg, json, ndjson or png");
    }
    if (const int64_t unknown = strokes_to_label(drawing)) {
      fail("{} of {} strokes have no class, which a label image needs", unknown,
           drawing.strokes.size());
    }
    const auto png = encode(label_image(drawing), ImageFormat::kPng);
    return {"image/png", "drawing.png", std::string(png.begin(), png.end())};
  });
}

std::string DrawingReader::import(std::string_view file,
                                  const WorkLane::Asker& asker) {
  GivenDrawing given;
  lane_.run(asker, [&] {
    given = blaming(400, [&] {
      return maker_.read(bytes_of(file), "the drawing", strokes());
    });
  });
  check_drawing_size(given.drawing, limits_);
  return fmt::format("{{\"drawing\":{},\"traced\":{}}}\n",
                     inner_json(given.drawing), given.traced);
}

std::string DrawingReader::templates(const WorkLane::Asker& asker) {
  {
    const std::lock_guard lock(templates_mutex_);
    if (!templates_.empty()) return templates_;
  }
  std::string made;
  lane_.run(asker, [&] {
    const std::lock_guard lock(templates_mutex_);
    if (templates_.empty()) templates_ = make_templates();
    made = templates_;
  });
  return made;
}

std::string DrawingReader::make_templates() {
  std::string out = "[";
  int number = 0;
  for (const Asset& asset : assets()) {
    if (asset.name.substr(0, kExamples.size()) != kExamples) continue;
    const std::string file(asset.name.substr(kExamples.size()));
    Drawing drawing =
        maker_.read(bytes_of(asset.data), file, strokes()).drawing;
    // The face where the network expects it, which the studio does not change.
    if (has_labeler() || strokes_to_label(drawing) == 0) {
      try {
        drawing = maker_.prepare(drawing).drawing;
      } catch (const Error&) {
        // A labeler that finds no face in it: it is shown as it was drawn.
      }
    }
    std::string photo = fmt::format("{}{}.jpg", kExamplePhotos,
                                    file.substr(0, file.rfind('.')));
    photo = find_asset(photo) == nullptr
                ? ""
                : fmt::format("\"photo\":\"/{}\",", photo);
    out +=
        fmt::format("{}{{\"id\":\"example-{}\",\"name\":{},{}\"drawing\":{}}}",
                    number == 0 ? "" : ",\n", number + 1,
                    json(title_of(file)).dump(), photo, inner_json(drawing));
    ++number;
  }
  return out + "]\n";
}

}  // namespace limner::server
