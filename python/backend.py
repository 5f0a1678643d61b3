"""What pip calls (PEP 517): builds limner with CMake and packs the module, the
program and the bundled networks as a wheel. Needs what scripts/setup build and
scripts/setup python install, and nothing from a package index.

LIMNER_PYTHON_BUILD names the build folder (default: build/python); one that is
configured already is taken as it is.
"""

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# A zip knows no earlier day; the same tree gives the same wheel.
DAY = (1980, 1, 1, 0, 0, 0)


def version():
    with open(os.path.join(ROOT, "CMakeLists.txt"), encoding="utf-8") as text:
        return re.search(r"VERSION (\d+\.\d+\.\d+)", text.read()).group(1)


def metadata():
    with open(os.path.join(ROOT, "docs", "python.md"), encoding="utf-8") as text:
        page = text.read()
    return ("Metadata-Version: 2.1\n"
            "Name: limner\n"
            f"Version: {version()}\n"
            "Summary: Turns a drawing of a face into a photograph of one\n"
            "License: Apache-2.0\n"
            "Requires-Python: >=3.9\n"
            "Requires-Dist: numpy\n"
            "Description-Content-Type: text/markdown\n\n" + page)


def run(*command):
    try:
        subprocess.run(command, check=True, cwd=ROOT)
    except FileNotFoundError:
        sys.exit(f"limner: {command[0]} is not installed (scripts/setup build "
                 "python)")


def build():
    """Returns the build folder."""
    folder = os.environ.get("LIMNER_PYTHON_BUILD") or os.path.join(
        ROOT, "build", "python")
    if not os.path.exists(os.path.join(folder, "CMakeCache.txt")):
        run("cmake", "-S", ROOT, "-B", folder, "-G", "Ninja",
            "-DCMAKE_BUILD_TYPE=Release", "-DLIMNER_UNITY=ON",
            "-DLIMNER_TESTS=OFF", "-DLIMNER_BENCH=OFF", "-DLIMNER_TRAIN=OFF",
            "-DLIMNER_PYTHON=ON", f"-DPython_EXECUTABLE={sys.executable}")
    run("cmake", "--build", folder, "--target", "limner", "limner_python")
    return folder


def stage(folder, place):
    """Installs the package into place/limner."""
    run("cmake", "--install", folder, "--component", "program", "--strip",
        "--prefix", os.path.join(place, "limner"))
    whole = os.path.join(place, "python")
    run("cmake", "--install", folder, "--component", "python", "--strip",
        "--prefix", whole)
    found = [base for base, _, files in os.walk(whole) if "_places.py" in files]
    if not found:
        sys.exit("limner: the Python module was left out of the build "
                 "(scripts/setup python)")
    shutil.copytree(found[0], os.path.join(place, "limner"), dirs_exist_ok=True)
    shutil.rmtree(whole)


class Wheel:
    def __init__(self, path):
        self.archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self.record = []

    def add(self, name, data, executable=False):
        entry = zipfile.ZipInfo(name, DAY)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = (0o100755 if executable else 0o100644) << 16
        self.archive.writestr(entry, data)
        digest = base64.urlsafe_b64encode(
            hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.record.append(f"{name},sha256={digest},{len(data)}")

    def close(self, info):
        name = f"{info}/RECORD"
        self.add(name, "\n".join([*self.record, f"{name},,", ""]).encode())
        self.archive.close()


def tag():
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    platform = re.sub(r"[-.]", "_", sysconfig.get_platform())
    return f"{python}-{python}-{platform}"


def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    del config_settings, metadata_directory
    name = f"limner-{version()}-{tag()}.whl"
    info = f"limner-{version()}.dist-info"
    folder = build()
    wheel = Wheel(os.path.join(wheel_directory, name))
    with tempfile.TemporaryDirectory() as place:
        stage(folder, place)
        for base, folders, files in os.walk(place):
            folders.sort()
            for file in sorted(files):
                path = os.path.join(base, file)
                with open(path, "rb") as data:
                    wheel.add(os.path.relpath(path, place), data.read(),
                              os.access(path, os.X_OK))
    wheel.add(f"{info}/METADATA", metadata().encode())
    wheel.add(f"{info}/WHEEL", ("Wheel-Version: 1.0\nGenerator: limner\n"
                                "Root-Is-Purelib: false\n"
                                f"Tag: {tag()}\n").encode())
    wheel.add(f"{info}/entry_points.txt",
              b"[console_scripts]\nlimner = limner.__main__:main\n")
    wheel.close(info)
    return name


def build_sdist(sdist_directory, config_settings=None):
    del config_settings
    base = f"limner-{version()}"
    name = base + ".tar.gz"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True,
                            stdout=subprocess.PIPE).stdout.decode()
    with tempfile.TemporaryDirectory() as place:
        info = os.path.join(place, "PKG-INFO")
        with open(info, "w", encoding="utf-8") as text:
            text.write(metadata())
        with tarfile.open(os.path.join(sdist_directory, name), "w:gz",
                          format=tarfile.PAX_FORMAT) as archive:
            archive.add(info, f"{base}/PKG-INFO")
            for file in filter(None, listed.split("\0")):
                archive.add(os.path.join(ROOT, file), f"{base}/{file}")
    return name
