"""A face of the bundled model stays what it is, on any processor.

usage: pinned_test.py [--remake]    --remake: after the bundled model has changed,
                                    writes tests/data/faces anew; look at them
"""

import os
import sys

import support
from support import Case

EXAMPLES = os.path.join(support.SOURCE, "examples")
PINNED = os.path.join(support.SOURCE, "tests", "data", "faces")
BUNDLED = {"LIMNER_MODELS": os.path.join(support.SOURCE, "models")}
NAME = "man-with-hat"
# Rounding differs between instruction sets, and with it a byte here and there.
MOST = 2


def arguments(looks, out):
    return ("generate", os.path.join(EXAMPLES, "drawings", NAME + ".svg"),
            *looks, "-o", out)


# Of a photo and of a seed: (file, looks).
FACES = (
    (NAME + "-photo.png",
     ("--appearance", os.path.join(EXAMPLES, "photos", NAME + ".jpg"))),
    (NAME + "-random.png", ("--random", "7")),
)


class Pinned(Case):
    def test_every_byte(self):
        for name, looks in FACES:
            for precision in ("fast", "exact"):
                out = f"{precision}-{name}"
                self.succeeds(*arguments(looks, out), "--precision", precision,
                              env=BUNDLED)
                result = support.compare(self.path(out),
                                         os.path.join(PINNED, name))
                self.assertTrue(result["same_size"], out)
                self.assertLessEqual(result["largest"], MOST, out)


def remake():
    os.makedirs(PINNED, exist_ok=True)
    for name, looks in FACES:
        result = support.run(*arguments(looks, os.path.join(PINNED, name)),
                             env=BUNDLED)
        assert result.returncode == 0, result.stderr


if __name__ == "__main__":
    if sys.argv[1:] == ["--remake"]:
        remake()
    else:
        support.main()
