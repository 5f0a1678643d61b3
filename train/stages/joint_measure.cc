// What the joint stage shows and measures on faces that it does not learn from.
#include <algorithm>

#include "train/stages/faces.h"
#include "train/stages/joint.h"
#include "train/stages/overlap.h"
#include "train/stages/pictures.h"

namespace limner::train {
namespace {

constexpr int kValidationBatch = 10;

}  // namespace

torch::Tensor JointStage::show(const torch::Tensor& sketch,
                               const torch::Tensor& looks) {
  const torch::NoGradGuard no_grad;
  const Autocast autocast(context_.bf16(), context_.device());
  SynthesisOptions options;
  options.fresh_noise = false;
  options.stop_at = side_;
  const torch::Tensor strokes = context_.images_to_device(
      encoder_input(average_->face_config(), sketch.to(context_.device())));
  const FaceCodes codes =
      average_->codes(strokes, context_.images_to_device(looks));
  return average_->render(codes, options).to(torch::kFloat32).cpu();
}

LoaderOptions JointStage::held_out_options(int batch) const {
  LoaderOptions options;
  options.batch = static_cast<int>(std::min<int64_t>(batch, held_out_->size()));
  options.side = side_;
  options.sketch_side = model_->config().drawing_side();
  options.appearance_side = settings_.model.encoder_side;
  options.train = false;
  return options;
}

Image JointStage::sheet() {
  const Batch batch = Loader(*held_out_, held_out_options(kSheetRows)).next();
  const torch::Tensor other = batch.appearance.roll(1, 0);
  return sheet_of({colour_strokes(batch.sketch), to_bytes(batch.photo),
                   to_bytes(show(batch.sketch, batch.appearance)),
                   to_bytes(other), to_bytes(show(batch.sketch, other))});
}

std::map<std::string, double> JointStage::validate() {
  const LoaderOptions options = held_out_options(kValidationBatch);
  Loader loader(*held_out_, options);
  const int64_t faces = std::min(kValidationFaces, held_out_->size());
  Overlap matching, crossed, photos;
  double difference = 0.0;
  for (int64_t left = faces; left > 0; left -= options.batch) {
    const Batch batch = loader.next();
    const int64_t count = std::min<int64_t>(left, options.batch);
    const torch::Tensor truth = batch.classes.slice(0, 0, count);
    const auto add = [&](Overlap& overlap, const torch::Tensor& pictures) {
      if (!parser_) return;
      const torch::NoGradGuard no_grad;
      const Autocast autocast(context_.bf16(), context_.device());
      const torch::Tensor read =
          parser_(enlarged(context_.images_to_device(pictures)));
      overlap.add(truth, scaled(read, side_).argmax(1).slice(0, 0, count));
    };
    const torch::Tensor result = show(batch.sketch, batch.appearance);
    add(matching, result);
    add(crossed, show(batch.sketch, batch.appearance.roll(1, 0)));
    add(photos, batch.photo);
    difference += (result - batch.photo)
                      .abs()
                      .mean({1, 2, 3})
                      .slice(0, 0, count)
                      .sum()
                      .item<double>();
  }
  std::map<std::string, double> values = {
      {"l1", difference / static_cast<double>(faces)}};
  if (parser_) {
    values["mean_iou_matching"] = matching.mean_iou();
    values["mean_iou_crossed"] = crossed.mean_iou();
    values["mean_iou_photos"] = photos.mean_iou();
    values["pixels_matching"] = matching.pixels();
    values["pixels_crossed"] = crossed.pixels();
  }
  return values;
}

void JointStage::export_models(const std::filesystem::path& folder) {
  FaceModel cut(cut_to_size(average_->face_config(), side_));
  take_over_weights(*cut, *average_);
  save_face_model(cut, folder / "model.safetensors",
                  {{"trained_by", "limner-train joint"}},
                  looks_.tensors(*average_, look_rows()));
  State discriminators;
  save_discriminators(discriminators);
  discriminators.save(folder / "discriminators.safetensors");
}

}  // namespace limner::train
