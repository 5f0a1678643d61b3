#include "sketch/drawing_json.h"
#include "there_and_back.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  limner::there_and_back(data, size, limner::read_drawing_json,
                         limner::write_drawing_json);
  return 0;
}
