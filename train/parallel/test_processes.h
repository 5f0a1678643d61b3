// For tests: the same test program in several processes on this machine.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace limner::train {

// A port that nothing listens to, below those that the system hands out by
// itself.
inline int free_port() {
  for (int port = 20000 + ::getpid() % 10000; port < 32000; ++port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int bound = ::bind(descriptor, reinterpret_cast<sockaddr*>(&address),
                             sizeof(address));
    ::close(descriptor);
    if (bound == 0) return port;
  }
  return 0;
}

// Runs the disabled test `name` of this program in `world` processes, as
// torchrun would start them. Returns their exit codes.
inline std::vector<int> run_in_processes(const std::string& name, int world) {
  const std::string port = std::to_string(free_port());
  std::vector<pid_t> children;
  for (int rank = 0; rank < world; ++rank) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::setenv("RANK", std::to_string(rank).c_str(), 1);
      ::setenv("LOCAL_RANK", std::to_string(rank).c_str(), 1);
      ::setenv("WORLD_SIZE", std::to_string(world).c_str(), 1);
      ::setenv("MASTER_ADDR", "127.0.0.1", 1);
      ::setenv("MASTER_PORT", port.c_str(), 1);
      ::setenv("OMP_NUM_THREADS", "1", 1);
      const std::string filter = "--gtest_filter=" + name;
      ::execl("/proc/self/exe", "test", filter.c_str(),
              "--gtest_also_run_disabled_tests", nullptr);
      ::_exit(3);
    }
    children.push_back(child);
  }
  std::vector<int> codes;
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    codes.push_back(WIFEXITED(status) ? WEXITSTATUS(status) : 128);
  }
  return codes;
}

}  // namespace limner::train
