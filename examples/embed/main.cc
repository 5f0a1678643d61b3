// Embedding limner: the face of a drawing with the looks of a photo. See
// docs/embedding.md.
//
//   embed_example MODEL DRAWING PHOTO FACE.png
#include <cstdio>
#include <exception>

#include "image/codec.h"
#include "pipeline/face_maker.h"

int main(int argc, char** argv) try {
  if (argc != 5) return 2;
  limner::FaceMaker maker(limner::all_networks_of(argv[1]));
  const limner::AppearanceCodes looks = maker.looks(maker.photo(argv[3]).image);
  const limner::MadeFace face = maker.make(maker.read(argv[2]), looks);
  for (const std::string& note : face.sketch.notes) std::puts(note.c_str());
  limner::write_image(argv[4], face.picture);
} catch (const std::exception& error) {
  std::fprintf(stderr, "embed_example: %s\n", error.what());
  return 1;
}
