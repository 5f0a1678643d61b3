// Libraries that are loaded when a file first asks for them: some bring so many
// others that every start of the program would wait for them.
#pragma once

#include <string>

namespace limner {

// Stays loaded until the process ends.
class SharedLibrary {
 public:
  // `file`: as the dynamic linker knows it, "libheif.so.1". Does not throw.
  explicit SharedLibrary(const char* file);

  // Sets `function` to the one of that name; one that is missing makes the
  // whole library count as missing.
  template <typename Function>
  void find(const char* name, Function*& function) {
    function = reinterpret_cast<Function*>(address(name));
  }

  // Whether it is there with all that was looked for.
  bool is_whole() const { return whole_; }

  // What the linker said about it, if it is not.
  const std::string& problem() const { return problem_; }

 private:
  void* address(const char* name);

  void* handle_ = nullptr;
  bool whole_ = false;
  std::string problem_;
};

}  // namespace limner
