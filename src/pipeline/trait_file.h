// Traits of looks, such as the colour of hair: directions among the codes of
// photos along which faces change in that and in little else.
// scripts/find_traits finds them, `limner convert --add-traits` puts them into
// a model's file.
#pragma once

#include <string>
#include <vector>

#include "model/config.h"
#include "pipeline/codes.h"
#include "weights/checkpoint.h"

namespace limner {

constexpr int kMaxTraits = 32;

struct LookTrait {
  std::string id;    // 1 to 24 of a-z, 0-9 and _: "hair"
  std::string name;  // for people: "Hair"
  std::string low;   // what -1 is and what 1 is: "dark", "light"
  std::string high;
  CodeTable direction;  // [rows, width] of looks; what an amount of 1 adds
};

// The traits that the file holds; none where its metadata has no
// "limner_traits". Throws Error on what makes no sense, or does not suit the
// looks of such a model.
std::vector<LookTrait> read_look_traits(const Checkpoint& file,
                                        const ModelConfig& config);

}  // namespace limner
