#include "sketch/labels.h"

#include <algorithm>

#include "image/codec.h"
#include "util/error.h"

namespace limner {

void check_labels(const Image& labels, int max_label, const std::string& name) {
  if (labels.channels != 1) {
    fail("{}: a label image needs one channel, got {}", printable(name),
         labels.channels);
  }
  const auto begin = labels.pixels.begin();
  const auto wrong =
      std::find_if(begin, labels.pixels.end(),
                   [max_label](uint8_t value) { return value > max_label; });
  if (wrong == labels.pixels.end()) return;
  const auto at = wrong - begin;
  fail("{}: label {} at pixel {},{}; labels are 0 to {}", printable(name),
       *wrong, at % labels.width, at / labels.width, max_label);
}

Image read_labels(const std::filesystem::path& path, int max_label) {
  Image labels = read_indices(path);
  check_labels(labels, max_label, path.string());
  return labels;
}

}  // namespace limner
