"""A run that is killed and resumed ends as one that never stopped."""

import os
import signal
import time

import support
from support import CRITICS, TINY_JOINT

STEPS = 14


class Resume(support.TrainingTest):

    def arguments(self, name):
        return ["joint", "--data", self.path("faces"), "--folder",
                self.path(name), "--steps", STEPS, "--batch", "4",
                "--checkpoint-every", "2", "--sizes", "16,32", "--grow-at",
                "30", "--ada-images", "200", "--ada-target", "-1",
                "--path-regularize", "1", "--looks-components", "5",
                "--looks-every", "12", *CRITICS, *TINY_JOINT]

    def test_killed_anywhere(self):
        support.write_faces(self.path("faces"))
        self.succeeds(*self.arguments("whole"))
        checkpoint = self.path("killed", "checkpoint.safetensors")
        kills = 0
        for attempt in range(3):
            resume = ["--resume"] if os.path.exists(checkpoint) else []
            process = support.start(*self.arguments("killed"), *resume)
            # Whenever this strikes, what follows must hold.
            before = os.path.getmtime(checkpoint) if resume else 0
            end = time.monotonic() + support.HANG
            while process.poll() is None and time.monotonic() < end and (
                    not os.path.exists(checkpoint) or
                    os.path.getmtime(checkpoint) == before):
                time.sleep(0.01)
            time.sleep(0.13 * attempt)  # that it meets different places
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                kills += 1
            support.end_of(process)
        self.assertGreater(kills, 0)
        self.succeeds(*self.arguments("killed"), "--resume")

        _, expected = support.read_safetensors(
            self.path("whole", "checkpoint.safetensors"))
        _, got = support.read_safetensors(checkpoint)
        self.assertEqual(sorted(got), sorted(expected))
        for name, entry in expected.items():
            self.assertTrue(got[name] == entry, name)
        # Every step is recorded once, with the same losses.
        losses = [(line["step"], line["losses"])
                  for line in support.metrics(self.path("killed"))]
        self.assertEqual(losses, [
            (line["step"], line["losses"])
            for line in support.metrics(self.path("whole"))])

    def test_a_folder_in_use_is_not_overwritten(self):
        support.write_faces(self.path("faces"))
        start = ["parser", "--data", self.path("faces"), "--folder",
                 self.path("run"), "--side", "32", "--widths", "4,8",
                 "--batch", "4", "--precision", "f32", "--steps", "2"]
        self.succeeds(*start)
        self.fails("--resume", *start)
        self.fails("checkpoint", *start[:4], self.path("other"), *start[5:],
                   "--resume")


if __name__ == "__main__":
    support.main()
