"""The module gives what the program gives, to the byte."""

import os
import subprocess
import sys
import threading
import time
import unittest

import support
from support import Case, cli

import limner
import numpy
import PIL.Image

EXAMPLES = os.path.join(cli.SOURCE, "examples")
SVG = os.path.join(EXAMPLES, "drawings", "woman-with-wavy-hair.svg")


class Generate(Case):
    def test_a_label_image_and_a_photo(self):
        drawing = self.put("d.png", cli.drawing())
        photo = self.put("p.png", cli.photo(3))
        expected = self.program(drawing, "-a", photo, "--no-align")
        got = self.engine.generate(drawing, photo, align=False)
        self.assertEqual(got.shape, (64, 64, 3))
        self.same(got, expected)

    def test_strokes_and_a_seed(self):
        expected = self.program(SVG, "--random", 7)
        self.same(self.engine.generate(SVG, seed=7), expected)
        self.assertTrue(any("scaled by" in note for note in self.engine.notes))

    def test_options(self):
        expected = self.program(SVG, "--random", 7, "--preview", 32,
                                "--no-frame", "--faithful", 1)
        self.same(self.engine.generate(SVG, seed=7, preview=32, frame=False,
                                       faithfulness=1), expected)

    def test_codes_and_render(self):
        expected = self.engine.generate(SVG, seed=7)
        codes = self.engine.codes(SVG, seed=7)
        self.assertEqual(codes.styles.shape,
                         (self.engine.config["styles"],
                          self.engine.config["style_width"]))
        self.assertEqual(codes.styles.dtype, numpy.float32)
        self.same(self.engine.render(codes), expected)
        again = limner.Codes(codes.styles, codes.maps)
        self.same(self.engine.render(again, preview=32),
                  self.engine.generate(SVG, seed=7, preview=32))
        if not codes.maps:
            self.same(self.engine.render(codes.styles), expected)
        file = self.path("codes.safetensors")
        codes.save(file)
        self.same(self.engine.render(limner.Codes.load(file)), expected)
        out = self.path("latent.png")
        self.succeeds("generate", "--from-latent", file, "-m", self.model, "-o",
                      out)
        self.same(numpy.asarray(PIL.Image.open(out)), expected)

    def test_mixed_codes(self):
        one = self.engine.codes(SVG, seed=1)
        other = self.engine.codes(SVG, seed=2)
        mixed = one.mix(other, [8, 9], 0.5)
        numpy.testing.assert_allclose(
            mixed.styles[8], (one.styles[8] + other.styles[8]) / 2, atol=1e-6)
        numpy.testing.assert_array_equal(mixed.styles[0], one.styles[0])
        with self.assertRaises(limner.Error):
            one.mix(other, [99])

    def test_looks_are_kept(self):
        looks = self.engine.looks(seed=7)
        self.same(self.engine.generate(SVG, looks),
                  self.engine.generate(SVG, seed=7))
        self.assertFalse(looks.relative)
        self.assertEqual(looks.fine.shape[1], self.engine.config["style_width"])


class Strokes(Case):
    def test_label_gives_what_the_program_gives(self):
        out = self.path("labelled.json")
        self.succeeds("label", SVG, "-o", out, "--labeler", self.labeler)
        expected = limner.Drawing.read(out)
        got = self.engine.label(SVG)
        self.assertEqual([stroke.label for stroke in got],
                         [stroke.label for stroke in expected])
        self.assertEqual(got.side, expected.side)
        for one, other in zip(got, expected):
            numpy.testing.assert_allclose(one.points, other.points, atol=1e-2)

    def test_strokes_go_in_again(self):
        strokes = self.engine.label(SVG)
        self.same(self.engine.generate(strokes, seed=7),
                  self.engine.generate(SVG, seed=7))
        strokes[0].label = 17 if strokes[0].label != 17 else 10
        self.assertNotEqual(self.engine.labels(strokes).tobytes(),
                            self.engine.labels(SVG).tobytes())

    def test_own_strokes(self):
        eye = limner.Stroke([[20, 20], [40, 20], [30, 30]], label=1)
        mouth = limner.Stroke(numpy.array([[20, 80], [60, 80]]), label=7,
                              pressure=[0.5, 1])
        drawing = limner.Drawing([eye, mouth], side=100)
        labels = self.engine.labels(drawing, faithfulness=1)
        self.assertEqual(labels.shape, (512, 512))
        self.assertEqual(set(numpy.unique(labels)), {0, 1, 7})
        self.assertEqual(limner.colours(labels).shape, (512, 512, 3))
        file = self.path("d.json")
        drawing.save(file)
        read = limner.Drawing.read(file)
        self.assertEqual([stroke.label for stroke in read], [1, 7])
        self.assertEqual(read[0].name, limner.CLASSES[1])
        numpy.testing.assert_allclose(read[1].pressure, [0.5, 1], atol=1e-3)


class Photos(Case):
    def test_parse(self):
        photo = self.put("p.png", cli.parts_photo())
        out = self.path("mask.png")
        self.succeeds("parse", photo, "--parser", self.parser, "--no-align",
                      "-o", out)
        expected = numpy.asarray(PIL.Image.open(out))
        self.same(self.engine.parse(photo, align=False), expected)
        self.assertEqual(
            self.engine.parse(photo, align=False, side=64).shape, (64, 64))

    def test_align(self):
        photo = self.put("p.png", cli.picture(300, 200, [(150, 100, 120, 8)]))
        out = self.path("face.png")
        self.succeeds("align", photo, "--parser", self.parser, "-o", out)
        self.same(self.engine.align(photo), numpy.asarray(PIL.Image.open(out)))
        self.assertEqual(self.engine.align(photo, side=50).shape, (50, 50, 3))
        self.same(self.engine.generate(SVG, photo),
                  self.program(SVG, "-a", photo))


class Threads(Case):
    def test_one_engine_serves_threads_in_turn(self):
        expected = {seed: self.engine.generate(SVG, seed=seed)
                    for seed in range(3)}
        wrong = []

        def work(engine, seed):
            for _ in range(3):
                if not numpy.array_equal(engine.generate(SVG, seed=seed),
                                         expected[seed]):
                    wrong.append(seed)

        workers = [threading.Thread(
            target=work, args=(self.engine.sharing() if seed else self.engine,
                               seed)) for seed in (0, 1, 2, 0)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.assertEqual(wrong, [])

    def test_other_threads_run_meanwhile(self):
        # A thread that counts gets on during a call only if that lets go of the
        # interpreter: with switches forbidden otherwise.
        interval = sys.getswitchinterval()
        running, counted = threading.Event(), [0]

        def count():
            running.wait()
            while running.is_set():
                counted[0] += 1
                time.sleep(0)  # gives the interpreter back

        worker = threading.Thread(target=count)
        worker.start()
        sys.setswitchinterval(1000)
        try:
            running.set()
            before = counted[0]
            while counted[0] == before:  # ends only if calls let it count
                self.engine.generate(SVG, seed=1)
        finally:
            running.clear()
            sys.setswitchinterval(interval)
            worker.join()
        self.assertGreater(counted[0], before)


class PublishedInference(Case):
    def test_the_example_makes_the_programs_pictures(self):
        for name, variant in (("a", 0), ("b", 5)):
            self.put(f"drawings/{name}.png", cli.drawing(variant))
            self.put(f"photos/{name}.png", cli.photo(variant))
        os.makedirs(self.path("out"))
        example = os.path.join(EXAMPLES, "inference.py")
        subprocess.run([sys.executable, example, self.model, "drawings",
                        "photos", "out"], cwd=self.folder, check=True)
        self.succeeds("inference", "--exp_dir", "exp", "--checkpoint_path",
                      self.model, "--data_path", "drawings", "--target_path",
                      "photos")
        for name in ("a", "b"):
            self.same(
                numpy.asarray(PIL.Image.open(self.path("out", name + ".png"))),
                numpy.asarray(PIL.Image.open(self.path(
                    "exp", "inference_results", name + ".png"))))

    def test_the_page_shows_the_example(self):
        page = cli.read(os.path.join(cli.SOURCE, "docs", "python.md")).decode()
        code = cli.read(os.path.join(EXAMPLES, "inference.py")).decode()
        self.assertIn(code.split('"""\n', 2)[-1], page)


class Program(unittest.TestCase):
    def test_the_module_is_the_program(self):
        settings = dict(os.environ)
        for arguments in (["--version"], ["generate", "--help"]):
            result = subprocess.run(
                [sys.executable, "-m", "limner", *arguments], env=settings,
                stdout=subprocess.PIPE, check=True)
            expected = subprocess.run([cli.LIMNER, *arguments], env=settings,
                                      stdout=subprocess.PIPE, check=True)
            self.assertEqual(result.stdout, expected.stdout)

    def test_the_bundled_model(self):
        settings = {key: value for key, value in os.environ.items()
                    if not key.startswith("LIMNER_")}
        code = (f"import limner; print(limner.Engine().generate({SVG!r}, "
                "seed=7, preview=8).shape)")
        result = subprocess.run([sys.executable, "-c", code], env=settings,
                                stdout=subprocess.PIPE, check=True)
        self.assertEqual(result.stdout, b"(8, 8, 3)\n")


if __name__ == "__main__":
    support.cli.main()
