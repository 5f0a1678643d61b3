"""limner parse: photos -> masks of parts; limner sketch of a photo."""

import json
import os
import struct
import zlib

import support
from support import (HAIR, NOSE, PARSER_SIDE as SIDE, SKIN, UPPER_LIP, Case,
                     drawing, parser, parts_photo as photo, png, read, write)


def gray_pixels(data):
    """(width, height, bytes) of an 8-bit gray PNG as limner writes it."""
    width, height = struct.unpack(">II", data[16:24])
    body, at = b"", 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IDAT":
            body += data[at + 8:at + 8 + size]
        at += 12 + size
    rows = zlib.decompress(body)
    out, before = bytearray(), bytes(width)
    for y in range(height):
        row = rows[y * (width + 1):(y + 1) * (width + 1)]
        line = bytearray()
        for x in range(width):
            left = line[x - 1] if x else 0
            up, corner = before[x], before[x - 1] if x else 0
            guess = left + up - corner
            paeth = min((left, up, corner), key=lambda v: abs(guess - v))
            add = (0, left, up, (left + up) // 2, paeth)[row[0]]
            line.append((row[1 + x] + add) & 255)
        out += line
        before = bytes(line)
    return width, height, bytes(out)


class Parse(Case):
    def setUp(self):
        super().setUp()
        self.put("parser.safetensors", parser())
        self.put("face.png", photo())

    def test_mask(self):
        result = self.succeeds("parse", "face.png", "--parser",
                               "parser.safetensors")
        self.assertEqual(result.stdout, "face-mask.png\n")
        width, height, mask = gray_pixels(read(self.path("face-mask.png")))
        self.assertEqual((width, height), (SIDE, SIDE))
        # Nothing is symmetrical here: the mirror image was turned back.
        for x, y, part in ((15, 15, NOSE), (20, 24, UPPER_LIP), (8, 6, HAIR),
                           (24, 6, SKIN), (11, 24, SKIN)):
            self.assertEqual(mask[y * SIDE + x], part, (x, y))

    def test_side_and_folder(self):
        self.put("in/a.png", photo())
        self.put("in/b.png", photo(features=False))
        result = support.run("parse", "in", "--parser",
                                 "parser.safetensors", "--side", "64", cwd=self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertIn("b.png: no face was found", result.stderr)
        self.assertIn("1 of 2 masks", result.stdout)
        self.assertEqual(support.png_size(self.path("in-masks/a.png")),
                         (64, 64))
        self.assertFalse(os.path.exists(self.path("in-masks/b.png")))

    def test_converted_parser(self):
        self.succeeds("convert", "parser.safetensors", "small.safetensors",
                      "--type", "bf16")
        self.assertLess(os.path.getsize(self.path("small.safetensors")),
                        os.path.getsize(self.path("parser.safetensors")))
        for name in ("parser", "small"):
            self.succeeds("parse", "face.png", "--parser",
                          f"{name}.safetensors", "-o", f"{name}.png")
        # These weights are exact in bfloat16.
        self.assertEqual(read(self.path("parser.png")),
                         read(self.path("small.png")))

    def test_parser_inside_of_a_face_model(self):
        self.succeeds("make-random", "face.safetensors", "--size", "64",
                      "--width-divisor", "16")
        self.succeeds("convert", "face.safetensors", "both.safetensors",
                      "--add-parser", "parser.safetensors")
        # Converted again, it stays.
        self.succeeds("convert", "both.safetensors", "again.safetensors")
        for name in ("parser", "both", "again"):
            self.succeeds("parse", "face.png", "--parser",
                          f"{name}.safetensors", "-o", f"{name}.png")
        self.assertEqual(read(self.path("parser.png")),
                         read(self.path("both.png")))
        self.assertEqual(read(self.path("parser.png")),
                         read(self.path("again.png")))
        # As the file that comes with limner, it is everything's default.
        self.put("d.png", drawing())
        write(self.path("models/limner-256.safetensors"),
              read(self.path("both.safetensors")))
        shelf = {"LIMNER_MODELS": self.path("models")}
        for command in (("parse", "face.png", "-o", "c.png"),
                        ("generate", "d.png", "--random", "1", "-o",
                         "f.png")):
            result = support.run(*command, cwd=self.folder, env=shelf)
            self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(read(self.path("c.png")),
                         read(self.path("parser.png")))
        self.assertEqual(support.png_size(self.path("f.png")), (64, 64))
        self.refused("convert", "parser.safetensors", "x.safetensors",
                     "--add-parser", "parser.safetensors",
                     says="added to a face model")
        self.refused("convert", "face.safetensors", "x.safetensors",
                     "--add-labeler", "parser.safetensors",
                     says="is no labeler")

    def test_sketch_of_a_photo(self):
        self.succeeds("sketch", "face.png", "--parser", "parser.safetensors",
                      "-o", "drawing.json")
        strokes = json.loads(read(self.path("drawing.json")))["strokes"]
        classes = {stroke["class"] for stroke in strokes}
        self.assertTrue({6, 7} <= classes,
                        classes)

    def test_what_does_not_fit(self):
        self.put("wide.png", photo(40, 32))
        self.put("empty.png", photo(features=False))
        self.put("other.safetensors", parser({"format": "pt"}))
        self.put("side.safetensors", parser({"limner_parser": json.dumps(
            {"kind": "parser", "classes": 19, "side": 33})}))
        for arguments, words in (
                (("wide.png", "--parser", "parser.safetensors", "--no-align"),
                 "40 x 32 pixels, expected a square one"),
                (("empty.png", "--parser", "parser.safetensors"),
                 "no face was found"),
                (("face.png", "--parser", "other.safetensors"), "no parser"),
                (("face.png", "--parser", "side.safetensors"), "33 px"),
                (("face.png", "--parser", "missing.safetensors"), "missing"),
                (("face.png", "--parser", "parser.safetensors", "-o",
                  "mask.jpg"), "must end in .png")):
            self.refused("parse", *arguments, says=words)
        self.refused("parse", "face.png", code=2, says="LIMNER_PARSER")


if __name__ == "__main__":
    support.main()
