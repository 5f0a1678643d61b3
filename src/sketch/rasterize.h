// Drawings as label images.
#pragma once

#include "image/image.h"
#include "sketch/stroke.h"

namespace limner {

// Place of stroke class `label` (0..22) in the order of painting: where lines
// cross, the higher stays. Nothing, then other border 22, skin lines 10, cloth
// 16, neck 14, hair 15, hat 13, then the face's borders 19, 18, 20, 17, 21,
// and over them the parts, small ones last: ears 11, 12, nose 6, lips 7, brows
// 4, 5, glasses 3, eyes 1, 2, necklace 9, earring 8. Throws Error outside
// 0..22.
int paint_order(int label);

// Label image [side,side,1] with lines `width` pixels wide (8-connected). A
// point (x, y) lies in the pixel floor(x side / drawing.side), floor(y ...);
// what lies outside is cut off. A stroke of one point is one dot. The published
// examples have lines two pixels wide at 512, which still hang together when
// every second pixel is taken. Throws Error for points that are not finite,
// labels outside 1..22, a side outside 1..kMaxImageSide and a width outside
// 1..16.
Image rasterize(const Drawing& drawing, int side, int width = 1);

// Reduces labels [h,w,1] of 0..22 to [side,side,1] without losing strokes: a
// pixel gets the class most frequent among the stroke pixels of its box (on a
// tie the one painted later), 0 where there are none. Where the side is not
// smaller, the nearest pixel. Throws Error as check_labels() and resize() do.
Image reduce_labels(const Image& labels, int side);

}  // namespace limner
