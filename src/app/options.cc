#include "app/options.h"

#include <utility>

#include "app/bundled.h"

namespace limner::app {

Option network_option(std::string names, const std::string& variable,
                      std::filesystem::path* file, std::string help) {
  Option option = path(std::move(names), "FILE", file, std::move(help));
  option.environment = variable;
  option.standard = bundled_file;
  option.fallback = variable + ", or the bundled one";
  return option;
}

Option model_option(std::string names, Common* common) {
  return network_option(std::move(names), "LIMNER_MODEL", &common->model,
                        "the model: an official .pt checkpoint or a "
                        ".safetensors file written by `limner convert`");
}

void add_common(Command& command, Common* common) {
  command.options.push_back(whole("--threads", "N", &common->threads, 0, 1024,
                                  "threads to compute with; 0 takes every "
                                  "core"));
  command.options.push_back(
      choice("--precision", &common->precision, {"fast", "exact", "bf16"},
             "fast: the same picture to the eye; exact: every convolution as a "
             "direct sum of 32-bit floats; bf16: wide layers in bfloat16, for "
             "less memory"));
  command.options.push_back(
      flag("--quiet", &common->quiet, "print nothing but errors"));
}

}  // namespace limner::app
