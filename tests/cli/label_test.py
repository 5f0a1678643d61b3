"""limner label, and limner generate from drawings of strokes: formats, given
classes, legends, folders, pictures of lines, and bad input."""

import json
import math
import os
import re
import shutil
import struct
import subprocess
import sys
import xml.etree.ElementTree
import zlib

import support
from support import Case, labeler, png, read, run

EXAMPLE = os.path.join(support.SOURCE, "examples", "drawings", "glasses.png")
SVG = "{http://www.w3.org/2000/svg}"


def ring(x, y, width, height, label=None):
    stroke = {"points": [[x + width / 2 * math.cos(i * math.pi / 16),
                          y + height / 2 * math.sin(i * math.pi / 16)]
                         for i in range(33)]}
    if label:
        stroke["class"] = label
    return stroke


# Class and box of a face's parts where the network expects them, roughly.
PARTS = ((1, 318, 250, 64, 26), (2, 194, 250, 64, 26), (6, 256, 310, 64, 80),
         (7, 256, 395, 100, 40), (10, 256, 300, 270, 340))


def face(classes=True, scale=1.0, dx=0.0, dy=0.0, side=512):
    strokes = [ring(x * scale + dx, y * scale + dy, width * scale,
                    height * scale, label if classes else None)
               for label, x, y, width, height in PARTS]
    return {"format": "limner-drawing", "version": 1, "side": side,
            "strokes": strokes}


def lines_picture(dark=20, light=250, side=256):
    """The face as black lines on white, a PNG of RGB."""
    pixels = bytearray([light] * (side * side * 3))
    for stroke in face()["strokes"]:
        points = stroke["points"]
        for (x0, y0), (x1, y1) in zip(points, points[1:]):
            for i in range(65):
                x = int((x0 + (x1 - x0) * i / 64) * side / 512)
                y = int((y0 + (y1 - y0) * i / 64) * side / 512)
                for px, py in ((x, y), (x + 1, y), (x, y + 1)):
                    at = 3 * (py * side + px)
                    pixels[at:at + 3] = bytes([dark] * 3)
    return png(side, side, bytes(pixels), colour=2)


def palette_png(colours, pixels, side=64):
    """A PNG whose pixels are indices into `colours`."""
    rows = b"".join(b"\0" + pixels[y * side:(y + 1) * side]
                    for y in range(side))
    chunk = support.png_chunk
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 3, 0, 0,
                                       0)) +
            chunk(b"PLTE", bytes(v for colour in colours for v in colour)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class LabelCase(Case):
    def put_json(self, name, value):
        return self.put(name, json.dumps(value).encode())

    def strokes(self, name):
        """(side, [(class, points)]) of a drawing in any vector format."""
        if not name.endswith(".json"):
            self.succeeds("label", name, "-o", "read-back.json", "--quiet")
            name = "read-back.json"
        value = json.loads(read(self.path(name)))
        return value.get("side", 512), [(s.get("class", 0), s["points"])
                                        for s in value["strokes"]]

    def same(self, a, b):
        """Two drawings are the same within half a unit of 1/512."""
        (side_a, strokes_a), (side_b, strokes_b) = a, b
        self.assertEqual(len(strokes_a), len(strokes_b))
        for (class_a, points_a), (class_b, points_b) in zip(strokes_a,
                                                            strokes_b):
            self.assertEqual(class_a, class_b)
            self.assertEqual(len(points_a), len(points_b))
            for p, q in zip(points_a, points_b):
                for u, v in zip(p, q):
                    self.assertLess(abs(u / side_a - v / side_b), 0.5 / 512)


class Formats(LabelCase):
    def test_round_trips_of_given_classes(self):
        self.put_json("d.json", face(side=640))
        first = self.strokes("d.json")
        for one in ("svg", "json", "ndjson"):
            self.succeeds("label", "d.json", "-o", f"a.{one}")
            self.same(self.strokes(f"a.{one}"), first)
            for two in ("svg", "json", "ndjson"):
                self.succeeds("label", f"a.{one}", "-o", f"b.{two}")
                self.same(self.strokes(f"b.{two}"), first)

    def test_picture_of_labels(self):
        self.put_json("d.json", face())
        for width in (1, 2, 5):
            self.succeeds("label", "d.json", "-o", "d.png", "--width", width)
            self.assertEqual(support.png_size(self.path("d.png")), (512, 512))
            strokes = self.strokes("d.png")[1]
            self.assertEqual({label for label, _ in strokes},
                             {label for label, *_ in PARTS})
        self.succeeds("label", EXAMPLE, "-o", "1.svg")
        self.succeeds("label", "1.svg", "-o", "1.png", "--width", "1")
        self.assertEqual({label for label, _ in self.strokes("1.png")[1]},
                         {label for label, _ in self.strokes("1.svg")[1]})

    def test_default_names(self):
        self.put_json("d.json", face())
        self.succeeds("label", "d.json")
        self.succeeds("label", "d.json", "--format", "png")
        self.assertEqual(sorted(os.listdir(self.folder)),
                         ["d-labelled.png", "d-labelled.svg", "d.json"])

    def test_one_of_many(self):
        lines = []
        for x in (10, 20, 30):
            lines.append(json.dumps({"drawing": [[[0, x], [0, 5]]],
                                     "classes": [6], "side": 100}))
        self.put("d.ndjson", "\n".join(lines).encode())
        for index, x in ((0, 10), (2, 30)):
            self.succeeds("label", "d.ndjson", "--index", index, "-o",
                          "o.json")
            self.assertEqual(self.strokes("o.json")[1][0][1][1], [x, 5])
        self.refused("label", "d.ndjson", "--index", "3", says="d.ndjson")


class Labels(LabelCase):
    def setUp(self):
        super().setUp()
        self.put("l.safetensors", labeler())

    def test_strokes_get_classes(self):
        self.put_json("d.json", face(classes=False))
        result = self.succeeds("label", "d.json", "--labeler",
                               "l.safetensors", "-o", "o.json")
        classes = [label for label, _ in self.strokes("o.json")[1]]
        self.assertGreaterEqual(len(classes), len(PARTS))
        self.assertTrue(all(1 <= label <= 22 for label in classes))
        lines = result.stdout.splitlines()
        self.assertEqual(lines[0], f"o.json: {len(classes)} strokes")
        self.assertEqual(lines[1].split(), ["class", "strokes", "confidence"])
        counts = [int(line.split()[-2]) for line in lines[2:]
                  if re.match(r"[ 12]\d ", line)]
        self.assertEqual(sum(counts), len(classes))
        again = self.succeeds("label", "d.json", "-o", "p.json",
                              env={"LIMNER_LABELER":
                                   self.path("l.safetensors")})
        self.assertEqual(again.stdout[1:], result.stdout[1:])
        self.assertEqual(read(self.path("p.json")), read(self.path("o.json")))

    def test_given_classes_are_kept(self):
        drawing = face(classes=False)
        drawing["strokes"][1]["class"] = 9
        self.put_json("d.json", drawing)
        self.succeeds("label", "d.json", "--labeler", "l.safetensors", "-o",
                      "o.json")
        given = [points for label, points in self.strokes("o.json")[1]
                 if label == 9 and len(points) == 33]
        self.assertEqual(len(given), 1)

    def test_relabel(self):
        self.put("l.safetensors", labeler(bias={15: 60.0}))
        self.put_json("d.json", face())
        self.succeeds("label", "d.json", "--relabel", "--labeler",
                      "l.safetensors", "-o", "o.json")
        self.assertEqual({label for label, _ in self.strokes("o.json")[1]},
                         {16})
        self.refused("label", "d.json", "--relabel", says="--labeler")

    def test_json(self):
        self.put_json("d.json", face(classes=False))
        result = self.succeeds("label", "d.json", "--labeler",
                               "l.safetensors", "-o", "o.json", "--json")
        report = json.loads(result.stdout)
        self.assertEqual(report["written"], "o.json")
        self.assertEqual(report["traced"], False)
        written = json.loads(read(self.path("o.json")))["strokes"]
        self.assertEqual(report["strokes"], len(written))
        self.assertEqual(sum(row["strokes"] for row in report["classes"]),
                         len(written))
        self.assertTrue(report["doubtful"])
        sure = [row["confidence"] for row in report["doubtful"]]
        self.assertEqual(sure, sorted(sure))
        for row in report["doubtful"]:
            stroke = written[row["stroke"]]
            self.assertEqual(stroke["class"], row["class"])
            self.assertAlmostEqual(stroke["confidence"], row["confidence"], 5)

    def test_a_drawing_without_a_face(self):
        self.put("l.safetensors", labeler(bias={23: 30.0}))
        self.put_json("d.json", face(classes=False))
        self.refused("label", "d.json", "--labeler", "l.safetensors",
                     says="d.json: the drawing does not look like a face")

    def test_pictures_of_lines(self):
        for name, data in (("black.png", lines_picture()),
                           ("white.png", lines_picture(dark=245, light=12)),
                           ("pure.png", lines_picture(0, 255))):
            self.put(name, data)
            result = self.succeeds("label", name, "--labeler",
                                   "l.safetensors", "-o", "o.json", "--json")
            report = json.loads(result.stdout)
            self.assertTrue(report["traced"], name)
            self.assertGreaterEqual(report["strokes"], len(PARTS))
            self.refused("label", name, says="need a class")

    def test_palettes(self):
        """Labels or a screenshot of few colours: the palette tells."""
        side = 64
        pixels = bytearray(side * side)
        for x in range(10, 50):
            pixels[20 * side + x] = 1
            pixels[40 * side + x] = 2
        one = bytes(min(value, 1) for value in pixels)
        eye_and_mouth = bytes(7 if value == 2 else value for value in pixels)
        colours = [(255, 255, 255), (200, 0, 0), (0, 150, 0)]
        ramp = [(11 * k,) * 3 for k in range(23)]
        few = [(0, 0, 0), (250, 250, 250), (90, 90, 90)]
        for drawing, traced in (
                # Numbers as programs give them, or classes, with gaps.
                (palette_png(colours, bytes(pixels)), True),
                (palette_png(colours + [(0, 0, 200)] * 5, eye_and_mouth),
                 False),
                (palette_png([(k,) * 3 for k in range(23)], bytes(pixels)),
                 False),
                (palette_png(ramp, bytes(pixels)), False),
                (palette_png(few, bytes(pixels)), False),
                (palette_png(few, one), True),
                (palette_png([(255,) * 3, (0,) * 3, (40,) * 3],
                             bytes(pixels)), True),
                (palette_png(few, bytes(1 - value for value in one)), True)):
            self.put("d.png", drawing)
            report = json.loads(self.succeeds(
                "label", "d.png", "--labeler", "l.safetensors", "-o",
                "o.json", "--json").stdout)
            self.assertEqual(report["traced"], traced)

    def test_framing(self):
        self.put_json("d.json", face(scale=0.4, dx=700, dy=30, side=1000))
        self.succeeds("label", "d.json", "-o", "same.json")
        self.same(self.strokes("same.json"), self.strokes("d.json"))
        result = self.succeeds("label", "d.json", "-o", "o.json", "--frame",
                               "--json")
        self.assertIn("eyes", json.loads(result.stdout)["framing"]["basis"])
        side, strokes = self.strokes("o.json")
        self.assertEqual(side, 512)
        x = [p[0] for p in strokes[3][1]]
        self.assertLess(abs((min(x) + max(x)) / 2 - 256), 12)
        self.refused("label", "d.json", "--turn", code=2, says="--frame")


class Bench(LabelCase):
    def test_bench(self):
        self.put("l.safetensors", labeler())
        result = self.succeeds("bench", "--labeler", "l.safetensors",
                               "--repeat", "2", "--json", "-")
        report = json.loads(result.stdout)
        self.assertEqual((report["strokes"], report["points"],
                          report["threads"]), (60, 3000, 1))
        self.assertGreater(report["label_ms"]["median"], 0)
        self.refused("bench", "--labeler", self.model, says="labeler")
        self.refused("bench", "--labeler", "l.safetensors", "--random-model",
                     code=2)


class Legend(LabelCase):
    def test_legend(self):
        self.put("l.safetensors", labeler())
        drawing = face(classes=False)
        drawing["strokes"][0]["class"] = 9
        self.put_json("d.json", drawing)
        result = self.succeeds("label", "d.json", "--labeler",
                               "l.safetensors", "--show", "--json")
        report = json.loads(result.stdout)
        self.assertEqual(report["legend"], "d-legend.svg")
        tree = xml.etree.ElementTree.parse(self.path("d-legend.svg"))
        texts = [text.text for text in tree.iter(SVG + "text")]
        for row in report["classes"]:
            self.assertIn(row["name"], texts)
        self.assertIn("necklace", texts)
        paths = list(tree.iter(SVG + "path"))
        self.assertEqual(len(paths), report["strokes"])
        dashed = [path for group in tree.iter(SVG + "g")
                  if "stroke-dasharray" in group.attrib
                  for path in group.iter(SVG + "path")]
        self.assertEqual(len(dashed), len(report["doubtful"]))
        for element in tree.iter():
            for name, value in element.attrib.items():
                self.assertNotIn("href", name)
                self.assertNotIn("url(", value)

    def test_names(self):
        self.put_json("d.json", face())
        self.succeeds("label", "--show", "d.json")
        self.succeeds("label", "d.json", "--show=here.svg", "-o", "o.svg")
        self.succeeds("label", "d.json", "--show", "-o", "sub/o.svg")
        self.assertEqual(
            sorted(name for name in support.listing(self.folder)),
            ["d-labelled.svg", "d-legend.svg", "d.json", "here.svg", "o.svg",
             "sub", "sub/d-legend.svg", "sub/o.svg"])
        self.refused("label", "d.json", "--show=x.png", says="end in .svg")
        self.refused("label", "d.json", "--show=x.svg", "-o", "x.svg",
                     says="x.svg")
        self.refused("label", "d.json", "--show=d.json", says=".svg")


class Folders(LabelCase):
    def test_folder(self):
        for name in ("1", "2", "a/10"):
            self.put_json(f"set/{name}.json", face())
        self.put("set/3.svg", b"<svg xmlns='http://www.w3.org/2000/svg'>"
                 b"<path d='M 5 5 L 90 90' data-class='6'/></svg>")
        self.put("set/4.ndjson", b"no drawing")
        result = run("label", "set", "--show", cwd=self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "4 of 5 drawings written\n")
        self.assertEqual(len(result.stderr.splitlines()), 1)
        self.assertIn("set/4.ndjson", result.stderr)
        names = sorted(name for name, kind in support.listing(
            self.path("set-labelled")).items() if kind != "folder")
        self.assertEqual(names, sorted(
            f"{name}{ending}" for name in ("1", "2", "3", "a/10")
            for ending in (".svg", "-legend.svg")))

    def test_a_bad_labeler_stops_at_once(self):
        for name in ("1", "2"):
            self.put_json(f"set/{name}.json", face(classes=False))
        self.put("bad.safetensors", b"x")
        self.refused("label", "set", "--labeler", "bad.safetensors",
                     says="bad.safetensors")

    def test_missing_and_empty(self):
        self.refused("label", "nowhere", says="nowhere")
        self.refused("label", "nowhere.svg", says="nowhere.svg")
        os.mkdir(self.path("empty"))
        self.refused("label", "empty", says=".ndjson")


class Generate(LabelCase):
    def generate(self, *arguments):
        return self.succeeds("generate", *arguments, "-m", self.model,
                             "--random", "1")

    def test_formats_give_the_same_face(self):
        self.put_json("d.json", face())
        pictures = set()
        for ending in ("json", "svg", "ndjson"):
            self.succeeds("label", "d.json", "-o", f"e.{ending}")
            result = self.generate(f"e.{ending}", "-o", "f.png")
            self.assertEqual(result.stdout, "f.png (64 x 64)\n")
            pictures.add(read(self.path("f.png")))
        # A label image is taken as it is.
        self.succeeds("label", "d.json", "-o", "e.png", "--width", "2")
        self.generate("e.png", "-o", "f.png")
        pictures.add(read(self.path("f.png")))
        self.assertEqual(len(pictures), 1)

    def test_framing_is_reported(self):
        self.put_json("d.json", face(scale=0.4, dx=700, dy=30, side=1000))
        result = self.generate("d.json", "-o", "f.png")
        self.assertRegex(result.stdout,
                         r"^d\.json: scaled by 4\.\d+ and moved by .*eyes.*\n"
                         r"f\.png \(64 x 64\)\n$")
        result = self.generate("d.json", "-o", "g.png", "--no-frame")
        self.assertEqual(result.stdout, "g.png (64 x 64)\n")
        self.assertNotEqual(read(self.path("f.png")),
                            read(self.path("g.png")))
        result = self.generate("d.json", "-o", "f.png", "--quiet")
        self.assertEqual(result.stdout, "")

    def test_labeler(self):
        self.put_json("d.json", face(classes=False))
        self.put("l.safetensors", labeler(bias={9: 3.0}))
        self.refused("generate", "d.json", "--random", "1", "-m", self.model,
                     "-o", "f.png", says="--labeler")
        result = self.generate("d.json", "-o", "f.png", "--labeler",
                               "l.safetensors", "--no-frame")
        self.assertIn("d.json: doubtful: stroke ", result.stdout)
        self.put("p.png", lines_picture())
        self.generate("p.png", "-o", "g.png", "--labeler", "l.safetensors",
                      "--no-frame")
        # Nobody asks for the labeler when every stroke has a class.
        self.put_json("e.json", face())
        self.generate("e.json", "-o", "h.png", "--labeler", "nowhere")

    def test_folder_of_any(self):
        self.put("set/1.png", support.drawing())
        self.put_json("set/2.json", face())
        result = self.generate("set", "-o", "out", "--no-frame")
        self.assertEqual(result.stdout, "2 of 2 faces written (64 x 64)\n")

    def test_usage(self):
        self.put_json("d.json", face())
        self.refused("generate", "d.json", "--random", "1", "-m", self.model,
                     "--no-frame", "--turn", code=2, says="not both")

    def test_no_face(self):
        drawing = face()
        for stroke in drawing["strokes"]:
            stroke["class"] = 15
        self.put_json("d.json", drawing)
        self.refused("generate", "d.json", "--random", "1", "-m", self.model,
                     "-o", "f.png", says="d.json: no face in the drawing")
        self.generate("d.json", "-o", "f.png", "--no-frame")


class CompareExamples(Case):
    """scripts/compare_examples: classes given back against those of a label
    image."""

    def compare(self, *arguments):
        environment = dict(os.environ, LIMNER_LABELER=self.path(
            "l.safetensors"))
        return subprocess.run(
            [sys.executable, os.path.join(support.SOURCE, "scripts",
                                          "compare_examples"), *arguments],
            cwd=self.folder, env=environment, text=True, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_a_labeler_that_knows_one_class(self):
        # Everything is hair (class 15) to it.
        self.put("l.safetensors", labeler(bias={14: 100.0}))
        os.mkdir(self.path("in"))
        shutil.copy(EXAMPLE, self.path("in", "a.png"))
        result = self.compare("in", "picture.svg", support.LIMNER)
        self.assertEqual(result.returncode, 0, result.stderr)
        rows = dict(re.findall(r"^\| (\d+) .*?\| (\d+ %) \|", result.stdout,
                               re.M))
        self.assertEqual(rows["15"], "100 %")
        self.assertEqual({share for label, share in rows.items()
                          if label != "15"}, {"0 %"})
        self.assertRegex(result.stdout, r"6 nose \| \d+ \| 0 % \| 15 \(100 %\)")
        tree = xml.etree.ElementTree.parse(self.path("picture.svg"))
        lines = list(tree.iter(SVG + "polyline"))
        self.assertTrue(0 < len(lines) <= 18)

    def test_what_does_not_fit(self):
        os.mkdir(self.path("in"))
        self.assertEqual(self.compare("in").returncode, 1)
        self.assertIn("no label images",
                      self.compare("in", "p.svg", support.LIMNER).stderr)
        self.put("in/a.png", b"x")
        self.assertIn("is not a PNG",
                      self.compare("in", "p.svg", support.LIMNER).stderr)


if __name__ == "__main__":
    support.main()
