"""The example of docs/embedding.md runs."""

import os
import subprocess

import support
from support import Case, png_size, read

EMBED = os.environ["LIMNER_EMBED"]


class Embed(Case):
    def test_example(self):
        result = subprocess.run([EMBED, self.model, self.folder],
                                stdout=subprocess.PIPE, check=True,
                                encoding="utf-8")
        self.assertEqual(result.stdout,
                         "pictures of 64 px, 10 style codes\n")
        for name in ("first.png", "second.png"):
            self.assertEqual(png_size(self.path(name)), (64, 64))
        self.assertNotEqual(read(self.path("first.png")),
                            read(self.path("second.png")))

    def test_errors_are_exceptions(self):
        result = subprocess.run([EMBED, "nowhere", self.folder],
                                stderr=subprocess.PIPE, check=False,
                                encoding="utf-8")
        self.assertEqual(result.returncode, 1)
        self.assertIn("nowhere", result.stderr)

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
