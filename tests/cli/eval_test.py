"""limner eval: a model on a made-up data set, and folders against folders,
with figures that can be computed by hand."""

import hashlib
import json
import math
import os
import re

import support
from eval_networks import arcface, inception
from support import (HAIR, NOSE, PARSER_SIDE as SIDE, SKIN, UPPER_LIP, Case,
                     floats, parser, png, read, safetensors)

GREY, RED, BLUE = (128, 128, 128), (255, 0, 0), (0, 0, 255)


class Face:
    """A grey face whose parts the parser of support.py finds exactly."""

    def __init__(self, shift=0, green=255, lip=(18, 22)):
        self.labels = [SKIN] * (SIDE * SIDE)
        self.colours = [GREY] * (SIDE * SIDE)
        for part, (left, top), size, colour in (
                (UPPER_LIP, lip, 6, RED), (HAIR, (4 + shift, 2), 8,
                                           (0, green, 0)),
                (NOSE, (13, 12), 6, BLUE)):
            for y in range(top, top + size):
                for x in range(left, left + size):
                    self.labels[y * SIDE + x] = part
                    self.colours[y * SIDE + x] = colour

    def photo(self):
        return png(SIDE, SIDE, bytes(v for c in self.colours for v in c),
                   colour=2)

    def mask(self, scale=1):
        side = SIDE * scale
        return png(side, side, bytes(
            self.labels[y // scale * SIDE + x // scale]
            for y in range(side) for x in range(side)))

    def features(self):
        """The channel means of the parser's deepest map: colours above the
        middle, the most of every 2x2."""
        means = []
        for c in range(3):
            plane = [max(0.0, colour[c] / 127.5 - 1) for colour in self.colours]
            means.append(sum(
                max(plane[(2 * y + v) * SIDE + 2 * x + u]
                    for u in (0, 1) for v in (0, 1))
                for y in range(SIDE // 2) for x in range(SIDE // 2)) /
                (SIDE // 2) ** 2)
        return means + [0.0]


def squared_mmd(xs, ys):
    def k(a, b):
        return (sum(p * q for p, q in zip(a, b)) / len(a) + 1) ** 3

    def within(rows):
        return sum(k(a, b) for i, a in enumerate(rows)
                   for j, b in enumerate(rows) if i != j) / (
                       len(rows) * (len(rows) - 1))

    between = sum(k(a, b) for a in xs for b in ys) / (len(xs) * len(ys))
    return within(xs) + within(ys) - 2 * between


def lab(rgb):
    linear = [v / 255 / 12.92 if v / 255 <= 0.04045
              else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in rgb]

    def root(t):
        return t ** (1 / 3) if t > (6 / 29) ** 3 else (
            t / (3 * (6 / 29) ** 2) + 4 / 29)

    rows = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522,
            0.0721750), (0.0193339, 0.1191920, 0.9503041))
    x, y, z = (root(sum(m * v for m, v in zip(row, linear)) / white)
               for row, white in zip(rows, (0.95047, 1.0, 1.08883)))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def iou(truth, found, part):
    both = sum(t == part == f for t, f in zip(truth, found))
    either = sum(part in (t, f) for t, f in zip(truth, found))
    return both / either


class EvalCase(Case):
    def setUp(self):
        super().setUp()
        self.put("parser.safetensors", parser())

    def metrics(self, folder="eval"):
        return json.loads(read(self.path(folder, "metrics.json")))

    def check_report(self, folder="eval"):
        """One file, nothing from elsewhere, no scripts. Returns it."""
        html = read(self.path(folder, "report.html")).decode()
        sources = re.findall(r'(?:src|href)="([^"]{0,23})', html)
        self.assertTrue(sources)
        for source in sources:
            self.assertTrue(source.startswith("data:image/jpeg;base64,"),
                            source)
        self.assertNotIn("<script", html)
        self.assertNotIn("url(", html)
        self.assertTrue(html.rstrip().endswith("</html>"))
        return html


class Folders(EvalCase):
    def put_faces(self, folder, faces, masks=None):
        for i, face in enumerate(faces):
            self.put(f"{folder}/{i}.png", face.photo())
            if masks:
                self.put(f"{masks}/{i}.png", face.mask())

    def eval(self, *arguments):
        return self.succeeds("eval", "--results", "r", "--references", "p",
                             "--parser", "parser.safetensors", *arguments)

    def test_the_photos_themselves(self):
        faces = [Face(shift) for shift in range(4)]
        self.put_faces("r", faces)
        self.put_faces("p", faces, "m")
        result = self.eval("--masks", "m")
        self.assertIn("mean IoU", result.stdout)
        got = self.metrics()
        for bound in ("photos", "photos_at_side"):
            self.assertEqual(got["upper_bound"][bound]["mean_iou"], 1)
        results = got["sets"]["results"]
        self.assertEqual(results["results"], 4)
        self.assertEqual(results["parsing"]["mean_iou"], 1)
        self.assertEqual(results["parsing"]["pixel_accuracy"], 1)
        self.assertEqual(set(results["parsing"]["classes"]),
                         {"skin", "nose", "upper_lip", "hair"})
        self.assertEqual(results["share_of_bound"]["photos"]["parts"]["hair"],
                         1)
        self.assertEqual(results["appearance"]["own"], 0)
        self.assertEqual([entry["name"] for entry in results["each"]],
                         ["0", "1", "2", "3"])
        features = [face.features() for face in faces]
        kid = got["parser_kid"]["results"]
        self.assertAlmostEqual(kid["mean"], squared_mmd(features, features),
                               places=6)
        self.assertEqual((kid["subset"], kid["subsets"]), (4, 100))
        self.check_report()

    def test_figures_by_hand(self):
        truth, moved = Face(), Face(lip=(16, 22))
        self.put_faces("r", [moved, truth])
        self.put_faces("p", [truth, truth], "m")
        self.eval("--masks", "m")
        got = self.metrics()["sets"]["results"]
        labels = truth.labels + truth.labels
        found = moved.labels + truth.labels
        for name, part in (("skin", SKIN), ("upper_lip", UPPER_LIP),
                           ("hair", HAIR), ("nose", NOSE)):
            self.assertAlmostEqual(got["parsing"]["classes"][name],
                                   iou(labels, found, part), msg=name)
        self.assertAlmostEqual(got["parsing"]["parts"]["lips"],
                               (36 + 24) / (36 + 48))
        wrong = sum(t != f for t, f in zip(labels, found))
        self.assertAlmostEqual(got["parsing"]["pixel_accuracy"],
                               1 - wrong / len(labels))
        alone = sum(iou(truth.labels, moved.labels, part)
                    for part in (SKIN, UPPER_LIP, HAIR, NOSE)) / 4
        self.assertAlmostEqual(got["each"][0]["mean_iou"], alone)
        self.assertEqual(got["each"][1]["mean_iou"], 1)
        # Without masks the photo's parts take their place.
        self.assertEqual(got["parsing_to_photo"], got["parsing"])
        self.eval()
        bare = self.metrics()
        self.assertNotIn("upper_bound", bare)
        self.assertNotIn("parsing", bare["sets"]["results"])
        self.assertEqual(bare["sets"]["results"]["parsing_to_photo"],
                         got["parsing"])

    def test_colours_by_hand(self):
        # Hair of two greens; the skin's statistics (with the nose's blue) and
        # the lips' are the same.
        bright, dark = Face(green=255), Face(green=200)
        self.put_faces("r", [bright, bright])
        self.put_faces("p", [bright, dark])
        self.eval()
        distance = math.dist(lab((0, 255, 0)), lab((0, 200, 0)))
        got = self.metrics()
        likeness = got["sets"]["results"]["appearance"]
        self.assertAlmostEqual(likeness["regions"]["hair"]["own"],
                               distance / 2, places=5)
        self.assertAlmostEqual(likeness["regions"]["skin"]["own"], 0, places=5)
        self.assertEqual(set(likeness["regions"]), {"hair", "skin", "lips"})
        # Over three regions; the first result equals its photo.
        self.assertAlmostEqual(likeness["own"], distance / 3 / 2, places=5)
        self.assertAlmostEqual(likeness["others"], distance / 3 / 2, places=5)
        self.assertAlmostEqual(likeness["ratio"], 1, places=5)
        self.assertAlmostEqual(got["distance_of_photos"], distance / 3,
                               places=5)
        each = got["sets"]["results"]["each"]
        self.assertEqual(each[0]["appearance"], 0)
        self.assertAlmostEqual(each[1]["appearance"], distance / 3, places=5)

    def test_kernel_distance_by_hand(self):
        results = [Face(shift, green=180 + 20 * shift) for shift in range(3)]
        photos = [Face(2 * shift, green=255) for shift in range(3)]
        self.put_faces("r", results)
        self.put_faces("p", photos)
        self.eval()
        self.assertAlmostEqual(
            self.metrics()["parser_kid"]["results"]["mean"],
            squared_mmd([face.features() for face in results],
                        [face.features() for face in photos]), places=6)

    def test_identity(self):
        faces = [Face(shift) for shift in range(2)]
        self.put_faces("r", faces)
        self.put_faces("p", [faces[0], Face(9, green=190)])
        self.put("arcface.safetensors", arcface())
        result = self.eval("--arcface-weights", "arcface.safetensors")
        self.assertIn("identity", result.stdout)
        got = self.metrics()["sets"]["results"]
        same, other = (entry["identity"] for entry in got["each"])
        self.assertAlmostEqual(same, 1, places=5)
        self.assertLess(other, 1 - 1e-5)
        self.assertAlmostEqual(got["identity"], (same + other) / 2)

    def test_lpips(self):
        weights = os.path.join(support.SHARED, "reference", "losses", "lpips",
                               "weights.pt")
        if not os.path.exists(weights):
            self.skipTest("no reference data beside this checkout")
        faces = [Face(shift) for shift in range(2)]
        self.put_faces("r", faces)
        self.put_faces("p", [faces[0], Face(9, green=190)])
        self.eval("--lpips-weights", weights)
        got = self.metrics()["sets"]["results"]
        self.assertEqual(got["each"][0]["lpips"], 0)
        self.assertGreater(got["each"][1]["lpips"], 0)

    def test_inception(self):
        self.put("inception.safetensors", inception())
        same = [Face(), Face(1)]
        other = [Face(9, green=190), Face(12, green=220)]
        figures = []
        for folder, photos in (("a", same), ("b", other)):
            self.put_faces("r", same)
            self.put_faces("p", photos)
            result = self.eval("--inception-weights", "inception.safetensors",
                               "--sheet", "0", "-o", folder)
            self.assertIn("FID", result.stdout)
            got = self.metrics(folder)
            figures.append((got["fid"]["results"],
                            got["kid"]["results"]["mean"]))
            self.assertEqual(got["kid"]["results"]["subset"], 2)
        (no_fid, no_kid), (fid, kid) = figures
        self.assertLess(abs(no_fid), 1e-3 * fid)
        self.assertLess(no_kid, kid)

    def test_limit_and_sheet(self):
        faces = [Face(shift) for shift in range(5)]
        self.put_faces("r", faces)
        self.put_faces("p", faces)
        self.eval("--limit", "3", "--sheet", "2", "-o", "a")
        self.assertEqual(self.metrics("a")["sets"]["results"]["results"], 3)
        # Two pairs of 128 px tiles, 8 px apart.
        self.assertEqual(support.png_size(self.path("a", "sheet.png")),
                         (2 * 256 + 8, 128))
        self.eval("--sheet", "0", "-o", "b", "--quiet")
        self.assertEqual(sorted(os.listdir(self.path("b"))),
                         ["metrics.json", "report.html"])

    def test_bad_input(self):
        def refused(*arguments, **settings):
            self.refused("eval", "--results", "r", "--references", "p",
                         "--parser", "parser.safetensors", *arguments,
                         **settings)

        os.makedirs(self.path("r"))
        os.makedirs(self.path("p"))
        refused(says="r")
        self.put_faces("r", [Face()])
        refused(says="p")
        self.put("p/0.png", Face().photo())
        refused("--masks", "nowhere", says="--masks: nowhere is no folder")
        os.makedirs(self.path("m"))
        refused("--masks", "m", says="m/0.png")
        self.put("m/0.png", png(64, 32, bytes([SKIN]) * 2048))
        refused("--masks", "m", says="m/0.png: is 64x32 pixels")
        self.put("m/0.png", png(32, 32, bytes([19]) * 1024))
        refused("--masks", "m", says="m/0.png")
        self.put("p/0.png", png(64, 32, bytes(64 * 32 * 3), colour=2))
        refused(says="p/0.png: is 64x32 pixels")
        self.put("p/0.png", b"no picture")
        refused(says="p/0.png")
        self.put("p/0.png", Face().photo())
        self.put("weights.safetensors", safetensors(
            {"x": floats((1,), [0.0])}))
        for option in ("--lpips-weights", "--arcface-weights",
                       "--inception-weights"):
            refused(option, "weights.safetensors", says="weights.safetensors")
            refused(option, "nowhere.pt", says="nowhere.pt")
        refused("--parser", "weights.safetensors", code=2)
        refused("-o", "parser.safetensors", says="parser.safetensors")


class Model(EvalCase):
    def setUp(self):
        super().setUp()
        self.faces = [Face(shift) for shift in range(6)]
        lines = "id,split\n"
        for i, face in enumerate(self.faces):
            self.put(f"data/images/{i}.png", face.photo())
            # Masks need not have the photo's size.
            self.put(f"data/masks/{i}.png", face.mask(1 + i % 2))
            lines += f"{i},{'val' if i < 4 else 'train'}\n"
        self.put("data/manifest.csv", lines.encode())

    def eval(self, *arguments):
        return self.succeeds("eval", "--data", "data", "-m", self.model,
                             "--parser", "parser.safetensors", *arguments)

    def test_both_kinds(self):
        result = self.eval("--looks", "3")
        for words in ("mean IoU", "matching", "crossed", "its photo",
                      "parser_kid", "no KID of Inception",
                      "eval/report.html"):
            self.assertIn(words, result.stdout + self.check_report())
        got = self.metrics()
        self.assertEqual(got["about"]["model_sha256"], hashlib.sha256(
            read(self.model)).hexdigest())
        self.assertEqual(got["about"]["result_side"], 64)
        self.assertEqual(got["upper_bound"]["photos"]["mean_iou"], 1)
        self.assertEqual(got["upper_bound"]["photos_at_side"]["mean_iou"], 1)
        sets = got["sets"]
        self.assertEqual(set(sets), {"matching", "crossed", "random"})
        for entry in sets["matching"]["each"]:
            self.assertEqual(entry["name"], entry["photo"])
        photos = set()
        for entry in sets["crossed"]["each"]:
            self.assertNotEqual(entry["name"], entry["photo"])
            photos.add(entry["photo"])
        self.assertEqual(photos, {"0", "1", "2", "3"})
        self.assertEqual(sets["random"]["results"], 4 * 3)
        self.assertNotIn("appearance", sets["random"])
        self.assertEqual(set(got["parser_kid"]),
                         {"photos", "matching", "crossed"})
        self.assertLess(abs(got["parser_kid"]["photos"]["mean"]),
                        abs(got["parser_kid"]["matching"]["mean"]))
        diversity = got["diversity"]
        self.assertEqual((diversity["drawings"], diversity["looks"]), (4, 3))
        self.assertGreater(diversity["least_pixel_distance"], 0)
        self.assertGreaterEqual(diversity["pixel_distance"],
                                diversity["least_pixel_distance"])
        # Eight results: 4 a row of drawing, photo and result.
        self.assertEqual(support.png_size(self.path("eval", "sheet.png")),
                         (4 * (3 * 128 + 8) - 8, 2 * (128 + 8) - 8))

    def test_same_seed_same_figures(self):
        for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
            self.eval("--seed", seed, "--looks", "2", "-o", folder)
        self.assertEqual(read(self.path("a", "metrics.json")),
                         read(self.path("b", "metrics.json")))
        self.assertEqual(read(self.path("a", "sheet.png")),
                         read(self.path("b", "sheet.png")))
        self.assertNotEqual(self.metrics("a")["sets"]["random"],
                            self.metrics("c")["sets"]["random"])

    def test_one_kind(self):
        self.eval("--matching", "--looks", "0")
        self.assertEqual(set(self.metrics()["sets"]), {"matching"})
        self.eval("--crossed", "--looks", "0", "--limit", "2")
        crossed = self.metrics()["sets"]
        self.assertEqual(set(crossed), {"crossed"})
        self.assertEqual(crossed["crossed"]["results"], 2)
        # The two photos against the two of the other split.
        chosen = [self.faces[int(entry["name"])].features()
                  for entry in crossed["crossed"]["each"]]
        kid = self.metrics()["parser_kid"]["photos"]
        self.assertEqual(kid["subset"], 2)
        self.assertAlmostEqual(kid["mean"], squared_mmd(
            chosen, [face.features() for face in self.faces[4:]]), places=6)
        self.eval("--limit", "1", "--looks", "0")
        self.assertEqual(set(self.metrics()["sets"]), {"matching"})

    def test_results_are_those_of_generate(self):
        """What eval measures is what generate makes of limner sketch's
        drawing."""
        self.put("one/manifest.csv", b"id,split\n0,val\n")
        for kind in ("images", "masks"):
            self.put(f"one/{kind}/0.png", read(self.path("data", kind,
                                                         "0.png")))
        result = self.succeeds(
            "eval", "--data", "one", "-m", self.model, "--parser",
            "parser.safetensors", "--looks", "0")
        self.assertIn("no parser_kid, KID and FID", result.stderr)
        self.succeeds("sketch", "one/masks/0.png", "--photo",
                      "one/images/0.png", "-o", "d.png")
        self.succeeds("generate", "d.png", "-a", "one/images/0.png", "-m",
                      self.model, "-o", "r/0.png")
        self.succeeds("eval", "--results", "r", "--references", "one/images",
                      "--masks", "one/masks", "--parser",
                      "parser.safetensors", "-o", "folders")
        self.assertEqual(
            self.metrics()["sets"]["matching"]["parsing"],
            self.metrics("folders")["sets"]["results"]["parsing"])
        self.assertAlmostEqual(
            self.metrics()["sets"]["matching"]["appearance"]["own"],
            self.metrics("folders")["sets"]["results"]["appearance"]["own"])

    def test_bad_input(self):
        def refused(*arguments, data="data", model=self.model, **settings):
            self.refused("eval", "--data", data, "-m", model, "--parser",
                         "parser.safetensors", *arguments, **settings)

        os.makedirs(self.path("empty"))
        refused(data="empty", says="manifest.csv")
        refused(data="nowhere", says="nowhere")
        refused(model=self.path("parser.safetensors"),
                says="not a limner model")
        refused(model="nowhere.pt", says="nowhere.pt")
        refused("--crossed", "--limit", "1", says="two faces")
        refused("-o", "data/manifest.csv", says="manifest.csv")
        self.put("data/masks/1.png", png(64, 32, bytes([SKIN]) * 2048))
        refused(says="1.png")
        self.put("data/masks/1.png", png(32, 32, bytes([SKIN]) * 1024))
        refused("--detail", "0", says="1: the mask has no borders")
        os.remove(self.path("data", "masks", "1.png"))
        refused(says="1.png")
        self.put("data/manifest.csv", b"id,split\n0,train\n")
        refused(says="no face of the split val")

    def test_usage(self):
        def usage(*arguments, says):
            self.refused("eval", *arguments, code=2, says=says)

        usage(says="--data")
        usage("--data", "data", "--results", "r", says="--data")
        usage("--results", "r", says="--references")
        usage("--data", "data", "--masks", "m", "-m", self.model,
              says="--masks")
        usage("--data", "data", says="no model")
        usage("--data", "data", "-m", self.model, says="no parser")
        for option, value in (("--limit", "0"), ("--detail", "2"),
                              ("--looks", "-1"), ("--split", "test"),
                              ("--kid-subset", "1")):
            self.refused("eval", "--data", "data", option, value, says=option)


if __name__ == "__main__":
    support.main()
