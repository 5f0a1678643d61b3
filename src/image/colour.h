// Colours of pictures to sRGB, by the ICC profiles that their files hold.
#pragma once

#include <optional>
#include <vector>

#include "image/codec.h"
#include "image/image.h"
#include "util/span.h"

namespace limner {

// Whether limner was built with Little CMS, which reads profiles.
bool has_colour_profiles();

// Moves `image` [h,w,3 or 4] (alpha stays) from the colours of an ICC profile
// to those of sRGB, as they are measured relative to white. `gray`: its three
// channels are one that was spread, which a profile of grays may be for. An
// empty profile, and one that sRGB is within a level of, change nothing; one
// that is damaged or for other channels is told in `notes` and passed over, as
// is any but sRGB's own where limner was built without Little CMS.
void to_srgb(Image& image, Bytes profile, bool gray, Notes& notes);

// The same of inks [h,w,4] to RGB [h,w,3]; `inverted`: 255 is no ink. Nothing
// where there is no profile or it is passed over.
std::optional<Image> inks_to_srgb(const Image& inks, bool inverted,
                                  Bytes profile, Notes& notes);

// The ICC profile of colours with the primaries of that number (ITU-T H.273,
// table 2) and sRGB's curve: 12 is Display P3's, 9 is of BT.2020. Empty for
// sRGB's own and others, and without Little CMS.
std::vector<unsigned char> profile_of_primaries(int number);

}  // namespace limner
