// Label images: one channel whose values are class ids.
#pragma once

#include <filesystem>
#include <string>

#include "image/image.h"

namespace limner {

// Throws Error unless `labels` has one channel and no value above max_label.
// The message starts with `name` and gives the first wrong value (in reading
// order) and its pixel x,y.
void check_labels(const Image& labels, int max_label, const std::string& name);

// Reads a label PNG [h,w,1] with read_indices() and checks it. Throws Error as
// both do.
Image read_labels(const std::filesystem::path& path, int max_label);

}  // namespace limner
