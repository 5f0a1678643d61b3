// limner eval: how good a model's faces are, or those in a folder.
#include "app/eval.h"

#include <memory>

#include "app/commands.h"
#include "app/console.h"
#include "app/face_options.h"
#include "app/outputs.h"
#include "image/codec.h"
#include "util/error.h"
#include "util/files.h"
#include "util/parallel.h"

namespace limner::app {
namespace {

namespace fs = std::filesystem;

void check_usage(const EvalSettings& settings) {
  const bool folders = !settings.results.empty();
  if (settings.data.empty() == !folders) {
    throw UsageError(
        "give --data FACES to measure a model, or --results and --references "
        "to measure pictures");
  }
  if (folders && settings.references.empty()) {
    throw UsageError("--results needs --references, the photos they are of");
  }
  if (!folders && (!settings.references.empty() || !settings.masks.empty())) {
    throw UsageError("--references and --masks go with --results");
  }
  if (!folders && settings.common.model.empty()) {
    throw UsageError("no model given: name its file, or set LIMNER_MODEL");
  }
  if (settings.parser.empty()) {
    throw UsageError("no parser given: name its file, or set LIMNER_PARSER");
  }
}

int evaluate(const EvalSettings& settings) {
  check_usage(settings);
  const bool folders = !settings.results.empty();
  const fs::path json_path = settings.out / "metrics.json";
  const fs::path report_path = settings.out / "report.html";
  const fs::path sheet_path = settings.out / "sheet.png";
  Outputs outputs;
  outputs.protect(settings.parser);
  for (const fs::path& weights :
       {settings.lpips, settings.arcface, settings.inception}) {
    if (!weights.empty()) outputs.protect(weights);
  }
  if (!folders) outputs.protect(settings.common.model);
  outputs.plan(json_path);
  outputs.plan(report_path);
  if (settings.sheet > 0) outputs.plan(sheet_path);
  const fs::path edits_path = settings.out / "edits.png";
  if (!folders && settings.edits > 0) outputs.plan(edits_path);

  set_threads(static_cast<int>(settings.common.threads));
  Judges judges(settings);
  const Measured measured = folders ? measure_folders(settings, judges)
                                    : measure_model(settings, judges);
  nlohmann::json results = to_json(measured.evaluation, settings);
  results["about"]["parser"] = settings.parser.string();
  results["about"]["parser_side"] = judges.parser.side();
  if (judges.lpips) results["about"]["lpips"] = settings.lpips.string();
  if (judges.identity) results["about"]["arcface"] = settings.arcface.string();
  if (judges.inception) {
    results["about"]["inception"] = settings.inception.string();
  }
  const std::vector<Table> tables = tables_of(results);
  const std::string report = report_html(measured, results, tables);
  Image sheet;
  if (settings.sheet > 0) {
    sheet = sheet_of(measured, settings.sheet, settings.seed);
  }

  outputs.prepare(json_path);
  write_file(json_path, results.dump(1, ' ', false,
                                     nlohmann::json::error_handler_t::replace) +
                            "\n");
  write_file(report_path, report);
  if (settings.sheet > 0) write_image(sheet_path, sheet);
  const bool edited = !measured.evaluation.edits.empty();
  if (edited) write_image(edits_path, edits_sheet(measured.evaluation));
  if (!settings.common.quiet) {
    for (const Table& table : tables) {
      if (table.brief) say("{}\n", text_of(table));
    }
    say("{}\n{}\n", shown(json_path), shown(report_path));
    if (settings.sheet > 0) say("{}\n", shown(sheet_path));
    if (edited) say("{}\n", shown(edits_path));
  }
  return 0;
}

}  // namespace

Command eval_command() {
  auto settings = std::make_shared<EvalSettings>();
  EvalSettings* s = settings.get();
  Command command;
  command.name = "eval";
  command.summary = "Measures how good a model's faces are, or a folder's";
  command.details = {
      "With --data: draws every face of a data set from its mask and photo, "
      "gives it the looks of its own photo (matching), of another face's "
      "(crossed) and random ones, and measures what the model makes of them. "
      "FACES is a folder as limner-train reads it: manifest.csv, images/ and "
      "masks/, or CelebAMask-HQ as downloaded.",
      "With --results: compares pictures with the photos of the same names.",
      "Prints a summary and writes metrics.json, report.html (one file, with "
      "pictures), sheet.png and edits.png. docs/evaluation.md tells what the "
      "figures mean.",
      "  limner eval --data FACES --model model.safetensors -o figures",
      "  limner eval --results out/ --references photos/ --masks masks/",
  };
  command.options = {
      path("--data", "FACES", &s->data, "measure a model on this data set"),
      model_option("-m,--model", &s->common),
      choice("--split", &s->split, {"val", "train"},
             "the part of the data set to measure on"),
      flag("--matching", &s->matching,
           "drawings with the looks of their own photos alone"),
      flag("--crossed", &s->crossed,
           "drawings with the looks of other faces alone; give neither of the "
           "two for both"),
      path("--results", "DIR", &s->results,
           "measure the pictures of this folder instead of a model"),
      path("--references", "DIR", &s->references,
           "the photos that the results should look like, of the same names"),
      path("--masks", "DIR", &s->masks,
           "masks of the parts that the results should have, NAME.png"),
      defaulting(maybe_whole("--limit", "N", &s->limit, 1, 1'000'000'000,
                             "measure N faces, drawn by --seed"),
                 "all"),
      whole("--seed", "N", &s->seed, 0, kMaxSeed,
            "seed of all that is drawn at random"),
      real("--detail", "D", &s->detail, 0.0, 1.0,
           "of the drawings, as in limner sketch"),
      whole("--looks", "N", &s->looks, 0, 1000,
            "random looks for each of five drawings; 0: none"),
      whole("--sheet", "N", &s->sheet, 0, 200,
            "results in sheet.png, drawn by --seed; 0: no sheet"),
      whole("--edits", "N", &s->edits, 0, 1'000'000,
            "faces for each edit of drawings (glasses, hats, mouths, ...); 0: "
            "none"),
      defaulting(
          maybe_whole("--kid-photos", "N", &s->kid_photos, 2, 1'000'000'000,
                      "photos of the other split that parser_kid "
                      "compares with, drawn by --seed"),
          "all"),
      whole("--kid-subset", "N", &s->kid_subset, 2, 100'000,
            "pictures of each side in a subset of parser_kid and KID"),
      whole("--kid-subsets", "N", &s->kid_subsets, 1, 100'000,
            "subsets that parser_kid and KID average over"),
      parser_option(&s->parser),
      path("--lpips-weights", "FILE", &s->lpips,
           "also measure LPIPS, version 0.1 with AlexNet, with these weights"),
      path("--arcface-weights", "FILE", &s->arcface,
           "also measure identity, with these weights of ArcFace's IR-SE 50"),
      path("--inception-weights", "FILE", &s->inception,
           "also measure FID and KID, with these weights of Inception v3 "
           "(pt_inception-2015-12-05)"),
      defaulting(path("-o,--out", "DIR", &s->out, "where results go"), "eval"),
  };
  add_common(command, &settings->common);
  command.run = [settings] { return evaluate(*settings); };
  return command;
}

}  // namespace limner::app
