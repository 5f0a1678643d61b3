"""Places that cannot be read or written, full disks, and runs that are
interrupted: nothing half-written remains."""

import os
import shutil
import signal
import subprocess
import threading
import time

import support
from support import Case, drawing, listing, photo, run


def unprivileged():
    """A command prefix that runs as nobody, or None. Root may read and write
    everything, so permissions show only without it."""
    if os.geteuid() != 0:
        return ()
    setpriv = shutil.which("setpriv")
    if not setpriv:
        return None
    prefix = (setpriv, "--reuid=65534", "--regid=65534", "--clear-groups",
              "--")
    probe = subprocess.run([*prefix, support.LIMNER, "--version"],
                           stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, check=False)
    return prefix if probe.returncode == 0 else None


class Paths(Case):
    def setUp(self):
        super().setUp()
        self.put("d.png", drawing())
        self.put("file", b"x")

    def unwritable(self, out, says=""):
        for arguments in (
                ("generate", "d.png", "--random", "1", "-m", self.model, "-o",
                 f"{out}/f.png"),
                ("mix", "d.png", "--random", "1", "-m", self.model, "-o",
                 f"{out}/s.png"),
                ("inference", "--exp_dir", f"{out}/o", "--data_path", "d.png",
                 "--random_appearance", "--checkpoint_path", self.model),
                ("convert", self.model, f"{out}/m.safetensors"),
                ("make-random", f"{out}/m.safetensors")):
            self.refused(*arguments, says=says)

    def test_below_a_file(self):
        self.unwritable("file", "file")
        self.unwritable("file/deeper/still", "file")

    def test_where_nothing_can_be_made(self):
        self.unwritable("/proc/nowhere")

    def test_folder_in_the_way(self):
        for name in ("1.png", "m.safetensors", "b.json"):
            os.mkdir(self.path(name))
        self.put("set/1.png", drawing())
        self.refused("generate", "set", "--random", "1", "-m", self.model,
                     "-o", ".", says="1.png")
        self.refused("convert", self.model, "m.safetensors",
                     says="m.safetensors")
        self.refused("make-random", "m.safetensors", says="m.safetensors")
        self.refused("bench", "-m", self.model, "--json", "b.json",
                     says="b.json")

    def test_name_that_is_too_long(self):
        self.refused("generate", "d.png", "--random", "1", "-m", self.model,
                     "-o", "x" * 300 + ".png")


class Permissions(Case):
    def setUp(self):
        super().setUp()
        prefix = unprivileged()
        if prefix is None:
            self.skipTest("cannot drop root's rights here")
        self.prefix = prefix
        for folder in (self.shelf, self.folder):
            os.chmod(folder, 0o755)
        os.chmod(self.model, 0o644)
        self.put("d.png", drawing())
        os.chmod(self.path("d.png"), 0o644)

    def nobody(self, *arguments, says=""):
        return self.refused(*arguments, says=says, prefix=self.prefix)

    def test_unwritable_folder(self):
        if os.geteuid() != 0:
            os.chmod(self.folder, 0o555)
        self.nobody("generate", "d.png", "--random", "1", "-m", self.model,
                    "-o", "f.png", says="ermission denied")
        self.nobody("generate", "d.png", "--random", "1", "-m", self.model,
                    "-o", "new/f.png", says="ermission denied")
        self.nobody("convert", self.model, "m.safetensors",
                    says="ermission denied")
        os.chmod(self.folder, 0o755)

    def test_unreadable_inputs(self):
        self.put("secret.png", photo())
        self.put("secret.pt", b"x")
        self.put("locked/d.png", drawing())
        for name in ("secret.png", "secret.pt", "locked"):
            os.chmod(self.path(name), 0)
        os.chmod(self.folder, 0o777)  # the outputs are not the problem
        self.nobody("generate", "d.png", "-a", "secret.png", "-m", self.model,
                    "-o", "f.png", says="secret.png")
        self.nobody("generate", "secret.png", "--random", "1", "-m",
                    self.model, "-o", "f.png", says="secret.png")
        self.nobody("generate", "locked", "--random", "1", "-m", self.model,
                    "-o", "f", says="locked")
        self.nobody("generate", "locked/d.png", "--random", "1", "-m",
                    self.model, "-o", "f.png", says="locked")
        self.nobody("info", "secret.pt", says="secret.pt")
        os.chmod(self.path("locked"), 0o755)


class FullDisk(Case):
    """A file system of 64 kB in memory."""

    def setUp(self):
        super().setUp()
        self.disk = self.path("disk")
        os.mkdir(self.disk)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", self.disk],
            stderr=subprocess.DEVNULL, check=False) if shutil.which(
                "mount") else None
        if mounted is None or mounted.returncode != 0:
            self.skipTest("not allowed to mount a small tmpfs here")
        self.addCleanup(subprocess.run, ["umount", self.disk], check=False)
        self.put("d.png", drawing())

    def test_nothing_half_written_remains(self):
        self.refused("convert", self.model, "disk/m.safetensors",
                     says="No space left")
        self.refused("make-random", "disk/m.safetensors", "--size", "64",
                     says="No space left")
        self.put("disk/filler", b"x" * 60000)
        self.refused("generate", "d.png", "--random", "1", "-m", self.model,
                     "-o", "disk/new/folder/f.png", says="No space left")
        self.refused("mix", "d.png", "--random", "1", "-m", self.model, "-n",
                     "20", "-o", "disk/s.png", says="No space left")
        self.refused("inference", "--exp_dir", "disk/o", "--data_path",
                     "d.png", "--random_appearance", "--checkpoint_path",
                     self.model, says="No space left")

    def test_a_file_that_was_there_stays(self):
        self.put("disk/s.png", b"the old one")
        self.put("disk/filler", b"x" * 55000)
        self.refused("mix", "d.png", "--random", "1", "-m", self.model, "-n",
                     "20", "-o", "disk/s.png", says="No space left")


class Interrupted(Case):
    def start(self, *arguments):
        return subprocess.Popen(
            [support.LIMNER, *map(str, arguments)], cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def wait_for_files(self, process, folder, count):
        """Waits until a folder has `count` files or the process has ended."""
        end = time.monotonic() + support.HANG
        while process.poll() is None and time.monotonic() < end:
            try:
                if len(os.listdir(folder)) >= count:
                    return
            except FileNotFoundError:
                pass
            time.sleep(0.0005)

    def test_while_writing_a_large_file(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            out = self.path(f"out-{int(number)}")
            os.mkdir(out)
            process = self.start("make-random",
                                 os.path.join(out, "m.safetensors"), "--size",
                                 "256", "--width-divisor", "4")
            self.wait_for_files(process, out, 1)
            process.send_signal(number)
            code = process.wait(timeout=support.HANG)
            # It may have been done just before: then the file is whole.
            self.assertIn(code, (-number, 0))
            if code == 0:
                self.succeeds("info", os.path.join(out, "m.safetensors"))
            else:
                self.assertEqual(os.listdir(out), [])

    def test_in_the_middle_of_a_long_run(self):
        self.put("d.png", drawing())
        for number in (signal.SIGINT, signal.SIGTERM):
            out = self.path(f"out-{int(number)}")
            process = self.start("mix", "d.png", "--random", "1", "-m",
                                 self.model, "-n", "1000", "--separate", "-o",
                                 out)
            self.wait_for_files(process, out, 3)
            process.send_signal(number)
            self.assertEqual(process.wait(timeout=support.HANG), -number)
            names = list(listing(out))
            self.assertGreaterEqual(len(names), 2)
            for name in names:
                # Whole pictures under their own names, and nothing else.
                self.assertRegex(name, r"^d-\d{4}\.png$")
                self.assertTrue(support.read(os.path.join(
                    out, name)).endswith(b"IEND\xaeB`\x82"))


class Pipes(Case):
    """What comes through a pipe can be read once."""

    def through_pipe(self, data):
        """The path of a pipe that a thread writes to."""
        path = self.path(f"pipe-{self.id()}-{len(os.listdir(self.folder))}")
        os.mkfifo(path)
        writer = threading.Thread(target=support.write, args=(path, data))
        writer.start()
        self.addCleanup(writer.join)
        return path

    def test_drawings_and_photos(self):
        self.put("d.png", drawing())
        self.put("p.png", photo())
        self.succeeds("generate", "d.png", "-a", "p.png", "-m", self.model,
                      "-o", "plain.png")
        self.succeeds("generate", self.through_pipe(drawing()), "-a",
                      self.through_pipe(photo()), "-m", self.model, "-o",
                      "piped.png")
        self.assertEqual(support.read(self.path("plain.png")),
                         support.read(self.path("piped.png")))

    def test_masks(self):
        mask = support.png(32, 32, bytes(
            1 if 8 < i % 32 < 24 and 8 < i // 32 < 24 else 0
            for i in range(32 * 32)))
        self.put("m.png", mask)
        self.succeeds("sketch", "m.png", "-o", "plain.svg")
        self.succeeds("sketch", self.through_pipe(mask), "-o", "piped.svg")
        self.assertEqual(support.read(self.path("plain.svg")),
                         support.read(self.path("piped.svg")))


class Names(Case):
    def test_no_command_reaches_the_terminal(self):
        name = "a\n\x1b[31m\u009b5m"
        self.put(name + ".png", drawing())
        self.put("set/" + name + ".png", drawing())
        self.put("set/" + name + "." + name, b"x")
        results = [
            self.succeeds("label", name + ".png", "-o", name + ".svg"),
            self.succeeds("label", "set", "-o", "labelled"),
            run("label", name, cwd=self.folder),
            self.succeeds("generate", name + ".png", "--random", "1", "-m",
                          self.model, "-o", name + "2.png")]
        self.assertEqual(results[2].returncode, 1)
        for result in results:
            for stream in (result.stdout, result.stderr):
                for line in stream.split("\n"):
                    self.assertTrue(line == "" or line.isprintable(), stream)
        self.assertIn("a\\x0a\\x1b[31m\\x9b5m", results[0].stdout)

    def test_other_names_of_an_input_are_refused(self):
        self.put("d.png", drawing())
        os.link(self.path("d.png"), self.path("same.png"))
        self.refused("generate", "d.png", "--random", "1", "-m", self.model,
                     "-o", "same.png", says="another name of an input")

    def test_what_is_left_out_is_counted(self):
        for name in ("set/1.png", "set/2.png", "set/a.mov", "set/b/c.MOV",
                     "set/.hidden"):
            self.put(name, drawing())
        result = self.succeeds("label", "set", "-o", "labelled")
        self.assertIn("left out: 2 .mov\n", result.stderr)


class Strays(Case):
    def test_a_killed_run_is_cleaned_up_after(self):
        out = self.path("out")
        os.mkdir(out)
        self.put("out/.limner-1-0.tmp", b"half")
        self.put("out/notes.tmp", b"whole")
        self.put("d.png", drawing())
        self.succeeds("generate", "d.png", "--random", "1", "-m", self.model,
                      "-o", "out/f.png")
        self.assertEqual(sorted(os.listdir(out)), ["f.png", "notes.tmp"])


if __name__ == "__main__":
    support.main()
