#include "app/inventory.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "pipeline/network_file.h"

namespace limner::app {

void Amount::add(const Tensor& tensor) {
  ++tensors;
  numbers += tensor.count();
  bytes += static_cast<uint64_t>(tensor.count()) * size_of(tensor.type);
}

Inventory take_inventory(const FaceWeights& weights) {
  const auto names = weights.names();
  const std::set<std::string> live(names.begin(), names.end());
  Inventory inventory;
  for (const auto& [name, tensor] : weights.tensors.tensors) {
    const std::string owner = name.substr(0, name.find('.'));
    const bool used = live.count(name) != 0 ||
                      std::find(kNetworkKinds.begin(), kNetworkKinds.end(),
                                owner) != kNetworkKinds.end();
    Group& group = inventory.groups[owner];
    (used ? group.live : group.dead).add(tensor);
    (used ? inventory.total.live : inventory.total.dead).add(tensor);
    inventory.types[name_of(tensor.type)].add(tensor);
  }
  return inventory;
}

std::string inventory_text(const Inventory& inventory) {
  std::string out = fmt::format("{:<24}{:>8}{:>12}{:>10}{:>12}\n", "group",
                                "used", "bytes", "unused", "bytes");
  const auto row = [&out](const std::string& name, const Group& group) {
    out += fmt::format("{:<24}{:>8}{:>12}{:>10}{:>12}\n", name,
                       group.live.tensors, bytes_text(group.live.bytes),
                       group.dead.tensors, bytes_text(group.dead.bytes));
  };
  for (const auto& [name, group] : inventory.groups) row(name, group);
  row("all", inventory.total);
  return out;
}

std::string bytes_text(uint64_t bytes) {
  const double value = static_cast<double>(bytes);
  if (bytes >= 1'000'000'000) return fmt::format("{:.2f} GB", value / 1e9);
  if (bytes >= 1'000'000) return fmt::format("{:.1f} MB", value / 1e6);
  if (bytes >= 1'000) return fmt::format("{:.1f} kB", value / 1e3);
  return fmt::format("{} bytes", bytes);
}

}  // namespace limner::app
