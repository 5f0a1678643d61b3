"""Unit tests of the studio's modules, in Node. Skipped where there is no Node
of version 18 or newer."""

import glob
import os
import re
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77


def main():
    node = shutil.which("node") or shutil.which("nodejs")
    if not node:
        print("skipped: node is not installed (scripts/setup studio)")
        return SKIPPED
    version = subprocess.run([node, "--version"], stdout=subprocess.PIPE,
                             check=True, encoding="utf-8").stdout
    if int(re.match(r"v(\d+)", version).group(1)) < 18:
        print(f"skipped: node is {version.strip()}, older than 18")
        return SKIPPED
    tests = sorted(glob.glob(os.path.join(HERE, "unit", "*_test.mjs")))
    assert tests, "no tests found"
    return subprocess.run([node, "--test", *tests],
                          stdin=subprocess.DEVNULL).returncode


if __name__ == "__main__":
    sys.exit(main())
