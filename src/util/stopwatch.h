// The clock that measurements read.
#pragma once

namespace limner {

// From now on stopwatch() counts what the processor computes for this process,
// all threads together, instead of the time that passes: for a machine that
// does other work. Not while somebody measures.
void count_processor_time();

// Milliseconds since some beginning.
double stopwatch();

}  // namespace limner
