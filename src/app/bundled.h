// The networks that come with limner.
#pragma once

#include <filesystem>

namespace limner::app {

// The file with the face model, the labeler and the parser that come with
// limner, "" where it is missing. It lies in the folder that LIMNER_MODELS
// names or, by the place of the program, in ../share/limner/models (installed)
// or ../../../models (in the source tree).
std::filesystem::path bundled_file();

}  // namespace limner::app
