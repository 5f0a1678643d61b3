// What launchers of several processes leave in the environment.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace limner::train {

struct Place {
  int rank = 0, world = 1, local_rank = 0;
  std::string address;  // of rank 0
  int port = 0;
  // torchrun keeps a store of its own at that address: names in it begin with
  // this, and no process opens another.
  bool hosted = false;
  std::string prefix;
};

// The value of a variable; none when it is not set or empty.
using Environment =
    std::function<std::optional<std::string>(const std::string&)>;

Environment process_environment();

// Where this process stands; world 1 when no launcher is to be seen. Throws
// Error naming what is missing or makes no sense.
Place find_place(const Environment& environment);

// "node[01-04,7],other" -> "node01". Throws Error when it is no such list.
std::string first_host(const std::string& list);

}  // namespace limner::train
