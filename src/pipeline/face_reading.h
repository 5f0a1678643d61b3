// Eyes and mouth of a face from what the parser says about its frame.
#pragma once

#include <vector>

#include "pipeline/face_frame.h"

namespace limner {

struct FaceReading {
  // Whether there are eyes (or glasses), a nose and a mouth that can be those
  // of one face. Without them the rest says nothing.
  bool complete = false;
  FacePoints points;  // in the frame, (0,0) to (1,1)
  // 0..1: how sure the parser is of the parts, and how much of the face between
  // them is skin. Of faces in their frame nearly always above 0.8.
  double score = 0;
};

// logits: the parser's [19, side, side] for a picture of about the frame of a
// face. An eye that cannot be seen is placed by dark glasses, or by the parts
// that can.
FaceReading read_face(const std::vector<float>& logits, int side);

}  // namespace limner
