"""The generator by itself, then encoders for it, the published way; the stroke
labeler; a parser with a context network."""

import os
import subprocess

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

    def joint(self, name, *arguments):
        self.succeeds("joint", "--data", self.path("faces"), "--folder",
                      self.path(name), "--batch", "2", "--crossed-share", "0.5",
                      "--random-share", "0", *arguments, *support.TINY_JOINT)
        _, state = support.read_safetensors(
            self.path(name, "checkpoint.safetensors"))
        return state

    def test_discriminators_alone(self):
        support.write_faces(self.path("faces"))
        still = ["--steps", "1", "--learning-rate", "0"]
        alone = self.joint("alone", "--steps", "2", "--critics-alone", "4",
                           *support.CRITICS)
        steps = support.metrics(self.path("alone"))
        self.assertIn("pixel_critic", steps[0]["losses"])
        self.assertNotIn("pixel", steps[1]["losses"])
        before = self.joint("before", *still, *support.CRITICS)
        moved = [name for name, entry in alone.items()
                 if name.endswith("weight") and before[name] != entry]
        for prefix in ("critics.pixels.", "critics.eyes.", "critics.mouth.",
                       "critic.convs."):
            self.assertTrue(any(n.startswith(prefix) for n in moved), prefix)
        weights = [n for n in alone if n.startswith("model.decoder.conv")]
        self.assertTrue(weights)
        self.assertFalse(set(weights) & set(moved))

        # Another run begins with these discriminators.
        checkpoint = self.path("alone", "models", "discriminators.safetensors")
        after = self.joint("after", *still, "--init-critics", checkpoint,
                           *support.CRITICS)
        for name, entry in alone.items():
            if name.startswith(("critic.", "critics.")) and name.endswith(
                    "weight"):
                self.assertTrue(after[name] == entry, name)
        self.joint("on", "--steps", "1", "--init-critics", checkpoint,
                   *support.CRITICS)
        losses = support.metrics(self.path("on"))[0]["losses"]
        for name in ("pixel", "pixel_feat", "eyes", "eyes_feat", "mouth_gram",
                     "generator_feat"):
            self.assertIn(name, losses)

    def test_last_layers_on_crops(self):
        support.write_faces(self.path("faces"))
        crops = ["--crop-side", "16", "--pixel-lambda", "0.3",
                 "--pixel-channels", "4,8"]
        before = self.joint("before", "--steps", "1", "--learning-rate", "0",
                            *crops)
        after = self.joint("after", "--steps", "2", *crops)
        moved = {name for name, entry in after.items()
                 if name in before and before[name] != entry and
                 name.startswith("model.")}
        own = ("model.decoder.convs.4.", "model.decoder.convs.5.",
               "model.decoder.to_rgbs.2.", "model.encoder_face_fine.styles.6.",
               "model.encoder_face_fine.styles.7.")
        self.assertTrue(moved)
        for name in moved:
            self.assertTrue(name.startswith(own), name)
        for prefix in own:
            self.assertTrue(any(n.startswith(prefix) for n in moved), prefix)
        self.fails("crop_side", "joint", "--data", self.path("faces"),
                   "--folder", self.path("wrong"), "--steps", "1",
                   "--crop-side", "16", "--crop-lambda", "1",
                   *support.TINY_JOINT)

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

    def test_parser_with_context(self):
        data = support.write_faces(self.path("faces"))
        context = self.path("squeezenet.npz")
        before = support.write_squeezenet(context)
        settings = ["parser", "--data", data, "--batch", "2", "--side", "64",
                    "--half-share", "0.5", "--widths", "8,12,16", "--fold", "2",
                    "--precision", "f32", "--threads", "1", "--log-every", "1",
                    "--lr-warmup", "1", "--ema-images", "0"]
        first = self.path("first")
        self.succeeds(*settings, "--folder", first, "--steps", "3",
                      "--context-weights", context)
        steps = support.metrics(first)
        self.assertGreater(steps[0]["losses"]["gradient"], 0)
        # The way from it into the parser begins with zeros, so it learns from
        # the second step on.
        self.assertEqual(steps[0]["losses"]["context_gradient"], 0)
        self.assertGreater(steps[1]["losses"]["context_gradient"], 0)
        weights = self.path("first", "models", "parser.safetensors")
        _, after = support.read_safetensors(weights)
        self.assertNotEqual(after["context.fire4__conv3x3_2__w"][2],
                            before["fire4__conv3x3_2__w"])
        self.assertTrue(any(support.floats(after["context_to2.1.weight"])))

        # limner reads it, and a run that begins with it keeps the context.
        photo = self.path("faces", "images", "00000.png")
        shown = subprocess.run(
            [support.LIMNER, "parse", photo, "--parser", weights, "-o",
             self.path("mask.png")], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", check=False)
        self.assertIn(shown.returncode, (0, 1))
        if shown.returncode == 1:
            self.assertIn("no face was found", shown.stdout)
        second = self.path("second")
        self.succeeds(*settings, "--folder", second, "--steps", "1", "--init",
                      weights, "--learning-rate", "0")
        _, again = support.read_safetensors(
            self.path("second", "models", "parser.safetensors"))
        self.assertEqual(again["context.fire9__conv1x1_2__w"],
                         after["context.fire9__conv1x1_2__w"])
        self.assertEqual(again["context_to3.0.weight"],
                         after["context_to3.0.weight"])

        settings[settings.index("--side") + 1] = "80"
        self.fails("expected a multiple of 32", *settings, "--folder",
                   self.path("third"), "--steps", "1", "--context-weights",
                   context)


if __name__ == "__main__":
    support.main()
