// Digital ink: https://www.w3.org/TR/InkML/
#include <algorithm>
#include <array>
#include <pugixml.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sketch/css.h"
#include "sketch/css_scan.h"
#include "sketch/drawing_limits.h"
#include "sketch/scenes.h"
#include "sketch/svg_file.h"
#include "sketch/svg_text.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr size_t kMaxChannels = 32;

// The element after `node` in the file, inside of `root`.
pugi::xml_node next_node(pugi::xml_node node, pugi::xml_node root) {
  if (node.first_child()) return node.first_child();
  while (node != root && !node.next_sibling()) node = node.parent();
  return node == root ? pugi::xml_node() : node.next_sibling();
}

bool is_named(pugi::xml_node node, std::string_view name) {
  return node.type() == pugi::node_element &&
         local_name_of(node.name()) == name;
}

// Which of a point's values are X and Y, of how many.
struct Channels {
  size_t x = 0;
  size_t y = 1;
};

Channels channels_of(pugi::xml_node format) {
  Channels channels;
  size_t count = 0;
  for (const pugi::xml_node channel : format.children()) {
    if (!is_named(channel, "channel")) continue;
    const std::string name = lower_case(channel.attribute("name").value());
    if (name == "x") channels.x = count;
    if (name == "y") channels.y = count;
    if (++count > kMaxChannels) fail("more than {} channels", kMaxChannels);
  }
  return channels;
}

// Values of one channel: as they are, or how they change.
class Channel {
 public:
  double next(char mark, double value) {
    if (mark != '\0') how_ = mark;
    if (how_ == '"') {
      step_ += value;
      value_ += step_;
    } else if (how_ == '\'') {
      step_ = value;
      value_ += value;
    } else {
      step_ = value - value_;
      value_ = value;
    }
    return value_;
  }
  double again() { return value_ += how_ == '!' ? 0 : step_; }

 private:
  char how_ = '!';
  double value_ = 0;
  double step_ = 0;
};

Polyline points_of(std::string_view text, const Channels& channels) {
  Polyline line;
  std::vector<Channel> state(kMaxChannels);
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    const std::string_view point = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    SvgScanner scan(point);
    std::array<double, 2> place = {0, 0};
    size_t found = 0;
    for (size_t c = 0; c < kMaxChannels && !scan.done(); ++c) {
      char mark = '\0';
      double value = 0;
      const char first = scan.peek();
      if (first == '*' || first == '?' || first == 'T' || first == 'F') {
        scan.skip();
        value = state[c].again();
      } else {
        if (first == '\'' || first == '"' || first == '!') {
          mark = first;
          scan.skip();
        }
        value = state[c].next(mark, scan.number());
      }
      if (c == channels.x || c == channels.y) ++found;
      if (c == channels.x) place[0] = value;
      if (c == channels.y) place[1] = value;
    }
    if (found < 2) continue;
    line.push_back(
        {static_cast<float>(place[0]), static_cast<float>(place[1])});
  }
  return line;
}

}  // namespace

std::string xml_root_name(std::string_view text) {
  for (size_t at = text.find('<'); at != text.npos; at = text.find('<', at)) {
    const std::string_view rest = text.substr(at);
    if (rest.substr(0, 4) == "<!--") {
      at = text.find("-->", at);
    } else if (rest.substr(0, 2) == "<?") {
      at = text.find("?>", at);
    } else if (rest.substr(0, 2) == "<!") {
      ++at;  // a DOCTYPE may have others inside of it
    } else {
      const size_t end = rest.find_first_of(" \t\r\n/>");
      return std::string(local_name_of(rest.substr(1, end - 1)));
    }
    if (at == text.npos) break;
  }
  return "";
}

Drawing read_inkml(std::string_view text) {
  const auto marks = std::count(text.begin(), text.end(), '<') +
                     std::count(text.begin(), text.end(), '=');
  if (marks > kMaxSvgMarks) {
    fail("{} elements and attributes, at most {} are accepted", marks,
         kMaxSvgMarks);
  }
  pugi::xml_document document;
  const pugi::xml_parse_result result =
      document.load_buffer(text.data(), text.size());
  if (!result) {
    fail("is no InkML that can be read: {}", result.description());
  }
  const pugi::xml_node root = document.document_element();
  Channels channels;
  Drawing drawing;
  int64_t points = 0;
  for (pugi::xml_node node = root; node; node = next_node(node, root)) {
    if (is_named(node, "traceFormat")) channels = channels_of(node);
    if (!is_named(node, "trace") ||
        std::string_view(node.attribute("type").value()) == "penUp") {
      continue;
    }
    Stroke stroke;
    stroke.points = points_of(node.child_value(), channels);
    points += static_cast<int64_t>(stroke.points.size());
    if (points > kMaxDrawingPoints) {
      fail_limit("more than {} points; simplify the drawing",
                 kMaxDrawingPoints);
    }
    if (!stroke.points.empty()) drawing.strokes.push_back(std::move(stroke));
  }
  if (drawing.strokes.empty()) fail("the ink has no traces");
  crop_to_strokes(drawing);
  check_drawing(drawing);
  return drawing;
}

}  // namespace limner
