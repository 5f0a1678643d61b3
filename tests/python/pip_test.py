"""pip installs the module from the tree, and what it installs runs alone."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import support
from support import cli

BUILD = os.environ["LIMNER_BUILD"]
EXAMPLES = os.path.join(cli.SOURCE, "examples")
SVG = os.path.join(EXAMPLES, "drawings", "woman-with-wavy-hair.svg")


def have(module):
    return subprocess.run([sys.executable, "-c", f"import {module}"],
                          stderr=subprocess.DEVNULL, check=False
                          ).returncode == 0


@unittest.skipUnless(have("pip") and have("ensurepip"),
                     "there is no pip or venv (scripts/setup python)")
class Pip(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="limner-pip-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_it(self, *command):
        settings = {key: value for key, value in os.environ.items()
                    if not key.startswith("LIMNER_") and key != "PYTHONPATH"}
        settings["LIMNER_PYTHON_BUILD"] = BUILD
        result = subprocess.run(
            command, cwd=self.folder, env=settings, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", check=False)
        self.assertEqual(result.returncode, 0, result.stdout)
        return result.stdout

    def test_install_and_run(self):
        room = os.path.join(self.folder, "room")
        self.run_it(sys.executable, "-m", "venv", "--system-site-packages", room)
        python = os.path.join(room, "bin", "python")
        self.run_it(python, "-m", "pip", "install", "--no-index",
                    "--disable-pip-version-check", cli.SOURCE)
        where = self.run_it(python, "-c",
                            "import limner; print(limner.__file__)").strip()
        self.assertTrue(where.startswith(room), where)
        code = (f"import limner; face = limner.Engine().generate({SVG!r}, "
                "seed=7); print(face.shape); import PIL.Image; "
                "PIL.Image.fromarray(face).save('module.png')")
        self.assertEqual(self.run_it(python, "-c", code), "(256, 256, 3)\n")
        self.run_it(python, "-m", "limner", "generate", SVG, "--random", "7",
                    "-o", "program.png")
        self.run_it(os.path.join(room, "bin", "limner"), "--version")
        code = ("import numpy, PIL.Image; a, b = (numpy.asarray(PIL.Image.open("
                "f'{n}.png')) for n in ('module', 'program')); "
                "print((a == b).all())")
        self.assertEqual(self.run_it(python, "-c", code), "True\n")


if __name__ == "__main__":
    cli.main()
