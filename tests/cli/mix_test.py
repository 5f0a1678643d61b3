"""limner mix: strips and single files."""

import os

import support
from support import Case, compare, drawing, photo, png_size, read


class Mix(Case):
    def setUp(self):
        super().setUp()
        self.put("d.png", drawing())
        self.put("p.png", photo(1))
        self.put("q.png", photo(6))

    def mix(self, *arguments):
        return self.succeeds("mix", *arguments, "-m", self.model)

    def test_strip(self):
        result = self.mix("d.png", "-a", "p.png", "-n", "3", "-o", "s.png")
        self.assertEqual(result.stdout, "s.png\n")
        self.assertEqual(png_size(self.path("s.png")), (4 * 64, 64))
        self.mix("d.png", "-a", "p.png", "-n", "3", "-o", "t.png")
        self.assertEqual(read(self.path("s.png")), read(self.path("t.png")))
        self.mix("d.png", "-a", "p.png", "-n", "3", "-o", "t.png", "--seed",
                 "9")
        self.assertNotEqual(read(self.path("s.png")), read(self.path("t.png")))

    def test_folders(self):
        self.put("d/a/1.png", drawing())
        self.put("d/2.png", drawing(5))
        result = self.mix("d", "--random", "1", "-n", "2", "-o", "out")
        self.assertIn("2 of 2 drawings", result.stdout)
        self.assertEqual(png_size(self.path("out/a/1.png")), (3 * 64, 64))

    def test_separate(self):
        self.mix("d.png", "-a", "p.png", "-n", "10", "-o", "out",
                 "--separate", "--preview", "16", "--latent-mask", "0-9")
        names = sorted(os.listdir(self.path("out")))
        self.assertEqual(names,
                         [f"d-{number:02}.png" for number in range(1, 11)])
        self.assertEqual(png_size(self.path("out/d-07.png")), (16, 16))
        self.assertEqual(len({read(self.path("out", name))
                              for name in names}), 10)

    def test_nothing_mixed_is_the_face_itself(self):
        self.succeeds("generate", "d.png", "-a", "p.png", "-o", "f.png", "-m",
                      self.model)
        self.mix("d.png", "-a", "p.png", "-n", "1", "-o", "out", "--separate",
                 "--mix-alpha", "0")
        self.assertEqual(read(self.path("f.png")),
                         read(self.path("out/d-1.png")))

    def test_replacing_all_looks_by_a_seed(self):
        # All codes of the photo replaced by those of seed 4: its random looks.
        self.succeeds("generate", "d.png", "--random", "4", "-o", "f.png",
                      "-m", self.model)
        self.mix("d.png", "-a", "p.png", "-n", "1", "-o", "out", "--separate",
                 "--seed", "4")
        self.assertEqual(read(self.path("f.png")),
                         read(self.path("out/d-1.png")))

    def test_steps_to_another_photo(self):
        self.mix("d.png", "-a", "p.png", "--mix-with", "q.png", "-n", "4",
                 "-o", "out", "--separate")
        for name, looks in (("p", "p.png"), ("q", "q.png")):
            self.succeeds("generate", "d.png", "-a", looks, "-o",
                          f"{name}-face.png", "-m", self.model)
        last = compare(self.path("out/d-4.png"), self.path("q-face.png"))
        self.assertLessEqual(last["largest"], 1)
        self.assertNotEqual(read(self.path("out/d-1.png")),
                            read(self.path("p-face.png")))

    def test_masked_codes_only(self):
        self.mix("d.png", "-a", "p.png", "-n", "1", "-o", "a", "--separate",
                 "--latent-mask", "9")
        self.mix("d.png", "-a", "p.png", "-n", "1", "-o", "b", "--separate",
                 "--latent-mask", "0-9")
        self.assertNotEqual(read(self.path("a/d-1.png")),
                            read(self.path("b/d-1.png")))


if __name__ == "__main__":
    support.main()
