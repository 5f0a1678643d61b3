"""Tests of the repository's own scripts: each check must be able to fail."""

import importlib.machinery
import importlib.util
import os
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
import zlib

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))
from running import main  # noqa: E402


def script(name):
    """A Python script without an ending, as a module."""
    path = os.path.join(ROOT, name)
    loader = importlib.machinery.SourceFileLoader(
        os.path.basename(name), path)
    spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


class Tree(unittest.TestCase):
    """A folder that is filled for one test."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = holder.name

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        mode = "wb" if isinstance(content, bytes) else "w"
        with open(path, mode) as file:
            file.write(content)

    def run_check(self, name):
        """-> (exit code, what it printed)"""
        result = subprocess.run(
            [sys.executable, os.path.join(ROOT, "scripts", name),
             self.folder], stdout=subprocess.PIPE, text=True, check=False)
        return result.returncode, result.stdout


class GoodTree:
    """A tree that is good for `check` until a test writes more."""
    check = ""

    def expect(self, text):
        code, output = self.run_check(self.check)
        self.assertEqual(code, 1, output)
        self.assertIn(text, output)

    def test_good_tree_passes(self):
        code, output = self.run_check(self.check)
        self.assertEqual(code, 0, output)


class Includes(GoodTree, Tree):
    check = "check_includes"

    def setUp(self):
        super().setUp()
        self.write("README.md",
                   "| room | what |\n|---|---|\n"
                   "| `util/` | a |\n| `image/` | b |\n| `app/` | c |\n")
        self.write("util/a.h", "#include <vector>\n")
        self.write("image/b.h", '#include "util/a.h"\n')
        self.write("app/c.cc", '#include "image/b.h"\n#include "app/d.h"\n')

    def test_room_below(self):
        self.write("util/deep/bad.cc", '\n#include "image/b.h"\n')
        self.expect("bad.cc:2: room 'util' includes \"image/b.h\", but "
                    "'image' is below it")

    def test_room_below_in_angle_brackets(self):
        self.write("image/bad.h", "#  include <app/d.h>\n")
        self.expect("'app' is below it")

    def test_path_without_room(self):
        self.write("image/bad.h", '#include "b.h"\n')
        self.expect('"b.h" does not start with a room')

    def test_helpers_are_for_tests_only(self):
        self.write("image/b_test.cc", '#include "support/x.h"\n')
        self.assertEqual(self.run_check(self.check)[0], 0)
        self.write("image/b.cc", '#include "support/x.h"\n')
        self.expect('"support/x.h" does not start with a room')

    def test_training_rooms(self):
        self.write("train/README.md",
                   "| room | what |\n|---|---|\n"
                   "| `nets/` | a |\n| `run/` | b |\n")
        self.write("train/nets/n.h", '#include "app/d.h"\n')
        self.write("train/run/r.cc", '#include "train/nets/n.h"\n')

        def check():
            result = subprocess.run(
                [sys.executable,
                 os.path.join(ROOT, "scripts", "check_includes"), self.folder,
                 os.path.join(self.folder, "train")],
                stdout=subprocess.PIPE, text=True, check=False)
            return result.stdout

        # The folder itself is no room of the outer tree.
        good = check()
        self.write("train/nets/bad.h", '#include "train/run/r.h"\n')
        self.write("train/nets/worse.h", '#include "nets/n.h"\n')
        self.assertNotIn("n.h:1", good)
        self.assertNotIn("r.cc:1", good)
        bad = check()
        self.assertIn("room 'nets' includes \"train/run/r.h\", but 'run' is "
                      "below it", bad)
        self.assertIn('"nets/n.h" does not start with a room', bad)

    def test_room_not_in_the_table(self):
        self.write("extra/e.h", "\n")
        self.expect("the room 'extra' is not in the table")

    def test_room_that_does_not_exist(self):
        os.remove(os.path.join(self.folder, "util/a.h"))
        self.expect("the room 'util' does not exist")


class Hygiene(GoodTree, Tree):
    check = "check_hygiene"

    def setUp(self):
        super().setUp()
        subprocess.run(["git", "init", "-q", self.folder], check=True)
        self.write("good.md", "See docs/home/index.md and build/work/x.\n")
        self.write("picture.png", b"\x89PNG\0\r\n  \n")

    def test_machine_path(self):
        self.write("a.txt", "model: /" + "home/someone/model.pt\n")
        self.expect("a.txt:1: path of one machine")

    def test_registry(self):
        self.write("a.txt", "\nfrom https://pypi" + ".org/simple\n")
        self.expect("a.txt:2: address of a package registry")

    def test_blanks_tabs_and_line_ends(self):
        self.write("a.cc", b"int a; \n\tint b;\nint c;\r\nint d;")
        code, output = self.run_check("check_hygiene")
        self.assertEqual(code, 1)
        for text in ("a.cc:1: blanks", "a.cc:2: tab", "a.cc:3: Windows",
                     "a.cc: the last line"):
            self.assertIn(text, output)

    def test_large_file(self):
        self.write("a.bin", bytes(1_000_001))
        self.expect("a.bin: 1000001 bytes")


GTEST_LOG = """[ RUN      ] A.Runs
[       OK ] A.Runs (0 ms)
[ RUN      ] Files/A.Skips/0
a_test.cc:7: Skipped
no faces here

[  SKIPPED ] Files/A.Skips/0, where GetParam() = "x" (0 ms)
[  SKIPPED ] 1 test, listed below:
[  SKIPPED ] Files/A.Skips/0
"""
PYTHON_LOG = """test_one (__main__.Case.test_one) ... skipped 'no: disk'

OK (skipped=1)
skipped: Case.test_one: no: disk
"""
NODE_LOG = "\N{SMALL HYPHEN-MINUS} draws a line (0.2ms) # SKIP no browser\n"


class Skips(Tree):
    def setUp(self):
        super().setUp()
        self.check = script("scripts/check_skips")

    def skips(self, text):
        return [tuple(skip) for skip in self.check.skips_of_output("e", text)]

    def test_what_programs_print(self):
        self.assertEqual(self.skips(GTEST_LOG),
                         [("e", "Files/A.Skips/0", "no faces here")])
        self.assertEqual(self.skips(PYTHON_LOG),
                         [("e", "Case.test_one", "no: disk")])
        self.assertEqual(self.skips(NODE_LOG),
                         [("e", "draws a line", "no browser")])
        self.assertEqual(self.skips("[       OK ] A.Runs (0 ms)\n"), [])

    def test_a_log_of_ctest(self):
        suite = xml.etree.ElementTree.Element("testsuite")
        for name, text, skipped in (("unit.a", GTEST_LOG, False),
                                    ("unit.b", "fine\n", False),
                                    ("gpu", "skipped: no CUDA\n", True)):
            case = xml.etree.ElementTree.SubElement(
                suite, "testcase", name=name)
            if skipped:
                xml.etree.ElementTree.SubElement(case, "skipped")
            output = xml.etree.ElementTree.SubElement(case, "system-out")
            output.text = text
        log = os.path.join(self.folder, "log.xml")
        xml.etree.ElementTree.ElementTree(suite).write(log)
        self.assertEqual(
            [tuple(skip) for skip in self.check.skips_of_log(log)],
            [("unit.a", "Files/A.Skips/0", "no faces here"),
             ("gpu", "*", "skipped: no CUDA")])
        # None of these is on the list.
        command = [sys.executable, os.path.join(ROOT, "scripts/check_skips")]
        for strict, code in ((["--strict"], 1), ([], 0)):
            result = subprocess.run([*command, *strict, log], text=True,
                                    stdout=subprocess.PIPE, check=False)
            self.assertEqual(result.returncode, code)
            self.assertIn("Skipped: 2 tests", result.stdout)
            self.assertIn("  gpu: skipped: no CUDA", result.stdout)
            self.assertEqual("unit.a Files/A.Skips/0 is not in" in
                             result.stdout, bool(strict))

    def test_the_list(self):
        rows = self.check.allowed(self.check.LIST)
        self.assertGreater(len(rows), 10)
        skip = self.check.Skip("unit.a", "A.Skips", "")
        here = [["gpu", "unit.*", "A.*"]]
        self.assertEqual(self.check.problem(skip, here), "")
        self.assertIn("not in", self.check.problem(
            skip, [["gpu", "unit.b", "*"], ["gpu", "unit.a", "B.*"]]))
        self.check.WHENS = {"gpu": False}
        self.assertIn("should run here", self.check.problem(skip, here))

    def test_lists_that_say_nothing(self):
        for line in ("gpu unit.a", "sometimes unit.a A.*", "gpu a b c"):
            self.write("skips.txt", line + "\n")
            with self.assertRaises(SystemExit):
                self.check.allowed(os.path.join(self.folder, "skips.txt"))


class Packages(unittest.TestCase):
    def test_every_line_is_group_and_package(self):
        with open(os.path.join(ROOT, "scripts/packages.txt"),
                  encoding="utf-8") as text:
            lines = [line.split() for line in text
                     if line.strip() and not line.startswith("#")]
        self.assertTrue(lines)
        for line in lines:
            if len(line) == 3:  # the last Debian that has it
                self.assertRegex(line.pop(), r"^[0-9]+$")
            self.assertEqual(len(line), 2, line)
            self.assertIn(line[0], ("build", "test", "bench", "reference",
                                    "train", "peers", "studio", "fuzz",
                                    "arm64", "python", "package",
                                    "launchers", "systems", "krita", "gimp",
                                    "web"))
        self.assertEqual(len(lines), len(set(map(tuple, lines))))

    def test_every_package_is_documented(self):
        with open(os.path.join(ROOT, "docs/dependencies.md"),
                  encoding="utf-8") as text:
            documented = text.read()
        with open(os.path.join(ROOT, "scripts/packages.txt"),
                  encoding="utf-8") as text:
            for line in text:
                if line.strip() and not line.startswith("#"):
                    self.assertIn(f"`{line.split()[1]}`", documented)

    def test_unknown_group_is_refused(self):
        environment = {k: v for k, v in os.environ.items()
                       if k != "LIMNER_SKIP_SETUP"}
        result = subprocess.run(
            [os.path.join(ROOT, "scripts/setup"), "nonsense"],
            stderr=subprocess.PIPE, text=True, check=False, env=environment)
        self.assertEqual(result.returncode, 2)
        self.assertIn("no group 'nonsense'", result.stderr)


def pixels(path):
    """Rows of a PNG as make_example_drawing writes it: 8 bits, no filter."""
    with open(path, "rb") as file:
        data = file.read()
    position, stream = 8, b""
    while position < len(data):
        size, kind = struct.unpack(">I4s", data[position:position + 8])
        if kind == b"IHDR":
            width, height, bits, colour = struct.unpack(
                ">IIBB", data[position + 8:position + 18])
            assert (bits, colour) == (8, 3)
        if kind == b"IDAT":
            stream += data[position + 8:position + 8 + size]
        position += size + 12
    rows = zlib.decompress(stream)
    return [rows[y * (width + 1):(y + 1) * (width + 1)]
            for y in range(height)]


class ExampleDrawings(Tree):
    def test_shipped_drawings_are_what_the_script_draws(self):
        code, output = self.run_check("make_example_drawing")
        self.assertEqual(code, 0, output)
        shipped = os.path.join(ROOT, "examples", "drawings")
        names = sorted(os.listdir(self.folder))
        self.assertEqual(names, sorted(
            name for name in os.listdir(shipped) if name.endswith(".png")))
        for name in names:
            rows = pixels(os.path.join(self.folder, name))
            self.assertEqual(rows, pixels(os.path.join(shipped, name)))
            self.assertEqual(len(rows), 512)
            self.assertLessEqual(max(max(row) for row in rows), 22)


class ExamplePortraits(Tree):
    def test_shipped_portraits_are_what_the_script_draws(self):
        code, output = self.run_check("make_example_portraits")
        self.assertEqual(code, 0, output)
        shipped = os.path.join(ROOT, "examples", "drawings")
        names = sorted(os.listdir(self.folder))
        self.assertGreaterEqual(len(names), 6)
        # Others are drawn by hand.
        self.assertLessEqual(set(names), set(os.listdir(shipped)))
        for name in names:
            with open(os.path.join(self.folder, name), "rb") as made, \
                    open(os.path.join(shipped, name), "rb") as ours:
                self.assertEqual(made.read(), ours.read(), name)


class ComparePeers(unittest.TestCase):
    def test_medians_and_ratios(self):
        compare = script("bench/compare_peers")
        ours = [{"warm_ms": {"median": m, "min": m - 1, "p95": m + 1},
                 "cold_first_face_ms": 10 * m, "peak_rss_mb": 100 + m}
                for m in (30, 20, 90)]
        theirs = [{"seconds": [0.1, s, 0.9], "peak_rss_mb": 400}
                  for s in (0.2, 0.3, 0.4)]
        slow = [{"seconds": [3.0], "peak_rss_mb": 950}]
        result = compare.comparison(ours, {"PyTorch": theirs, "other": slow})
        self.assertEqual(result["limner"], {
            "median_ms": 30, "min_ms": 19, "peak_rss_mb": 190,
            "cold_first_face_ms": 300})
        torch = result["peers"]["PyTorch"]
        self.assertAlmostEqual(torch["median_ms"], 300)
        self.assertAlmostEqual(torch["min_ms"], 100)
        ratios = result["ratios"]
        self.assertAlmostEqual(ratios["PyTorch"]["median_ms"], 0.1)
        self.assertAlmostEqual(ratios["other"]["median_ms"], 0.01)
        self.assertAlmostEqual(ratios["other"]["peak_rss_mb"], 0.2)
        text = compare.report(result)
        self.assertIn("| warm, median of rounds (ms) |", text)
        self.assertIn("| limner / PyTorch | limner / other |", text)

    def test_picture_has_bars_as_long_as_times(self):
        picture = script("bench/peers/picture.py")
        result = {"limner": {"median_ms": 100},
                  "peers": {"PyTorch": {"median_ms": 800},
                            "ONNX Runtime": {"median_ms": 400}}}
        tree = xml.etree.ElementTree.fromstring(
            picture.picture([("A < B", result), ("C", result)]))
        space = "{http://www.w3.org/2000/svg}"
        bars = [float(bar.get("width"))
                for bar in tree.iter(space + "rect")][1:]
        self.assertEqual(len(bars), 6)
        longest = max(bars)
        for bar, share in zip(bars, [0.125, 0.5, 1] * 2):
            self.assertAlmostEqual(bar / longest, share, 3)
        texts = [text.text for text in tree.iter(space + "text")]
        self.assertIn("A < B", texts)
        self.assertIn("400 ms (0.25)", texts)


if __name__ == "__main__":
    main()
