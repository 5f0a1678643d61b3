// Compares two pictures or two latents, for the command-line tests: prints
// one JSON object.
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "image/codec.h"
#include "pipeline/codes.h"
#include "util/error.h"

namespace limner {
namespace {

void compare_pictures(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height) {
    fmt::print("{{\"same_size\": false}}\n");
    return;
  }
  int largest = 0;
  size_t near = 0;
  for (size_t i = 0; i < a.pixels.size(); ++i) {
    const int difference = std::abs(a.pixels[i] - b.pixels[i]);
    largest = std::max(largest, difference);
    near += difference <= 1 ? 1 : 0;
  }
  fmt::print(
      "{{\"same_size\": true, \"width\": {}, \"height\": {}, \"largest\": {}, "
      "\"within_1\": {}}}\n",
      a.width, a.height, largest,
      static_cast<double>(near) / static_cast<double>(a.pixels.size()));
}

void compare_latents(const CodeTable& a, const CodeTable& b) {
  if (a.rows != b.rows || a.width != b.width) {
    fmt::print("{{\"same_size\": false}}\n");
    return;
  }
  double difference = 0.0;
  double norm = 0.0;
  for (size_t i = 0; i < a.values.size(); ++i) {
    difference += std::pow(double{a.values[i]} - double{b.values[i]}, 2);
    norm += std::pow(double{b.values[i]}, 2);
  }
  fmt::print(
      "{{\"same_size\": true, \"rows\": {}, \"width\": {}, "
      "\"relative_error\": {}}}\n",
      a.rows, a.width, std::sqrt(difference / norm));
}

}  // namespace
}  // namespace limner

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: limner_compare A B\n");
    return 2;
  }
  try {
    const std::filesystem::path a = argv[1];
    const std::filesystem::path b = argv[2];
    if (a.extension() == ".pt" || a.extension() == ".safetensors") {
      limner::compare_latents(limner::read_latent(a).styles,
                              limner::read_latent(b).styles);
    } else {
      limner::compare_pictures(limner::read_rgb(a), limner::read_rgb(b));
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
