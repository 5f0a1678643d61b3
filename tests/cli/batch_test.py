"""Folders: side by side as one after the other, whatever the command and the
number of threads. Results, messages and their order are the same."""

import json
import os
import re

import support
from support import Case, drawing, photo, picture

OWN_THREADS = ("generate", "mix", "inference")  # they have --threads


def strokes(shift):
    """A drawing of four lines without classes."""
    lines = [[[100, 100 + shift], [180, 90]], [[300, 100], [380, 90 + shift]],
             [[240, 150], [230, 250 + shift], [260, 260]],
             [[180, 350 + shift], [320, 360]]]
    return json.dumps({
        "format": "limner-drawing", "version": 1, "side": 512,
        "strokes": [{"points": line} for line in lines]}).encode()


class SideBySide(Case):
    def setUp(self):
        super().setUp()
        self.put("in/labeler.safetensors", support.labeler())
        self.put("in/parser.safetensors", support.colour_parser(64))
        for i in range(7):
            self.put(f"in/strokes/{i}.json", strokes(3 * i))
            self.put(f"in/labels/{i}.png", drawing(i))
            self.put(f"in/looks/{i}.png", photo(i))
            # A face somewhere, and every third time none.
            faces = [] if i % 3 == 1 else [(80 + 5 * i, 90, 90, 2 * i)]
            self.put(f"in/photos/{i}.png", picture(180, 170, faces))
            self.put(f"in/masks/{i}.png", drawing(i, label=3))
        for name in ("strokes/2.json", "labels/2.png", "looks/5.png",
                     "photos/3.png", "masks/0.png"):
            self.put("in/" + name, b"nothing")
        self.put("in/labels/6.png", drawing(0, label=200))

    def run_on(self, threads, arguments):
        """What a run in a folder of its own says and leaves."""
        folder = self.path("run")
        os.mkdir(folder)
        if arguments[0] in OWN_THREADS:
            arguments = (*arguments, "-m" if arguments[0] != "inference" else
                         "--checkpoint_path", self.model, "--threads",
                         threads)
        result = support.run(*arguments, cwd=folder,
                             env={"OMP_NUM_THREADS": threads})
        files = support.listing(folder)
        files.pop("out/stats.txt", None)  # times
        os.rename(folder, self.path(f"run{len(os.listdir(self.folder))}"))
        return (result.returncode,
                re.sub(r"Runtime \S+", "Runtime", result.stdout),
                result.stderr, files)

    def check(self, *arguments, code=1, errors=()):
        """The same on 1, 2 and 5 threads; `errors`: one pattern a line of
        standard error."""
        results = [self.run_on(threads, arguments) for threads in "125"]
        self.assertEqual(results[0], results[1])
        self.assertEqual(results[0], results[2])
        returned, stdout, stderr, files = results[0]
        self.assertEqual(returned, code, stderr)
        lines = stderr.splitlines()
        self.assertEqual(len(lines), len(errors), stderr)
        for line, pattern in zip(lines, errors):
            self.assertRegex(line, "^limner: .*" + pattern)
        return stdout, [name for name, kind in files.items()
                        if kind != "folder"]

    def test_label(self):
        arguments = ("label", "../in/strokes", "-o", "out", "--labeler",
                     "../in/labeler.safetensors")
        stdout, files = self.check(*arguments, "--show", errors=("2.json",))
        self.assertEqual(stdout, "6 of 7 drawings written\n")
        self.assertEqual(len(files), 12)
        stdout, _ = self.check(*arguments, "--json", errors=("2.json",))
        self.assertEqual([os.path.basename(report["drawing"])
                          for report in json.loads(stdout)],
                         [f"{i}.json" for i in (0, 1, 3, 4, 5, 6)])
        # One labeler that cannot be opened ends all, and is told once.
        self.check(*arguments[:-1], "../in/parser.safetensors",
                   errors=("is no labeler",))

    def test_photos(self):
        for command in ("align", "parse", "sketch"):
            stdout, files = self.check(
                command, "../in/photos", "-o", "out", "--parser",
                "../in/parser.safetensors",
                errors=[f"photos/{i}.png" for i in (1, 3, 4)])
            self.assertRegex(stdout, "\n?4 of 7 [a-z]+ written\n$")
            self.assertEqual(len(files), 4)
            self.assertEqual(stdout.count(", aligned\n"),
                             0 if command == "align" else 4)

    def test_faces_that_are_printed(self):
        arguments = ("align", "../in/photos", "--print", "--parser",
                     "../in/parser.safetensors")
        stdout, files = self.check(*arguments, errors=("photos/3.png",))
        self.assertEqual(re.findall(r"photos/(\d).png: (no|1)", stdout),
                         [("0", "1"), ("1", "no"), ("2", "1"), ("4", "no"),
                          ("5", "1"), ("6", "1")])
        self.assertEqual(files, [])
        stdout, _ = self.check(*arguments, "--json", errors=("photos/3.png",))
        self.assertEqual([len(report["faces"])
                          for report in json.loads(stdout)],
                         [1, 0, 1, 0, 1, 1])

    def test_sketch_of_masks(self):
        stdout, files = self.check("sketch", "../in/masks", "-o", "out",
                                   errors=("masks/0.png",))
        self.assertEqual(stdout, "6 of 7 drawings written\n")
        self.assertEqual(len(files), 6)

    def test_generate(self):
        stdout, files = self.check(
            "generate", "../in/strokes", "-a", "../in/looks", "-o", "out",
            "--sheet", "sheet.png", "--labeler", "../in/labeler.safetensors",
            "--no-frame", errors=("strokes/2.json", "looks/5.png"))
        self.assertRegex(stdout, "\n5 of 7 faces written [^\n]*\n$")
        self.assertEqual(len(files), 6)

    def test_mix(self):
        _, files = self.check(
            "mix", "../in/labels", "-a", "../in/looks", "-n", "2", "-o",
            "out", "--separate",
            errors=("labels/2.png", "looks/5.png", "labels/6.png"))
        self.assertEqual(len(files), 8)
        _, files = self.check("mix", "../in/labels", "-a", "../in/looks/1.png",
                              "--mix-with", "../in/looks/3.png", "-n", "2",
                              "-o", "out",
                              errors=("labels/2.png", "labels/6.png"))
        self.assertEqual(len(files), 5)

    def test_inference(self):
        arguments = ("inference", "--exp_dir", "out", "--data_path",
                     "../in/labels", "--couple_outputs")
        _, files = self.check(
            *arguments, "--target_path", "../in/looks", "--latent_mask", "8",
            errors=("labels/2.png", "looks/5.png", "labels/6.png"))
        self.assertEqual(len(files), 4 * 4)
        for looks in (("--random_appearance",),
                      ("--target_path", "../in/looks/0.png")):
            _, files = self.check(*arguments, *looks,
                                  errors=("labels/2.png", "labels/6.png"))
            self.assertEqual(len(files), 5 * (3 if len(looks) == 1 else 4))
        # One photo for all that cannot be read fails each picture.
        self.check(*arguments, "--target_path", "../in/looks/5.png",
                   errors=("looks/5.png", "looks/5.png", "labels/2.png",
                           "looks/5.png", "looks/5.png", "looks/5.png",
                           "labels/6.png"))


if __name__ == "__main__":
    support.main()
