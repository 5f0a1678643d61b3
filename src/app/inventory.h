// What a model file holds, by group: used by a face or not.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "model/face_weights.h"

namespace limner::app {

struct Amount {
  int64_t tensors = 0;
  int64_t numbers = 0;
  uint64_t bytes = 0;

  void add(const Tensor& tensor);
};

struct Group {
  Amount live;
  Amount dead;
};

struct Inventory {
  std::map<std::string, Group> groups;  // "decoder", "encoder_face_fine", ...
  Group total;
  std::map<std::string, Amount> types;  // by PyTorch's name of the type
};

// Counts the tensors of a limner model.
Inventory take_inventory(const FaceWeights& weights);

// A table of the groups, several lines.
std::string inventory_text(const Inventory& inventory);

// "1.85 GB", "640 bytes": decimal units.
std::string bytes_text(uint64_t bytes);

}  // namespace limner::app
