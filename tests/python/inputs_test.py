"""Whatever holds a drawing or a photo goes in, and what does not is refused with
one line."""

import os
import pathlib

import support
from support import Case, cli

import limner
import numpy
import PIL.Image

EXAMPLES = os.path.join(cli.SOURCE, "examples")
SVG = os.path.join(EXAMPLES, "drawings", "woman-with-wavy-hair.svg")
SCAN = os.path.join(EXAMPLES, "drawings", "long-hair.png")
IMAGES = os.path.join(cli.SOURCE, "tests", "data", "images")


class Drawings(Case):
    def test_a_label_image_as_anything(self):
        file = self.put("d.png", cli.drawing(label=17))
        expected = self.engine.generate(file, seed=7)
        self.same(expected, self.program(file, "--random", 7))
        picture = PIL.Image.open(file)
        for given in (pathlib.Path(file), os.fsencode(file).decode(),
                      cli.read(file), bytearray(cli.read(file)), picture,
                      numpy.asarray(picture), numpy.asarray(picture)[..., None],
                      numpy.asfortranarray(picture)):
            self.same(self.engine.generate(given, seed=7), expected)

    def test_a_picture_of_lines_as_anything(self):
        with PIL.Image.open(SCAN) as picture:
            rgb = picture.convert("RGB").resize((400, 400))
        file = self.path("scan.png")
        for mode in ("RGB", "L", "P", "RGBA", "1"):
            picture = rgb.convert(mode)
            picture.save(file)
            # Palettes are judged by their colours, as files are.
            as_ = "picture" if mode == "P" else "content"
            expected = self.program(file, "--random", 7, "--as", as_)
            self.same(self.engine.generate(picture, seed=7, as_=as_), expected)
            if mode in ("RGB", "L", "RGBA"):
                self.same(self.engine.generate(numpy.asarray(picture), seed=7,
                                               as_=as_), expected)

    def test_the_legends_colours(self):
        labels = numpy.asarray(PIL.Image.open(
            self.put("d.png", cli.drawing(label=17))))
        file = self.path("colours.png")
        coloured = limner.colours(labels)
        PIL.Image.fromarray(coloured).save(file)
        self.same(self.engine.generate(coloured, seed=7),
                  self.program(file, "--random", 7))

    def test_bytes_of_strokes(self):
        expected = self.engine.generate(SVG, seed=7)
        self.same(self.engine.generate(cli.read(SVG), seed=7), expected)
        self.same(self.engine.generate(limner.Drawing.read(SVG), seed=7),
                  expected)


class Photos(Case):
    def test_a_photo_as_anything(self):
        drawing = self.put("d.png", cli.drawing())
        file = self.put("p.png", cli.photo(3))
        expected = self.program(drawing, "-a", file, "--no-align")
        picture = PIL.Image.open(file)
        for given in (pathlib.Path(file), cli.read(file), picture,
                      picture.convert("RGBA"), numpy.asarray(picture),
                      numpy.asarray(picture.convert("RGBA"))):
            self.same(self.engine.generate(drawing, given, align=False),
                      expected)

    def test_profiles_and_orientations_of_pillow(self):
        drawing = self.put("d.png", cli.drawing())
        for name in ("orientation6.jpg", "gray.jpg", "gray16.png",
                     "palette2.png", "rgba8-interlaced.png"):
            file = os.path.join(IMAGES, name)
            expected = self.engine.generate(drawing, file, align=False)
            with PIL.Image.open(file) as picture:
                self.same(self.engine.generate(drawing, picture, align=False),
                          expected)


class Refused(Case):
    def refuses(self, says, call):
        with self.assertRaises(limner.Error) as caught:
            call()
        self.assertIn(says, str(caught.exception))
        self.assertEqual(len(str(caught.exception).splitlines()), 1)
        self.assertIsInstance(caught.exception, RuntimeError)

    def test_bad_values(self):
        generate = self.engine.generate
        labels = numpy.zeros((64, 64), numpy.uint8)
        labels[10:50, 20] = 1
        self.refuses("nowhere.svg", lambda: generate("nowhere.svg", seed=1))
        self.refuses("nowhere.jpg", lambda: generate(SVG, "nowhere.jpg"))
        self.refuses("looks", lambda: generate(SVG))
        self.refuses("looks", lambda: generate(SVG, "p.jpg", seed=1))
        self.refuses("seed", lambda: generate(SVG, seed=-1))
        self.refuses("seed", lambda: generate(SVG, seed=2**53))
        self.refuses("faithfulness",
                     lambda: generate(SVG, seed=1, faithfulness=1.5))
        self.refuses("faithfulness",
                     lambda: generate(SVG, seed=1, faithfulness="very"))
        for preview in (3, -8, 65, 128):
            self.refuses("8 to 64", lambda side=preview: generate(
                SVG, seed=1, preview=side))
        self.refuses("as_", lambda: generate(SVG, seed=1, as_="lines"))
        self.refuses("face", lambda: generate(SVG, "p.jpg", face=0))
        self.refuses("uint8", lambda: generate(labels.astype(float), seed=1))
        self.refuses("[h,w]", lambda: generate(labels[0], seed=1))
        self.refuses("1 to", lambda: generate(labels[:0], seed=1))
        self.refuses("precision",
                     lambda: limner.Engine(self.model, precision="best"))
        self.refuses("nowhere", lambda: limner.Engine("nowhere"))
        self.refuses("no model", limner.Engine)
        self.refuses("damaged", lambda: generate(b"\x89PNG\r\n\x1a\nabc",
                                                 seed=1))
        wrong = labels.copy()
        wrong[3, 5] = 40
        self.refuses("40", lambda: generate(wrong, seed=1))
        with self.assertRaises(TypeError):
            generate(7, seed=1)

    def test_bad_strokes(self):
        for stroke in (limner.Stroke([[1, float("nan")]]),
                       limner.Stroke([[1, 2]], label=23)):
            self.refuses("", lambda one=stroke: self.engine.label(
                limner.Drawing([one])))
        self.refuses("[N,2]", lambda: limner.Stroke([1, 2, 3]))
        self.refuses("no strokes", lambda: self.engine.label(limner.Drawing()))

    def test_bad_codes(self):
        rows, width = (self.engine.config["styles"],
                       self.engine.config["style_width"])
        good = numpy.zeros((rows, width), numpy.float32)
        for wrong in (good[:-1], good[:, :-1], good[0], good + numpy.nan):
            self.refuses("", lambda codes=wrong: self.engine.render(codes))

    def test_photos_without_a_face(self):
        gray = numpy.full((100, 150, 3), 128, numpy.uint8)
        self.refuses("align=False", lambda: self.engine.generate(SVG, gray))
        self.refuses("no face", lambda: self.engine.align(gray))


if __name__ == "__main__":
    support.cli.main()
