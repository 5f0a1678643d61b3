"""Face shapes learnt from masks, and drawings fitted to them: limner shapes,
limner label --fit, limner generate and mix --faithful, limner convert
--add-shapes."""

import json
import math

import support
from support import Case, photo, png, read

SIDE = 128


def mask(variant):
    """A face of ellipses whose parts lie a little differently for each
    variant; labels as in CelebAMask-HQ."""
    pixels = bytearray(SIDE * SIDE)

    def paint(label, x, y, rx, ry, top=0):
        for j in range(max(top, int(y - ry)), min(SIDE, int(y + ry) + 1)):
            for i in range(max(0, int(x - rx)), min(SIDE, int(x + rx) + 1)):
                if ((i - x) / rx) ** 2 + ((j - y) / ry) ** 2 < 1:
                    pixels[j * SIDE + i] = label

    a, b, c = (math.sin(k * (variant + 1)) for k in (1, 2.3, 3.7))
    paint(13, 64, 55, 48 + 2 * a, 50)
    paint(17, 64, 150, 24 + 2 * b, 60)
    paint(1, 64, 70, 34 + 2 * c, 44 + a)
    for side, eye, brow in ((1, 4, 6), (-1, 5, 7)):
        paint(eye, 64 + side * (15 + a / 2), 60, 7 + b / 2, 3)
        paint(brow, 64 + side * 17, 51 + c, 10 + a, 2.6)
    paint(2, 64, 66, 5, 16, 56)
    paint(2, 64, 78 + b, 10, 5)
    paint(12, 64, 95 + c, 12 + b, 5)
    paint(11, 64, 93 + c, 12 + b, 3)
    return png(SIDE, SIDE, bytes(pixels))


def ring(label, x, y, rx, ry, share=1.0):
    return {"class": label,
            "points": [[x + rx * math.cos(share * k * math.pi / 16),
                        y + ry * math.sin(share * k * math.pi / 16)]
                       for k in range(33)]}


def doodle():
    """A circle with dots for eyes, a line for a nose and a smile."""
    return json.dumps({
        "format": "limner-drawing", "version": 1, "side": 512, "strokes": [
            ring(10, 256, 290, 190, 190), ring(2, 186, 230, 9, 9),
            ring(1, 326, 230, 9, 9), ring(7, 256, 320, 90, 70, 0.5),
            {"class": 6, "points": [[256, 250], [256, 310]]}]}).encode()


class Fit(Case):

    def setUp(self):
        super().setUp()
        lines = "id,split\n"
        for i in range(8):
            self.put(f"faces/masks/{i}.png", mask(i))
            self.put(f"faces/images/{i}.png", photo(i, SIDE))
            lines += f"{i},train\n"
        self.put("faces/manifest.csv", lines.encode())
        self.put("doodle.json", doodle())
        self.shapes = self.path("shapes.safetensors")
        self.succeeds("shapes", "faces", "-o", self.shapes, "--components", 6)

    def test_label(self):
        result = self.succeeds(
            "label", "doodle.json", "--fit", "--shapes", self.shapes,
            "--json", "--show", "-o", "fitted.json")
        fit = json.loads(result.stdout)["fit"]
        self.assertEqual(fit["faithful"], 0)
        self.assertGreater(fit["distance"], 0.5)
        changes = {part["part"]: part["change"] for part in fit["parts"]}
        self.assertEqual(changes["nose"], "redrawn")
        self.assertEqual(changes["left brow"], "added")
        classes = {stroke["class"] for stroke in
                   json.loads(read(self.path("fitted.json")))["strokes"]}
        self.assertLessEqual({1, 2, 4, 5, 6, 7, 17, 18}, classes)
        # Before and after, side by side.
        legend = read(self.path("doodle-legend.svg")).decode()
        self.assertIn('viewBox="0 0 1312 512"', legend)
        # What is a face by now stays one.
        self.succeeds("label", "fitted.json", "--fit", "--faithful", "0",
                      "--shapes", self.shapes, "-o", "again.json")
        self.assertEqual(read(self.path("again.json")),
                         read(self.path("fitted.json")))

    def test_bald(self):
        hair = {}
        for name, options in (("usual", ()), ("bald", ("--bald",))):
            self.succeeds("label", "doodle.json", "--fit", "--shapes",
                          self.shapes, *options, "-o", f"{name}.json")
            strokes = json.loads(read(self.path(f"{name}.json")))["strokes"]
            hair[name] = sum(s["class"] in (15, 17) for s in strokes)
        self.assertGreater(hair["usual"], 0)
        self.assertEqual(hair["bald"], 0)
        self.refused("label", "doodle.json", "--bald", code=2,
                     says="--bald is part of --fit")

    def test_label_at_one_is_frame_alone(self):
        self.succeeds("label", "doodle.json", "--frame", "-o", "framed.json")
        self.succeeds("label", "doodle.json", "--fit", "--faithful", "1",
                      "--shapes", self.shapes, "-o", "fitted.json")
        self.assertEqual(read(self.path("framed.json")),
                         read(self.path("fitted.json")))

    def test_generate(self):
        self.put("p.png", photo())

        def make(name, *options):
            return self.succeeds("generate", "doodle.json", "-a", "p.png", "-m",
                                 self.model, "--no-align", "-o", name, *options)
        make("plain.png")
        make("one.png", "--faithful", "1", "--shapes", self.shapes)
        self.assertEqual(read(self.path("plain.png")),
                         read(self.path("one.png")))
        result = make("auto.png", "--faithful", "auto", "--shapes", self.shapes)
        self.assertIn("doodle.json: fitted with faithfulness 0.00",
                      result.stdout)
        self.assertNotEqual(read(self.path("plain.png")),
                            read(self.path("auto.png")))

    def test_mix(self):
        self.put("p.png", photo())

        def mix(name, *options):
            return self.succeeds("mix", "doodle.json", "-a", "p.png", "-m",
                                 self.model, "--no-align", "-n", "1", "-o",
                                 name, *options)
        self.assertIn("fitted with faithfulness 0.00",
                      mix("auto.png", "--shapes", self.shapes).stdout)
        mix("one.png", "--shapes", self.shapes, "--faithful", "1")
        mix("plain.png")
        self.assertEqual(read(self.path("plain.png")),
                         read(self.path("one.png")))
        self.assertNotEqual(read(self.path("plain.png")),
                            read(self.path("auto.png")))

    def test_convert(self):
        self.succeeds("convert", self.model, "with.safetensors", "--add-shapes",
                      self.shapes)
        self.succeeds("convert", "with.safetensors", "again.safetensors")
        metadata, tensors = support.read_safetensors(
            self.path("again.safetensors"))
        self.assertIn("limner_shapes", metadata)
        self.assertIn("shapes.mean", tensors)
        self.succeeds("label", "doodle.json", "--fit", "--shapes",
                      "again.safetensors", "-o", "fitted.json")

    def test_refusals(self):
        self.refused("label", "doodle.json", "--fit", says="--shapes")
        self.refused("label", "doodle.json", "--fit", "--shapes", self.model,
                     says="face shapes")
        self.refused("label", "doodle.json", "--faithful", "0", code=2,
                     says="--fit")
        for number in ("2", "-0.1", "nan", "much"):
            self.refused("label", "doodle.json", "--fit", "--shapes",
                         self.shapes, f"--faithful={number}",
                         says="--faithful")
        self.put("few/manifest.csv", b"id,split\n0,train\n")
        self.put("few/masks/0.png", png(SIDE, SIDE, b"\1" * SIDE * SIDE))
        self.put("few/images/0.png", photo(0, SIDE))
        self.refused("shapes", "few", "-o", "s.safetensors", says="two or more")
        self.refused("shapes", "faces", "-o", "s.bin", says=".safetensors")


if __name__ == "__main__":
    support.main()
