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

// Whether `data` is a zip with a member of that name.
bool has_zip_member(Bytes data, const std::string& name);

// A member of a zip, stored or deflated; empty when `data` is no zip or has no
// member of that name. Throws Error, which speaks of it as `what`, when it is
// damaged or has more than `max` bytes.
std::vector<unsigned char> zip_member(Bytes data, const std::string& name,
                                      uint64_t max, const std::string& what);

// The merged picture of a Krita or OpenRaster file, which is a PNG; empty when
// `data` is no such file. Throws Error when it is damaged, or its picture has
// more than `max` bytes.
std::vector<unsigned char> merged_picture(Bytes data, uint64_t max);

}  // namespace limner
