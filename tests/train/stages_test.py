"""The generator by itself, then encoders for it, the published way."""

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


if __name__ == "__main__":
    unittest.main()
