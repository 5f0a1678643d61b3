#include "train/optim/state.h"

#include <torch/nn/module.h>
#include <torch/utils.h>

#include <array>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "train/modules/each_tensor.h"
#include "util/error.h"
#include "util/sha256.h"
#include "weights/safetensors.h"

namespace limner::train {
namespace {

constexpr const char* kKind = "limner training state";
constexpr const char* kVersion = "1";

// What is kept.
constexpr std::array<std::pair<torch::ScalarType, DType>, 3> kTypes = {{
    {torch::kFloat32, DType::kF32},
    {torch::kFloat64, DType::kF64},
    {torch::kInt64, DType::kI64},
}};

DType type_of(const torch::Tensor& tensor, const std::string& name) {
  for (const auto& [type, kept] : kTypes) {
    if (tensor.scalar_type() == type) return kept;
  }
  fail("'{}' cannot be kept in a training state: its type is {}", name,
       torch::toString(tensor.scalar_type()));
}

torch::ScalarType type_of(const Tensor& tensor, const std::string& what) {
  for (const auto& [type, kept] : kTypes) {
    if (tensor.type == kept) return type;
  }
  fail("{}: unexpected type {}", what, name_of(tensor.type));
}

Tensor viewed(const torch::Tensor& tensor, const std::string& name) {
  Tensor result;
  result.type = type_of(tensor, name);
  result.shape = tensor.sizes().vec();
  result.strides = contiguous_strides(result.shape);
  result.data = static_cast<const unsigned char*>(tensor.data_ptr());
  result.owner = std::make_shared<torch::Tensor>(tensor);
  result.release = [] {};
  return result;
}

}  // namespace

void State::put(const std::string& name, const torch::Tensor& tensor) {
  type_of(tensor, name);
  tensors_[name] = tensor.detach().to(torch::kCPU).contiguous();
}

torch::Tensor State::get(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) {
    fail("{} holds no '{}': is it of another kind of run?", source_,
         printable(name));
  }
  return found->second;
}

bool State::has(const std::string& name) const {
  return tensors_.count(name) != 0;
}

void State::put_module(const std::string& prefix,
                       const torch::nn::Module& module) {
  for_each_tensor(module,
                  [&](const std::string& key, const torch::Tensor& tensor) {
                    put(prefix + key, tensor);
                  });
}

torch::Tensor State::checked(const std::string& name,
                             const torch::Tensor& target) const {
  const torch::Tensor source = get(name);
  if (source.sizes() != target.sizes()) {
    fail(
        "{}: '{}' has the shape {}, expected {}: do the sizes of the networks "
        "differ?",
        source_, printable(name), to_string(source.sizes().vec()),
        to_string(target.sizes().vec()));
  }
  return source;
}

void State::get_module(const std::string& prefix,
                       torch::nn::Module& module) const {
  std::vector<std::pair<torch::Tensor, torch::Tensor>> found;  // to, from
  for_each_tensor(module,
                  [&](const std::string& key, const torch::Tensor& tensor) {
                    found.emplace_back(tensor, checked(prefix + key, tensor));
                  });
  const torch::NoGradGuard no_grad;
  for (auto& [target, source] : found) target.copy_(source);
}

void State::copy_to(const std::string& name,
                    const torch::Tensor& target) const {
  const torch::NoGradGuard no_grad;
  target.copy_(checked(name, target));
}

std::string State::not_finite() const {
  for (const auto& [name, tensor] : tensors_) {
    if (!tensor.is_floating_point() || tensor.numel() == 0) continue;
    // One pass without a mask of the tensor's size: a sum of values times
    // zero is zero unless one of them is not finite.
    const double sum = tensor.mul(0).sum().item<double>();
    if (sum != 0) return name;
  }
  return "";
}

std::string State::checksum() const {
  Sha256 sum;
  const auto add = [&](const std::string& text) {
    sum.update(text.data(), text.size() + 1);  // the end is part of it
  };
  add(values.dump());
  for (const auto& [name, tensor] : tensors_) {
    add(name);
    add(to_string(tensor.sizes().vec()));
    sum.update(tensor.data_ptr(), tensor.nbytes());
  }
  return sum.hex();
}

void State::save(const std::filesystem::path& path) const {
  std::vector<NamedTensor> named;
  for (const auto& [name, tensor] : tensors_) {
    const Tensor view = viewed(tensor, name);
    named.push_back({name, view, view.type});
  }
  write_safetensors(path, named,
                    {{"kind", kKind},
                     {"version", kVersion},
                     {"values", values.dump()},
                     {"sha256", checksum()}});
}

State State::load(const std::filesystem::path& path) {
  State state;
  state.source_ = printable(path.string());
  const Checkpoint file = read_safetensors(MappedFile(path));
  const auto text = [&](const char* key) { return file.text(key); };
  if (text("kind") != kKind) {
    fail("{}: no training state, but another safetensors file", state.source_);
  }
  if (text("version") != kVersion) {
    fail("{}: a training state of version {}, this program reads {}",
         state.source_, printable(text("version"), 20), kVersion);
  }
  state.values = nlohmann::json::parse(text("values"), nullptr, false);
  if (!state.values.is_object()) fail("{}: damaged values", state.source_);
  for (const auto& [name, tensor] : file.tensors.tensors) {
    torch::Tensor copy = torch::empty(
        tensor.shape, type_of(tensor, state.source_ + ": " + printable(name)));
    const size_t bytes = copy.nbytes();
    if (bytes > 0) std::memcpy(copy.data_ptr(), tensor.data, bytes);
    tensor.release();
    state.tensors_.emplace(name, std::move(copy));
  }
  if (state.checksum() != text("sha256")) {
    fail("{}: damaged: its contents do not match its checksum", state.source_);
  }
  return state;
}

}  // namespace limner::train
