"""Many calls take no more memory than few. bench/python_calls makes 100,000."""

import gc
import os

import support
from support import Case, cli

import calls
import limner

FIRST = 160  # rounds, until caches are full
ROUNDS = 160
GROWTH = 4 << 20  # bytes that pages of the allocator may add


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Memory(Case):
    def test_calls_do_not_grow(self):
        limner.set_threads(1)
        model = os.path.join(cli.SOURCE, "models", "limner-256.safetensors")
        examples = os.path.join(cli.SOURCE, "examples")
        make_round = calls.Mixture(
            limner.Engine(model, labeler=model, parser=model, shapes=model),
            os.path.join(examples, "drawings", "doodle.svg"),
            os.path.join(examples, "photos", "child.jpg"))
        for _ in range(FIRST):
            make_round()
        gc.collect()
        before = resident()
        for _ in range(ROUNDS):
            make_round()
        gc.collect()
        grown = resident() - before
        print(f"{ROUNDS * calls.ROUND} calls: {before >> 20} MiB, grown by "
              f"{grown >> 10} KiB")
        self.assertLess(grown, GROWTH)


if __name__ == "__main__":
    support.cli.main()
