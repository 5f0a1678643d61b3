#include "model/read_layout.h"

#include <fmt/format.h>

#include <cstdlib>
#include <numeric>

#include "model/looks.h"
#include "util/error.h"

namespace limner {
namespace {

constexpr long long kMaxUnits = 1000;
constexpr size_t kMaxResolutions = 10;

std::string unit_weight(const std::string& prefix, int unit,
                        const char* layer) {
  return fmt::format("{}body.{}.res_layer.{}.weight", prefix, unit, layer);
}

// The number of units under `prefix`, counted by the names.
int count_units(const TensorMap& tensors, const std::string& prefix) {
  const std::string body = prefix + "body.";
  int units = 0;
  for (auto it = tensors.tensors.lower_bound(body);
       it != tensors.tensors.end() &&
       it->first.compare(0, body.size(), body) == 0;
       ++it) {
    const long long unit =
        std::strtoll(it->first.c_str() + body.size(), nullptr, 10);
    units = std::max(units, static_cast<int>(std::min(unit, kMaxUnits)) + 1);
  }
  return units;
}

// Convolutions in the head of `style`.
int head_convs(const TensorMap& tensors, const std::string& prefix, int style) {
  const std::string head = fmt::format("{}styles.{}.convs.", prefix, style);
  int count = 0;
  while (tensors.has(fmt::format("{}{}.weight", head, 2 * count))) ++count;
  if (count == 0) {
    fail("{}: weight '{}0.weight' is missing", tensors.source, head);
  }
  return count;
}

int read_side(const TensorMap& tensors, const std::string& prefix, int style) {
  const int count = head_convs(tensors, prefix, style);
  const int halvings = count - head_level(style);  // of c3 to one pixel
  if (halvings < 1 || halvings > 6) {
    fail("{}: {}styles.{} has {} convolutions, which fits no map of an encoder",
         tensors.source, prefix, style, count);
  }
  return 16 << halvings;
}

}  // namespace

BodyConfig read_body_config(const TensorMap& tensors,
                            const std::string& prefix) {
  const int units = count_units(tensors, prefix);
  std::vector<int> runs;  // units of one width after another
  int64_t width = 0;
  for (int unit = 0; unit < units; ++unit) {
    const Shape shape =
        tensors.at(unit_weight(prefix, unit, "1"), {-1, -1, 3, 3}).shape;
    if (runs.empty() || shape[0] != width) runs.push_back(0);
    width = shape[0];
    ++runs.back();
  }
  BodyConfig config;
  if (runs.size() == config.units.size()) {
    std::copy(runs.begin(), runs.end(), config.units.begin());
  } else if (units == 0 || units != std::accumulate(config.units.begin(),
                                                    config.units.end(), 0)) {
    fail("{}: the {} units of '{}body' change their width {} times, expected 3",
         tensors.source, units, prefix,
         runs.empty() ? 0 : static_cast<int>(runs.size()) - 1);
  }
  int unit = 0;
  for (size_t group = 0; group < config.widths.size(); ++group) {
    config.widths[group] = static_cast<int>(
        tensors.at(unit_weight(prefix, unit, "1"), {-1, -1, 3, 3}).shape[0]);
    unit += config.units[group];
  }
  const int deepest = config.widths[3];
  const std::string squeeze = unit_weight(prefix, unit - 1, "5.fc1");
  const int64_t squeezed = tensors.at(squeeze, {-1, deepest, 1, 1}).shape[0];
  if (squeezed < 1 || squeezed > deepest) {
    fail("{}: '{}' makes {} of {} channels", tensors.source, squeeze, squeezed,
         deepest);
  }
  config.reduction = deepest / static_cast<int>(squeezed);
  return config;
}

EncoderConfig read_encoder_config(const TensorMap& tensors,
                                  const std::string& prefix, int first,
                                  int last) {
  EncoderConfig config;
  config.body = read_body_config(tensors, prefix);
  config.inputs = static_cast<int>(
      tensors.at(prefix + "input_layer.0.weight", {-1, -1, 3, 3}).shape[1]);
  config.side = read_side(tensors, prefix, first);
  config.first = first;
  config.last = last;
  return config;
}

GeneratorConfig read_generator_config(const TensorMap& tensors,
                                      const std::string& prefix) {
  GeneratorConfig config;
  const auto outputs = [&](const std::string& conv) {
    return static_cast<int>(
        tensors.at(prefix + conv + ".conv.weight", {1, -1, -1, 3, 3}).shape[1]);
  };
  config.channels = {outputs("conv1")};
  for (int i = 0;; i += 2) {
    const std::string conv = fmt::format("convs.{}", i);
    if (!tensors.has(prefix + conv + ".conv.weight")) break;
    if (config.channels.size() == kMaxResolutions) {
      fail("{}: more than {} resolutions in the decoder (2048 px)",
           tensors.source, kMaxResolutions);
    }
    config.channels.push_back(outputs(conv));
  }
  const Shape modulation =
      tensors.at(prefix + "conv1.conv.modulation.weight", {-1, -1}).shape;
  config.style_width = static_cast<int>(modulation[1]);
  config.mapping_layers = 0;
  while (tensors.has(
      fmt::format("{}style.{}.weight", prefix, config.mapping_layers + 1))) {
    ++config.mapping_layers;
  }
  return config;
}

int read_look_components(const TensorMap& tensors, int rows, int width) {
  if (!tensors.has(kLooksMean) && !tensors.has(kLooksComponents)) return 0;
  tensors.at(kLooksMean, {rows, width});
  const int64_t count =
      tensors.at(kLooksComponents, {-1, rows, width}).shape[0];
  if (count < 1 || count > kMaxLookComponents) {
    fail("{}: '{}' holds {} components, expected 1 to {}", tensors.source,
         kLooksComponents, count, kMaxLookComponents);
  }
  return static_cast<int>(count);
}

}  // namespace limner
