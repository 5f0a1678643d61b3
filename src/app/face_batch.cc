#include "app/face_batch.h"

#include <utility>

namespace limner::app {

FaceBatch::FaceBatch(const FaceSettings& settings,
                     const DrawingOptions& drawing, size_t count,
                     FaceMaker first)
    : drawing_options(drawing),
      photo_options(app::photo_options(settings.align)),
      makers(makers_for(workers_for(count), std::move(first))) {}

FaceRead FaceBatch::read(FaceMaker& maker, const Pair& pair,
                         Told& item_told) const {
  FaceRead read;
  read.sketch =
      maker.sketch(maker.read(pair.sketch, drawing_options), drawing_options);
  item_told.add(pair.sketch, read.sketch);
  read.looks =
      shared ? shared
             : looks_of_photo(maker, pair.photo, photo_options, item_told);
  read.codes =
      maker.engine().combine(read.sketch.codes, read.looks->codes(maker));
  return read;
}

size_t FaceBatch::run(const Batch& batch,
                      const std::function<void(BatchItem&)>& body) {
  BatchResult result = run_batch(batch, makers.size(), body);
  for (Told& one : result.told) told.push_back(std::move(one));
  return result.failures;
}

}  // namespace limner::app
