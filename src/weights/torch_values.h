// From the values of a torch.save pickle to named tensors and plain values.
#pragma once

#include <functional>

#include "weights/checkpoint.h"
#include "weights/pickle.h"
#include "weights/storage.h"

namespace limner {

// The bytes of a whole storage (all of its values, not a view's).
using FindStorage = std::function<Blob(const pickle::Value& storage)>;

// Bytes that a storage's pickle entry claims it has in all. Throws Error when
// that is more than a file can hold.
uint64_t storage_bytes(const pickle::Arena& arena,
                       const pickle::Value& storage);

// Flattens `root` into dotted names (containers that hold nothing but tensors
// leave no trace in the values; tensors in lists leave a null). Numbers that
// JSON lacks: integers over 64 bits become decimal strings, infinities and
// NaN stay doubles (which dump() shows as null). Throws Error when a value
// contains itself, two tensors get one name, a tensor does not fit its
// storage, or all tensors claim far more values than `file_bytes`, the file's
// size, can mean.
Checkpoint flatten(const pickle::Arena& arena, pickle::Value* root,
                   const FindStorage& find_storage, uint64_t file_bytes);

}  // namespace limner
