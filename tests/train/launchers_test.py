"""mpirun, srun and torchrun really start limner-train: two processes end with the weights of one
with twice the batch, a process that dies ends the others, and the run goes on."""

import os
import shutil
import signal
import socket
import subprocess
import time
import unittest

import support
from support import CRITICS, TINY_JOINT

# As in processes_test.py, which says why.
SETTINGS = ["--crossed-share", "0.25", "--random-share", "0.25", "--ada-images",
            "200", "--ada-target", "-1", "--looks-components", "4",
            "--looks-every", "16", "--optim-name", "ranger", "--learning-rate",
            "0.3", "--lr-warmup", "0", *CRITICS, *TINY_JOINT]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def rank_of(pid):
    """The rank that a launcher gave to a process; None for others and those of other
    programs."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            pairs = dict(entry.split(b"=", 1)
                         for entry in file.read().split(b"\0") if b"=" in entry)
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().split(b"\0")
    except OSError:
        return None
    if os.fsencode(support.TRAIN) != words[0]:
        return None
    for name in (b"OMPI_COMM_WORLD_RANK", b"SLURM_PROCID", b"RANK"):
        if name in pairs:
            return int(pairs[name])
    return None


class Launched(support.TrainingTest):
    launcher = ()

    def env(self):
        # Two processes of other tests may use the usual port.
        return {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}

    def command(self):
        return self.launcher

    def start(self, arguments):
        return subprocess.Popen(
            [*self.command(), support.TRAIN, *map(str, arguments)],
            env=support.settings(self.env()), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
            errors="replace")

    def weights(self, name):
        _, tensors = support.read_safetensors(
            self.path(name, "checkpoint.safetensors"))
        return {key: entry for key, entry in tensors.items()
                if key.startswith("model.") and entry[0] == "F32"}

    def arguments(self, name, steps, batch):
        return ["joint", "--data", self.path("faces"), "--folder",
                self.path(name), "--steps", steps, "--batch", batch, *SETTINGS]

    def ends_well(self, process):
        text = support.end_of(process)
        self.assertEqual(process.returncode, 0, text[-3000:])

    def equals_one_process(self):
        support.write_faces(self.path("faces"), train=16)
        self.ends_well(self.start(self.arguments("two", 4, 4)))
        self.succeeds(*self.arguments("one", 4, 8))
        got, expected = self.weights("two"), self.weights("one")
        self.assertEqual(sorted(got), sorted(expected))
        square = norm = 0.0
        for name, entry in expected.items():
            for a, b in zip(support.floats(got[name]), support.floats(entry)):
                square += (a - b) ** 2
                norm += b * b
        self.assertGreater(norm, 0)
        error = (square / norm) ** 0.5
        print(f"relative difference {error:.2g}")
        self.assertLess(error, 1e-5)

    def pid_of_rank(self, rank, folder):
        """The process of this test's run."""
        for entry in os.listdir("/proc"):
            if entry.isdigit() and rank_of(entry) == rank:
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    if os.fsencode(folder) in file.read().split(b"\0"):
                        return int(entry)
        return None

    def survives_a_death(self):
        support.write_faces(self.path("faces"), train=16)
        steps = 40
        arguments = [*self.arguments("killed", steps, 2), "--checkpoint-every",
                     "2"]
        process = self.start(arguments)
        checkpoint = self.path("killed", "checkpoint.safetensors")
        end = time.monotonic() + support.HANG
        while not os.path.exists(checkpoint) and process.poll() is None:
            self.assertLess(time.monotonic(), end, "no checkpoint")
            time.sleep(0.05)
        victim = self.pid_of_rank(1, self.path("killed"))
        self.assertIsNotNone(victim, process.poll())
        os.kill(victim, signal.SIGKILL)
        began = time.monotonic()
        text = support.end_of(process)
        print(f"ended {time.monotonic() - began:.1f} s after the death")
        self.assertNotEqual(process.returncode, 0, text[-3000:])
        self.assertRegex(text.lower(), "another process is gone|signal 9|killed")
        for rank in (0, 1):
            while self.pid_of_rank(rank, self.path("killed")) is not None:
                self.assertLess(time.monotonic(), end, "a process is left")
                time.sleep(0.05)

        self.ends_well(self.start([*arguments, "--resume"]))
        self.ends_well(self.start([*self.arguments("whole", steps, 2),
                                   "--checkpoint-every", "2"]))
        self.assertEqual(self.weights("killed"), self.weights("whole"))


@unittest.skipUnless(shutil.which("mpirun"),
                     "there is no mpirun (scripts/setup launchers)")
class Mpirun(Launched):
    launcher = ("mpirun", "-n", "2", "--oversubscribe", "--bind-to", "none")

    def env(self):
        return {**super().env(), "OMPI_ALLOW_RUN_AS_ROOT": "1",
                "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}

    def test_equals_one_process(self):
        self.equals_one_process()

    def test_a_death(self):
        self.survives_a_death()


@unittest.skipUnless(shutil.which("torchrun"),
                     "there is no torchrun (scripts/setup reference)")
class Torchrun(Launched):
    # Redirections, without which that of Debian 12 fails under its Python.
    launcher = ("torchrun", "--no_python", "--nproc_per_node", "2", "-r", "1",
                "-t", "1")

    def env(self):
        return {**super().env(), "TMPDIR": self.path(".")}  # for its logs

    def command(self):
        return [*self.launcher, "--master_port", str(free_port())]

    def test_equals_one_process(self):
        self.equals_one_process()

    def test_a_death(self):
        self.survives_a_death()


SLURM = """
ClusterName=limner
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmdPort={node_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/none
CredType=cred/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
KillWait=5
StateSaveLocation={folder}
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/controller.pid
SlurmdPidFile={folder}/node.pid
SlurmctldLogFile={folder}/controller.log
SlurmdLogFile={folder}/node.log
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=FORCE:8
"""


@unittest.skipUnless(
    all(map(shutil.which, ("srun", "slurmctld", "slurmd", "sinfo"))),
    "there is no Slurm (scripts/setup launchers)")
@unittest.skipUnless(os.geteuid() == 0, "a node of Slurm needs root")
class Srun(Launched):
    """A cluster of one node, for the test alone."""

    launcher = ("srun", "--ntasks", "2", "--overcommit")

    def setUp(self):
        super().setUp()
        folder = self.path("slurm")
        os.makedirs(os.path.join(folder, "spool"))
        self.config = os.path.join(folder, "slurm.conf")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(SLURM.format(
                host=socket.gethostname().split(".")[0], port=free_port(),
                node_port=free_port(), user="root", folder=folder,
                cpus=os.cpu_count()))
        for daemon in (["slurmctld", "-D", "-i"], ["slurmd", "-D"]):
            process = subprocess.Popen(
                [shutil.which(daemon[0]), *daemon[1:], "-f", self.config],
                env={**os.environ, "SLURM_CONF": self.config},
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.addCleanup(self.stop, process)
        end = time.monotonic() + support.HANG
        while True:
            seen = subprocess.run(
                ["sinfo", "-h", "-o", "%T"], stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, check=False, encoding="utf-8",
                env={**os.environ, "SLURM_CONF": self.config}).stdout.strip()
            if seen in ("idle", "mixed"):
                break
            self.assertLess(time.monotonic(), end, seen)
            time.sleep(0.2)

    @staticmethod
    def stop(process):
        process.terminate()
        process.wait(support.HANG)

    def env(self):
        # Address and port come from the step.
        return {"SLURM_CONF": self.config}

    def test_equals_one_process(self):
        self.equals_one_process()

    def test_a_death(self):
        self.survives_a_death()


if __name__ == "__main__":
    support.main()
