// limner label: drawings -> strokes with classes.
#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/batch.h"
#include "app/commands.h"
#include "app/console.h"
#include "app/face_options.h"
#include "app/inputs.h"
#include "app/outputs.h"
#include "app/reports.h"
#include "pipeline/notes.h"
#include "sketch/classes.h"
#include "sketch/drawing_file.h"
#include "sketch/legend.h"
#include "util/files.h"
#include "util/naming.h"

namespace limner::app {
namespace {

namespace fs = std::filesystem;

struct Settings {
  fs::path drawing;
  fs::path out;
  fs::path labeler;
  fs::path shapes;
  std::string show;  // a file; "true": the usual name; "": none
  std::string format = "svg";
  std::string as = "content";
  bool relabel = false;
  bool frame = false;
  bool turn = false;
  bool fit = false;
  std::string faithful = "auto";
  bool bald = false;
  bool json = false;
  bool quiet = false;
  int64_t index = 0;
  int64_t width = 2;

  bool many() const { return fs::is_directory(drawing); }
};

// One drawing and where it goes; `legend` may be empty.
struct Job {
  Pair pair;
  fs::path out;
  fs::path legend;
};

// What was made of a drawing.
struct Result {
  Labelled labelled;
  bool traced = false;
  bool labels = false;
  bool moved = false;
  Framing framing;
  Drawing framed;  // before it was fitted
  std::optional<FitResult> fit;
  float side = 512;  // of the drawing as it was given
  std::vector<std::string> notes;
};

void check_usage(const Settings& settings) {
  if (settings.faithful != "auto" && !settings.fit) {
    throw UsageError("--faithful is part of --fit: give both");
  }
  if (settings.bald && !settings.fit) {
    throw UsageError("--bald is part of --fit: give both");
  }
  if (settings.turn && !settings.frame && !settings.fit) {
    throw UsageError("--turn is part of --frame: give both");
  }
  if (settings.json && settings.quiet) {
    throw UsageError("give --json or --quiet, not both");
  }
  if (settings.many() && settings.show != "" && settings.show != "true") {
    throw UsageError(
        "--show=FILE is for one drawing; with a folder give --show alone");
  }
}

std::vector<Job> plan_jobs(const Settings& settings, Outputs& outputs) {
  std::vector<Job> jobs;
  for (Pair& pair :
       paired(settings.drawing, {}, outputs, SketchFiles::kDrawings)) {
    jobs.push_back({std::move(pair), {}, {}});
  }
  if (!settings.labeler.empty()) outputs.protect(settings.labeler);
  if (!settings.shapes.empty()) outputs.protect(settings.shapes);

  const Target target =
      target_for(settings.out, settings.drawing, jobs.front().pair.name,
                 {"labelled", "labelled", "." + settings.format});
  for (Job& job : jobs) {
    const std::string& name = job.pair.name;
    job.out = target.file(name);
    check_drawing_path(job.out);
    outputs.plan(job.out);
    if (settings.show.empty()) continue;
    if (settings.show != "true") {
      job.legend = settings.show;
    } else if (target.is_folder()) {
      job.legend = named(target.path, name, "-legend.svg");
    } else {
      job.legend = job.out.parent_path() / (name + "-legend.svg");
    }
    if (job.legend.extension() != ".svg") {
      fail("{}: a legend must end in .svg", printable(job.legend.string()));
    }
    outputs.plan(job.legend);
  }
  return jobs;
}

// The drawing before its fit, for a picture of both.
Drawing before_fit(const PreparedDrawing& prepared) {
  return apply_framing(prepared.labelled.drawing, prepared.framing);
}

// Doubtful strokes by their numbers in the fitted drawing.
std::vector<int> kept_doubts(const std::vector<int>& doubtful,
                             const std::vector<int>& source) {
  std::vector<int> kept;
  for (const int index : doubtful) {
    const auto at = std::find(source.begin(), source.end(), index);
    if (at != source.end()) {
      kept.push_back(static_cast<int>(at - source.begin()));
    }
  }
  return kept;
}

Result label(const Settings& settings, const Job& job, FaceMaker& maker) {
  DrawingOptions options;
  options.as = ReadAs::kStrokes;
  options.read.index = settings.index;
  options.read.png = png_kind(settings.as);
  options.prepare.keep_given = !settings.relabel;
  options.prepare.allow_rotation = settings.turn;
  if (settings.fit) {
    options.prepare.shapes = maker.shapes();
    options.faithful = faithful_number(settings.faithful);
    options.prepare.add_hair = !settings.bald;
  }
  const GivenDrawing given = maker.read(job.pair.sketch, options);
  Result result;
  result.traced = given.traced;
  result.labels = given.from_labels;
  result.notes = given.notes;
  result.side = given.drawing.side;
  naming(given.name, [&] {
    if (!settings.frame && !settings.fit) {
      LabelOptions labelling;
      labelling.keep_given = options.prepare.keep_given;
      result.labelled = maker.label(given.drawing, labelling);
      return;
    }
    PreparedDrawing prepared = maker.prepare(given.drawing, options);
    if (prepared.hatches > 0) {
      result.notes.push_back(hatching_text(prepared.hatches));
    }
    if (prepared.fit) {
      result.framed = before_fit(prepared);
      prepared.labelled.doubtful =
          kept_doubts(prepared.labelled.doubtful, prepared.fit->source);
      result.fit = std::move(prepared.fit);
    }
    result.labelled = std::move(prepared.labelled);
    result.labelled.drawing = std::move(prepared.drawing);
    result.framing = prepared.framing;
    result.moved = prepared.moved;
  });
  return result;
}

// Strokes and mean confidence of a class.
struct Row {
  int strokes = 0;
  double confidence = 0;
};

std::array<Row, kStrokeClasses + 1> rows_of(const Drawing& drawing) {
  std::array<Row, kStrokeClasses + 1> rows;
  for (const Stroke& stroke : drawing.strokes) {
    Row& row = rows[stroke.label];
    ++row.strokes;
    row.confidence += stroke.confidence;
  }
  for (Row& row : rows) row.confidence /= std::max(row.strokes, 1);
  return rows;
}

void print_table(const Job& job, const Result& result) {
  const Drawing& drawing = result.labelled.drawing;
  say("{}: {} strokes{}\n", shown(job.out), drawing.strokes.size(),
      result.traced   ? ", traced from a picture"
      : result.labels ? ", read as a label image"
                      : "");
  if (result.moved) say("{}\n", framing_text(result.framing, result.side));
  if (result.fit) say("{}\n", fit_text(*result.fit));
  say("{:<33}{:>8}{:>12}\n", "class", "strokes", "confidence");
  const auto rows = rows_of(drawing);
  for (int k = 1; k <= kStrokeClasses; ++k) {
    if (rows[k].strokes == 0) continue;
    say("{:>2} {:<30}{:>8}{:>12.2f}\n", k, stroke_class(k).name,
        rows[k].strokes, rows[k].confidence);
  }
  if (result.labelled.doubtful.empty()) return;
  say("doubtful, the least sure first:\n");
  for (const int index : result.labelled.doubtful) {
    say("  {}\n", doubt_text(drawing, index));
  }
}

nlohmann::json place_json(const PartPlace& place) {
  return {{"x", place.x},
          {"y", place.y},
          {"width", place.width},
          {"height", place.height}};
}

nlohmann::json fit_json(const FitResult& fit) {
  nlohmann::json out = {{"faithful", fit.faithful},
                        {"distance", fit.distance},
                        {"angle", fit.pose.angle},
                        {"parts", nlohmann::json::array()}};
  for (size_t k = 0; k < fit.parts.size(); ++k) {
    const PartFit& part = fit.parts[k];
    if (part.change == PartFit::Change::kMissing) continue;
    nlohmann::json entry = {
        {"part", shape_part_name(static_cast<ShapePart>(k))},
        {"change", change_name(part.change)},
        {"distance", part.distance}};
    if (part.from) entry["from"] = place_json(*part.from);
    if (part.to) entry["to"] = place_json(*part.to);
    out["parts"].push_back(std::move(entry));
  }
  return out;
}

nlohmann::json to_json(const Job& job, const Result& result) {
  const Drawing& drawing = result.labelled.drawing;
  nlohmann::json out = {{"drawing", job.pair.sketch.string()},
                        {"written", job.out.string()},
                        {"traced", result.traced},
                        {"label_image", result.labels},
                        {"notes", result.notes},
                        {"side", drawing.side},
                        {"strokes", drawing.strokes.size()},
                        {"nothing", result.labelled.nothing},
                        {"classes", nlohmann::json::array()},
                        {"doubtful", nlohmann::json::array()}};
  if (!job.legend.empty()) out["legend"] = job.legend.string();
  if (result.moved) {
    out["framing"] = {{"scale", result.framing.scale},
                      {"dx", result.framing.dx},
                      {"dy", result.framing.dy},
                      {"angle", result.framing.angle},
                      {"basis", result.framing.basis}};
  }
  if (result.fit) out["fit"] = fit_json(*result.fit);
  const auto rows = rows_of(drawing);
  for (int k = 1; k <= kStrokeClasses; ++k) {
    if (rows[k].strokes == 0) continue;
    out["classes"].push_back({{"class", k},
                              {"name", stroke_class(k).name},
                              {"strokes", rows[k].strokes},
                              {"confidence", rows[k].confidence}});
  }
  for (const int index : result.labelled.doubtful) {
    const Stroke& stroke = drawing.strokes[index];
    const Point place = place_of_stroke(stroke);
    out["doubtful"].push_back({{"stroke", index},
                               {"x", place.x},
                               {"y", place.y},
                               {"class", stroke.label},
                               {"name", stroke_class(stroke.label).name},
                               {"confidence", stroke.confidence}});
  }
  return out;
}

void write_files(const Settings& settings, const Job& job, const Result& result,
                 Outputs& outputs) {
  const Drawing& drawing = result.labelled.drawing;
  WriteOptions options;
  options.width = static_cast<int>(settings.width);
  std::string legend;
  if (!job.legend.empty()) {
    legend = write_legend_svg(drawing, result.labelled.doubtful,
                              result.fit ? &result.framed : nullptr);
  }
  outputs.prepare(job.out);
  write_drawing(job.out, drawing, options);
  if (job.legend.empty()) return;
  outputs.prepare(job.legend);
  write_file(job.legend, legend);
}

int label_all(const Settings& settings) {
  check_usage(settings);
  Outputs outputs;
  const std::vector<Job> jobs = plan_jobs(settings, outputs);
  FaceMakerOptions networks;
  networks.labeler = settings.labeler;
  networks.shapes = settings.shapes;
  FaceMaker first(networks);
  if (settings.fit && first.shapes() == nullptr) {
    fail(
        "--fit needs face shapes: name a file that holds some with --shapes "
        "FILE (see `limner shapes`)");
  }
  std::vector<FaceMaker> makers =
      makers_for(workers_for(jobs.size()), std::move(first));
  std::vector<nlohmann::json> reports(jobs.size());
  const auto body = [&](BatchItem& item) {
    const Job& job = jobs[item.index];
    const Result result = label(settings, job, makers[item.worker]);
    write_files(settings, job, result, outputs);
    if (!settings.quiet) {
      for (const std::string& note : result.notes) {
        item.told.warnings.push_back(
            fmt::format("{}: {}", printable(job.pair.sketch.string()), note));
      }
    }
    if (settings.json) {
      reports[item.index] = to_json(job, result);
    } else if (jobs.size() == 1 && !settings.quiet) {
      print_table(job, result);
    }
  };
  const bool bar = !settings.quiet && jobs.size() > 1;
  const BatchResult batch =
      run_batch({jobs.size(), "label", !bar}, makers.size(), body);
  report(batch.told, settings.quiet);
  const size_t failures = batch.failures;
  if (settings.json) {
    print_reports(reports, settings.many());
  } else if (jobs.size() > 1 && !settings.quiet) {
    say("{} of {} drawings written\n", jobs.size() - failures, jobs.size());
  }
  return failures == 0 ? 0 : 1;
}

}  // namespace

Command label_command() {
  auto settings = std::make_shared<Settings>();
  Settings* s = settings.get();
  Command command;
  command.name = "label";
  command.summary = "Tells which part of a face each stroke of a drawing is";
  command.details = {
      "DRAWING is any drawing: SVG, PDF, limner's JSON, Quick, Draw! and other "
      "programs' strokes, a label image, or a picture of lines (a scan, a "
      "photo of paper, a screenshot: PNG, JPEG, HEIC, ...), or a folder of "
      "them (docs/formats.md lists all). Strokes that have a class keep it; "
      "the labeler gives the others theirs, and cuts a stroke where its "
      "class changes. A drawing whose strokes all have classes needs no "
      "labeler.",
      "Prints the classes that were found with their mean confidence, and the "
      "strokes whose class is doubtful, each with its number in the file that "
      "is written (from 0) and the middle of its box.",
      "  limner label drawing.svg --show",
      "  limner label scan.jpg -o drawing.json",
      "  limner label drawing.svg --frame -o labels.png",
      "  limner label drawing.svg --fit --faithful 0.3 --show",
  };
  Option show = text("--show", "FILE", &s->show,
                     "also write the drawing in its colours with a legend to "
                     "FILE, or NAME-legend.svg; doubtful strokes are dashed");
  show.value_optional = true;
  command.options = {
      needed(path("DRAWING", "", &s->drawing, "a drawing, or a folder")),
      defaulting(path("-o,--out", "OUT", &s->out,
                      "drawing to write (.svg .json .ndjson .png), or a "
                      "folder; folders of drawings keep their subfolders"),
                 "NAME-labelled.svg or FOLDER-labelled"),
      labeler_option(&s->labeler),
      show,
      flag("--relabel", &s->relabel,
           "classes that strokes have already are found anew"),
      flag("--frame", &s->frame,
           "move and scale the face to where the network expects it, on a "
           "side of 512"),
      flag("--turn", &s->turn,
           "with --frame: also turn it upright, by up to 30 degrees"),
      flag("--fit", &s->fit,
           "also fit it to the nearest plausible face; --show then shows it "
           "before and after"),
      faithful_fit_option(&s->faithful),
      bald_option(&s->bald),
      shapes_option(&s->shapes),
      index_option(&s->index),
      as_option(&s->as),
      choice("--format", &s->format, {"svg", "json", "ndjson", "png"},
             "format of drawings that are written to a folder or to a name "
             "that is not given"),
      whole("--width", "N", &s->width, 1, 16,
            "width of lines in a PNG, which has 512 x 512 pixels"),
      flag("--json", &s->json, "print the table as JSON"),
      flag("--quiet", &s->quiet, "print nothing but errors"),
  };
  command.run = [settings] { return label_all(*settings); };
  return command;
}

}  // namespace limner::app
