// Data-parallel training: each process computes the gradients of its share of
// a batch, and all take the same step with their mean.
#pragma once

#include <torch/types.h>

#include <memory>
#include <vector>

namespace torch::nn {
class Module;
}

namespace limner::train {

// This process among those of a run. All processes must make the same calls
// in the same order; calls throw Error when another process is gone. Not
// thread-safe.
class Processes {
 public:
  static std::shared_ptr<Processes> alone();

  // From the variables of torchrun (RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR,
  // MASTER_PORT), srun (SLURM_*) or mpirun (OMPI_*, PMI_*); alone when none
  // are set. Waits for all processes. CPU tensors go over Gloo, those of a GPU
  // over NCCL where libtorch has it. Throws Error naming what is missing.
  static std::shared_ptr<Processes> from_environment();

  ~Processes();

  int rank() const { return rank_; }  // 0 .. world() - 1
  int world() const { return world_; }
  int local_rank() const { return local_rank_; }  // on this machine
  bool main() const { return rank_ == 0; }

  // In place: the sum over all processes; rank 0's values. The tensor must be
  // of the same type and shape everywhere.
  void sum(torch::Tensor& tensor);
  void broadcast(torch::Tensor& tensor);
  void barrier();

  // Gradients become their mean over all processes. One sum when they lie in
  // one buffer (as a limner optimiser's do), otherwise copied into few. A
  // parameter without a gradient counts as zero where others may have one.
  void average_gradients(const std::vector<torch::Tensor>& parameters);

  // Parameters and buffers become those of rank 0.
  void broadcast_module(torch::nn::Module& module);

 private:
  struct Group;

  Processes();

  int rank_ = 0, world_ = 1, local_rank_ = 0;
  std::unique_ptr<Group> group_;  // null when alone
};

}  // namespace limner::train
