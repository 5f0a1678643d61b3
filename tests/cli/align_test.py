"""limner align, and the aligning of photos by generate, mix, parse and sketch.

The parser is made by hand and takes colours for parts of a face, so faces can
be painted where they are wanted."""

import json
import os
import shutil
import struct

import support
from support import EYES, Case, picture, read

SIDE = 64


def with_orientation(data, orientation):
    """A PNG with an EXIF block that says which way up it is."""
    exif = (b"MM\0*\0\0\0\x08\0\x01" +
            struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0) + bytes(4))
    return data[:33] + support.png_chunk(b"eXIf", exif) + data[33:]


class AlignCase(Case):
    def setUp(self):
        super().setUp()
        self.put("parser.safetensors", support.colour_parser(SIDE))

    def align(self, *arguments, **settings):
        return self.succeeds("align", *arguments, "--parser",
                             "parser.safetensors", **settings)

    def report(self, *arguments):
        return json.loads(self.align(*arguments, "--json").stdout)

    def same(self, first, second, most=0):
        difference = support.compare(self.path(first), self.path(second))
        self.assertLessEqual(difference["largest"], most, difference)


class Align(AlignCase):
    def test_a_face_is_found_and_turned_upright(self):
        for x, y, side, angle, size in ((150, 110, 130, 0, (320, 240)),
                                        (120, 160, 150, 18, (240, 330)),
                                        (90, 80, 60, -15, (200, 160))):
            self.put("photo.png", picture(*size, [(x, y, side, angle)]))
            report = self.report("photo.png", "-o", "face.png", "--side", "96")
            self.assertEqual(report["size"], list(size))
            self.assertEqual(len(report["faces"]), 1, report)
            face = report["faces"][0]
            self.assertAlmostEqual(face["centre"][0], x, delta=0.03 * side)
            self.assertAlmostEqual(face["centre"][1], y, delta=0.03 * side)
            self.assertAlmostEqual(face["side"] / side, 1, delta=0.06)
            self.assertAlmostEqual(face["angle"], angle, delta=3)
            self.assertFalse(report["kept"])
            self.assertEqual(support.png_size(self.path("face.png")), (96, 96))
            # The transform puts the eyes where a face in its frame has them.
            for name, want in zip(("left_eye", "right_eye"), EYES):
                place = [*face[name], 1]
                for row, value in zip(report["transform"], want):
                    at = sum(a * b for a, b in zip(row, place)) / 96
                    self.assertAlmostEqual(at, value, delta=0.03)
            # What was written is aligned.
            self.assertTrue(self.report("face.png", "-o", "again.png")["kept"])
            self.same("face.png", "again.png")

    def test_the_side(self):
        self.put("photo.png", picture(320, 240, [(150, 110, 130, 0)]))
        text = self.align("photo.png").stdout
        width, height = support.png_size(self.path("photo-aligned.png"))
        self.assertEqual(width, height)
        self.assertAlmostEqual(width, 130, delta=8)
        self.assertIn(f"photo-aligned.png ({width} x {width}): face at", text)
        # A photo that is kept is resized only when it is asked for.
        self.put("face.png", picture(160, 160, [(80, 80, 160, 0)]))
        text = self.align("face.png", "-o", "same.png").stdout
        self.assertIn("the photo as it is", text)
        self.same("face.png", "same.png")
        self.align("face.png", "-o", "small.png", "--side", "50")
        self.assertEqual(support.png_size(self.path("small.png")), (50, 50))
        self.assertFalse(
            self.report("face.png", "-o", "exact.png", "--exact")["kept"])

    def test_several_faces(self):
        self.put("two.png", picture(400, 220, [(100, 110, 120, 0),
                                               (290, 100, 160, 8)]))
        parser = ("--parser", "parser.safetensors")
        text = self.refused("align", "two.png", *parser, says="has 2 faces: 1 at")
        self.assertIn("--face N", text)
        lines = self.align("two.png", "--print").stdout.splitlines()
        self.assertEqual(len(lines), 2)
        self.assertRegex(lines[0], r"^two.png: 1: face at 2[89]\d,")
        self.assertRegex(lines[1], r"^two.png: 2: face at (9|10)\d,")
        for choice, x in (("largest", 290), ("1", 290), ("2", 100)):
            report = self.report("two.png", "--face", choice)
            chosen = report["faces"][report["chosen"] - 1]
            self.assertAlmostEqual(chosen["centre"][0], x, delta=6)
        self.refused("align", "two.png", *parser, "--face", "3",
                     says="has 2 faces")
        for choice in ("0", "-1", "all", ""):
            self.refused("align", "two.png", *parser, f"--face={choice}x",
                         code=2, says="--face must be")

    def test_no_face(self):
        self.put("empty.png", picture(300, 200, []))
        self.refused("align", "empty.png", "--parser", "parser.safetensors",
                     says="empty.png: no face was found")
        self.assertEqual(self.align("empty.png", "--print").stdout,
                         "empty.png: no face\n")
        self.assertEqual(self.report("empty.png", "--print")["faces"], [])

    def test_orientation(self):
        upright = picture(240, 320, [(110, 150, 130, 0)])
        self.put("upright.png", upright)
        # Stored upside down, with a note that says so.
        turned = picture(240, 320, [(130, 170, 130, 180)])
        self.put("turned.png", with_orientation(turned, 3))
        self.align("upright.png", "-o", "a.png", "--side", "64")
        self.align("turned.png", "-o", "b.png", "--side", "64")
        self.same("a.png", "b.png", most=40)

    def test_a_folder(self):
        self.put("in/a.png", picture(320, 240, [(150, 110, 130, 0)]))
        self.put("in/sub/b.png", picture(300, 200, []))
        result = support.run("align", "in", "--parser", "parser.safetensors",
                             "--format", "webp", cwd=self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertIn("b.png: no face was found", result.stderr)
        self.assertEqual(result.stdout, "1 of 2 faces written\n")
        self.assertTrue(os.path.exists(self.path("in-aligned/a.webp")))
        self.assertFalse(os.path.exists(self.path("in-aligned/sub")))

    def test_what_does_not_fit(self):
        self.put("photo.png", picture(320, 240, [(150, 110, 130, 0)]))
        parser = ("--parser", "parser.safetensors")
        self.refused("align", "photo.png", code=2, says="LIMNER_PARSER")
        self.refused("align", "photo.png", "--json", "--quiet", *parser,
                     code=2, says="not both")
        self.refused("align", "photo.png", "--print", "-o", "x.png", *parser,
                     code=2, says="--print")
        self.refused("align", "photo.png", "-o", "photo.png", *parser,
                     says="photo.png")
        self.refused("align", "photo.png", "-o", "face.gif", *parser,
                     says=".png")
        self.refused("align", "missing.png", *parser, says="missing.png")
        self.put("cut.png", read(self.path("photo.png"))[:900])
        self.refused("align", "cut.png", *parser, says="cut.png")
        self.put("bad.safetensors", b"x")
        self.refused("align", "photo.png", "--parser", "bad.safetensors",
                     says="bad.safetensors")
        self.refused("align", "photo.png", "--side", "4097", says="must be")


class OnTheWay(AlignCase):
    """Photos that other commands read."""

    def setUp(self):
        super().setUp()
        self.put("photo.png", picture(320, 240, [(150, 110, 130, 15)]))
        self.put("empty.png", picture(300, 200, []))
        self.put("drawing.png", support.drawing())
        self.align("photo.png", "-o", "face.png")
        self.parser = ("--parser", "parser.safetensors")

    def test_generate(self):
        def face(photo, *arguments):
            out = f"{len(os.listdir(self.folder))}.png"
            self.text = self.succeeds(
                "generate", "drawing.png", "-m", self.model, "-a", photo, "-o",
                out, *arguments).stdout
            return out

        cut = face("face.png", "--no-align")
        own = face("photo.png", *self.parser)
        self.assertIn("photo.png: face at", self.text)
        self.same(cut, own)
        # A photo that is aligned, and one without a parser, are taken as
        # they are.
        self.same(cut, face("face.png", *self.parser))
        self.assertNotIn("aligned", self.text)
        whole = face("photo.png")
        self.same(whole, face("photo.png", "--no-align", *self.parser))
        self.assertGreater(support.compare(self.path(cut), self.path(whole))
                           ["largest"], 0)
        self.refused("generate", "drawing.png", "-m", self.model, "-a",
                     "empty.png", *self.parser, says="--no-align")
        face("empty.png", "--no-align", *self.parser)

    def test_mix(self):
        for name, arguments in (("a", ("face.png", "--no-align")),
                                ("b", ("photo.png", *self.parser))):
            self.succeeds("mix", "drawing.png", "-m", self.model, "-n", "1",
                          "-o", f"{name}.png", "-a", *arguments)
        self.same("a.png", "b.png")
        self.refused("mix", "drawing.png", "-m", self.model, "--random", "1",
                     "--mix-with", "empty.png", *self.parser,
                     says="no face was found")

    def test_parse_and_sketch(self):
        for command, ending in (("parse", "png"), ("sketch", "json")):
            result = self.succeeds(command, "photo.png", *self.parser, "-o",
                                   f"own.{ending}")
            self.assertIn("photo.png: face at", result.stdout)
            self.succeeds(command, "face.png", *self.parser, "--no-align",
                          "-o", f"cut.{ending}")
            self.assertEqual(read(self.path(f"own.{ending}")),
                             read(self.path(f"cut.{ending}")))
            self.refused(command, "photo.png", *self.parser, "--no-align",
                         says="320 x 240 pixels, expected a square one")
            self.refused(command, "empty.png", *self.parser,
                         says="no face was found")


class BundledModel(Case):
    """The parser that comes with limner, on a bundled photo, which is aligned."""

    def test_a_face_that_is_aligned_is_kept(self):
        shutil.copy(os.path.join(support.SOURCE, "examples", "photos",
                                 "woman-with-wavy-hair.jpg"),
                    self.path("photo.jpg"))
        result = self.succeeds(
            "align", "photo.jpg", "-o", "face.png", "--json",
            env={"LIMNER_MODELS": os.path.join(support.SOURCE, "models")})
        report = json.loads(result.stdout)
        self.assertTrue(report["kept"])
        side, _ = report["size"]
        face = report["faces"][0]
        self.assertAlmostEqual(face["side"], side, delta=side / 16)
        self.assertAlmostEqual(face["centre"][0], side / 2, delta=side / 16)
        self.assertEqual(support.png_size(self.path("face.png")), (side, side))


if __name__ == "__main__":
    support.main()
