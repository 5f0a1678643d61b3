"""A drawing keeps its classes however a program saves it: limner label on the
kinds of kinds.py, by the bundled labeler. scripts/measure_kinds tells how well
over many drawings."""

import os
import random

import support
from kinds import (DRAWN, SCENES, TRACED, compare, over, read_strokes, uncut)
from support import Case

DRAWINGS = os.path.join(support.SOURCE, "examples", "drawings")
BUNDLED = {"LIMNER_MODELS": os.path.join(support.SOURCE, "models")}
NAMES = ("woman-with-wavy-hair", "bald-man-with-beard")
# Marks that are drawn beside the drawing, as browsers do: lines more.
MARKS = {"odd-points": 1, "underflow": 1, "calc": 1}


class Kinds(Case):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plain = {}

    def strokes_of(self, name, data):
        """Strokes of a file of the folder, labelled."""
        if data is not None:
            with open(self.path(name), "wb") as file:
                file.write(data)
        self.succeeds("label", name, "-o", "out.json", "--quiet", env=BUNDLED)
        return read_strokes(self.path("out.json"))

    def agreement(self, kinds, kind):
        """Shares of length and strokes that agree, lines more, over NAMES."""
        ending, make = kinds[kind]
        sums, more = [0] * 5, 0
        for name in NAMES:
            if name not in self.plain:
                self.plain[name] = self.strokes_of(
                    os.path.join(DRAWINGS, name + ".svg"), None)
            plain = self.plain[name]
            random.seed(name)
            got = self.strokes_of(f"made.{ending}", make(uncut(plain)))
            if kinds is SCENES:
                got = over(got, plain)
            more += len(got) - len(plain)
            sums = [a + b for a, b in zip(sums, compare(plain, got))]
        good, _, total, right, count = sums
        return good / total, right / count, more / len(NAMES)

    def agree(self, kinds, share):
        """All of the kinds keep more than `share`; -> {kind: more strokes}"""
        more = {}
        for kind in kinds:
            with self.subTest(kind=kind):
                length, strokes, more[kind] = self.agreement(kinds, kind)
                self.assertGreater(length, share)
                self.assertGreater(strokes, share)
        return more

    def test_lines(self):
        for kind, more in self.agree(DRAWN, 0.98).items():
            with self.subTest(kind=kind):
                self.assertLessEqual(abs(more - MARKS.get(kind, 0)), 1)

    def test_scenes(self):
        self.agree(SCENES, 0.95)

    def test_traced(self):
        self.agree(TRACED, 0.88)


if __name__ == "__main__":
    support.main()
