#include "sketch/svg_lines.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <utility>

#include "image/codec.h"
#include "sketch/binarize.h"
#include "sketch/drawing_limits.h"
#include "sketch/fill.h"
#include "sketch/svg_join.h"
#include "sketch/svg_text.h"
#include "sketch/trace.h"
#include "util/error.h"

namespace limner {
namespace {

// Pixels along the picture's side that areas are painted in.
constexpr int kPaintedSide = 1024;
constexpr int kPaintedSamples = 4;
// Pixels painted and edges met, of all areas together.
constexpr int64_t kMaxPainted = 1'000'000'000;

// A pen's line is at least so many times as long as it is wide, and not wider
// than so much of the side. An outline that has a stroke as well, or says of
// neither, is one only when it is clearly so.
struct Thinness {
  double length;
  double width;
};
constexpr Thinness kFillAlone = {2.5, 1 / 24.0};
constexpr Thinness kStrokedToo = {8, 1 / 45.0};
// Of all that is drawn beside lines.
constexpr double kMinShare = 0.1;

double length_of_stroke(const Stroke& stroke) {
  return length_of(stroke.points);
}

bool has_stroke(const SvgArea& area) {
  return area.last_stroke > area.first_stroke;
}

bool is_thin(const SvgArea& area, double side) {
  const Thinness& max = has_stroke(area) ? kStrokedToo : kFillAlone;
  // An open line with a stroke is a line.
  if (has_stroke(area) &&
      !std::all_of(area.outlines.begin(), area.outlines.end(), is_closed)) {
    return false;
  }
  const AreaSize size = size_of_area(area.outlines);
  if (size.area <= 0) return false;
  const double width = 2 * size.area / size.length;
  return width < max.width * side && size.length / 2 > max.length * width;
}

class Painter {
 public:
  explicit Painter(double side)
      : grid_{kPaintedSide, kPaintedSide, 0, 0, kPaintedSide / side},
        light_(size_t{kPaintedSide} * kPaintedSide, 255.0F) {}

  void fill(const SvgArea& area, float light) {
    const auto alpha = static_cast<float>(area.alpha);
    cover_.resize(light_.size());
    int top = kPaintedSide, bottom = -1;
    size_t left = kPaintedSide, right = 0;
    work_ += fill_area(area.outlines, area.even_odd, grid_, kPaintedSamples,
                       [&](int y, double from, double to) {
                         top = std::min(top, y);
                         bottom = std::max(bottom, y);
                         auto x = static_cast<size_t>(from);
                         left = std::min(left, x);
                         for (; static_cast<double>(x) < to; ++x) {
                           const auto pixel = static_cast<double>(x);
                           cover_[static_cast<size_t>(y) * kPaintedSide + x] +=
                               static_cast<float>(std::min(to, pixel + 1) -
                                                  std::max(from, pixel)) /
                               kPaintedSamples;
                         }
                         right = std::max(right, x);
                       });
    for (int y = top; y <= bottom; ++y) {
      for (size_t x = left; x < right; ++x) {
        const size_t i = static_cast<size_t>(y) * kPaintedSide + x;
        const float share = alpha * std::min(cover_[i], 1.0F);
        light_[i] += share * (light - light_[i]);
        cover_[i] = 0;
      }
      work_ += static_cast<int64_t>(right - left);
    }
    if (work_ > kMaxPainted) {
      fail_limit("more filled areas than can be traced; draw lines");
    }
  }

  Image picture() const {
    Image gray(kPaintedSide, kPaintedSide, 1);
    std::transform(
        light_.begin(), light_.end(), gray.pixels.begin(), [](float v) {
          return static_cast<uint8_t>(std::lround(std::clamp(v, 0.0F, 255.0F)));
        });
    return gray;
  }

 private:
  Grid grid_;
  std::vector<float> light_;
  std::vector<float> cover_;  // of the area being painted, 0 elsewhere
  int64_t work_ = 0;
};

// Lines through the middle of an area alone, so that it stays apart from those
// that it crosses. Beyond the page is nothing.
void append_centre_lines(const SvgArea& area, double side, Drawing& drawing) {
  double left = kPaintedSide, top = kPaintedSide, right = 0, bottom = 0;
  const double scale = kPaintedSide / side;
  for (const Polyline& line : area.outlines) {
    for (const Point& p : line) {
      left = std::min(left, p.x * scale);
      right = std::max(right, p.x * scale);
      top = std::min(top, p.y * scale);
      bottom = std::max(bottom, p.y * scale);
    }
  }
  constexpr int kMargin = 2;
  const auto edge = [](double v) {
    return static_cast<int>(std::clamp(v, 0.0, double{kPaintedSide}));
  };
  const int x = edge(left) - kMargin, y = edge(top) - kMargin;
  Image ink(edge(right) + 1 + kMargin - x, edge(bottom) + 1 + kMargin - y, 1);
  std::vector<float> cover(ink.pixels.size());
  const Grid grid = {ink.width, ink.height, x / scale, y / scale, scale};
  fill_area(area.outlines, area.even_odd, grid, kPaintedSamples,
            [&](int row, double from, double to) {
              for (auto i = static_cast<size_t>(from);
                   static_cast<double>(i) < to; ++i) {
                const auto pixel = static_cast<double>(i);
                cover[static_cast<size_t>(row) * ink.width + i] +=
                    static_cast<float>(std::min(to, pixel + 1) -
                                       std::max(from, pixel)) /
                    kPaintedSamples;
              }
            });
  // Less than half, so that lines of a pixel hang together.
  constexpr float kInk = 0.35F;
  std::transform(cover.begin(), cover.end(), ink.pixels.begin(),
                 [](float v) { return v >= kInk ? 1 : 0; });
  if (std::count(ink.pixels.begin(), ink.pixels.end(), 1) == 0) return;
  TraceOptions options;
  options.speck = 0;
  for (Polyline& line :
       centre_lines(ink, width_of(ink), kPaintedSide / 512.0, options)) {
    Stroke stroke;
    for (const Point& p : line) {
      stroke.points.push_back({static_cast<float>((p.x + x) / scale),
                               static_cast<float>((p.y + y) / scale)});
    }
    drawing.strokes.push_back(std::move(stroke));
  }
}

float light_of(const SvgArea& area) {
  const auto& c = area.colour;
  return 0.299F * c[0] + 0.587F * c[1] + 0.114F * c[2];
}

// Strokes of a picture of `side` pixels, moved by `map` from its pixels.
void append_traced(const Image& picture, const Affine& map,
                   const std::string& name, Drawing& drawing) {
  TraceOptions options;
  options.name = name;
  for (Stroke& stroke : trace_picture(picture, options).strokes) {
    for (Point& p : stroke.points) {
      const Vec to = map({p.x, p.y});
      p = {static_cast<float>(to.x), static_cast<float>(to.y)};
    }
    drawing.strokes.push_back(std::move(stroke));
  }
}

// Erasers, lights and paper, not ink.
bool is_light(const SvgArea& area) {
  constexpr double kLight = 200;
  return light_of(area) * area.alpha + 255 * (1 - area.alpha) > kLight;
}

class LinesOfSvg {
 public:
  LinesOfSvg(SvgContent content, const std::string& name)
      : content_(std::move(content)), name_(name) {
    out_.notes = std::move(content_.notes);
    out_.drawing = std::move(content_.drawing);
  }

  SvgLines run() {
    const bool lines = has_lines();
    if (lines) {
      take_pens();
    } else if (!content_.areas.empty() && !is_paper_of_picture()) {
      trace_areas();
    } else {
      trace_pictures();
    }
    check_drawing(out_.drawing);
    return std::move(out_);
  }

 private:
  // Whether there is a stroke that is not the outline of a thin area.
  bool has_lines() const { return !out_.drawing.strokes.empty(); }

  // Whether the areas are but what a picture lies on.
  bool is_paper_of_picture() const {
    return !content_.pictures.empty() &&
           std::all_of(content_.areas.begin(), content_.areas.end(),
                       [](const SvgArea& area) { return is_light(area); });
  }

  void take_pens() {
    const double side = out_.drawing.side;
    std::vector<Stroke>& strokes = out_.drawing.strokes;
    std::vector<const SvgArea*> pens;
    std::vector<bool> replaced(strokes.size());
    double pen_length = 0;
    for (const SvgArea& area : content_.areas) {
      const bool labelled =
          std::any_of(strokes.begin() + static_cast<int64_t>(area.first_stroke),
                      strokes.begin() + static_cast<int64_t>(area.last_stroke),
                      [](const Stroke& s) { return s.label != 0; });
      if (labelled || is_light(area) || !is_thin(area, side)) continue;
      pens.push_back(&area);
      pen_length += size_of_area(area.outlines).length / 2;
      std::fill(replaced.begin() + static_cast<int64_t>(area.first_stroke),
                replaced.begin() + static_cast<int64_t>(area.last_stroke),
                true);
    }
    double line_length = 0;
    for (size_t i = 0; i < strokes.size(); ++i) {
      if (!replaced[i]) line_length += length_of_stroke(strokes[i]);
    }
    if (pens.empty() || pen_length < kMinShare * (pen_length + line_length)) {
      return join();
    }
    Drawing traced;
    for (const SvgArea* pen : pens) append_centre_lines(*pen, side, traced);
    std::vector<Stroke> kept;
    std::vector<SvgOrigin> origins;
    for (size_t i = 0; i < strokes.size(); ++i) {
      if (replaced[i]) continue;
      kept.push_back(std::move(strokes[i]));
      origins.push_back(content_.origins[i]);
    }
    strokes = std::move(kept);
    content_.origins = std::move(origins);
    join();
    std::move(traced.strokes.begin(), traced.strokes.end(),
              std::back_inserter(strokes));
    out_.traced = true;
    out_.notes.push_back(fmt::format(
        "{} filled outlines of a pen became lines through their middles",
        pens.size()));
  }

  void join() {
    const JoinCounts counts = join_pieces(out_.drawing, content_.origins);
    if (counts.joined > 0) {
      out_.notes.push_back(fmt::format(
          "{} pieces that meet became part of longer lines", counts.joined));
    }
    if (counts.doubles > 0) {
      out_.notes.push_back(fmt::format(
          "{} lines that are there twice are left out", counts.doubles));
    }
  }

  Affine from_painted() const {
    const double scale = out_.drawing.side / double{kPaintedSide};
    return {scale, 0, 0, scale, 0, 0};
  }

  // Whether all ink is lines of pens, on paper that lies beneath.
  bool are_pens() const {
    bool ink = false;
    for (const SvgArea& area : content_.areas) {
      if (is_light(area)) {
        if (ink) return false;
      } else if (is_thin(area, out_.drawing.side)) {
        ink = true;
      } else {
        return false;
      }
    }
    return ink;
  }

  void trace_areas() {
    if (are_pens()) {
      for (const SvgArea& area : content_.areas) {
        if (is_light(area)) continue;
        append_centre_lines(area, out_.drawing.side, out_.drawing);
      }
      if (!out_.drawing.strokes.empty()) return say_traced();
    }
    Painter painter(out_.drawing.side);
    for (const SvgArea& area : content_.areas) {
      painter.fill(area, light_of(area));
    }
    append_traced(painter.picture(), from_painted(), name_, out_.drawing);
    say_traced();
  }

  void say_traced() {
    out_.traced = true;
    out_.notes.push_back(
        "it has filled areas alone; lines were traced through their middles");
  }

  void trace_pictures() {
    bool outside = false;
    std::string problem;
    for (const SvgPicture& picture : content_.pictures) {
      if (picture.data.empty()) {
        outside = true;
        problem = fmt::format(
            "it holds no lines, only the name of a picture in another file, "
            "which is not opened: {}",
            picture.href);
        continue;
      }
      try {
        trace(picture);
      } catch (const Error& error) {
        problem = error.what();
      }
    }
    if (out_.traced) {
      out_.notes.push_back("the picture inside was traced");
      return grow_side();
    }
    if (problem.empty()) return;
    if (outside) fail("{}", problem);
    fail("the picture inside: {}", problem);
  }

  void trace(const SvgPicture& picture) {
    const Image rgb = decode_rgb(picture.data, "the picture inside " + name_,
                                 Ground::kContrast);
    const double width = picture.width > 0 ? picture.width : rgb.width;
    const double height = picture.height > 0 ? picture.height : rgb.height;
    const Affine map =
        picture.map * svg_view({0, 0, static_cast<double>(rgb.width),
                                static_cast<double>(rgb.height)},
                               width, height, picture.preserve);
    append_traced(rgb, map, "the picture inside " + name_, out_.drawing);
    out_.traced = true;
  }

  // Where the file does not say how large it is.
  void grow_side() {
    float max = 0;
    for (const Stroke& stroke : out_.drawing.strokes) {
      for (const Point& p : stroke.points) max = std::max({max, p.x, p.y});
    }
    if (max > 2 * out_.drawing.side) out_.drawing.side = max;
  }

  SvgContent content_;
  const std::string& name_;
  SvgLines out_;
};

}  // namespace

SvgLines svg_lines(SvgContent content, const std::string& name) {
  return LinesOfSvg(std::move(content), name).run();
}

}  // namespace limner
