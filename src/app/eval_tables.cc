// limner eval: figures side by side, for people.
#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "app/eval.h"
#include "data/parts.h"
#include "metrics/appearance.h"

namespace limner::app {
namespace {

using nlohmann::json;

// All kinds of results, in the order in which they are shown.
constexpr const char* kSetNames[] = {"matching", "crossed", "random",
                                     "results"};

const json* find(const json& object, std::initializer_list<const char*> path) {
  const json* at = &object;
  for (const char* key : path) {
    const auto next = at->find(key);
    if (next == at->end()) return nullptr;
    at = &*next;
  }
  return at;
}

// A number of the results, scaled; "-" where there is none.
std::string cell(const json& object, std::initializer_list<const char*> path,
                 double scale = 1, int digits = 1) {
  const json* value = find(object, path);
  if (value == nullptr || !value->is_number()) return "-";
  return fmt::format("{:.{}f}", value->get<double>() * scale, digits);
}

// The kinds of results that are there.
std::vector<std::string> sets_of(const json& results) {
  std::vector<std::string> names;
  for (const char* name : kSetNames) {
    if (find(results, {"sets", name}) != nullptr) names.emplace_back(name);
  }
  return names;
}

// One line a part: what `parsing` and `share` objects have of it.
struct PartRow {
  std::string name;
  std::vector<const char*> path;
};

std::string part_cell(const json* parsing, const PartRow& row) {
  if (parsing == nullptr) return "-";
  return row.path.size() == 1 ? cell(*parsing, {row.path[0]}, 100)
                              : cell(*parsing, {row.path[0], row.path[1]}, 100);
}

std::vector<PartRow> part_rows() {
  std::vector<PartRow> rows = {{"mean IoU", {"mean_iou"}},
                               {"pixels", {"pixel_accuracy"}}};
  for (const PartGroup& group : main_parts()) {
    rows.push_back({group.name, {"parts", group.name}});
  }
  return rows;
}

// Against the masks, with the bounds; or against the photos' parts.
Table parts_table(const json& results) {
  const bool bounded = find(results, {"upper_bound"}) != nullptr;
  const std::string side =
      fmt::format("at {} px", results["about"]["result_side"].get<int>());
  Table table;
  table.title = bounded ? "Parts, intersection over union with the masks, %"
                        : "Parts, intersection over union with those found in "
                          "the references, %";
  table.header = {""};
  if (bounded) {
    table.header.emplace_back("photos");
    table.header.push_back(side);
    table.note = fmt::format(
        "photos: what the parser finds in the photos; {}: in the "
        "photos reduced to the results' side; under a kind of "
        "results: theirs, then the share of the second and of the "
        "first",
        side);
  }
  for (const std::string& name : sets_of(results)) {
    table.header.push_back(name);
    if (!bounded) continue;
    table.header.emplace_back("% of " + side.substr(3));
    table.header.emplace_back("% of all");
  }
  for (const PartRow& part : part_rows()) {
    std::vector<std::string> row = {part.name};
    if (bounded) {
      row.push_back(part_cell(find(results, {"upper_bound", "photos"}), part));
      row.push_back(
          part_cell(find(results, {"upper_bound", "photos_at_side"}), part));
    }
    for (const std::string& name : sets_of(results)) {
      const char* set = name.c_str();
      row.push_back(part_cell(
          find(results,
               {"sets", set, bounded ? "parsing" : "parsing_to_photo"}),
          part));
      if (!bounded) continue;
      for (const char* bound : {"photos_at_side", "photos"}) {
        row.push_back(part_cell(
            find(results, {"sets", set, "share_of_bound", bound}), part));
      }
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table classes_table(const json& results) {
  const bool bounded = find(results, {"upper_bound"}) != nullptr;
  Table table;
  table.title = "Every part, intersection over union, %";
  table.brief = false;
  table.header = {""};
  std::vector<const json*> columns;
  if (bounded) {
    table.header.insert(table.header.end(), {"photos", "photos reduced"});
    columns.push_back(find(results, {"upper_bound", "photos"}));
    columns.push_back(find(results, {"upper_bound", "photos_at_side"}));
  }
  for (const std::string& name : sets_of(results)) {
    table.header.push_back(name);
    columns.push_back(
        find(results,
             {"sets", name.c_str(), bounded ? "parsing" : "parsing_to_photo"}));
  }
  for (int part = 0; part < kMaskLabels; ++part) {
    std::vector<std::string> row = {part_name(part)};
    bool any = false;
    for (const json* column : columns) {
      row.push_back(cell(*column, {"classes", part_name(part)}, 100));
      any = any || row.back() != "-";
    }
    if (any) table.rows.push_back(std::move(row));
  }
  return table;
}

// The kinds of results that have the looks of photos.
std::vector<std::string> with_looks(const json& results) {
  std::vector<std::string> names;
  for (const std::string& name : sets_of(results)) {
    if (find(results, {"sets", name.c_str(), "appearance"}) != nullptr) {
      names.push_back(name);
    }
  }
  return names;
}

Table colours_table(const json& results) {
  Table table;
  table.title = "Colours of regions, distance (Delta E) to";
  table.header = {""};
  table.rows = {{"its photo"}, {"other photos"}, {"ratio"}};
  for (const std::string& name : with_looks(results)) {
    table.header.push_back(name);
    const char* set = name.c_str();
    table.rows[0].push_back(
        cell(results, {"sets", set, "appearance", "own"}, 1, 2));
    table.rows[1].push_back(
        cell(results, {"sets", set, "appearance", "others"}, 1, 2));
    table.rows[2].push_back(
        cell(results, {"sets", set, "appearance", "ratio"}, 1, 3));
  }
  table.note = fmt::format("two photos are {} apart",
                           cell(results, {"distance_of_photos"}, 1, 2));
  return table;
}

Table regions_table(const json& results) {
  Table table;
  table.title = "Colours by region, distance to its photo | to others";
  table.brief = false;
  table.header = {""};
  for (const Region& region : appearance_regions()) {
    table.rows.push_back({region.name});
  }
  for (const std::string& name : with_looks(results)) {
    table.header.push_back(name);
    for (auto& row : table.rows) {
      const char* set = name.c_str();
      const char* region = row[0].c_str();
      row.push_back(
          cell(results, {"sets", set, "appearance", "regions", region, "own"},
               1, 2) +
          " | " +
          cell(results,
               {"sets", set, "appearance", "regions", region, "others"}, 1, 2));
    }
  }
  return table;
}

// Distances of sets: parser_kid and, with Inception, KID and FID.
Table sets_table(const json& results) {
  Table table;
  table.title =
      fmt::format("Sets of faces, distance to {}",
                  results["about"]["set_reference"].get<std::string>());
  table.header = {"", "parser_kid x 1000", "+-"};
  const json* kid = find(results, {"kid"});
  if (kid != nullptr) {
    table.header.insert(table.header.end(), {"KID x 1000", "+-", "FID"});
  }
  const json& parser_kid = results["parser_kid"];
  for (const char* name : {"photos", "matching", "crossed", "results"}) {
    if (parser_kid.find(name) == parser_kid.end()) continue;
    std::vector<std::string> row = {name};
    const auto add = [&](const json& distances) {
      row.push_back(cell(distances, {name, "mean"}, 1000, 3));
      row.push_back(cell(distances, {name, "deviation"}, 1000, 3));
    };
    add(parser_kid);
    if (kid != nullptr) {
      add(*kid);
      row.push_back(cell(results, {"fid", name}, 1, 2));
    }
    table.rows.push_back(std::move(row));
    table.note = fmt::format(
        "parser_kid takes the features of the face parser: it is no KID of "
        "Inception. Means and standard deviations over {} subsets of {}",
        parser_kid[name]["subsets"].get<int>(),
        parser_kid[name]["subset"].get<int>());
  }
  return table;
}

Table diversity_table(const json& results) {
  const json& diversity = results["diversity"];
  Table table;
  table.title = fmt::format(
      "Random looks, {} of {} drawings: distance of two results of a drawing",
      diversity["looks"].get<int>(), diversity["drawings"].get<int>());
  table.header = {"", "mean", "least"};
  table.rows = {{"pixels (Delta E)", cell(diversity, {"pixel_distance"}, 1, 2),
                 cell(diversity, {"least_pixel_distance"}, 1, 2)},
                {"colours of regions",
                 cell(diversity, {"appearance_distance"}, 1, 2), "-"}};
  if (diversity.find("lpips") != diversity.end()) {
    table.rows.push_back({"LPIPS", cell(diversity, {"lpips"}, 1, 4), "-"});
  }
  return table;
}

Table edits_table(const json& results) {
  Table table;
  table.title = "Edits of one part of the drawing: what changes in the face";
  table.header = {"",        "faces",          "inside",
                  "outside", "outside/inside", "is so before, %",
                  "after, %"};
  for (const json& edit : results["edits"]) {
    table.rows.push_back(
        {edit["name"].get<std::string>(),
         fmt::format("{}", edit["faces"].get<int>()),
         cell(edit, {"inside"}, 1, 1), cell(edit, {"outside"}, 1, 2),
         fmt::format("{:.2f}",
                     edit["outside"].get<double>() /
                         std::max(1e-9, edit["inside"].get<double>())),
         cell(edit, {"was"}, 100, 0), cell(edit, {"is"}, 100, 0)});
  }
  table.note =
      "inside: mean difference of the bytes (0 to 255) where the part was "
      "changed and 3 % of the side around; is so: share of the changed pixels "
      "that the parser finds to be of the new part";
  return table;
}

// What needs weights that limner does not ship, for results that should equal
// a photo.
Table pictures_table(const json& results) {
  Table table;
  table.title = "Results against the photos that they should equal";
  table.header = {""};
  table.rows = {{"LPIPS"}, {"identity"}};
  for (const std::string& name : sets_of(results)) {
    const json& set = results["sets"][name];
    if (set.find("lpips") == set.end() && set.find("identity") == set.end()) {
      continue;
    }
    table.header.push_back(name);
    table.rows[0].push_back(cell(set, {"lpips"}, 1, 4));
    table.rows[1].push_back(cell(set, {"identity"}, 1, 4));
  }
  table.note =
      "LPIPS: 0 is the same; identity: the cosine of ArcFace, 1 is "
      "the same";
  return table;
}

}  // namespace

std::vector<Table> tables_of(const json& results) {
  std::vector<Table> tables = {parts_table(results)};
  if (!with_looks(results).empty()) {
    tables.push_back(colours_table(results));
    tables.push_back(regions_table(results));
  }
  Table pictures = pictures_table(results);
  if (pictures.header.size() > 1) tables.push_back(std::move(pictures));
  if (find(results, {"parser_kid"}) != nullptr) {
    tables.push_back(sets_table(results));
  }
  if (find(results, {"diversity"}) != nullptr) {
    tables.push_back(diversity_table(results));
  }
  if (find(results, {"edits"}) != nullptr) {
    tables.push_back(edits_table(results));
  }
  tables.push_back(classes_table(results));
  return tables;
}

std::string text_of(const Table& table) {
  std::vector<size_t> widths(table.header.size());
  const auto measure = [&](const std::vector<std::string>& row) {
    for (size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  };
  measure(table.header);
  for (const auto& row : table.rows) measure(row);
  std::string text = table.title + "\n";
  const auto add = [&](const std::vector<std::string>& row) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += i == 0 ? fmt::format("  {:<{}}", row[i], widths[i])
                     : fmt::format("  {:>{}}", row[i], widths[i]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  };
  add(table.header);
  for (const auto& row : table.rows) add(row);
  return text;
}

}  // namespace limner::app
