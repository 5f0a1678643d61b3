#include "app/roofline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "app/machine_peak.h"
#include "app/times.h"
#include "nn/conv.h"
#include "nn/trace.h"

namespace limner::app {
namespace {

// A layer alone runs so often, and on while all its runs are shorter.
constexpr int kMinRuns = 5;
constexpr double kMinMilliseconds = 40;

constexpr const char* kTransposed = "transposed_conv";

bool is_transposed(const TracedCall& call) {
  return std::string(call.name) == kTransposed;
}

// The same layers of a face: a kind and, of convolutions, a shape.
struct Layers {
  TracedCall first;
  int calls = 0;  // in one face
  Times times;    // of all calls of a face
};

auto key_of(const TracedCall& call) {
  const ConvShape shape = call.shape.value_or(ConvShape{});
  return std::make_tuple(std::string(call.name), shape.in, shape.out,
                         shape.kernel, shape.stride, shape.pad, shape.height,
                         shape.width, shape.pad_rows);
}

using Groups = std::map<decltype(key_of(TracedCall{})), Layers>;

// Values of every size that products meet, none of them denormal.
std::vector<float> made_up_values(size_t count) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) {
    values[i] = std::sin(static_cast<float>(i % 10007));
  }
  return values;
}

template <typename Layer>
double time_alone(const Layer& layer, const ConvShape& shape) {
  Workspace workspace;
  const std::vector<float> planar =
      made_up_values(size_t{1} * shape.in * shape.height * shape.width);
  const FeatureMap x = from_planar(planar.data(), shape.in, shape.height,
                                   shape.width, workspace);
  layer.run(x, workspace);
  Times times;
  double all = 0;
  for (int i = 0; i < kMinRuns || all < kMinMilliseconds; ++i) {
    const double ms = timed([&] { layer.run(x, workspace); });
    times.add(ms);
    all += ms;
  }
  return times.median();
}

// The fastest algorithm for a convolution and its milliseconds.
std::pair<std::string, double> fastest(const TracedCall& call, bool fast) {
  const ConvShape& shape = *call.shape;
  const bool transposed = is_transposed(call);
  const std::vector<float> weights = made_up_values(
      size_t{1} * shape.out * shape.in * shape.kernel * shape.kernel);
  std::pair<std::string, double> best = {"",
                                         std::numeric_limits<double>::max()};
  const auto meet = [&](const char* algorithm, double ms) {
    if (ms < best.second) best = {algorithm, ms};
  };
  for (const ConvAlgorithm algorithm :
       transposed ? transposed_conv_algorithms() : conv_algorithms(shape)) {
    if (!fast && algorithm != ConvAlgorithm::kDirect) continue;
    if (transposed) {
      const TransposedConv layer(shape.in, shape.out, shape.height, shape.width,
                                 weights.data(), fast, algorithm);
      meet(layer.implementation(), time_alone(layer, shape));
    } else {
      ConvOptions options;
      options.algorithm = algorithm;
      const Conv layer(shape, weights.data(), nullptr, options);
      meet(layer.implementation(), time_alone(layer, shape));
    }
  }
  return best;
}

// Products of one call, counted as direct sums.
double products(const TracedCall& call) {
  const ConvShape& shape = *call.shape;
  const double places =
      is_transposed(call) ? double{1} * shape.height * shape.width
                          : double{1} * shape.out_height() * shape.out_width();
  return places * shape.in * shape.out * shape.kernel * shape.kernel;
}

// What is left of them by Winograd's algorithms, which make 4 x 4 outputs of a
// 3 x 3 convolution by 36 products of 144, and of one with stride 2 or its
// transpose by 81.
double share_of_products(const ConvShape& shape, bool fast) {
  if (!fast || shape.kernel != 3) return 1.0;
  return (shape.stride == 2 ? 81.0 : 36.0) / 144.0;
}

// The milliseconds that one call takes at least: its products at the
// processor's peak, or its weights (in 16 bits at least) and maps once through
// memory.
double least_milliseconds(const TracedCall& call, bool fast,
                          const MachinePeak& peak) {
  const ConvShape& shape = *call.shape;
  const double in_places = double{1} * shape.height * shape.width;
  const double out_places =
      is_transposed(call) ? 4 * in_places
                          : double{1} * shape.out_height() * shape.out_width();
  const double weights =
      double{1} * shape.in * shape.out * shape.kernel * shape.kernel;
  const double values = shape.in * in_places + shape.out * out_places;
  const double bytes = sizeof(int16_t) * weights + sizeof(float) * values;
  const double computing = products(call) * share_of_products(shape, fast);
  return 1000 * std::max(computing / peak.multiply_adds, bytes / peak.bytes);
}

}  // namespace

nlohmann::json roofline(const std::function<void()>& face, int64_t repeat,
                        bool fast) {
  Groups groups;
  Times faces;
  face();
  for (int64_t i = 0; i < repeat; ++i) {
    const Trace trace;
    faces.add(timed(face));
    std::map<Groups::key_type, double> sums;
    for (const TracedCall& call : trace.calls()) {
      const auto key = key_of(call);
      Layers& layers = groups[key];
      if (i == 0) {
        if (layers.calls == 0) layers.first = call;
        ++layers.calls;
      }
      sums[key] += call.milliseconds;
    }
    for (const auto& [key, ms] : sums) groups[key].times.add(ms);
  }

  const MachinePeak peak = measure_peak();
  nlohmann::json layers = nlohmann::json::array();
  nlohmann::json passes = nlohmann::json::array();
  double convolutions_ms = 0, passes_ms = 0, bound_ms = 0, least_ms = 0;
  for (const auto& [key, group] : groups) {
    const double ms = group.times.median();
    if (!group.first.shape) {
      passes_ms += ms;
      passes.push_back(
          {{"name", group.first.name}, {"calls", group.calls}, {"ms", ms}});
      continue;
    }
    const auto [algorithm, alone_ms] = fastest(group.first, fast);
    const double best_ms = alone_ms * group.calls;
    convolutions_ms += ms;
    bound_ms += best_ms;
    const double least =
        least_milliseconds(group.first, fast, peak) * group.calls;
    least_ms += least;
    const ConvShape& shape = *group.first.shape;
    layers.push_back({{"name", group.first.name},
                      {"in", shape.in},
                      {"out", shape.out},
                      {"kernel", shape.kernel},
                      {"stride", shape.stride},
                      {"height", shape.height},
                      {"width", shape.width},
                      {"calls", group.calls},
                      {"gflop", 2e-9 * products(group.first) * group.calls},
                      {"algorithm", group.first.algorithm},
                      {"ms", ms},
                      {"best_ms", best_ms},
                      {"least_ms", least},
                      {"best_algorithm", algorithm}});
  }
  const double face_ms = faces.median();
  return {{"layers", layers},
          {"passes", passes},
          {"face_ms", face_ms},
          {"convolutions_ms", convolutions_ms},
          {"passes_ms", passes_ms},
          {"rest_ms", face_ms - convolutions_ms - passes_ms},
          {"bound_ms", bound_ms},
          {"ratio", face_ms / bound_ms},
          {"least_ms", least_ms},
          {"multiply_adds_per_second", peak.multiply_adds},
          {"bytes_per_second", peak.bytes}};
}

std::string roofline_text(const nlohmann::json& report) {
  const auto sorted = [&](const char* key, const auto& size) {
    std::vector<nlohmann::json> rows = report[key];
    std::sort(rows.begin(), rows.end(),
              [&](const nlohmann::json& a, const nlohmann::json& b) {
                return size(a) > size(b);
              });
    return rows;
  };
  const auto number = [](const nlohmann::json& row, const char* key) {
    return row[key].get<double>();
  };
  const auto lost = [&](const nlohmann::json& row) {
    return number(row, "ms") - number(row, "best_ms");
  };
  std::string out = fmt::format(
      "{:<34}{:>6}{:>9}{:>9}{:>9}{:>9}  {} (alone, if another)\n",
      "convolutions", "calls", "ms", "alone", "least", "lost", "algorithm");
  for (const nlohmann::json& row : sorted("layers", lost)) {
    const auto text = [&](const char* key) {
      return row[key].get<std::string>();
    };
    const int kernel = row["kernel"].get<int>();
    std::string algorithm = text("algorithm");
    if (text("best_algorithm") != algorithm) {
      algorithm += fmt::format(" ({})", text("best_algorithm"));
    }
    out += fmt::format(
        "{:<34}{:>6}{:>9.2f}{:>9.2f}{:>9.2f}{:>9.2f}  {}\n",
        fmt::format("{}x{} {}{} {}->{} at {}x{}", kernel, kernel,
                    text("name") == kTransposed ? "up" : "stride ",
                    text("name") == kTransposed
                        ? ""
                        : std::to_string(row["stride"].get<int>()),
                    row["in"].get<int>(), row["out"].get<int>(),
                    row["height"].get<int>(), row["width"].get<int>()),
        row["calls"].get<int>(), number(row, "ms"), number(row, "best_ms"),
        number(row, "least_ms"), lost(row), algorithm);
  }
  out += fmt::format("{:<34}{:>6}{:>9}\n", "between them", "calls", "ms");
  for (const nlohmann::json& row :
       sorted("passes",
              [&](const nlohmann::json& a) { return number(a, "ms"); })) {
    out += fmt::format("{:<34}{:>6}{:>9.2f}\n", row["name"].get<std::string>(),
                       row["calls"].get<int>(), number(row, "ms"));
  }
  out += fmt::format(
      "a face {:.1f} ms: convolutions {:.1f}, between them {:.1f}, the rest "
      "{:.1f}\nconvolutions alone, each by its fastest algorithm (the bound): "
      "{:.1f} ms; the face takes {:.2f} times that\nthe least for them, with "
      "{:.0f} billion multiply-adds and {:.1f} GB from memory a second: {:.1f} "
      "ms; alone they take {:.2f} times that\n",
      number(report, "face_ms"), number(report, "convolutions_ms"),
      number(report, "passes_ms"), number(report, "rest_ms"),
      number(report, "bound_ms"), number(report, "ratio"),
      number(report, "multiply_adds_per_second") / 1e9,
      number(report, "bytes_per_second") / 1e9, number(report, "least_ms"),
      number(report, "bound_ms") / number(report, "least_ms"));
  return out;
}

}  // namespace limner::app
