// Files that are no PNG, JPEG or WebP.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "util/span.h"

namespace limner {

// What a file is, by its first bytes, and the way out, fit for the end of a
// message: "is a TIFF picture; save it as PNG". Empty for one that is not
// known.
std::string describe_file(Bytes data);

// The merged picture of a Krita or OpenRaster file, which is a PNG; empty when
// `data` is no such file. Throws Error when it is damaged, or its picture has
// more than `most` bytes.
std::vector<unsigned char> merged_picture(Bytes data, uint64_t most);

}  // namespace limner
