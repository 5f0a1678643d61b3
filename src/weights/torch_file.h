// PyTorch's torch.save files, read without running anything they contain, and
// a writer for single tensors that torch.load reads.
#pragma once

#include <filesystem>

#include "util/files.h"
#include "weights/checkpoint.h"

namespace limner {

// Reads a zip (torch >= 1.6) or legacy torch.save file. A dict at the top
// flattens into dotted names; a single tensor gets the name "".
Checkpoint read_torch(const MappedFile& file);

// Writes one float32 tensor in the zip format, atomically.
void write_torch_tensor(const std::filesystem::path& path,
                        const Tensor& tensor);

}  // namespace limner
