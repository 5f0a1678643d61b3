// The networks that come with limner.
#pragma once

#include <filesystem>
#include <string>

namespace limner::app {

// `given` unless it is empty, else the file `name` of the bundled models where
// it is there, else "". They lie in the folder that LIMNER_MODELS names or, by
// the place of the program, in ../share/limner/models (installed) or
// ../../../models (in the source tree).
std::filesystem::path or_bundled(const std::filesystem::path& given,
                                 const std::string& name);

}  // namespace limner::app
