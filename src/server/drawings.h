// Drawings that clients send: labelled, read from files and written to them;
// and those to start from.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

#include "pipeline/labeling.h"
#include "server/limits.h"
#include "server/requests.h"
#include "server/work_lane.h"
#include "sketch/stroke.h"

namespace limner::server {

// Thread-safe. What computes waits for its turn in a lane of its own, so that
// labelling never waits for a face. Throws HttpError: 400 for what cannot be
// read, 413 beyond a limit, 422 for what can be read and not used, and what
// WorkLane::run() throws.
class DrawingReader {
 public:
  // labeler: "" for none. Throws Error when it cannot be opened.
  DrawingReader(const std::filesystem::path& labeler, const Limits& limits);

  // Null when there is none.
  const StrokeLabeler* labeler() const {
    return labeler_ ? &*labeler_ : nullptr;
  }
  // Throws HttpError 422 when a stroke has no class and there is no labeler.
  void check_classes(const Drawing& drawing) const;

  // The answer of /api/label. No stroke is cut, whatever it runs along.
  std::string label(const DrawingRequest& request,
                    const WorkLane::Asker& asker);

  struct File {
    std::string content_type;
    std::string name;
    std::string data;
  };
  // to: svg, json, ndjson or png.
  File convert(const Drawing& drawing, const std::string& to) const;

  // The answer of /api/import.
  std::string import(const std::string& file, const WorkLane::Asker& asker);

  // The answer of /api/templates, made when it is first asked for.
  std::string templates(const WorkLane::Asker& asker);

  WorkLane& lane() { return lane_; }

 private:
  std::string make_templates() const;

  const Limits limits_;
  std::optional<StrokeLabeler> labeler_;
  std::mutex templates_mutex_;
  std::string templates_;
  WorkLane lane_;  // last: its thread uses the rest
};

}  // namespace limner::server
