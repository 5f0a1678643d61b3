// Where a face lies in a photo, and the square that is cut out for it.
//
// The square is that of the FFHQ data set (Karras, Laine, Aila, "A Style-Based
// Generator Architecture for Generative Adversarial Networks", CVPR 2019,
// appendix A), in which the training pictures of limner's networks lie too.
#pragma once

#include "image/image.h"

namespace limner {

// In pixels of a photo, (0,0) its upper left corner; the middle of the first
// pixel is (0.5, 0.5).
struct Place {
  double x = 0;
  double y = 0;
};

// The middles of the eyes, and the point between the corners of the mouth.
// "left" and "right" are sides of the image.
struct FacePoints {
  Place left_eye, right_eye, mouth;
};

// A square in a photo, which may reach beyond it. angle: degrees by which it
// is turned clockwise, so that what is upright in the square leans to the
// right in the photo; -180..180.
struct FaceFrame {
  Place centre;
  double side = 0;
  double angle = 0;
};

// The place in the photo of a point of the frame, (0,0) to (1,1).
Place to_photo(const FaceFrame& frame, Place in_frame);
// The way back.
Place to_frame(const FaceFrame& frame, Place in_photo);
FacePoints points_in_photo(const FaceFrame& frame, const FacePoints& in_frame);

// The frame of a face. With e the way from the left to the right eye and m that
// from the middle of the eyes to the mouth, its upper edge has the direction
// e + (m_y, -m_x), its side is max(4 |e|, 3.6 |m|), and its centre lies m / 10
// below the middle of the eyes. Throws Error when the points coincide.
FaceFrame frame_of(const FacePoints& face);

// The whole of a square photo.
FaceFrame whole_frame(const Image& photo);

// How far one frame is from another.
struct FrameChange {
  double scale = 1;  // of the side
  double shift = 0;  // of the centre, in sides of the first
  double angle = 0;  // degrees, 0..180
};
FrameChange change_between(const FaceFrame& from, const FaceFrame& to);

// Cuts the frame out of a photo [h,w,3] and turns it upright: RGB [side,side].
// Shrinks with antialiasing and enlarges by bicubic interpolation. What lies
// beyond the photo is mirrored at its edge, blurred, and fades to the mean
// colour of the rest. side: 1..kMaxImageSide. Throws Error for other photos,
// and for a frame that does not touch the photo.
Image crop_frame(const Image& photo, const FaceFrame& frame, int side);

}  // namespace limner
