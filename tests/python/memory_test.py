"""Many calls take no more memory than few."""

import gc
import os

import support
from support import Case, cli

import limner
import numpy

# LIMNER_PYTHON_CALLS=100000 for a long run.
CALLS = int(os.environ.get("LIMNER_PYTHON_CALLS", "1500"))
FIRST = 150  # until caches are full
GROWTH = 4 << 20  # bytes that pages of the allocator may add


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Memory(Case):
    def test_calls_do_not_grow(self):
        limner.set_threads(1)
        model = cli.make_model(self.path("small.safetensors"), size=32,
                               divisor=16)
        engine = limner.Engine(model, labeler=self.labeler, parser=self.parser,
                               shapes="")
        drawing = numpy.zeros((64, 64), numpy.uint8)
        drawing[10:50, 20] = 1
        eye = limner.Drawing([limner.Stroke([[20, 20], [40, 20], [30, 30]])],
                             side=64)
        photo = numpy.zeros((64, 64, 3), numpy.uint8)
        looks = engine.looks(photo, align=False)

        codes = engine.codes(drawing, looks)

        def calls(number):
            engine.render(codes, preview=8)
            limner.Codes(codes.styles, codes.maps).mix(codes, [0], 0.5)
            engine.label(eye)
            try:
                engine.render(codes, preview=3)
            except limner.Error:
                pass
            if number % 25 == 0:  # the encoders take most of the time
                engine.generate(drawing, looks, preview=8)

        for number in range(FIRST):
            calls(number)
        gc.collect()
        before = resident()
        for number in range(max(CALLS // 5 - FIRST, FIRST)):
            calls(number)
        gc.collect()
        grown = resident() - before
        print(f"{max(CALLS, 10 * FIRST)} calls: {before >> 20} MiB, grown by {grown >> 10} KiB")
        self.assertLess(grown, GROWTH)


if __name__ == "__main__":
    support.cli.main()
