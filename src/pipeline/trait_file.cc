// The metadata entry "limner_traits" is {"kind": "traits", "traits": [{"id",
// "name", "low", "high"}, ...]}; the tensor "directions" [n, rows, width] has
// their directions in the same order.
#include "pipeline/trait_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/network_file.h"
#include "util/error.h"
#include "util/json_text.h"

namespace limner {
namespace {

constexpr const char* kTraits = "traits";
constexpr const char* kTraitDirections = "directions";
constexpr size_t kLongestTraitId = 24;
constexpr size_t kLongestTraitName = 40;

std::string trait_text(const nlohmann::json& trait, const char* key) {
  const auto found = trait.find(key);
  if (found == trait.end() || !found->is_string()) {
    fail("a trait has no \"{}\"", key);
  }
  const auto text = found->get<std::string>();
  if (text.empty() || text.size() > kLongestTraitName ||
      printable(text) != text) {
    fail("the \"{}\" of a trait is \"{}\", expected 1 to {} printable bytes",
         key, printable(text, 60), kLongestTraitName);
  }
  return text;
}

LookTrait trait_of(const nlohmann::json& given) {
  LookTrait trait;
  trait.id = trait_text(given, "id");
  trait.name = trait_text(given, "name");
  trait.low = trait_text(given, "low");
  trait.high = trait_text(given, "high");
  const bool plain =
      trait.id.size() <= kLongestTraitId &&
      trait.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") ==
          std::string::npos;
  if (!plain) {
    fail("a trait's id is \"{}\", expected at most {} of a-z, 0-9 and _",
         trait.id, kLongestTraitId);
  }
  return trait;
}

std::vector<LookTrait> traits_of(const NetworkFile& file, int rows, int width) {
  const nlohmann::json entry = parse_json(file.text());
  const auto given = entry.find(kTraits);
  if (given == entry.end() || !given->is_array() || given->empty() ||
      given->size() > kMaxTraits) {
    fail("its metadata \"{}\" lists no traits, expected 1 to {}", file.entry(),
         kMaxTraits);
  }
  const auto count = static_cast<int64_t>(given->size());
  const std::vector<float> values =
      load_values(file.tensors(), kTraitDirections, {count, rows, width});
  std::vector<LookTrait> traits;
  auto next = values.begin();
  for (const nlohmann::json& one : *given) {
    if (!one.is_object()) fail("a trait is {}", json_kind(one));
    LookTrait trait = trait_of(one);
    for (const LookTrait& other : traits) {
      if (other.id == trait.id) fail("two traits are called \"{}\"", trait.id);
    }
    trait.direction = CodeTable(rows, width);
    const auto size =
        static_cast<std::ptrdiff_t>(trait.direction.values.size());
    trait.direction.values.assign(next, next + size);
    next += size;
    traits.push_back(std::move(trait));
  }
  return traits;
}

}  // namespace

std::vector<LookTrait> read_look_traits(const Checkpoint& checkpoint,
                                        const ModelConfig& config) {
  if (!has_network(checkpoint, kTraits)) return {};
  const NetworkFile file(checkpoint, kTraits);
  try {
    return traits_of(file, config.styles - config.split, config.style_width);
  } catch (const Error& error) {
    fail("{}: {}", printable(checkpoint.tensors.source), error.what());
  }
}

}  // namespace limner
