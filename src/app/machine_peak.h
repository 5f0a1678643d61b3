// What this processor does at best, measured with loops that do nothing else.
#pragma once

namespace limner::app {

struct MachinePeak {
  double multiply_adds;  // of floats, a second
  double bytes;          // read from memory, a second
};

// Of threads() threads together, by the widest vectors that our layers use
// (nn/isa.h). Takes about a third of a second and 128 MB.
MachinePeak measure_peak();

}  // namespace limner::app
