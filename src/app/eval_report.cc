// limner eval: the report and the sheet of pictures.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "app/eval.h"
#include "app/montage.h"
#include "data/parts.h"
#include "image/codec.h"
#include "image/resize.h"
#include "metrics/appearance.h"
#include "util/base64.h"
#include "util/html.h"
#include "util/random.h"

namespace limner::app {
namespace {

using nlohmann::json;

constexpr int kTile = 160;        // side of the report's pictures
constexpr int kJpegQuality = 88;  // of them
constexpr size_t kExamples = 6;   // of the worst and of typical results
constexpr int kSheetColumns = 4;  // triples in a row of the sheet
constexpr int kEditColumns = 2;   // examples in a row of the edits
constexpr int kMinSheetTile = 128, kMaxSheetTile = 256;

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
img.strip{width:640px;margin-bottom:.4rem}
)";

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
  for (const EditResult& edit : measured.evaluation.edits) {
    html += fmt::format("<h2>{}</h2>\n", html_escaped(edit.name));
    for (const Image& strip : edit.examples) {
      html += fmt::format(
          "<img class=\"strip\" alt=\"drawing, face, edited drawing, its "
          "face\" src=\"data:image/jpeg;base64,{}\">\n",
          base64(encode(strip, ImageFormat::kJpeg, kJpegQuality)));
    }
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
  const int side = std::clamp(evaluation.side, kMinSheetTile, kMaxSheetTile);
  std::vector<Image> groups;
  for (const int i : chosen) {
    const Shown shown = measured.show(all[i].first, all[i].second);
    std::vector<Image> group;
    for (const Image* picture : {&shown.drawing, &shown.photo, &shown.result}) {
      if (!picture->pixels.empty()) group.push_back(tile(*picture, side));
    }
    groups.push_back(side_by_side(group));
  }
  return grid_of(groups, kSheetColumns);
}

Image edits_sheet(const Evaluation& evaluation) {
  std::vector<Image> strips;
  for (const EditResult& edit : evaluation.edits) {
    // An edit that fits one face alone shows it twice, to keep the rows.
    for (size_t i = 0; i < kEditColumns; ++i) {
      strips.push_back(edit.examples[std::min(i, edit.examples.size() - 1)]);
    }
  }
  return grid_of(strips, kEditColumns);
}

}  // namespace limner::app
