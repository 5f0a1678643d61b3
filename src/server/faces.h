// Faces from drawings and looks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/face_maker.h"
#include "server/bounded_cache.h"
#include "server/drawings.h"
#include "server/limits.h"
#include "server/photos.h"
#include "server/requests.h"
#include "server/stages.h"
#include "server/work_lane.h"

namespace limner::server {

struct Face {
  std::shared_ptr<const std::string> picture;  // a file
  size_t doubtful = 0;                         // strokes
  double faithful = 1;                         // what was used
  int milliseconds = 0;                        // 0: it was there already
  Stages stages;                               // none: likewise
};

// Thread-safe. One thread computes at a time; encoded faces are kept, and so
// are the codes of the last drawings, which other looks need again.
class FaceLane {
 public:
  // drawings, photos: live as long as this.
  FaceLane(FaceMaker maker, const DrawingReader& drawings, PhotoReader& photos,
           const Limits& limits);

  const ModelConfig& config() const { return maker_.config(); }
  const std::vector<LookTrait>& traits() const { return maker_.traits(); }

  // Throws HttpError: 400 for a size or picture that does not suit, 404 for
  // looks that are not known, 422 for a drawing of which no face can be made,
  // and what WorkLane::run() throws.
  Face make(const GenerateRequest& request, const WorkLane::Asker& asker);

  // Face number i of several, each call a turn of its own in the queue: others
  // come between two. What the drawing gives is computed once. Throws as make()
  // does, here for size and looks, each call for the rest. For one thread at a
  // time.
  std::function<Face(size_t i)> variations(VariationsRequest request,
                                           WorkLane::Asker asker);

  WorkLane& lane() { return lane_; }
  CacheFigures faces() const { return faces_.figures(); }
  CacheFigures sketches() const { return sketches_.figures(); }

 private:
  struct Ingredient {
    const Look* look;
    std::shared_ptr<Appearance> photo;  // null: a seed
  };
  struct Ingredients {
    const FaceLooks* looks;
    std::vector<Ingredient> mix;
  };

  // A drawing by what it was asked as, and once it was needed, its codes.
  struct Drawn {
    std::string key;
    std::shared_ptr<Sketch> sketch;
  };
  struct Series;

  void check_size(int size) const;
  Ingredients ingredients(const FaceLooks& looks);
  Face make(const GenerateRequest& request, const Ingredients& looks,
            Drawn& drawn, const WorkLane::Asker& asker);
  // These are for the lane's thread alone.
  std::shared_ptr<Sketch> sketch(const GenerateRequest& request,
                                 const std::string& key);
  GivenDrawing given(const GenerateRequest& request) const;
  AppearanceCodes looks_of(const Ingredients& looks, const SketchCodes& sketch);

  FaceMaker maker_;
  const DrawingReader& drawings_;
  PhotoReader& photos_;
  const Limits limits_;
  BoundedCache<Face> faces_;
  BoundedCache<Sketch> sketches_;
  WorkLane lane_;  // last: its thread uses the rest
};

}  // namespace limner::server
