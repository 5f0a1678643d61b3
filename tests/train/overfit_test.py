"""Eight pairs learned by heart: the parser, then the joint model at 64 px."""

import csv
import os
import shutil
import sys

import support

FACES = os.path.join(support.SHARED, "faces")
COUNT = 8
# Enough, with something to spare, for what is asserted.
PARSER_STEPS = 350
JOINT_STEPS = 160


def copy_faces(folder):
    """Eight real faces, to train on and, under other names, to measure on."""
    with open(os.path.join(FACES, "manifest.csv"), encoding="utf-8") as lines:
        chosen = [row["id"] for row in csv.DictReader(lines)
                  if row["split"] == "train" and row["grayscale"] == "0"]
    rows = ["id,split"]
    os.makedirs(f"{folder}/images")
    os.makedirs(f"{folder}/masks")
    for name in chosen[:COUNT]:
        for split in ("train", "val"):
            for part, ending in (("images", "jpg"), ("masks", "png")):
                shutil.copy(f"{FACES}/{part}/{name}.{ending}",
                            f"{folder}/{part}/{split}{name}.{ending}")
            rows.append(f"{split}{name},{split}")
    support.write(f"{folder}/manifest.csv", ("\n".join(rows) + "\n").encode())
    return folder


class Overfit(support.TrainingTest):

    def last(self, folder, kind):
        return [line[kind] for line in support.metrics(folder)
                if kind in line][-1]

    def test_eight_pairs(self):
        data = copy_faces(self.path("faces"))
        common = ["--data", data, "--no-augment", "--oversample", "0",
                  "--batch", COUNT, "--log-every", "10"]
        self.succeeds("parser", "--folder", self.path("parser"), "--steps",
                      PARSER_STEPS, "--side", "64", "--half-share", "0",
                      "--widths", "16,32,64,128", "--validate-every",
                      PARSER_STEPS, *common)
        parser = self.last(self.path("parser"), "validation")
        print("parser:", round(parser["pixels"], 4), "of the pixels right")
        self.assertGreater(parser["pixels"], 0.95)

        self.succeeds(
            "joint", "--folder", self.path("joint"), "--steps", JOINT_STEPS,
            "--sizes", "64", "--crossed-share", "0", "--random-share", "0",
            "--adv-lambda", "0", "--mask-feat-lambda", "0", "--l2-lambda", "5",
            "--learning-rate", "0.002", "--ema-images", "200",
            "--validate-every", JOINT_STEPS, "--parser-weights",
            self.path("parser", "models", "parser.safetensors"), *common)
        losses = [line["losses"]["l2"]
                  for line in support.metrics(self.path("joint"))
                  if "losses" in line]
        result = self.last(self.path("joint"), "validation")
        print(f"l2: {losses[0]:.4f} to {losses[-1]:.4f};",
              round(result["pixels_matching"], 4),
              "of the pixels parsed as in the masks")
        self.assertLess(losses[-1], losses[0] / 10)
        self.assertGreater(result["pixels_matching"], 0.9)


if __name__ == "__main__":
    if not os.path.exists(os.path.join(FACES, "manifest.csv")):
        print(f"needs the faces in {FACES}")
        sys.exit(support.SKIPPED)
    support.main()
