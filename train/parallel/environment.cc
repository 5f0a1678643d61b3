#include "train/parallel/environment.h"

#include <charconv>
#include <cstdlib>

#include "util/error.h"

namespace limner::train {
namespace {

constexpr int kDefaultPort = 29500;  // as torchrun
constexpr int kMaxProcesses = 1 << 16;

int number(const std::string& name, const std::string& text, int min, int max) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, code] = std::from_chars(text.data(), end, value);
  if (code != std::errc() || stop != end || value < min || value > max) {
    fail("{} is \"{}\", expected a number {} to {}", name, printable(text, 40),
         min, max);
  }
  return value;
}

// The variables of one launcher.
struct Launcher {
  const char* name;
  const char* rank;
  const char* world;
  const char* local_rank;
};

// srun also sets SLURM_PROCID and SLURM_NTASKS for a batch script, which is
// one process: the variables of a step tell them apart.
constexpr Launcher kLaunchers[] = {
    {"torchrun", "RANK", "WORLD_SIZE", "LOCAL_RANK"},
    {"mpirun", "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE",
     "OMPI_COMM_WORLD_LOCAL_RANK"},
    {"srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID"},
    {"mpirun", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID"},
};

bool one_machine(const Environment& environment, const Place& place) {
  for (const char* name : {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"}) {
    const auto local = environment(name);
    if (local) return number(name, *local, 1, kMaxProcesses) == place.world;
  }
  return false;
}

std::string find_address(const Environment& environment, const Launcher& by,
                         const Place& place) {
  if (const auto address = environment("MASTER_ADDR")) return *address;
  if (const auto list = environment("SLURM_STEP_NODELIST")) {
    return first_host(*list);
  }
  if (one_machine(environment, place)) return "127.0.0.1";
  fail(
      "{} started {} processes but MASTER_ADDR is not set: set it to the "
      "address of the machine of rank 0 (127.0.0.1 for one machine)",
      by.name, place.world);
}

int find_port(const Environment& environment) {
  if (const auto port = environment("MASTER_PORT")) {
    return number("MASTER_PORT", *port, 1, 65535);
  }
  // Jobs that share a machine need ports of their own.
  if (const auto job = environment("SLURM_JOB_ID")) {
    return 20000 + number("SLURM_JOB_ID", *job, 0, 2'147'483'647) % 20000;
  }
  return kDefaultPort;
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') return std::nullopt;
    return value;
  };
}

Place find_place(const Environment& environment) {
  Place place;
  for (const Launcher& launcher : kLaunchers) {
    const auto rank = environment(launcher.rank);
    const auto world = environment(launcher.world);
    if (!world) continue;  // a rank alone tells nothing
    place.world = number(launcher.world, *world, 1, kMaxProcesses);
    if (place.world == 1) return place;
    if (!rank) fail("{} is set but {} is not", launcher.world, launcher.rank);
    place.rank = number(launcher.rank, *rank, 0, place.world - 1);
    if (const auto local = environment(launcher.local_rank)) {
      place.local_rank = number(launcher.local_rank, *local, 0, place.world);
    } else {
      fail("{} is set but {} is not: it chooses the device of each process",
           launcher.world, launcher.local_rank);
    }
    place.address = find_address(environment, launcher, place);
    place.port = find_port(environment);
    if (environment("TORCHELASTIC_USE_AGENT_STORE") == "True") {
      place.hosted = true;
      place.prefix = "/worker/attempt_" +
                     environment("TORCHELASTIC_RESTART_COUNT").value_or("0");
    }
    return place;
  }
  return place;
}

std::string first_host(const std::string& list) {
  const size_t bracket = list.find('[');
  const size_t comma = list.find(',');
  if (bracket == std::string::npos || comma < bracket) {
    return list.substr(0, comma);
  }
  const size_t end = list.find_first_of(",-]", bracket);
  if (end == std::string::npos) {
    fail("cannot read the list of machines \"{}\": set MASTER_ADDR",
         printable(list, 80));
  }
  const size_t close = list.find(']', end);
  if (close == std::string::npos) {
    fail("cannot read the list of machines \"{}\": set MASTER_ADDR",
         printable(list, 80));
  }
  const size_t next = list.find(',', close);
  const size_t tail =
      (next == std::string::npos ? list.size() : next) - close - 1;
  return list.substr(0, bracket) + list.substr(bracket + 1, end - bracket - 1) +
         list.substr(close + 1, tail);
}

}  // namespace limner::train
