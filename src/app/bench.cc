// limner bench: how long a face takes on this machine, and in how much memory.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstring>
#include <ctime>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>

#include "app/commands.h"
#include "app/console.h"
#include "app/face_options.h"
#include "app/inventory.h"
#include "app/outputs.h"
#include "app/roofline.h"
#include "app/synthetic.h"
#include "app/times.h"
#include "app/version.h"
#include "image/codec.h"
#include "nn/isa.h"
#include "pipeline/labeling.h"
#include "pipeline/random_model.h"
#include "pipeline/shape_file.h"
#include "sketch/face_fit.h"
#include "util/error.h"
#include "util/files.h"
#include "util/parallel.h"
#include "util/progress.h"

extern char** environ;

namespace limner::app {
namespace {

namespace fs = std::filesystem;

// Where the age of the process comes from when /proc does not tell.
const Clock::time_point program_start = Clock::now();

struct Settings {
  Common common;
  std::string model_name;  // shown instead of the file's name
  fs::path drawing;
  fs::path photo;
  int64_t warmup = 2;
  int64_t repeat = 10;
  int64_t preview = 256;
  std::string json;
  bool random_model = false;
  int64_t size = 1024;
  int64_t divisor = 1;
  std::string type = "f32";
  fs::path labeler;
  bool roofline = false;
  bool processor_time = false;
};

// Milliseconds since this process was started, loading of the program and its
// libraries included; the kernel counts in steps of 10 ms.
double process_age() {
  const double fallback = milliseconds(Clock::now() - program_start);
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  // The second field is the name in brackets, which may hold spaces; the
  // start time is the 20th after it, in clock ticks since boot.
  const size_t bracket = line.rfind(')');
  if (bracket == std::string::npos) return fallback;
  std::istringstream fields(line.substr(bracket + 1));
  std::string field;
  for (int i = 0; i < 20; ++i) fields >> field;
  timespec now{};
  if (!fields || clock_gettime(CLOCK_BOOTTIME, &now) != 0) return fallback;
  const double started = std::strtod(field.c_str(), nullptr) * 1000.0 /
                         static_cast<double>(sysconf(_SC_CLK_TCK));
  const double age = static_cast<double>(now.tv_sec) * 1000.0 +
                     static_cast<double>(now.tv_nsec) / 1e6 - started;
  // A foreign boot clock (some sandboxes) would make nonsense.
  return age >= fallback && age < fallback + 10'000.0 ? age : fallback;
}

// The most memory that was ever resident, in megabytes (10^6 bytes).
double peak_memory() {
  std::ifstream file("/proc/self/status");
  std::string line;
  while (std::getline(file, line)) {
    if (line.rfind("VmHWM:", 0) == 0) {
      return std::strtod(line.c_str() + 6, nullptr) * 1024.0 / 1e6;
    }
  }
  return 0.0;
}

struct Results {
  double load = 0.0;
  double first_face = 0.0;  // since the start of the process
  Times warm, redraw, preview, sketch, photo, render;
  int preview_side = 0;
  ModelConfig config;
  nlohmann::json roofline;  // null: not asked for
};

Results measure(const Settings& settings) {
  Results results;
  if (settings.processor_time) count_processor_time();
  const Image labels_made = synthetic_drawing(512);
  const Image photo_made = synthetic_photo(512);
  std::optional<FaceMaker> maker;
  results.load = timed([&] { maker.emplace(open_maker(settings.common)); });
  Engine& engine = maker->engine();
  results.config = engine.config();
  const int full = engine.config().size;
  results.preview_side =
      static_cast<int>(std::min<int64_t>(settings.preview, full));
  DrawingOptions as_labels;
  as_labels.as = ReadAs::kLabels;
  const Image labels = settings.drawing.empty()
                           ? labels_made
                           : maker->read(settings.drawing, as_labels).labels;
  const Image photo =
      settings.photo.empty() ? photo_made : read_rgb(settings.photo);

  SketchCodes sketch = engine.embed_sketch(labels);
  AppearanceCodes looks = engine.embed_photo(photo);
  engine.render(engine.combine(sketch, looks));
  results.first_face = process_age();

  std::unique_ptr<Progress> progress;
  if (!settings.common.quiet) {
    progress = std::make_unique<Progress>(
        "bench", 3 * (settings.warmup + settings.repeat));
  }
  const auto repeated = [&](const std::function<void(bool)>& body) {
    for (int64_t i = 0; i < settings.warmup + settings.repeat; ++i) {
      body(i >= settings.warmup);
      if (progress) progress->advance();
    }
  };
  repeated([&](bool counts) {
    const double sketch_ms =
        timed([&] { sketch = engine.embed_sketch(labels); });
    const double photo_ms = timed([&] { looks = engine.embed_photo(photo); });
    const double render_ms =
        timed([&] { engine.render(engine.combine(sketch, looks)); });
    if (!counts) return;
    results.sketch.add(sketch_ms);
    results.photo.add(photo_ms);
    results.render.add(render_ms);
    results.warm.add(sketch_ms + photo_ms + render_ms);
  });
  const auto redraw = [&](int stop_at, Times* times) {
    repeated([&, stop_at, times](bool counts) {
      const double ms = timed([&] {
        sketch = engine.embed_sketch(labels);
        engine.render(engine.combine(sketch, looks), stop_at);
      });
      if (counts) times->add(ms);
    });
  };
  redraw(0, &results.redraw);
  redraw(results.preview_side, &results.preview);
  if (settings.roofline) {
    results.roofline = roofline(
        [&] {
          engine.render(engine.combine(engine.embed_sketch(labels),
                                       engine.embed_photo(photo)));
        },
        settings.repeat, settings.common.precision != "exact");
  }
  return results;
}

nlohmann::json to_json(const Settings& settings, const Results& results) {
  nlohmann::json report = {
      {"warm_ms", results.warm.to_json()},
      {"redraw_ms", results.redraw.to_json()},
      {"preview_ms", results.preview.to_json()},
      {"sketch_ms", results.sketch.to_json()},
      {"photo_ms", results.photo.to_json()},
      {"render_ms", results.render.to_json()},
      {"cold_first_face_ms", results.first_face},
      {"load_ms", results.load},
      {"peak_rss_mb", peak_memory()},
      {"threads", threads()},
      {"precision", settings.common.precision},
      {"clock", settings.processor_time ? "processor" : "wall"},
      {"instruction_set", instruction_set()},
      {"model", settings.model_name.empty()
                    ? settings.common.model.filename().string()
                    : settings.model_name},
      {"size", results.config.size},
      {"preview_side", results.preview_side},
      {"parameters", results.config.parameters},
      {"warmup", settings.warmup},
      {"repeat", settings.repeat},
      {"commit", commit()}};
  if (!results.roofline.is_null()) report["roofline"] = results.roofline;
  return report;
}

std::string to_text(const nlohmann::json& report) {
  std::string out = fmt::format(
      "{}: {} px, {} threads, {} precision, {}, limner {}\n",
      report["model"].get<std::string>(), report["size"].get<int>(),
      report["threads"].get<int>(), report["precision"].get<std::string>(),
      report["instruction_set"].get<std::string>(),
      report["commit"].get<std::string>());
  const auto row = [&](const std::string& name, const char* key) {
    const auto& times = report[key];
    out += fmt::format("{:<42}{:>9.1f}{:>9.1f}{:>9.1f}\n", name,
                       times["median"].get<double>(),
                       times["p95"].get<double>(), times["min"].get<double>());
  };
  const bool computed = report["clock"] == "processor";
  out +=
      fmt::format("{:<42}{:>9}{:>9}{:>9}\n",
                  computed ? "milliseconds of the processor" : "milliseconds",
                  "median", "p95", "min");
  row("a face, warm", "warm_ms");
  row("  of it: sketch encoders", "sketch_ms");
  row("  of it: photo encoder", "photo_ms");
  row("  of it: rendering", "render_ms");
  row("a face, the photo's codes kept", "redraw_ms");
  row(fmt::format("a preview of {} px, the photo's codes kept",
                  report["preview_side"].get<int>()),
      "preview_ms");
  out += fmt::format("loading the model: {:.0f} ms\n",
                     report["load_ms"].get<double>());
  out += fmt::format("start of the process to the first face: {:.0f} ms\n",
                     report["cold_first_face_ms"].get<double>());
  out += fmt::format("peak resident memory: {:.0f} MB\n",
                     report["peak_rss_mb"].get<double>());
  if (report.contains("roofline")) {
    out += "\n" + roofline_text(report["roofline"]);
  }
  return out;
}

// Where a report goes: a file, or "-" for standard output instead of `text`.
// make() makes the report, once it is known that the file can be written.
template <typename Make, typename Text>
int run_report(const Settings& settings, const fs::path& input,
               const Make& make, const Text& text) {
  const bool to_stdout = settings.json == "-";
  Outputs outputs;
  if (!settings.json.empty() && !to_stdout) {
    outputs.protect(input);
    outputs.plan(settings.json);
  }
  const nlohmann::json report = make();
  if (to_stdout) {
    say("{}\n", report.dump(2));
    return 0;
  }
  if (!settings.common.quiet) say("{}", text(report));
  if (!settings.json.empty()) {
    outputs.prepare(settings.json);
    write_file(settings.json, report.dump(2) + "\n");
  }
  return 0;
}

int run_here(const Settings& settings) {
  return run_report(
      settings, settings.common.model,
      [&] { return to_json(settings, measure(settings)); }, to_text);
}

// Times of labelling a drawing.
nlohmann::json measure_labeling(const Settings& settings) {
  if (settings.processor_time) count_processor_time();
  set_threads(settings.common.threads == 0
                  ? 1
                  : static_cast<int>(settings.common.threads));
  const StrokeLabeler labeler = read_labeler(settings.labeler);
  const Drawing drawing = synthetic_strokes();
  size_t points = 0;
  for (const Stroke& stroke : drawing.strokes) points += stroke.points.size();
  LabelOptions options;
  options.max_nothing = 1;  // the time counts, not what it sees
  const std::optional<FaceShapes> shapes =
      read_face_shapes(read_checkpoint(settings.labeler));
  Times times, fit_times;
  for (int64_t i = 0; i < settings.warmup + settings.repeat; ++i) {
    Labelled labelled;
    const double ms =
        timed([&] { labelled = labeler.label(drawing, options); });
    const double fit_ms = timed([&] {
      if (!shapes) return;
      const Drawing framed =
          apply_framing(labelled.drawing, rough_framing(labelled.drawing));
      fit_drawing(framed, *shapes, 0.0);
    });
    if (i < settings.warmup) continue;
    times.add(ms);
    fit_times.add(fit_ms);
  }
  return {{"label_ms", times.to_json()},
          {"fit_ms", fit_times.to_json()},
          {"strokes", drawing.strokes.size()},
          {"points", points},
          {"threads", threads()},
          {"peak_rss_mb", peak_memory()},
          {"instruction_set", instruction_set()},
          {"warmup", settings.warmup},
          {"repeat", settings.repeat},
          {"commit", commit()}};
}

std::string labeling_text(const nlohmann::json& report) {
  const nlohmann::json& times = report["label_ms"];
  const std::string out = fmt::format(
      "labelling {} strokes with {} points ({} thread{}, {}): median {:.1f} "
      "ms, p95 {:.1f} ms, min {:.1f} ms\n",
      report["strokes"].get<int>(), report["points"].get<int>(),
      report["threads"].get<int>(),
      report["threads"].get<int>() == 1 ? "" : "s",
      report["instruction_set"].get<std::string>(),
      times["median"].get<double>(), times["p95"].get<double>(),
      times["min"].get<double>());
  const nlohmann::json& fit = report["fit_ms"];
  return out + fmt::format(
                   "fitting it: median {:.1f} ms, p95 {:.1f} ms, min {:.1f} "
                   "ms\n",
                   fit["median"].get<double>(), fit["p95"].get<double>(),
                   fit["min"].get<double>());
}

// Runs `limner bench` in a process of its own, so that neither its start nor
// its memory is spoiled by making the model. Returns its exit code.
int run_child(const std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));
  }
  pointers.push_back(nullptr);
  pid_t child = 0;
  const int problem = posix_spawn(&child, "/proc/self/exe", nullptr, nullptr,
                                  pointers.data(), environ);
  if (problem != 0) fail("cannot start the bench: {}", std::strerror(problem));
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) fail("lost the bench: {}", std::strerror(errno));
  }
  if (!WIFEXITED(status)) fail("the bench was ended by a signal");
  return WEXITSTATUS(status);
}

int run_on_random_model(const Settings& settings) {
  RandomModelOptions options;
  options.size = static_cast<int>(settings.size);
  options.width_divisor = static_cast<int>(settings.divisor);
  options.type = settings.type == "bf16" ? DType::kBF16 : DType::kF32;
  const fs::path file = fs::temp_directory_path() /
                        fmt::format("limner-bench-{}.safetensors", getpid());
  write_random_model(file, options);
  // Opened and unlinked at once: however this ends, nothing is left over.
  const int descriptor = open(file.c_str(), O_RDONLY);
  fs::remove(file);
  if (descriptor < 0) fail("cannot open {}", file.string());
  std::vector<std::string> arguments = {
      "limner",
      "bench",
      "--model",
      fmt::format("/proc/self/fd/{}", descriptor),
      "--model-name",
      fmt::format("random weights, official shapes at {} px, widths / {}, {}",
                  settings.size, settings.divisor, settings.type),
      "--threads",
      std::to_string(settings.common.threads),
      "--precision",
      settings.common.precision,
      "--warmup",
      std::to_string(settings.warmup),
      "--repeat",
      std::to_string(settings.repeat),
      "--preview",
      std::to_string(settings.preview)};
  const auto pass = [&](const std::string& name, const std::string& value) {
    if (value.empty()) return;
    arguments.push_back(name);
    arguments.push_back(value);
  };
  pass("--json", settings.json);
  pass("--drawing", settings.drawing.string());
  pass("--photo", settings.photo.string());
  if (settings.roofline) arguments.push_back("--roofline");
  if (settings.processor_time) arguments.push_back("--processor-time");
  if (settings.common.quiet) arguments.push_back("--quiet");
  const int code = run_child(arguments);
  close(descriptor);
  return code;
}

}  // namespace

Command bench_command() {
  auto settings = std::make_shared<Settings>();
  Settings* s = settings.get();
  Command command;
  command.name = "bench";
  command.summary = "Measures how long a face takes here, and in what memory";
  command.details = {
      "Times are wall-clock milliseconds without reading and writing of "
      "pictures; the time to the first face starts with the process and "
      "contains the loading of the program and the model (whose file the "
      "system may have cached). Without --drawing and --photo, both are made "
      "in code.",
      "  limner bench --model model.safetensors --json bench.json",
      "  limner bench --random-model --threads 2",
  };
  Option name =
      text("--model-name", "TEXT", &s->model_name, "the model's name");
  name.hidden = true;
  const Option json =
      text("--json", "FILE", &s->json,
           "write the figures as JSON; - prints them instead of the text");
  command.options = {
      model_option("-m,--model", &s->common),
      flag("--random-model", &s->random_model,
           "measure a model of random weights instead, made for this run (in "
           "the folder for temporary files) and measured in a new process"),
      powers_of_two(whole("--size", "SIDE", &s->size, 16, 1024,
                          "side of the random model's pictures")),
      powers_of_two(whole("--width-divisor", "N", &s->divisor, 1, 16,
                          "widths of the random model are divided by this")),
      choice("--type", &s->type, {"f32", "bf16"},
             "how the random model stores matrices and convolutions"),
      path("--drawing", "FILE", &s->drawing, "a label image to measure with"),
      path("--photo", "FILE", &s->photo, "a photo to measure with"),
      whole("--warmup", "N", &s->warmup, 0, 1000, "runs before the counted"),
      whole("--repeat", "N", &s->repeat, 1, 10000, "runs that count"),
      powers_of_two(whole("--preview", "SIDE", &s->preview, 8, 1024,
                          "side of the preview that is measured")),
      flag("--roofline", &s->roofline,
           "also measure every convolution of a face by itself, and say where "
           "the rest of the time goes"),
      flag("--processor-time", &s->processor_time,
           "count what the processor computes, all threads together, instead "
           "of the time that passes: for a machine that does other work, best "
           "with --threads 1"),
      json,
      path("--labeler", "FILE", &s->labeler,
           "measure this stroke labeler alone: the labelling of 60 strokes "
           "with 3000 points, and their fit where the file holds face shapes; "
           "on one thread unless --threads says otherwise"),
      name,
  };
  add_common(command, &s->common);
  command.run = [settings] {
    if (!settings->labeler.empty()) {
      if (settings->random_model) {
        throw UsageError("give --labeler or --random-model, not both");
      }
      return run_report(
          *settings, settings->labeler,
          [&] { return measure_labeling(*settings); }, labeling_text);
    }
    return settings->random_model ? run_on_random_model(*settings)
                                  : run_here(*settings);
  };
  return command;
}

}  // namespace limner::app
