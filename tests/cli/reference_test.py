"""limner inference against what the published script wrote for the same
checkpoint and examples (../shared/reference/tiny)."""

import os
import subprocess
import sys

import support
from support import Case, compare, listing

REFERENCE = os.path.join(support.SHARED, "reference")
WANTED = os.path.join(REFERENCE, "tiny", "inference")

READ_LATENTS = """
import sys, torch
for name in sys.argv[1:]:
    tensor = torch.load(name)
    assert tensor.shape == (10, 32), tensor.shape
    assert tensor.dtype == torch.float32, tensor.dtype
    assert bool(torch.isfinite(tensor).all())
print("read", len(sys.argv) - 1)
"""


class Reference(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.out = os.path.join(cls.shelf, "inference")
        result = support.run(
            "inference", "--exp_dir", cls.out, "--checkpoint_path",
            os.path.join(REFERENCE, "tiny", "model.pt"), "--data_path",
            os.path.join(REFERENCE, "examples", "sketch"), "--target_path",
            os.path.join(REFERENCE, "examples", "appearance"),
            "--couple_outputs", "--test_batch_size", "4", "--test_workers",
            "4", "--n_images", "6")
        assert result.returncode == 0, result.stderr
        assert result.stderr == "", result.stderr

    def files(self, folder, kind):
        return {name for name in listing(folder) if name.endswith(kind)}

    def test_same_tree(self):
        wanted = set(listing(WANTED))
        # The reference keeps two of the six coupled pictures.
        wanted |= {os.path.join("inference_coupled", f"{i}.png")
                   for i in range(1, 7)}
        self.assertEqual(set(listing(self.out)), wanted)

    def test_pictures(self):
        names = self.files(WANTED, ".png")
        self.assertEqual(len(names), 14)
        for name in sorted(names):
            result = compare(os.path.join(self.out, name),
                             os.path.join(WANTED, name))
            self.assertTrue(result["same_size"], name)
            self.assertGreaterEqual(result["within_1"], 0.999, name)

    def test_references_are_equal(self):
        for i in range(1, 7):
            name = os.path.join("inference_reference", f"{i}.png")
            result = compare(os.path.join(self.out, name),
                             os.path.join(WANTED, name))
            self.assertEqual(result["largest"], 0, name)

    def test_latents(self):
        for name in sorted(self.files(WANTED, ".pt")):
            result = compare(os.path.join(self.out, name),
                             os.path.join(WANTED, name))
            self.assertTrue(result["same_size"], name)
            self.assertLess(result["relative_error"], 1e-4, name)

    def test_torch_reads_the_latents(self):
        has_torch = subprocess.run(
            [support.DEBIAN_PYTHON, "-c", "import torch"],
            stderr=subprocess.DEVNULL, check=False).returncode == 0
        if not has_torch:
            self.skipTest("python3-torch is not installed")
        names = [os.path.join(self.out, name)
                 for name in sorted(self.files(self.out, ".pt"))]
        result = subprocess.run(
            [support.DEBIAN_PYTHON, "-c", READ_LATENTS, *names],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
            encoding="utf-8")
        self.assertEqual(result.stdout, "read 6\n", result.stderr)

    def test_converted_checkpoint_gives_the_same(self):
        converted = os.path.join(self.shelf, "tiny.safetensors")
        self.succeeds("convert",
                      os.path.join(REFERENCE, "tiny", "model.pt"), converted)
        self.succeeds(
            "generate", os.path.join(REFERENCE, "examples", "sketch", "2.png"),
            "-a", os.path.join(REFERENCE, "examples", "appearance", "2.png"),
            "-m", converted, "-o", "f.png")
        result = compare(self.path("f.png"), os.path.join(
            self.out, "inference_results", "2.png"))
        self.assertEqual(result["largest"], 0)


if __name__ == "__main__":
    if not os.path.isdir(WANTED):
        print("skipped: no reference data beside the checkout")
        sys.exit(support.SKIPPED)
    support.main()
