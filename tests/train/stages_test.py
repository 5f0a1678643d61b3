"""The generator by itself, then encoders for it, the published way; and the
stroke labeler."""

import os
import subprocess
import unittest

import support


class Stages(support.TrainingTest):

    def test_generator_then_embed(self):
        data = support.write_faces(self.path("faces"))
        self.succeeds(
            "generator", "--data", data, "--folder", self.path("generator"),
            "--steps", "6", "--batch", "4", "--precision", "f32", "--threads",
            "1", "--output-size", "32", "--style-width", "32", "--n-mlp", "2",
            "--channels", "16,16,12,8", "--discriminator-channels",
            "16,16,12,8", "--sizes", "16,32", "--grow-at", "12",
            "--path-regularize", "2", "--log-every", "1")
        steps = support.metrics(self.path("generator"))
        self.assertEqual(len(steps), 6)
        self.assertIn("critic", steps[0]["losses"])
        self.assertIn("path_length", steps[4]["losses"])
        weights = self.path("generator", "models", "generator.safetensors")
        _, before = support.read_safetensors(weights)

        self.succeeds(
            "embed", "--data", data, "--folder", self.path("embed"), "--steps",
            "4", "--coarse-steps", "2", "--batch", "2", "--precision", "f32",
            "--threads", "1", "--stylegan-weights", weights,
            "--encoder-divisor", "16", "--break-layer", "4", "--lpips-lambda",
            "0", "--w-norm-lambda", "0.005", "--log-every", "1")
        steps = support.metrics(self.path("embed"))
        self.assertEqual(len(steps), 4)
        self.assertIn("l2", steps[3]["losses"])
        model = self.path("embed", "models", "model.safetensors")
        _, after = support.read_safetensors(model)
        # The generator stayed as it was.
        for name, entry in before.items():
            if name.startswith("g_ema."):
                self.assertTrue(
                    after["decoder." + name[len("g_ema."):]] == entry, name)
        shown = subprocess.run([support.LIMNER, "info", model],
                               stdout=subprocess.PIPE, encoding="utf-8",
                               check=True)
        self.assertIn("32 x 32", shown.stdout)
        self.assertTrue(os.path.exists(self.path("embed", "report.html")))

    def test_labels(self):
        data = support.write_faces(self.path("faces"))
        hand = self.path("hand.ndjson")
        with open(hand, "w", encoding="utf-8") as file:
            for i in range(3):
                file.write('{"drawing": [[[%d, 200, 120], [10, 90, 250], '
                           '[6, 6, 6]], [[90, 99], [60, 61], [0, 0]]]}\n' % i)
        self.succeeds(
            "labels", "--data", data, "--hand", hand, "--hand-held-out", "1",
            "--folder", self.path("labels"), "--steps", "100", "--batch", "4",
            "--width", "16", "--token", "16", "--blocks", "2", "--threads",
            "1", "--log-every", "1", "--validate-every", "100",
            "--learning-rate", "0.005", "--lr-warmup", "1")
        steps = support.metrics(self.path("labels"))
        losses = [step["losses"]["entropy"] for step in steps
                  if "losses" in step]
        self.assertLess(sum(losses[-10:]), 0.8 * sum(losses[:10]))
        found = [step["validation"] for step in steps if "validation" in step]
        for name in ("points", "strokes", "strong_points", "hand_points"):
            self.assertGreaterEqual(found[0][name], 0)
            self.assertLessEqual(found[0][name], 1)
        names, _ = support.read_safetensors(
            self.path("labels", "models", "labeler.safetensors"))
        self.assertIn("limner_labeler", names)


if __name__ == "__main__":
    unittest.main()
