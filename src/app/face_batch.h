// Many drawings with their looks: what the commands that make faces of both
// have in common.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "app/batch.h"
#include "app/face_options.h"
#include "app/looks.h"
#include "pipeline/face_maker.h"
#include "pipeline/pairs.h"

namespace limner::app {

// A drawing as it was read, the looks that go with it, and the codes of both.
struct FaceRead {
  Sketch sketch;
  std::shared_ptr<Looks> looks;
  FaceCodes codes;
};

struct FaceBatch {
  FaceBatch(const FaceSettings& settings, const DrawingOptions& drawing,
            size_t count, FaceMaker first);

  // Reads a drawing and, unless all have the same looks, its photo.
  FaceRead read(FaceMaker& maker, const Pair& pair, Told& told) const;

  // run_batch() on the makers; keeps what is told. Returns how many failed.
  size_t run(const Batch& batch, const std::function<void(BatchItem&)>& body);

  const DrawingOptions drawing_options;
  const PhotoOptions photo_options;
  std::vector<FaceMaker> makers;  // one a worker
  std::shared_ptr<Looks> shared;  // null: each face has its own
  std::vector<Told> told;
};

}  // namespace limner::app
