"""Calls of all kinds, over and over, for those who watch what many of them do."""

import io

import limner
import numpy
import PIL.Image

ROUND = 10  # calls that one round makes


def ring(side):
    """A label image, uint8 [side,side]: an outline, eyes and a mouth."""
    y, x = numpy.mgrid[:side, :side] / side - 0.5
    labels = numpy.zeros((side, side), numpy.uint8)

    def oval(label, u, v, wide, high):
        far = numpy.hypot((x - u) / wide, (y - v) / high)
        labels[abs(far - 1) < 1.5 / (side * min(wide, high))] = label

    for name, *where in (("face contour and skin lines", 0, 0.08, 0.29, 0.36),
                         ("eye, right side", -0.12, -0.03, 0.06, 0.03),
                         ("eye, left side", 0.12, -0.03, 0.06, 0.03),
                         ("lips and mouth", 0, 0.23, 0.1, 0.03)):
        oval(limner.CLASSES.index(name), *where)
    return labels


class Mixture:
    """Rounds of ROUND calls, the first of which makes a face and the last is refused.
    What takes long, like tracing and finding faces, comes by once in RARE rounds,
    each time with another kind of drawing and of looks."""

    RARE = 25

    def __init__(self, engine, drawing_file, photo_file):
        self.engine = engine
        self.labels = ring(128)
        self.rgb = limner.colours(self.labels)
        lines = numpy.where(self.labels > 0, 0, 255).astype(numpy.uint8)
        file = io.BytesIO()
        PIL.Image.fromarray(lines).save(file, "PNG")
        self.drawing_file = drawing_file
        self.drawings = [lines, file.getvalue(), self.rgb,
                         PIL.Image.fromarray(lines).convert("RGBA"),
                         drawing_file, engine.label(drawing_file)]
        photo = PIL.Image.open(photo_file).convert("RGB").resize((128, 128))
        self.codes = engine.codes(self.labels, seed=1)
        self.plain = engine.looks(photo, align=False)
        self.looks = [{"appearance": photo_file},
                      {"appearance": photo, "align": False},
                      {"appearance": numpy.asarray(photo), "align": False}]
        self.rounds = 0

    def __call__(self):
        """Makes a round."""
        engine, codes, number = self.engine, self.codes, self.rounds
        self.rounds += 1
        if number % self.RARE == 0:
            turn = number // self.RARE
            engine.generate(self.drawings[turn % len(self.drawings)], preview=8,
                            **self.looks[turn % len(self.looks)])
            engine.parse(self.rgb, align=False, side=32)
        else:
            engine.generate(self.labels, self.plain, preview=8)
            engine.render(codes, preview=8)
        engine.render(codes, preview=16)
        limner.Codes(codes.styles, codes.maps).mix(codes, [0], 0.5)
        engine.label(self.labels)
        limner.Drawing.read(self.drawing_file)
        limner.colours(self.labels)
        engine.looks(seed=number)
        engine.sharing()
        try:
            engine.render(codes, preview=3)
        except limner.Error:
            return
        raise AssertionError("a preview of 3 pixels was not refused")
