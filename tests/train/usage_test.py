"""The command line of limner-train: help, mistakes, bad data."""

import json
import os
import subprocess
import unittest

import support
from support import TINY_JOINT


class Usage(support.TrainingTest):

    def test_help_of_every_stage(self):
        text = self.succeeds("--help").stdout
        for stage in ("parser", "generator", "embed", "joint"):
            self.assertIn(stage, text)
            options = self.succeeds(stage, "--help").stdout
            for name in ("--config", "--data", "--resume", "--batch"):
                self.assertIn(name, options)

    def test_mistakes_on_the_command_line(self):
        for arguments in ([], ["paint"], ["parser", "--sidee", "5"]):
            self.assertEqual(support.run(*arguments).returncode, 2, arguments)

    def test_settings_are_checked(self):
        data = support.write_faces(self.path("faces"))
        self.fails("batch", "parser", "--data", data, "--folder",
                   self.path("run"), "--batch", "0")
        config = self.path("run.toml")
        support.write(config, b'batchh = 4\n')
        self.fails("batch", "parser", "--config", config)
        support.write(config, b'batch = [\n')
        self.fails("run.toml", "parser", "--config", config)
        self.assertFalse(os.path.exists(self.path("run", "checkpoint.safetensors")))

    def test_data_is_checked(self):
        self.fails("nowhere", "parser", "--data", self.path("nowhere"),
                   "--folder", self.path("run"), "--steps", "1")
        data = support.write_faces(self.path("faces"))
        photo = os.path.join(data, "images", "00003.png")
        with open(photo, "r+b") as file:
            file.truncate(100)
        self.fails("00003.png", "parser", "--data", data, "--folder",
                   self.path("run"), "--steps", "9", "--side", "32",
                   "--widths", "4,8", "--batch", "4", "--precision", "f32")

    def test_precision(self):
        data = support.write_faces(self.path("faces"))

        def lines(name, *precision):
            run = self.succeeds(
                "parser", "--data", data, "--folder", self.path(name),
                "--steps", "1", "--side", "32", "--widths", "4,8", "--batch",
                "2", "--threads", "1", *precision)
            return [line for line in run.stdout.splitlines()
                    if line.startswith("precision: ")]

        def kept(name):
            with open(self.path(name, "config.json"), encoding="utf-8") as file:
                return json.load(file)["precision"]

        chosen = lines("auto")
        self.assertEqual(len(chosen), 1, chosen)
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            flags = file.read().split()
        native = "avx512_bf16" in flags or "amx_bf16" in flags
        self.assertRegex(chosen[0],
                         r"^precision: bf16, since this processor computes it "
                         r"\((AMX|AVX-512)\)$" if native else
                         "^precision: f32, since this processor has no ")
        self.assertEqual(kept("auto"), "auto")

        self.assertEqual(lines("f32", "--precision", "f32"), [])
        self.assertEqual(kept("f32"), "f32")
        config = self.path("old.json")
        support.write(config, b'{"precision": "bf16"}')
        self.assertEqual(len(lines("bf16", "--config", config)),
                         0 if native else 1)
        self.assertEqual(kept("bf16"), "bf16")
        self.fails("auto, bf16, f32", "parser", "--data", data, "--folder",
                   self.path("half"), "--precision", "half")

    def test_a_parser_is_asked_for(self):
        data = support.write_faces(self.path("faces"))
        arguments = list(TINY_JOINT)
        arguments[arguments.index("--mask-lambda") + 1] = "1"
        self.fails("parser", "joint", "--data", data, "--folder",
                   self.path("run"), "--steps", "1", *arguments)

    def test_the_model_runs_in_limner(self):
        data = support.write_faces(self.path("faces"))
        self.succeeds("joint", "--data", data, "--folder", self.path("run"),
                      "--steps", "3", "--batch", "4", *TINY_JOINT)
        model = self.path("run", "models", "model.safetensors")
        shown = subprocess.run([support.LIMNER, "info", model],
                               stdout=subprocess.PIPE, encoding="utf-8",
                               check=True)
        self.assertIn("32 x 32", shown.stdout)
        drawing = self.path("drawing.png")
        labels = bytes(10 if x == 20 else 0 for _ in range(64)
                       for x in range(64))
        support.write(drawing, support.png(64, 64, 1, labels))
        photo = os.path.join(data, "images", "00001.png")
        face = self.path("face.png")
        subprocess.run([support.LIMNER, "generate", drawing, "--appearance",
                        photo, "--model", model, "-o", face], check=True)
        self.assertGreater(os.path.getsize(face), 100)


if __name__ == "__main__":
    unittest.main()
