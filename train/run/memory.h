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

  // Throw std::bad_alloc. One of them is what libtorch calls: it was const up
  // to 2.2, and copy_data() came with the other.
  virtual c10::DataPtr allocate(size_t bytes) const;
  virtual c10::DataPtr allocate(size_t bytes);
  virtual void copy_data(void* to, const void* from, size_t bytes) const;
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
