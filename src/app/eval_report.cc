// limner eval: figures and pictures for people.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "app/eval.h"
#include "app/faces.h"
#include "data/parts.h"
#include "image/codec.h"
#include "image/resize.h"
#include "metrics/appearance.h"
#include "util/html.h"
#include "util/random.h"

namespace limner::app {
namespace {

using nlohmann::json;

constexpr int kTile = 160;        // side of the report's pictures
constexpr int kJpegQuality = 88;  // of them
constexpr size_t kExamples = 6;   // of the worst and of typical results
constexpr int kSheetColumns = 4;  // triples in a row of the sheet
constexpr int kSheetGap = 8;
constexpr int kLeastSheetTile = 128, kMostSheetTile = 256;

// All kinds of results, in the order in which they are shown.
constexpr const char* kSetNames[] = {"matching", "crossed", "random",
                                     "results"};

constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--back:#fff;--text:#1c1e21;--soft:#667;
--line:#dde}
@media(prefers-color-scheme:dark){:root{--back:#15171a;--text:#e4e6ea;
--soft:#99a;--line:#333842}}
body{background:var(--back);color:var(--text);margin:2rem auto;
max-width:1100px;padding:0 1rem;font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.4rem;margin-bottom:0}h2{font-size:1.1rem;margin-top:2rem}
h3{font-size:.95rem;margin-bottom:.3rem}
p{margin:.2rem 0;color:var(--soft)}
.wide{overflow-x:auto}
table{border-collapse:collapse}
th,td{border-top:1px solid var(--line);padding:.15rem .9rem .15rem 0;
text-align:right;font-weight:400;white-space:nowrap}
th:first-child,td:first-child{text-align:left}
th{color:var(--soft)}
.row{display:flex;flex-wrap:wrap;gap:.4rem;margin-bottom:.8rem}
figure{margin:0}figcaption{color:var(--soft);font-size:.8rem}
img{width:160px;height:160px;display:block}
)";

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

std::string html_of(const Table& table) {
  std::string html =
      fmt::format("<h2>{}</h2>\n<div class=\"wide\"><table>\n<tr>",
                  html_escaped(table.title));
  for (const std::string& name : table.header) {
    html += fmt::format("<th>{}</th>", html_escaped(name));
  }
  html += "</tr>\n";
  for (const auto& row : table.rows) {
    html += "<tr>";
    for (const std::string& text : row) {
      html += fmt::format("<td>{}</td>", html_escaped(text));
    }
    html += "</tr>\n";
  }
  html += "</table></div>\n";
  if (!table.note.empty()) {
    html += fmt::format("<p>{}</p>\n", html_escaped(table.note));
  }
  return html;
}

// RGB on a square of `side`.
Image tile(const Image& picture, int side) {
  return picture.width == side && picture.height == side
             ? picture
             : resize(picture, side, side, Filter::kBilinear);
}

std::string figure(const Image& picture, const std::string& caption) {
  const std::vector<unsigned char> bytes =
      encode(tile(picture, kTile), ImageFormat::kJpeg, kJpegQuality);
  return fmt::format(
      "<figure><img alt=\"{0}\" src=\"data:image/jpeg;base64,{1}\">"
      "<figcaption>{0}</figcaption></figure>",
      html_escaped(caption), base64(bytes));
}

std::string example(const Shown& shown, const Score& score) {
  std::string html;
  std::string title = html_escaped(score.name);
  if (score.mean_iou) {
    title += fmt::format(", mean IoU {:.1f} %", 100 * *score.mean_iou);
  }
  html += fmt::format("<p>{}</p>\n<div class=\"row\">", title);
  const auto add = [&](const Image& picture, const char* caption) {
    if (!picture.pixels.empty()) html += figure(picture, caption);
  };
  add(shown.drawing, "drawing");
  add(shown.photo, "photo of the looks");
  add(shown.result, "result");
  add(paint_parts(shown.parts), "parts found");
  if (!shown.mask.pixels.empty()) add(paint_parts(shown.mask), "mask");
  return html + "</div>\n";
}

// How good a result is, for sorting: by its parts where there are masks, else
// by how near its colours are to the photo's.
double quality(const Score& score, const Evaluation& evaluation) {
  if (score.mean_iou) return *score.mean_iou;
  if (score.photo < 0) return 0;
  const AppearanceDistance distance =
      appearance_distance(score.appearance, evaluation.photos[score.photo]);
  return distance.mean ? -*distance.mean : -1e9;
}

std::string examples_of(const Measured& measured, size_t set) {
  const ResultSet& results = measured.evaluation.sets[set];
  std::vector<size_t> order(results.scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return quality(results.scores[a], measured.evaluation) <
           quality(results.scores[b], measured.evaluation);
  });
  const size_t worst = std::min(kExamples, order.size());
  const size_t middle = std::max(
      worst, order.size() / 2 - std::min(order.size() / 2, kExamples / 2));
  std::string html;
  const auto add = [&](const char* title, size_t begin, size_t end) {
    if (begin >= end) return;
    html += fmt::format("<h2>{}: {}</h2>\n", html_escaped(results.name), title);
    for (size_t i = begin; i < end; ++i) {
      html += example(measured.show(set, order[i]), results.scores[order[i]]);
    }
  };
  add("typical results", middle, std::min(order.size(), middle + kExamples));
  add("worst results", 0, worst);
  return html;
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

std::string report_html(const Measured& measured, const json& results,
                        const std::vector<Table>& tables) {
  std::string html = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "\n<title>limner eval</title>\n<style>{}</style>\n</head>\n<body>\n"
      "<h1>limner eval</h1>\n",
      kStyle);
  for (const Table& table : tables) html += html_of(table);
  for (size_t set = 0; set < measured.evaluation.sets.size(); ++set) {
    html += examples_of(measured, set);
  }
  html += "<h2>What was measured</h2>\n<div class=\"wide\"><table>\n";
  for (const auto& [key, value] : results["about"].items()) {
    const std::string text =
        value.is_string()
            ? value.get<std::string>()
            : value.dump(-1, ' ', false, json::error_handler_t::replace);
    html += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", html_escaped(key),
                        html_escaped(text));
  }
  return html + "</table></div>\n</body>\n</html>\n";
}

Image sheet_of(const Measured& measured, int64_t count, int64_t seed) {
  const Evaluation& evaluation = measured.evaluation;
  std::vector<std::pair<size_t, size_t>> all;
  for (size_t set = 0; set < evaluation.sets.size(); ++set) {
    if (evaluation.sets[set].name == "random") continue;
    for (size_t i = 0; i < evaluation.sets[set].scores.size(); ++i) {
      all.emplace_back(set, i);
    }
  }
  const std::vector<int> chosen =
      some_of(static_cast<int>(all.size()), count, seed, "sheet");
  const int side = std::clamp(evaluation.side, kLeastSheetTile, kMostSheetTile);
  std::vector<Image> groups;
  for (const int i : chosen) {
    const Shown shown = measured.show(all[i].first, all[i].second);
    std::vector<Image> group;
    for (const Image* picture : {&shown.drawing, &shown.photo, &shown.result}) {
      if (!picture->pixels.empty()) group.push_back(tile(*picture, side));
    }
    groups.push_back(side_by_side(group));
  }
  const int columns =
      std::min<int>(kSheetColumns, static_cast<int>(groups.size()));
  const int rows = (static_cast<int>(groups.size()) + columns - 1) / columns;
  const int width = groups.front().width;
  Image sheet(columns * (width + kSheetGap) - kSheetGap,
              rows * (side + kSheetGap) - kSheetGap, 3);
  std::fill(sheet.pixels.begin(), sheet.pixels.end(), uint8_t{255});
  for (size_t i = 0; i < groups.size(); ++i) {
    const Image& strip = groups[i];
    const int left = static_cast<int>(i) % columns * (width + kSheetGap);
    const int top = static_cast<int>(i) / columns * (side + kSheetGap);
    for (int y = 0; y < side; ++y) {
      std::copy_n(strip.row(y), size_t{3} * width,
                  sheet.row(top + y) + size_t{3} * left);
    }
  }
  return sheet;
}

}  // namespace limner::app
