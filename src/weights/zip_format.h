// Numbers of the zip format that its reader and its writer share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace limner {

// What the parts of an archive begin with.
inline constexpr uint32_t kLocalHeader = 0x04034b50;
inline constexpr uint32_t kDirectoryEntry = 0x02014b50;
inline constexpr uint32_t kEndRecord = 0x06054b50;

// Bytes before the name.
inline constexpr size_t kLocalHeaderSize = 30;

}  // namespace limner
