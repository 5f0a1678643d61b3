"""limner generate: files and folders, looks, previews, latents."""

import os

import support
from support import Case, compare, drawing, photo, png_size, read


class Generate(Case):
    def setUp(self):
        super().setUp()
        self.put("d.png", drawing())
        self.put("p.png", photo(1))

    def generate(self, *arguments, **settings):
        return self.succeeds("generate", *arguments, "-m", self.model,
                             **settings)

    def test_drawing_and_photo(self):
        result = self.generate("d.png", "-a", "p.png", "-o", "f.png")
        self.assertEqual(result.stdout, "f.png (64 x 64)\n")
        self.assertEqual(result.stderr, "")
        self.assertEqual(png_size(self.path("f.png")), (64, 64))

    def test_default_names(self):
        self.generate("d.png", "--random", "1")
        self.assertTrue(os.path.exists(self.path("d-face.png")))
        self.put("set/a.png", drawing())
        self.generate("set/", "--random", "1", "--format", "webp")
        self.assertEqual(os.listdir(self.path("set-faces")), ["a.webp"])

    def test_formats(self):
        for ending, start in (("png", b"\x89PNG"), ("jpg", b"\xff\xd8\xff"),
                              ("jpeg", b"\xff\xd8\xff"), ("webp", b"RIFF"),
                              ("PNG", b"\x89PNG")):
            name = f"f.{ending}"
            self.generate("d.png", "--random", "1", "-o", name)
            self.assertTrue(read(self.path(name)).startswith(start), name)

    def test_same_seed_same_bytes(self):
        for name in ("a.png", "b.png"):
            self.generate("d.png", "--random", "5", "-o", name)
        self.generate("d.png", "--random", "6", "-o", "c.png")
        self.assertEqual(read(self.path("a.png")), read(self.path("b.png")))
        self.assertNotEqual(read(self.path("a.png")), read(self.path("c.png")))

    def test_drawing_and_photo_matter(self):
        self.put("d2.png", drawing(7, label=3))
        self.put("p2.png", photo(5))
        pictures = set()
        for sketch in ("d.png", "d2.png"):
            for looks in ("p.png", "p2.png"):
                self.generate(sketch, "-a", looks, "-o", "f.png")
                pictures.add(read(self.path("f.png")))
        self.assertEqual(len(pictures), 4)

    def test_threads_and_precision_give_the_same_picture(self):
        self.generate("d.png", "-a", "p.png", "-o", "1.png", "--threads", "1")
        self.generate("d.png", "-a", "p.png", "-o", "2.png", "--threads", "2")
        self.generate("d.png", "-a", "p.png", "-o", "e.png", "--precision",
                      "exact")
        for other in ("2.png", "e.png"):
            result = compare(self.path("1.png"), self.path(other))
            self.assertLessEqual(result["largest"], 1)

    def test_preview(self):
        result = self.generate("d.png", "-a", "p.png", "-o", "f.png",
                               "--preview", "32")
        self.assertIn("preview of 32 x 32", result.stdout)
        self.assertEqual(png_size(self.path("f.png")), (32, 32))
        result = self.generate("d.png", "-a", "p.png", "-o", "f.png",
                               "--preview", "64")
        self.assertNotIn("preview", result.stdout)

    def test_faithful(self):
        self.generate("d.png", "-a", "p.png", "-o", "1.png")
        result = self.generate("d.png", "-a", "p.png", "-o", "2.png",
                               "--faithful", "0.3")
        self.assertIn("--faithful 0.3: this model does not use it\n",
                      result.stdout)
        self.assertEqual(read(self.path("1.png")), read(self.path("2.png")))
        result = self.generate("d.png", "-a", "p.png", "-o", "2.png",
                               "--faithful", "1", "--save-latent", "l.pt")
        self.assertNotIn("--faithful", result.stdout)
        self.refused("generate", "d.png", "-a", "p.png", "-m", self.model,
                     "--faithful", "1.5", says="--faithful")
        self.refused("generate", "--from-latent", "l.pt", "-m", self.model,
                     "--faithful", "0.5", code=2, says="--faithful")

    def test_folders(self):
        for name in ("1", "2", "10", "a/1", "b/1.5"):
            self.put(f"d/{name}.png", drawing(len(name)))
            self.put(f"p/{name}.png", photo(len(name)))
        result = self.generate("d", "-a", "p", "-o", "out", "--save-latent",
                               "lat")
        self.assertEqual(result.stdout, "5 of 5 faces written (64 x 64)\n")
        names = sorted(name for name, kind in support.listing(
            self.path("out")).items() if kind != "folder")
        self.assertEqual(names, ["1.png", "10.png", "2.png", "a/1.png",
                                 "b/1.5.png"])
        self.assertTrue(
            os.path.exists(self.path("lat", "b", "1.5.safetensors")))
        # Each is what it would be alone.
        self.generate("d/a/1.png", "-a", "p/a/1.png", "-o", "one.png")
        self.assertEqual(read(self.path("one.png")),
                         read(self.path("out", "a", "1.png")))

    def test_sheet(self):
        for name in ("1", "2", "3"):
            self.put(f"d/{name}.png", drawing(int(name)))
        self.generate("d", "-a", "p.png", "-o", "out", "--sheet", "s.png")
        # Two columns of drawing, photo and face of 256 px, 8 px between.
        self.assertEqual(png_size(self.path("s.png")),
                         (2 * 3 * 256 + 8, 2 * 256 + 8))
        self.generate("d/1.png", "--random", "1", "-o", "f.png", "--sheet",
                      "t.png")
        self.assertEqual(png_size(self.path("t.png")), (512, 256))
        self.refused("generate", "d/1.png", "--random", "1", "-o", "f.png",
                     "--sheet", "d/1.png", "-m", self.model,
                     says="is an input")

    def test_one_photo_for_all(self):
        for name in ("1", "2"):
            self.put(f"d/{name}.png", drawing(int(name)))
        self.generate("d", "-a", "p.png", "-o", "out/")
        self.generate("d/2.png", "-a", "p.png", "-o", "two.png")
        self.assertEqual(read(self.path("two.png")),
                         read(self.path("out", "2.png")))

    def test_unpaired_files_are_named(self):
        for name in ("1", "2", "3"):
            self.put(f"d/{name}.png", drawing())
        for name in ("1", "3", "4"):
            self.put(f"p/{name}.png", photo())
        result = self.generate("d", "-a", "p", "-o", "out")
        lines = result.stderr.splitlines()
        self.assertEqual(len(lines), 2)
        self.assertIn("d/2.png", lines[0])
        self.assertIn("p/4.png", lines[1])
        for line in lines:
            self.assertTrue(line.startswith("limner: warning: "))
        self.assertEqual(sorted(os.listdir(self.path("out"))),
                         ["1.png", "3.png"])

    def test_one_bad_drawing_among_many(self):
        for name in ("1", "2", "3"):
            self.put(f"d/{name}.png", drawing())
        self.put("d/2.png", b"no picture")
        result = support.run("generate", "d", "--random", "1", "-o", "out",
                             "-m", self.model, cwd=self.folder)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(len(result.stderr.splitlines()), 1)
        self.assertIn("d/2.png", result.stderr)
        self.assertIn("2 of 3 faces", result.stdout)
        self.assertEqual(sorted(os.listdir(self.path("out"))),
                         ["1.png", "3.png"])

    def test_side_by_side_as_one_after_the_other(self):
        for i in range(9):
            self.put(f"set/{i}.png", drawing(i))
        self.put("set/3.png", b"nothing")
        self.put("set/7.png", drawing(0, label=200))
        results = {}
        for threads in ("1", "2", "4"):
            result = support.run(
                "generate", "set", "-a", "p.png", "-o", threads, "--sheet",
                f"{threads}.png", "-m", self.model, "--threads", threads,
                cwd=self.folder)
            self.assertEqual(result.returncode, 1)
            self.assertIn("7 of 9 faces", result.stdout)
            results[threads] = result.stderr
        # The errors come in the order of the drawings.
        self.assertEqual(len(set(results.values())), 1)
        self.assertRegex(results["1"], "(?s)^limner: set/3.png.*set/7.png")
        self.assertEqual(len(results["1"].splitlines()), 2)
        for name in ("{}.png", *(f"{{}}/{i}.png" for i in range(9)
                                 if i not in (3, 7))):
            files = {read(self.path(name.format(t))) for t in results}
            self.assertEqual(len(files), 1, name)
        self.assertFalse(os.path.exists(self.path("4", "3.png")))
        # As if alone.
        self.generate("set/8.png", "-a", "p.png", "-o", "alone.png")
        self.assertEqual(read(self.path("alone.png")),
                         read(self.path("4", "8.png")))

    def test_a_bad_photo_for_all_stops_at_once(self):
        for name in ("1", "2", "3"):
            self.put(f"d/{name}.png", drawing())
        self.put("bad.png", b"no picture")
        self.refused("generate", "d", "-a", "bad.png", "-o", "out", "-m",
                     self.model, says="bad.png")

    def test_latents(self):
        for ending in ("pt", "safetensors"):
            self.generate("d.png", "-a", "p.png", "-o", "f.png",
                          "--save-latent", f"l.{ending}")
            self.generate("--from-latent", f"l.{ending}", "-o", "g.png")
            self.assertEqual(read(self.path("f.png")),
                             read(self.path("g.png")))
        self.generate("--from-latent", "l.pt", "-o", "h.png", "--preview",
                      "16")
        self.assertEqual(png_size(self.path("h.png")), (16, 16))
        result = compare(self.path("l.pt"), self.path("l.safetensors"))
        self.assertEqual(result["relative_error"], 0)

    def test_latent_from_elsewhere(self):
        values = [0.01 * (i % 50) for i in range(320)]
        self.put("l.pt", support.torch_tensor((10, 32), values))
        self.generate("--from-latent", "l.pt", "-o", "f.png")
        self.assertEqual(png_size(self.path("f.png")), (64, 64))


class NeverOverInputs(Case):
    def test_outputs_that_are_inputs(self):
        self.put("d.png", drawing())
        self.put("p.png", photo())
        self.put("s/1.png", drawing())
        model = self.put("m.safetensors", read(self.model))
        for out in ("d.png", "p.png", "./p.png", "s/../d.png"):
            self.refused("generate", "d.png", "-a", "p.png", "-o", out, "-m",
                         model, says="is an input")
        self.refused("generate", "s", "--random", "1", "-o", "s", "-m", model,
                     says="is an input")
        self.refused("generate", "d.png", "--random", "1", "-o", "f.png",
                     "--save-latent", "m.safetensors", "-m", model,
                     says="is an input")
        self.refused("mix", "d.png", "--random", "1", "-o", "d.png", "-m",
                     model, says="is an input")
        self.refused("convert", "m.safetensors", "./m.safetensors",
                     says="is an input")

    def test_two_results_of_one_name(self):
        self.put("d.png", drawing())
        self.refused("generate", "d.png", "--random", "1", "-o", "f.pt",
                     "--save-latent", "f.pt", "-m", self.model)


if __name__ == "__main__":
    support.main()
