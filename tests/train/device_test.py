"""Twenty steps of the joint stage on a device, and its model in limner.

usage: device_test.py [cpu|cuda]    (cpu)
"""

import math
import subprocess
import sys

import support
from support import TINY_JOINT

DEVICE = "cpu"
STEPS = 20
NONE_THERE = "this libtorch sees no such device"


class Device(support.TrainingTest):

    def test_twenty_steps(self):
        data = support.write_faces(self.path("faces"))
        settings = list(TINY_JOINT)
        settings[settings.index("--precision") + 1] = "auto"
        settings += ["--no-augment", "--lr-warmup", "0", "--learning-rate",
                     "0.002"]
        run = self.succeeds(
            "joint", "--device", DEVICE, "--data", data, "--folder",
            self.path("run"), "--steps", STEPS, "--batch", "4", *settings)
        self.assertIn("precision: ", run.stdout)
        lines = [line for line in support.metrics(self.path("run"))
                 if "losses" in line]
        self.assertEqual([line["step"] for line in lines],
                         list(range(1, STEPS + 1)))
        for line in lines:
            for name, value in line["losses"].items():
                self.assertTrue(math.isfinite(value), (line["step"], name))
        l1 = [line["losses"]["l1"] for line in lines]
        print(f"{DEVICE}: l1 {l1[0]:.4f} to {l1[-1]:.4f}")
        self.assertLess(sum(l1[-5:]), sum(l1[:5]))
        # The same first step on a processor: equal but for rounding.
        if DEVICE != "cpu":
            self.succeeds("joint", "--data", data, "--folder",
                          self.path("cpu"), "--steps", "1", "--batch", "4",
                          *settings)
            first = support.metrics(self.path("cpu"))[0]["losses"]["l1"]
            self.assertAlmostEqual(l1[0], first, delta=1e-2)
        model = self.path("run", "models", "model.safetensors")
        shown = subprocess.run([support.LIMNER, "info", model],
                               stdout=subprocess.PIPE, encoding="utf-8",
                               check=True)
        self.assertIn("32 x 32", shown.stdout)


def is_there():
    """Whether limner-train can compute on the device."""
    if DEVICE == "cpu":
        return True
    run = support.run("parser", "--device", DEVICE, "--data", "/nowhere",
                      "--folder", "/nowhere", "--steps", "1")
    return NONE_THERE not in run.stdout


if __name__ == "__main__":
    DEVICE = sys.argv.pop() if len(sys.argv) > 1 else DEVICE
    if not is_there():
        print(f"skipped: no {DEVICE.upper()} device")
        sys.exit(support.SKIPPED)
    support.main()
