// A team of threads that work on one thing together, where there is no OpenMP.
// Use util/parallel.h.
#pragma once

#include <functional>

namespace limner::team {

// The cores that this process may run on.
int processors();

// Loops of the calling thread run serially from now on.
void work_alone();

// Whether the caller works in a team of several, or alone by work_alone().
bool inside();

// See run_team() and share_out() of util/parallel.h. Threads are kept from call
// to call; one team works at a time, others wait for it.
void run(int threads, const std::function<void(int rank, int size)>& body);
void share_out(int count, const std::function<void(int)>& body);

}  // namespace limner::team
