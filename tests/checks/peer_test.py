"""Tests of bench/peers/published_network.py on small networks.

Skipped (exit code 77) without PyTorch. The comparison with tensors dumped
from the published code runs where that reference data is at hand.
"""

import json
import os
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
PEER = os.path.join(ROOT, "bench", "peers", "published_network.py")
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))
from running import SKIPPED, main  # noqa: E402

REFERENCE = os.path.join(os.path.dirname(ROOT), "shared", "reference")


def run(*arguments):
    result = subprocess.run(
        [sys.executable, PEER, "--threads", "1", *arguments],
        stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(result.stdout)


class Peer(unittest.TestCase):
    def test_times_random_weights(self):
        result = run("--size", "64", "--width-divisor", "16", "--repeats",
                     "3", "--warm-up", "1", "--no-dead-work")
        self.assertEqual(result["size"], 64)
        self.assertFalse(result["dead_work"])
        times = result["warm_ms"]
        self.assertTrue(0 < times["min"] <= times["median"] <= times["p95"])

    @unittest.skipUnless(os.path.isdir(REFERENCE), "no reference data")
    def test_equals_the_published_code(self):
        for name, extra in (("tiny", []), ("tiny1024", ["--no-dead-work"])):
            result = run("--check", os.path.join(REFERENCE, name), *extra)
            self.assertEqual(result["check"], "passed", result)


if __name__ == "__main__":
    try:
        import torch  # noqa: F401
    except ImportError:
        print("PyTorch is not installed (scripts/setup peers)")
        sys.exit(SKIPPED)
    main()
