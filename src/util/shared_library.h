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

  // The function of that name; one that is missing makes the whole library
  // count as missing.
  template <typename Function>
  Function* find(const char* name) {
    return reinterpret_cast<Function*>(address(name));
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

// Declares `name`, a member that points to `function`, as its header declares
// it, of the library that is the member `library`.
#define LIMNER_FOUND(library, name, function) \
  decltype(::function)* name = library.find<decltype(::function)>(#function)

}  // namespace limner
