// Drawings that clients send: labelled, read from files and written to them;
// and those to start from.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "pipeline/face_maker.h"
#include "server/limits.h"
#include "server/requests.h"
#include "server/stages.h"
#include "server/work_lane.h"
#include "sketch/stroke.h"

namespace limner::server {

// How a client's file is read: no PDF, a page of which may take any time.
DrawingOptions of_a_client();

// Thread-safe. What computes waits for its turn in a lane of its own, so that
// labelling never waits for a face. Throws HttpError: 400 for what cannot be
// read, 413 beyond a limit, 422 for what can be read and not used, and what
// WorkLane::run() throws.
class DrawingReader {
 public:
  // Throws Error when there is a labeler that cannot be opened.
  DrawingReader(FaceMaker maker, const Limits& limits);

  bool has_labeler() const { return maker_.has_labeler(); }
  bool has_shapes() const { return has_shapes_; }
  // Throws HttpError 422 when a stroke has no class and there is no labeler.
  void check_classes(const Drawing& drawing) const;

  // The answer of /api/label. Unless the request says so, no stroke is cut,
  // whatever it runs along; those of a fitted drawing may be.
  std::string label(const DrawingRequest& request, const WorkLane::Asker& asker,
                    Stages& stages);

  struct File {
    std::string content_type;
    std::string name;
    std::string data;
  };
  // to: svg, json, ndjson or png.
  File convert(const Drawing& drawing, const std::string& to) const;

  // The answer of /api/import.
  std::string import(std::string_view file, const WorkLane::Asker& asker);

  // The answer of /api/templates, made when it is first asked for.
  std::string templates(const WorkLane::Asker& asker);

  WorkLane& lane() { return lane_; }

 private:
  std::string make_templates();
  // The value of "fit": a drawing, or null where there is none to fit to.
  // Strokes lie where the given drawing lies.
  std::string fit(const DrawingRequest& request);
  // The value of "guide": parts with their strokes, which lie where the
  // labelled drawing lies; null without face shapes.
  std::string guide(const Drawing& labelled);

  FaceMaker maker_;  // of the lane's thread
  const Limits limits_;
  const bool has_shapes_;
  std::mutex templates_mutex_;
  std::string templates_;
  WorkLane lane_;  // last: its thread uses the rest
};

}  // namespace limner::server
