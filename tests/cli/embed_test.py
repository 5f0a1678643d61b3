"""The example of docs/embedding.md runs."""

import json
import os
import subprocess

import support
from support import Case, drawing, photo, png_size, read

EMBED = os.environ["LIMNER_EMBED"]


class Embed(Case):
    def setUp(self):
        super().setUp()
        self.put("d.png", drawing())
        self.put("p.png", photo(3))

    def embed(self, *arguments):
        return subprocess.run([EMBED, *arguments], cwd=self.folder,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False, encoding="utf-8")

    def test_a_face_as_generate_makes_it(self):
        result = self.embed(self.model, "d.png", "p.png", "f.png")
        self.assertEqual((result.returncode, result.stdout), (0, ""),
                         result.stderr)
        self.assertEqual(png_size(self.path("f.png")), (64, 64))
        self.succeeds("generate", "d.png", "-a", "p.png", "-o", "g.png", "-m",
                      self.model)
        self.assertEqual(read(self.path("f.png")), read(self.path("g.png")))

    def test_notes_on_strokes(self):
        eye = {"points": [[20, 20], [40, 20], [30, 30]], "class": 1}
        mouth = {"points": [[20, 80], [60, 80]], "class": 7}
        self.put("d.json", json.dumps({
            "format": "limner-drawing", "version": 1, "side": 100,
            "strokes": [eye, mouth]}).encode())
        result = self.embed(self.model, "d.json", "p.png", "f.png")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, "^scaled by ")

    def test_errors_are_exceptions(self):
        for arguments in (("nowhere", "d.png", "p.png", "f.png"),
                          (self.model, "nowhere", "p.png", "f.png"),
                          (self.model, "d.png", "nowhere", "f.png")):
            result = self.embed(*arguments)
            self.assertEqual(result.returncode, 1)
            self.assertRegex(result.stderr, "^embed_example: .*nowhere")
        self.assertEqual(self.embed(self.model).returncode, 2)

    def test_the_page_shows_the_example(self):
        page = read(os.path.join(support.SOURCE, "docs",
                                 "embedding.md")).decode()
        code = read(os.path.join(support.SOURCE, "examples", "embed",
                                 "main.cc")).decode()
        shown = page.split("```cpp\n")[1].split("```")[0]
        for line in shown.splitlines():
            self.assertIn(line.strip(), code)


if __name__ == "__main__":
    support.main()
