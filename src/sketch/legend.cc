#include "sketch/legend.h"

#include <array>
#include <iterator>

#include "sketch/classes.h"
#include "sketch/drawing_limits.h"
#include "sketch/svg_write.h"
#include "util/error.h"

namespace limner {
namespace {

// In the units of the legend's own picture.
constexpr int kPaper = 512;
constexpr int kMargin = 16;
constexpr int kRow = 21;
constexpr int kSwatch = 14;
constexpr int kLegend = 288;

// Strokes of `drawing` that are listed in `dashed`, or those that are not.
Drawing part_of(const Drawing& drawing, const std::vector<bool>& dashed,
                bool wanted) {
  Drawing out;
  out.side = drawing.side;
  for (size_t i = 0; i < drawing.strokes.size(); ++i) {
    if (dashed[i] == wanted) out.strokes.push_back(drawing.strokes[i]);
  }
  return out;
}

void append_text(std::string& out, int x, int y, const std::string& text,
                 bool to_the_left = false) {
  fmt::format_to(std::back_inserter(out),
                 "<text x=\"{}\" y=\"{}\"{}>{}</text>\n", x, y,
                 to_the_left ? " text-anchor=\"end\"" : "", text);
}

void append_rows(std::string& out, const Drawing& drawing, size_t dashed) {
  std::array<int, kStrokeClasses + 1> counts{};
  for (const Stroke& stroke : drawing.strokes) ++counts[stroke.label];
  const int left = kPaper + kMargin;
  const int right = kPaper + kLegend - kMargin;
  int y = 2 * kMargin;
  for (int k = 1; k <= kStrokeClasses + 1; ++k) {
    const int label = k % (kStrokeClasses + 1);  // those not known last
    if (counts[label] == 0) continue;
    const StrokeClass& kind = stroke_class(label);
    const auto colour =
        label == 0 ? std::array<uint8_t, 3>{0, 0, 0} : kind.colour;
    fmt::format_to(std::back_inserter(out),
                   "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" "
                   "fill=\"#{:02x}{:02x}{:02x}\"/>\n",
                   left, y - kSwatch + 2, kSwatch, kSwatch, colour[0],
                   colour[1], colour[2]);
    if (label != 0) append_text(out, left + 36, y, std::to_string(label), true);
    append_text(out, left + 44, y, label == 0 ? "not known" : kind.name);
    append_text(out, right, y, std::to_string(counts[label]), true);
    y += kRow;
  }
  if (dashed > 0) {
    append_text(out, left + 44, y, "dashed: doubtful");
    append_text(out, right, y, std::to_string(dashed), true);
  }
}

}  // namespace

std::string write_legend_svg(const Drawing& drawing,
                             const std::vector<int>& dashed,
                             const Drawing* before) {
  check_drawing(drawing);
  const auto strokes = static_cast<int>(drawing.strokes.size());
  std::vector<bool> is_dashed(drawing.strokes.size(), false);
  for (const int index : dashed) {
    if (index < 0 || index >= strokes) {
      fail("a legend of {} strokes got stroke {} to dash", strokes, index);
    }
    is_dashed[index] = true;
  }
  // The drawing before it was changed stands on the left.
  const int shift = before == nullptr ? 0 : kPaper;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" "
      "width=\"{0}\" height=\"{1}\">\n"
      "<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n",
      shift + kPaper + kLegend, kPaper);
  if (before != nullptr) {
    check_drawing(*before);
    out += fmt::format("<svg width=\"{0}\" height=\"{0}\">\n", kPaper);
    out += write_svg(*before) + "</svg>\n";
    out += fmt::format("<g transform=\"translate({} 0)\">\n", shift);
  }
  out += fmt::format("<svg width=\"{0}\" height=\"{0}\">\n", kPaper);
  out += write_svg(part_of(drawing, is_dashed, false));
  // Lengths of dashes are in the units of the drawing.
  const double dash = double{drawing.side} / 80;
  fmt::format_to(std::back_inserter(out),
                 "<g stroke-dasharray=\"{:.6g} {:.6g}\">\n", dash, dash / 2);
  out += write_svg(part_of(drawing, is_dashed, true));
  out += "</g>\n</svg>\n<g font-family=\"sans-serif\" font-size=\"13\">\n";
  append_rows(out, drawing, dashed.size());
  if (before != nullptr) out += "</g>\n";
  out += "</g>\n</svg>\n";
  return out;
}

}  // namespace limner
