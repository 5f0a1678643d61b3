"""Two processes with batches of n take the steps of one with 2n."""

import math
import socket

import support
from support import CRITICS, TINY_JOINT

# Adam's first steps have the size of the rate whatever the gradient: where it
# should be zero they follow its rounding. Ranger's first ones are plain.
RANGER = ["--optim-name", "ranger", "--learning-rate", "0.3", "--lr-warmup", "0"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Processes(support.TrainingTest):

    def trained(self, name, arguments, batch, world):
        """The weights after a run of `world` processes."""
        everything = [*arguments, "--folder", self.path(name), "--batch",
                      batch]
        port = free_port()
        running = [support.start(*everything, env={
            "RANK": str(rank), "WORLD_SIZE": str(world),
            "LOCAL_RANK": str(rank), "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(port)} if world > 1 else {})
            for rank in range(world)]
        for process in running:
            text = support.end_of(process)
            self.assertEqual(process.returncode, 0, text[-3000:])
        _, tensors = support.read_safetensors(
            self.path(name, "checkpoint.safetensors"))
        return tensors

    def compare(self, got, expected, prefixes, tolerance):
        difference = norm = 0.0
        for name, entry in expected.items():
            if entry[0] != "F32" or not name.startswith(prefixes):
                continue
            pairs = zip(support.floats(got[name]), support.floats(entry))
            for a, b in pairs:
                difference += (a - b) ** 2
                norm += b * b
        self.assertGreater(norm, 0)
        error = math.sqrt(difference / norm)
        print(f"relative difference {error:.2g}")
        self.assertLess(error, tolerance)

    def test_joint(self):
        data = support.write_faces(self.path("faces"), train=16)
        arguments = ["joint", "--data", data, "--steps", "4",
                     "--crossed-share", "0.25", "--random-share", "0.25",
                     "--ada-images", "200", "--ada-target", "-1",
                     "--looks-components", "4", "--looks-every", "16", *RANGER,
                     *CRITICS, *TINY_JOINT]
        self.compare(self.trained("two", arguments, 4, 2),
                     self.trained("one", arguments, 8, 1),
                     ("model.", "critic.", "critics."), 1e-5)

    def test_parser(self):
        data = support.write_faces(self.path("faces"), train=16)
        arguments = ["parser", "--data", data, "--steps", "4", "--side", "32",
                     "--widths", "4,8", "--precision", "f32", "--threads",
                     "1", "--dice", "0", *RANGER]
        self.compare(self.trained("two", arguments, 4, 2),
                     self.trained("one", arguments, 8, 1), ("net.",), 1e-5)


if __name__ == "__main__":
    support.main()
