#include "train/stages/faces.h"
#include "train/stages/joint.h"

namespace limner::train {

JointSettings::JointSettings() {
  training.ema_images = 5000;
  losses.l2 = 0.0;
  losses.lpips = 0.0;
  losses.perceptual = 0.0;
  losses.mask = 0.1;
  losses.mask_feat = 1.0;
  adversary.from = 100000;
  adversary.r1.gamma = 1.0;
  path.options.weight = 0.0;
}

void JointSettings::declare(OptionTable& table) {
  training.declare(table);
  model.declare(table);
  growth.declare(table);
  table.add("crossed_share", &crossed_share, 0, 1,
            "share of a batch whose photo is another face's");
  table.add("random_share", &random_share, 0, 1,
            "share of a batch with random looks");
  table.add("faithful_share", &faithful_share, 0, 1,
            "share of drawings that stay faithful, with faithfulness");
  table.add("misread", &misread, 0, 1,
            "probability of classes as the labeler gives them to quick "
            "drawings, at faithfulness 0");
  declare_losses(table, losses, files);
  table.add("parser_side", &parser_side, 0, 1024,
            "side to which smaller pictures are enlarged for the parser");
  table.add("l1_lambda", &l1, 0, 1e6, "absolute difference");
  table.add("low_lambda", &low, 0, 1e6,
            "absolute difference of the pictures reduced fourfold");
  table.add("region_lambda", &region, 0, 1e6,
            "colours of skin, hair, background, ...");
  table.add("part_lambda", &part, 0, 1e6,
            "eyes and mouth against the drawn face's, colours apart, also with "
            "other looks");
  table.add("crop_side", &crop_side, 0, 2048,
            "side of the squares of the full size that its last layers alone "
            "are trained on; 0: whole pictures and all layers");
  table.add("parser_beside", &parser_beside,
            "the parser's losses also beside pixel_lambda");
  table.add("decoder_rate", &decoder_rate, 0, 100,
            "the generator's learning rate over the encoders'");
  table.add("frozen_every", &frozen_every, 1, 1000,
            "steps between two of the losses of networks that do not learn");
  table.add("critics_alone", &critics_alone, 0, 1e12,
            "pictures at the start that only discriminators learn from");
  table.add("init_critics", &init_critics,
            "another run's checkpoint or models/discriminators.safetensors, to "
            "begin with its discriminators");
  adversary.declare(table);
  critics.declare(table);
  path.declare(table);
  looks.declare(table);
}

}  // namespace limner::train
