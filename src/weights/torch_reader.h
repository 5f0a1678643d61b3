// The two containers of torch.save, for torch_file.cc.
#pragma once

#include "util/files.h"
#include "weights/checkpoint.h"

namespace limner {

// True when `bytes` open with the magic number pickle of torch < 1.6.
bool looks_like_torch_legacy(Bytes bytes);

Checkpoint read_torch_zip(const MappedFile& file);
Checkpoint read_torch_legacy(const MappedFile& file);

}  // namespace limner
