// Changes of one part of a face, made in the mask of its parts, and how far a
// picture follows them: what is drawn elsewhere should stay as it is.
#pragma once

#include <string>
#include <vector>

#include "image/image.h"

namespace limner {

struct MaskEdit {
  const char* name;  // "add glasses"
  // Changes mask [s,s,1] of labels 0..18. Returns false, with the mask in any
  // state, where the edit makes no sense: glasses for who has some.
  bool (*apply)(Image& mask);
};

// Glasses, hats, brows, mouths, bangs, long hair, earrings.
const std::vector<MaskEdit>& mask_edits();

// How two pictures of one drawing before and after an edit differ.
struct EditChange {
  // Mean absolute difference of the bytes (0 to 255): where the masks differ
  // and up to 3 % of the side around, and in the rest of the picture.
  double inside = 0, outside = 0;
  // Of the pixels whose part was changed: the share that a parser finds to be
  // of the new part, in the picture before and in the one after.
  double was = 0, is = 0;
};

// Masks and parts (what a parser finds in the pictures) [s,s,1], pictures
// [t,t,3]. Throws Error when sides do not fit or the masks are equal.
struct EditedPictures {
  const Image& mask_before;
  const Image& mask_after;
  const Image& before;
  const Image& after;
  const Image& parts_before;
  const Image& parts_after;
};
EditChange change_of(const EditedPictures& pictures);

}  // namespace limner
