"""Weight files: convert, info, make-random, bench, and that every container
gives the same picture."""

import hashlib
import json
import os

import support
from support import Case, compare, drawing, read


class Models(Case):
    def setUp(self):
        super().setUp()
        self.put("d.png", drawing())
        self.metadata, self.tensors = support.read_safetensors(self.model)
        # An official checkpoint has more than is used.
        dead = dict(self.tensors)
        dead["encoder_face_fine.styles.0.linear.weight"] = (
            "F32", [32, 32], b"\0" * 4096)
        dead["encoder_sketch_coarse.body.0.res_layer.0.running_odd"] = (
            "F32", [2], b"\0" * 8)
        self.put("m.pt", support.torch_model(dead, {
            "output_size": 64, "start_from_latent_avg": True,
            "label_nc": 22, "exp_dir": "out"}))

    def face(self, model, out):
        self.succeeds("generate", "d.png", "--random", "1", "-o", out, "-m",
                      model)
        return self.path(out)

    def test_containers_agree(self):
        reference = read(self.face(self.model, "a.png"))
        self.assertEqual(read(self.face("m.pt", "b.png")), reference)
        self.succeeds("convert", "m.pt", "c.safetensors")
        self.assertEqual(read(self.face("c.safetensors", "c.png")), reference)

    def test_convert_reports(self):
        result = self.succeeds("convert", "m.pt", "c.safetensors")
        digest = hashlib.sha256(read(self.path("c.safetensors"))).hexdigest()
        self.assertIn(f"sha256 {digest}", result.stdout)
        self.assertIn("encoder_face_fine", result.stdout)
        metadata, tensors = support.read_safetensors(
            self.path("c.safetensors"))
        self.assertNotIn("encoder_face_fine.styles.0.linear.weight", tensors)
        self.assertLessEqual(set(self.tensors) - set(tensors), set())
        config = json.loads(metadata["limner"])
        self.assertEqual(config["size"], 64)
        self.assertEqual(config["styles"], 10)
        self.assertEqual(config["source"]["file"], "m.pt")

    def test_convert_to_bf16(self):
        self.succeeds("convert", "m.pt", "h.safetensors", "--type", "bf16")
        _, tensors = support.read_safetensors(self.path("h.safetensors"))
        for name, (kind, shape, _) in tensors.items():
            long = name.endswith(".weight") and len(shape) > 1
            self.assertEqual(kind, "BF16" if long else "F32", name)
        full = self.face("m.pt", "a.png")
        half = self.face("h.safetensors", "b.png")
        self.assertLessEqual(compare(full, half)["largest"], 8)
        # Twice converted is the same, but for what names the source.
        self.succeeds("convert", "h.safetensors", "i.safetensors", "--type",
                      "bf16")
        self.assertEqual(
            support.read_safetensors(self.path("i.safetensors"))[1], tensors)

    def with_looks(self, name):
        """The model with looks of 3 components, 2 rows of 32."""
        tensors = dict(self.tensors)
        tensors["looks.mean"] = support.floats([2, 32], [0.01] * 64)
        tensors["looks.components"] = support.floats(
            [3, 2, 32], [(i * 37 % 64 - 32) / 16 for i in range(192)])
        self.put(name, support.safetensors(tensors, self.metadata))

    def test_looks_of_a_file(self):
        self.with_looks("l.safetensors")
        plain = self.face(self.model, "plain.png")
        face = self.face("l.safetensors", "a.png")
        self.assertNotEqual(read(face), read(plain))
        # From a photo they make no difference.
        self.put("p.png", support.photo(1))
        for name, model in (("b.png", self.model), ("c.png", "l.safetensors")):
            self.succeeds("generate", "d.png", "-a", "p.png", "-o", name, "-m",
                          model)
        self.assertEqual(read(self.path("b.png")), read(self.path("c.png")))
        # A saved latent is that face.
        self.succeeds("generate", "d.png", "--random", "1", "-m",
                      "l.safetensors", "-o", "a.png", "--save-latent",
                      "latent.safetensors")
        self.succeeds("generate", "--from-latent", "latent.safetensors", "-o",
                      "e.png", "-m", "l.safetensors")
        self.assertEqual(read(self.path("e.png")), read(face))
        # So is what mix puts in the place of a photo's codes.
        self.succeeds("mix", "d.png", "-a", "p.png", "-n", "1", "-o", "out",
                      "--separate", "--seed", "1", "-m", "l.safetensors")
        self.assertEqual(read(self.path("out/d-1.png")), read(face))

    def test_sharpening_is_set_and_taken_back(self):
        self.succeeds("convert", self.model, "s.safetensors", "--sharpening",
                      "1.5")
        self.assertIn("sharpened by 1.5",
                      self.succeeds("info", "s.safetensors").stdout)
        # It stays with the model until told otherwise.
        self.succeeds("convert", "s.safetensors", "kept.safetensors")
        self.succeeds("convert", "s.safetensors", "back.safetensors",
                      "--sharpening", "0")
        self.assertNotIn("sharpened",
                         self.succeeds("info", "back.safetensors").stdout)
        plain = self.face(self.model, "a.png")
        sharp = self.face("s.safetensors", "b.png")
        self.assertEqual(read(self.face("kept.safetensors", "c.png")),
                         read(sharp))
        self.assertEqual(read(self.face("back.safetensors", "e.png")),
                         read(plain))
        self.assertGreater(compare(plain, sharp)["largest"], 8)
        self.refused("convert", self.model, "no.safetensors", "--sharpening",
                     "5", says="--sharpening")

    def test_looks_are_converted_and_told(self):
        self.with_looks("l.safetensors")
        self.succeeds("convert", "l.safetensors", "c.safetensors")
        face = self.face("l.safetensors", "a.png")
        self.assertEqual(read(self.face("c.safetensors", "b.png")), read(face))
        self.succeeds("convert", "l.safetensors", "h.safetensors", "--type",
                      "bf16")
        metadata, tensors = support.read_safetensors(
            self.path("h.safetensors"))
        self.assertEqual(tensors["looks.mean"][0], "F32")
        self.assertEqual(tensors["looks.components"][:2],
                         ("BF16", [3, 2, 32]))
        self.assertEqual(json.loads(metadata["limner"])["look_components"], 3)
        self.assertIn("random looks from 3 components",
                      self.succeeds("info", "h.safetensors").stdout)
        report = json.loads(
            self.succeeds("info", "h.safetensors", "--json").stdout)
        self.assertEqual(report["config"]["look_components"], 3)
        self.assertEqual(report["groups"]["looks"]["used"]["tensors"], 2)
        self.assertIn("from the mapping network",
                      self.succeeds("info", self.model).stdout)

    def traits(self, rows):
        """A file of one trait for looks of so many rows."""
        model = json.loads(self.succeeds(
            "info", self.model, "--json").stdout)["config"]
        rows += model["styles"] - model["split"]
        width = model["style_width"]
        return self.put("t.safetensors", support.safetensors(
            {"directions": ("F32", [1, rows, width], bytes(4 * rows * width))},
            {"format": "pt", "limner_traits": json.dumps({
                "kind": "traits", "traits": [
                    {"id": "hair", "name": "Hair", "low": "dark",
                     "high": "light"}]})}))

    def test_traits_are_added_and_stay(self):
        self.traits(0)
        self.succeeds("convert", self.model, "with.safetensors",
                      "--add-traits", "t.safetensors")
        self.succeeds("convert", "with.safetensors", "again.safetensors")
        metadata, tensors = support.read_safetensors(
            self.path("again.safetensors"))
        self.assertIn('"hair"', metadata["limner_traits"])
        self.assertIn("traits.directions", tensors)
        # Of another model they would not do.
        self.traits(1)
        self.refused("convert", self.model, "no.safetensors", "--add-traits",
                     "t.safetensors", says="directions")
        self.refused("convert", self.model, "no.safetensors", "--add-traits",
                     self.model, says="is no traits")
        self.assertFalse(os.path.exists(self.path("no.safetensors")))

    def test_info(self):
        result = self.succeeds("info", "m.pt")
        self.assertIn("torch zip", result.stdout)
        self.assertIn("pictures of 64 x 64", result.stdout)
        report = json.loads(
            self.succeeds("info", "m.pt", "--json", "--tensors").stdout)
        self.assertTrue(report["is_model"])
        self.assertEqual(report["config"]["split"], 8)
        self.assertEqual(report["values"]["opts"]["exp_dir"], "out")
        self.assertEqual(report["file_bytes"],
                         os.path.getsize(self.path("m.pt")))
        self.assertGreater(report["unused"]["tensors"], 0)
        self.assertEqual(len(report["tensor_list"]), report["tensors"])

    def test_info_of_other_files(self):
        self.put("l.pt", support.torch_tensor((10, 32), [0.5] * 320))
        result = self.succeeds("info", "l.pt", "--tensors")
        self.assertIn("no limner model", result.stdout)
        self.assertIn("[10, 32]", result.stdout)
        report = json.loads(self.succeeds("info", "l.pt", "--json").stdout)
        self.assertFalse(report["is_model"])

    def test_make_random_is_repeatable(self):
        for name in ("1", "2"):
            support.make_model(self.path(f"{name}.safetensors"), 32)
        self.assertEqual(read(self.path("1.safetensors")),
                         read(self.path("2.safetensors")))

    def test_all_sizes_work(self):
        for size in (16, 32, 128):
            model = support.make_model(self.path(f"{size}.safetensors"), size)
            self.face(model, f"{size}.png")
            self.assertEqual(support.png_size(self.path(f"{size}.png")),
                             (size, size))


class Bench(Case):
    KEYS = {"warm_ms", "redraw_ms", "preview_ms", "sketch_ms", "photo_ms",
            "render_ms", "cold_first_face_ms", "load_ms", "peak_rss_mb",
            "threads", "precision", "instruction_set", "model", "commit"}

    def check(self, report):
        self.assertLessEqual(self.KEYS, set(report))
        for key in ("warm_ms", "redraw_ms", "preview_ms"):
            times = report[key]
            self.assertGreater(times["min"], 0)
            self.assertLessEqual(times["min"], times["median"])
            self.assertLessEqual(times["median"], times["p95"])
        self.assertGreater(report["cold_first_face_ms"], report["load_ms"])
        self.assertGreater(report["peak_rss_mb"], 1)

    def test_model(self):
        result = self.succeeds("bench", "-m", self.model, "--repeat", "2",
                               "--warmup", "0", "--threads", "1", "--json",
                               "b.json", "--preview", "16")
        self.assertIn("peak resident memory", result.stdout)
        report = json.loads(read(self.path("b.json")))
        self.check(report)
        self.assertEqual(report["threads"], 1)
        self.assertEqual(report["preview_side"], 16)
        self.assertNotIn("roofline", report)

    def test_roofline(self):
        result = self.succeeds("bench", "-m", self.model, "--repeat", "2",
                               "--warmup", "0", "--threads", "1", "--json",
                               "b.json", "--roofline")
        self.assertIn("the bound", result.stdout)
        report = json.loads(read(self.path("b.json")))["roofline"]
        layers = report["layers"]
        self.assertGreater(len(layers), 10)
        self.assertGreater(report["bound_ms"], 0)
        self.assertAlmostEqual(report["bound_ms"],
                               sum(row["best_ms"] for row in layers), 6)
        self.assertAlmostEqual(report["convolutions_ms"],
                               sum(row["ms"] for row in layers), 6)
        self.assertAlmostEqual(report["ratio"],
                               report["face_ms"] / report["bound_ms"], 6)
        # No layer can be faster than the processor; of layers this small it
        # says little, so it is asked of their sum.
        self.assertAlmostEqual(report["least_ms"],
                               sum(row["least_ms"] for row in layers), 6)
        self.assertLess(report["least_ms"], report["bound_ms"])
        self.assertGreater(report["multiply_adds_per_second"], 1e8)
        self.assertGreater(report["bytes_per_second"], 1e7)
        self.assertIn("styled_tail",
                      [row["name"] for row in report["passes"]])
        # In exact faces every sum is direct, alone as well.
        self.succeeds("bench", "-m", self.model, "--repeat", "1", "--warmup",
                      "0", "--json", "e.json", "--roofline", "--precision",
                      "exact")
        exact = json.loads(read(self.path("e.json")))["roofline"]["layers"]
        for row in exact:
            for key in ("algorithm", "best_algorithm"):
                self.assertNotIn("wino", row[key].lower())

    def test_random_model(self):
        self.put("d.png", drawing())
        os.mkdir(self.path("tmp"))
        result = self.succeeds(
            "bench", "--random-model", "--size", "32", "--width-divisor",
            "16", "--repeat", "1", "--warmup", "0", "--json", "-",
            "--drawing", "d.png", env={"TMPDIR": self.path("tmp")})
        report = json.loads(result.stdout)
        self.check(report)
        self.assertIn("random", report["model"])
        self.assertEqual(os.listdir(self.path("tmp")), [])


if __name__ == "__main__":
    support.main()
