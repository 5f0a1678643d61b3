// The numbers of a layout (layout.h), read from the shapes of given weights.
#pragma once

#include <string>

#include "model/layout.h"

namespace limner {

// What the weights under `prefix` ("encoder_face_fine.", "decoder.", "") say.
// All throw Error when these are no such network.

// A group of units ends where their width changes; where widths do not tell,
// the official 3, 4, 14 and 3 are assumed.
BodyConfig read_body_config(const TensorMap& tensors,
                            const std::string& prefix);

// Of the styles [first, last). The number of halvings in the head of `first`
// tells the side.
EncoderConfig read_encoder_config(const TensorMap& tensors,
                                  const std::string& prefix, int first,
                                  int last);

GeneratorConfig read_generator_config(const TensorMap& tensors,
                                      const std::string& prefix);

// The number of components of the random looks, 0 where there are none.
// rows: styles that follow the photo. Throws Error when one of the two tensors
// is missing or has other shapes.
int read_look_components(const TensorMap& tensors, int rows, int width);

}  // namespace limner
