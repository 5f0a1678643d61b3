// Settings of training: TOML, or JSON where the first byte is '{'.
#include "made_file.h"
#include "outcome.h"
#include "train/run/options.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static limner::MadeFile toml("fuzz.toml");
  static limner::MadeFile json("fuzz.json");
  limner::MadeFile& file = size > 0 && data[0] == '{' ? json : toml;
  file.fill(data, size);
  limner::allow_errors([&] { limner::train::read_config_file(file.path()); });
  return 0;
}
