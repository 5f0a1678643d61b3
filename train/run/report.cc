#include "train/run/report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "util/base64.h"
#include "util/error.h"
#include "util/files.h"
#include "util/html.h"

namespace limner::train {
namespace {

using nlohmann::json;

// Points of a curve that are drawn: more than a screen shows is waste.
constexpr size_t kPoints = 400;
constexpr double kSmoothing = 0.95;
constexpr int kWidth = 420, kHeight = 200;
constexpr int kLeft = 52, kRight = 10, kTop = 10, kBottom = 24;  // margins

constexpr const char* kStyle = R"(
:root{color-scheme:light dark;--back:#fff;--text:#1c1e21;--soft:#667;
--line:#dde;--raw:#9db8dc;--curve:#1f5fae}
@media(prefers-color-scheme:dark){:root{--back:#15171a;--text:#e4e6ea;
--soft:#99a;--line:#333842;--raw:#3a5577;--curve:#7fb3f5}}
body{background:var(--back);color:var(--text);margin:2rem auto;
max-width:1340px;padding:0 1rem;font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.4rem;margin-bottom:0}h2{font-size:1.1rem;margin-top:2rem}
h3{font-size:.9rem;font-weight:600;margin:0 0 .2rem}
p{margin:.2rem 0;color:var(--soft)}
.grid{display:grid;gap:1.2rem;
grid-template-columns:repeat(auto-fill,minmax(min(100%,400px),1fr))}
svg{width:100%;height:auto;display:block}
svg text{fill:var(--soft);font-size:11px}
.axis{stroke:var(--line);fill:none}
.raw{stroke:var(--raw);fill:none}
.curve{stroke:var(--curve);stroke-width:1.8;fill:none}
figure{margin:0 0 1.2rem}figcaption{color:var(--soft)}
img{max-width:100%;image-rendering:auto}
table{border-collapse:collapse}
td{border-top:1px solid var(--line);padding:.15rem .8rem .15rem 0;
vertical-align:top;overflow-wrap:anywhere}
)";

struct Point {
  double step;
  double value;
};
using Curve = std::vector<Point>;

// Every number of the metrics, by a name that says where it stands.
std::map<std::string, Curve> curves_of(const std::vector<json>& metrics) {
  std::map<std::string, Curve> curves;
  for (const json& line : metrics) {
    const double step = line["step"].get<double>();
    for (const auto& [key, value] : line.items()) {
      if (value.is_object()) {
        for (const auto& [name, number] : value.items()) {
          if (!number.is_number()) continue;
          curves[key + ": " + name].push_back({step, number.get<double>()});
        }
      } else if (key == "images_per_second" && value.is_number()) {
        curves["speed: images a second"].push_back({step, value.get<double>()});
      }
    }
  }
  return curves;
}

// Means over ranges of equal length.
Curve thinned(const Curve& curve) {
  if (curve.size() <= kPoints) return curve;
  Curve result;
  for (size_t i = 0; i < kPoints; ++i) {
    const size_t begin = curve.size() * i / kPoints;
    const size_t end = curve.size() * (i + 1) / kPoints;
    Point mean = {0, 0};
    for (size_t k = begin; k < end; ++k) {
      mean.step += curve[k].step;
      mean.value += curve[k].value;
    }
    const auto count = static_cast<double>(end - begin);
    result.push_back({mean.step / count, mean.value / count});
  }
  return result;
}

// An exponential moving average without the pull of its first value.
Curve smoothed(const Curve& curve) {
  Curve result;
  double sum = 0, weight = 0;
  for (const Point& point : curve) {
    sum = kSmoothing * sum + (1 - kSmoothing) * point.value;
    weight = kSmoothing * weight + (1 - kSmoothing);
    result.push_back({point.step, sum / weight});
  }
  return result;
}

std::string drawing(const Curve& raw) {
  const Curve smooth = thinned(smoothed(raw));
  const Curve points = thinned(raw);
  double low = points[0].value, high = low;
  for (const Point& point : points) {
    low = std::min(low, point.value);
    high = std::max(high, point.value);
  }
  if (high - low < 1e-12 * std::max(1.0, std::fabs(high))) {
    const double room = std::max(1e-12, std::fabs(high) * 0.5);
    low -= room;
    high += room;
  }
  const double first = raw.front().step;
  const double last = std::max(raw.back().step, first + 1);
  const auto line = [&](const Curve& curve, const char* style) {
    std::string path;
    for (const Point& point : curve) {
      const double x = kLeft + (point.step - first) / (last - first) *
                                   (kWidth - kLeft - kRight);
      const double y = kTop + (high - point.value) / (high - low) *
                                  (kHeight - kTop - kBottom);
      path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x, y);
    }
    return fmt::format("<path class=\"{}\" d=\"{}\"/>", style, path);
  };
  const int base = kHeight - kBottom;
  std::string svg =
      fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\">", kWidth, kHeight);
  svg += fmt::format("<path class=\"axis\" d=\"M{0} {1}V{2}H{3}\"/>", kLeft,
                     kTop, base, kWidth - kRight);
  const auto label = [&](int x, int y, const char* anchor, double value,
                         const char* format) {
    svg += fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>",
                       x, y, anchor, fmt::format(fmt::runtime(format), value));
  };
  label(kLeft - 5, kTop + 9, "end", high, "{:.3g}");
  label(kLeft - 5, base, "end", low, "{:.3g}");
  label(kLeft, kHeight - 6, "start", first, "{:.0f}");
  label(kWidth - kRight, kHeight - 6, "end", last, "{:.0f}");
  return svg + line(points, "raw") + line(smooth, "curve") + "</svg>";
}

void add_rows(const json& settings, const std::string& prefix,
              std::string* rows) {
  for (const auto& [key, value] : settings.items()) {
    if (value.is_object()) {
      add_rows(value, prefix + key + ".", rows);
      continue;
    }
    const std::string text =
        value.is_string()
            ? value.get<std::string>()
            : value.dump(-1, ' ', false, json::error_handler_t::replace);
    *rows += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n",
                         html_escaped(prefix + key), html_escaped(text));
  }
}

std::string sheet_figure(const std::filesystem::path& path) {
  try {
    const std::vector<unsigned char> png = read_file(path);
    return fmt::format(
        "<figure><img alt=\"sample sheet\" src=\"data:image/png;base64,{}\">"
        "<figcaption>{}</figcaption></figure>\n",
        base64(png), html_escaped(path.stem().string()));
  } catch (const Error&) {
    return "";  // a report without an old picture is better than none
  }
}

}  // namespace

std::string report_html(const Report& report) {
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\">\n";
  html += fmt::format("<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n",
                      html_escaped(report.title), kStyle);
  html += fmt::format("<h1>{}</h1>\n", html_escaped(report.title));
  html += fmt::format(
      "<p>{}, step {}{}</p>\n", html_escaped(report.status), report.step,
      report.steps > 0 ? fmt::format(" of {}", report.steps) : "");

  html +=
      "<h2>Curves</h2>\n<p>Pale: as measured. Dark: smoothed.</p>\n"
      "<div class=\"grid\">\n";
  for (auto& [name, curve] : curves_of(report.metrics)) {
    html += fmt::format("<div><h3>{}</h3>{}</div>\n", html_escaped(name),
                        drawing(curve));
  }
  html += "</div>\n";
  if (!report.sheets.empty()) {
    html += "<h2>Sample sheets</h2>\n";
    for (size_t i = report.sheets.size(); i-- > 0;) {
      html += sheet_figure(report.sheets[i]);
    }
  }
  std::string rows;
  add_rows(report.settings, "", &rows);
  html += "<h2>Settings</h2>\n<table>\n" + rows + "</table>\n";
  return html + "</body>\n</html>\n";
}

}  // namespace limner::train
