#include "train/parallel/processes.h"

#include <torch/nn/module.h>
#include <torch/utils.h>
#include <torch/version.h>

#include <chrono>
#include <exception>
#include <string>

#include "train/parallel/environment.h"
#include "train/parallel/flat.h"
#include "util/error.h"

// libtorch says what it was built with; its headers need those of Gloo and
// NCCL, which come in packages of their own.
#if defined(USE_C10D_GLOO) && __has_include(<gloo/context.h>)
#define LIMNER_GLOO
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif
#if defined(LIMNER_GLOO) && defined(USE_C10D_NCCL) && __has_include(<nccl.h>)
#define LIMNER_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

namespace limner::train {
namespace {

// Buckets that gradients are copied into, in elements: large enough to use a
// network well, small beside the gradients themselves.
constexpr int64_t kBucket = int64_t{1} << 23;

// Runs body(), an operation that all processes share.
template <typename Body>
void together(const char* what, const Body& body) {
  try {
    body();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    const std::string text = error.what();
    fail("{}: another process is gone or out of step: {}", what,
         printable(text.substr(0, text.find('\n'))));
  }
}

}  // namespace

#ifdef LIMNER_GLOO

// What Gloo's and NCCL's groups have in common.
#if TORCH_VERSION_MAJOR >= 2
using Collectives = c10d::Backend;
#else
using Collectives = c10d::ProcessGroup;
#endif

// Calls operate(tensors), which changes them, with a tensor without gaps in
// place of `tensor`.
template <typename Operate>
void change(torch::Tensor& tensor, const Operate& operate) {
  const torch::NoGradGuard no_grad;
  torch::Tensor dense = tensor.contiguous();
  std::vector<torch::Tensor> tensors = {dense};
  operate(tensors);
  if (!dense.is_same(tensor)) tensor.copy_(dense);
}

struct Processes::Group {
  explicit Group(const Place& place)
      : store(open_store(place)), rank(place.rank), world(place.world) {
    const bool local =
        place.address == "127.0.0.1" || place.address == "localhost";
    auto options = c10d::ProcessGroupGloo::Options::create();
    const auto interface = process_environment()("GLOO_SOCKET_IFNAME");
    options->devices.push_back(
        interface ? c10d::ProcessGroupGloo::createDeviceForInterface(*interface)
        : local   ? c10d::ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
                  : c10d::ProcessGroupGloo::createDefaultDevice());
    gloo = c10::make_intrusive<c10d::ProcessGroupGloo>(
        c10::make_intrusive<c10d::PrefixStore>("gloo", store), rank, world,
        options);
  }

  static c10::intrusive_ptr<c10d::Store> open_store(const Place& place) {
    c10d::TCPStoreOptions options;
    options.port = static_cast<uint16_t>(place.port);
    options.isServer = place.rank == 0 && !place.hosted;
    options.numWorkers = place.world;
    options.timeout = std::chrono::minutes(5);
    options.waitWorkers = false;
    c10::intrusive_ptr<c10d::Store> store =
        c10::make_intrusive<c10d::TCPStore>(place.address, options);
    return c10::make_intrusive<c10d::PrefixStore>(place.prefix + "/limner",
                                                  store);
  }

  // The group for a tensor of this device.
  Collectives& on(const torch::Device& device) {
    if (device.is_cpu()) return *gloo;
#ifdef LIMNER_NCCL
    if (!nccl) {
      nccl = c10::make_intrusive<c10d::ProcessGroupNCCL>(
          c10::make_intrusive<c10d::PrefixStore>("nccl", store), rank, world);
    }
    return *nccl;
#else
    fail("several processes with {}: this build has no NCCL", device.str());
#endif
  }

  c10::intrusive_ptr<c10d::Store> store;
  int rank, world;
  c10::intrusive_ptr<c10d::ProcessGroupGloo> gloo;
#ifdef LIMNER_NCCL
  c10::intrusive_ptr<c10d::ProcessGroupNCCL> nccl;
#endif
};

void Processes::sum(torch::Tensor& tensor) {
  if (world_ == 1) return;
  together("sum over processes", [&] {
    Collectives& group = group_->on(tensor.device());
    change(tensor, [&](auto& tensors) { group.allreduce(tensors)->wait(); });
  });
}

void Processes::broadcast(torch::Tensor& tensor) {
  if (world_ == 1) return;
  together("broadcast", [&] {
    Collectives& group = group_->on(tensor.device());
    change(tensor, [&](auto& tensors) { group.broadcast(tensors)->wait(); });
  });
}

void Processes::barrier() {
  if (world_ == 1) return;
  together("barrier", [&] { group_->gloo->barrier()->wait(); });
}

#else  // without Gloo there is one process

struct Processes::Group {
  explicit Group(const Place& place) {
    fail(
        "{} processes were started, but this build is for one: install "
        "libgloo-dev and build again",
        place.world);
  }
};

void Processes::sum(torch::Tensor&) {}
void Processes::broadcast(torch::Tensor&) {}
void Processes::barrier() {}

#endif

Processes::Processes() = default;
Processes::~Processes() = default;

std::shared_ptr<Processes> Processes::alone() {
  return std::shared_ptr<Processes>(new Processes());
}

std::shared_ptr<Processes> Processes::from_environment() {
  const Place place = find_place(process_environment());
  std::shared_ptr<Processes> processes = alone();
  if (place.world == 1) return processes;
  try {
    processes->group_ = std::make_unique<Group>(place);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    const std::string text = error.what();
    fail("process {} of {} cannot meet the others at {} port {}: {}",
         place.rank, place.world, printable(place.address), place.port,
         printable(text.substr(0, text.find('\n'))));
  }
  processes->rank_ = place.rank;
  processes->world_ = place.world;
  processes->local_rank_ = place.local_rank;
  processes->barrier();
  return processes;
}

void Processes::average_gradients(
    const std::vector<torch::Tensor>& parameters) {
  if (world_ == 1) return;
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> grads;
  for (torch::Tensor parameter : parameters) {
    if (!parameter.requires_grad()) continue;
    if (!parameter.grad().defined()) {
      parameter.mutable_grad() = torch::zeros_like(parameter);
    }
    grads.push_back(parameter.grad());
  }
  if (torch::Tensor all = flat_view(grads); all.defined()) {
    sum(all);
    all.div_(world_);
    return;
  }
  for (size_t begin = 0; begin < grads.size();) {
    size_t end = begin;
    int64_t size = 0;
    std::vector<torch::Tensor> parts;
    while (end < grads.size() &&
           (size == 0 || (size + grads[end].numel() <= kBucket &&
                          grads[end].dtype() == grads[begin].dtype() &&
                          grads[end].device() == grads[begin].device()))) {
      size += grads[end].numel();
      parts.push_back(grads[end++].reshape({-1}));
    }
    torch::Tensor bucket = torch::cat(parts);
    sum(bucket);
    bucket.div_(world_);
    for (int64_t at = 0; begin < end; ++begin) {
      torch::Tensor& grad = grads[begin];
      grad.copy_(bucket.narrow(0, at, grad.numel()).view(grad.sizes()));
      at += grad.numel();
    }
  }
}

void Processes::broadcast_module(torch::nn::Module& module) {
  if (world_ == 1) return;
  for (torch::Tensor& tensor : module.parameters()) broadcast(tensor);
  for (torch::Tensor& tensor : module.buffers()) broadcast(tensor);
}

}  // namespace limner::train
