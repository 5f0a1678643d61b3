"""The command line of limner-train: help, mistakes, bad data."""

import json
import os
import subprocess

import support
from support import TINY_JOINT


class Usage(support.TrainingTest):

    def test_help_of_every_stage(self):
        text = self.succeeds("--help").stdout
        for stage in ("parser", "generator", "embed", "joint", "looks"):
            self.assertIn(stage, text)
            if stage == "looks":  # no run
                self.assertIn("--out", self.succeeds(stage, "--help").stdout)
                continue
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

    def test_looks_go_into_a_file(self):
        data = support.write_faces(self.path("faces"))
        self.succeeds("joint", "--data", data, "--folder", self.path("run"),
                      "--steps", "3", "--batch", "4", *TINY_JOINT,
                      "--looks-components", "6")
        trained = self.path("run", "models", "model.safetensors")
        _, tensors = support.read_safetensors(trained)
        # 8 codes, 4 of them the drawing's.
        self.assertEqual(tensors["looks.mean"][1], [4, 16])
        self.assertEqual(tensors["looks.components"][1], [6, 4, 16])
        # The same again, of the same photos; fewer components are the first.
        for out, count in (("same", 6), ("fewer", 2)):
            text = self.succeeds(
                "looks", "--data", data, "--model", trained, "--components",
                str(count), "--threads", "1", "--out",
                self.path(out + ".safetensors")).stdout
            self.assertIn(f"12 photos, {count} components", text)
        metadata, same = support.read_safetensors(
            self.path("same.safetensors"))
        self.assertEqual(same, tensors)
        metadata, fewer = support.read_safetensors(
            self.path("fewer.safetensors"))
        self.assertEqual(json.loads(metadata["limner"])["look_components"], 2)
        shown = subprocess.run(
            [support.LIMNER, "info", self.path("fewer.safetensors"), "--json"],
            stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout
        for key in ("look_components", "parameters"):
            self.assertEqual(json.loads(metadata["limner"])[key],
                             json.loads(shown)["config"][key], key)
        shape, data_of = fewer["looks.components"][1:]
        self.assertEqual(shape, [2, 4, 16])
        self.assertEqual(data_of,
                         tensors["looks.components"][2][:len(data_of)])
        # Other tensors and metadata stay.
        self.assertEqual({name for name in fewer}, {name for name in tensors})
        for name, entry in tensors.items():
            if name != "looks.components":
                self.assertTrue(fewer[name] == entry, name)

        out = self.path("out.safetensors")
        given = ["looks", "--data", data, "--out"]
        self.fails("no 'model'", *given, out)
        self.fails("place of the model", *given, trained, "--model", trained)
        self.fails("must end in .safetensors", *given, self.path("out.pt"),
                   "--model", trained)
        self.fails("not a limner model", *given, out, "--model",
                   self.path("run", "checkpoint.safetensors"))
        self.assertFalse(os.path.exists(out))

    def test_without_looks(self):
        data = support.write_faces(self.path("faces"))
        self.succeeds("joint", "--data", data, "--folder", self.path("run"),
                      "--steps", "2", "--batch", "4", *TINY_JOINT,
                      "--looks-components", "0")
        _, tensors = support.read_safetensors(
            self.path("run", "models", "model.safetensors"))
        self.assertNotIn("looks.mean", tensors)


if __name__ == "__main__":
    support.main()
