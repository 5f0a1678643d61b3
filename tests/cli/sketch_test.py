"""limner sketch: masks and photos -> drawings."""

import json
import os

import support
from support import Case, png, read

SIDE = 128


def mask(top=19):
    """Hair, skin, eyes and mouth as boxes. top: values are below it."""
    pixels = bytearray(SIDE * SIDE)

    def box(label, left, upper, right, lower):
        for y in range(upper, lower):
            pixels[y * SIDE + left:y * SIDE + right] = bytes(
                [label]) * (right - left)

    box(13, 20, 6, 108, 70)    # hair
    box(1, 32, 30, 96, 116)    # skin
    box(4, 40, 56, 56, 64)     # eyes
    box(5, 72, 56, 88, 64)
    box(12, 50, 92, 78, 98)    # lips
    if top < 19:
        pixels[5] = 19
    return png(SIDE, SIDE, bytes(pixels))


def photo(side=SIDE):
    """A photo of the same frame with a strong edge inside the skin."""
    pixels = bytearray()
    for y in range(side):
        for x in range(side):
            dark = side * 0.35 < x < side * 0.65 and side * 0.60 < y < (
                side * 0.64)
            pixels += bytes([40 if dark else 200] * 3)
    return png(side, side, bytes(pixels), colour=2)


class Sketch(Case):
    def setUp(self):
        super().setUp()
        self.put("m.png", mask())
        self.put("p.png", photo())

    def strokes(self, name):
        return json.loads(read(self.path(name)))["strokes"]

    def test_formats(self):
        result = self.succeeds("sketch", "m.png")
        self.assertRegex(result.stdout, r"^m-sketch\.svg: \d+ strokes\n$")
        for ending in ("svg", "json", "ndjson", "png"):
            self.succeeds("sketch", "m.png", "-o", f"o.{ending}")
        classes = {stroke["class"] for stroke in self.strokes("o.json")}
        self.assertTrue({1, 2, 7, 15, 17} <= classes, classes)
        self.assertEqual(support.png_size(self.path("o.png")), (512, 512))
        # Its own drawings need no labeler.
        for ending in ("svg", "json", "ndjson", "png"):
            self.succeeds("label", f"o.{ending}", "-o", "l.json")
            self.assertEqual(
                {stroke["class"] for stroke in self.strokes("l.json")},
                classes)

    def test_photo_and_detail(self):
        counts = []
        for arguments in ((), ("--photo", "p.png", "--detail", "0"),
                          ("--photo", "p.png", "--detail", "1")):
            self.succeeds("sketch", "m.png", *arguments, "-o", "o.json")
            counts.append(len(self.strokes("o.json")))
        self.assertEqual(counts[0], counts[1])
        self.assertGreater(counts[2], counts[1])

    def test_width(self):
        sizes = []
        for width in ("1", "2", "6"):
            self.succeeds("sketch", "m.png", "-o", "o.png", "--width", width)
            sizes.append(read(self.path("o.png")))
        self.succeeds("sketch", "m.png", "-o", "o.png")
        self.assertEqual(read(self.path("o.png")), sizes[1])
        self.assertEqual(len(set(sizes)), 3)

    def test_same_every_time(self):
        for name in ("a.svg", "b.svg"):
            self.succeeds("sketch", "m.png", "--photo", "p.png", "-o", name)
        self.assertEqual(read(self.path("a.svg")), read(self.path("b.svg")))

    def test_folders(self):
        for name in ("1", "a/2"):
            self.put(f"m/{name}.png", mask())
            self.put(f"p/{name}.png", photo())
        result = self.succeeds("sketch", "m", "--photo", "p", "--format",
                               "json")
        self.assertEqual(result.stdout, "2 of 2 drawings written\n")
        self.assertTrue(os.path.exists(self.path("m-sketches", "a",
                                                 "2.json")))
        self.refused("sketch", "m", "--photo", "p.png", code=2, says="folder")
        self.refused("sketch", "m.png", "--photo", "p", code=2, says="folder")

    def test_generate_takes_it(self):
        self.succeeds("sketch", "m.png", "-o", "d.svg")
        self.succeeds("generate", "d.svg", "--random", "1", "-m", self.model,
                      "-o", "f.png")


class BadInput(Case):
    def test_no_mask(self):
        self.put("p.png", photo())
        self.put("d.png", mask(top=18))
        self.put("j.jpg", b"\xff\xd8\xff\xe0" + b"\0" * 100)
        for name in ("p.png", "d.png"):
            text = self.refused("sketch", name)
            self.assertIn(f"{name}: is no mask of a face's parts", text)
            self.assertIn("--parser", text)
        self.refused("sketch", "j.jpg", says="j.jpg")
        self.put("t.png", b"text")
        self.refused("sketch", "t.png", says="t.png")
        self.refused("sketch", "nowhere.png", says="nowhere.png")

    def test_one_region(self):
        self.put("m.png", png(64, 64, b"\1" * 4096))
        self.refused("sketch", "m.png", says="m.png: the mask has no borders")

    def test_shapes(self):
        self.put("m.png", png(64, 32, b"\0\1" * 1024))
        self.refused("sketch", "m.png", says="m.png")
        self.put("n.png", mask())
        self.put("p.png", png(64, 32, b"\0\1\2" * 2048, colour=2))
        self.refused("sketch", "n.png", "--photo", "p.png", says="n.png")
        self.put("q.png", b"text")
        self.refused("sketch", "n.png", "--photo", "q.png", says="q.png")

    def test_outputs(self):
        self.put("m.png", mask())
        self.refused("sketch", "m.png", "-o", "o.jpg", says=".ndjson")
        self.refused("sketch", "m.png", "-o", "m.png", says="is an input")

    def test_ranges(self):
        self.put("m.png", mask())
        for option, value in (("--detail", "1.1"), ("--detail", "nan"),
                              ("--width", "0"), ("--width", "17"),
                              ("--format", "gif")):
            self.refused("sketch", "m.png", option, value, says=option)
        self.refused("sketch", code=2)


if __name__ == "__main__":
    support.main()
