// Memory for tensors that is kept from step to step.
#pragma once

#include <c10/core/Allocator.h>

#include <cstddef>
#include <memory>

namespace limner::train {

// An allocator of CPU memory that keeps what is given back and hands it out
// again. A training step asks for the same large pieces as the one before, and
// the C library searches long for them, or returns them to the kernel and gets
// them anew, page by page. Large pieces lie on huge pages. Thread-safe.
//
// What is kept is bounded: together with what is in use it is at most half more
// than what was ever in use at once.
class KeptMemory : public c10::Allocator {
 public:
  KeptMemory();
  ~KeptMemory() override;

  // Throws std::bad_alloc.
  c10::DataPtr allocate(size_t bytes) const override;
  c10::DeleterFnPtr raw_deleter() const override;

  size_t bytes_in_use() const;
  size_t bytes_kept() const;  // free, for the next one who asks

 private:
  struct Pieces;
  static void give_back(void* piece);
  std::shared_ptr<Pieces> pieces_;
};

// Makes one of these the allocator of all tensors on the CPU from now on, for
// the rest of the program.
void keep_tensor_memory();

}  // namespace limner::train
