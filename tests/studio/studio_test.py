"""The studio in a real browser, against a real `limner serve`: starts both and
runs the tests beside this file with Node. With STUDIO_ENGINE=page, against what
scripts/build_web has made, from a plain server of files: limner is in the page.

Needs Debian's chromium, Node 18 or newer and npm, and playwright-core and
axe-core, which npm installs once into the build folder. Skipped where one of them is missing.

Environment: as in tests/cli/support.py, and STUDIO_BUILD (a folder for what is
installed, and for pictures of the pages). STUDIO_MODEL: a model file to draw
with instead of the bundled one; the times that the tests print are of it.

usage: studio_test.py [TEST.mjs...]
"""

import fcntl
import functools
import http.server
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "cli"))
import fit_test  # noqa: E402
import support  # noqa: E402

PACKAGES = ("playwright-core@1.60.0", "axe-core@4.14.1")
BUILD = os.environ["STUDIO_BUILD"]
MODELS = os.path.join(support.SOURCE, "models")
PAGE = os.environ.get("STUDIO_ENGINE") == "page"
WEB = os.path.join(support.SOURCE, "build", "web")
TESTS = ("desktop_test.mjs", "mend_test.mjs", "keep_test.mjs",
         "looks_test.mjs", "phone_test.mjs", "access_test.mjs",
         "suggest_test.mjs", *(["page_test.mjs"] * PAGE))


def skip(why):
    print(f"skipped: {why} (scripts/setup studio)")
    sys.exit(support.SKIPPED)


def needed(*names):
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    return skip(f"{names[0]} is not installed")


def install_packages(npm):
    """Returns the folder whose node_modules has what the tests need."""
    folder = os.path.join(BUILD, "playwright")
    os.makedirs(folder, exist_ok=True)
    # Another of these programs may be at it.
    with open(os.path.join(folder, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install_into(folder, npm)
    return folder


def install_into(folder, npm):
    stamp = os.path.join(folder, "installed")
    if os.path.exists(stamp) and support.read(stamp).decode() == \
            " ".join(PACKAGES):
        return
    support.write(os.path.join(folder, "package.json"), b'{"private": true}\n')
    result = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--no-package-lock",
         *PACKAGES], cwd=folder, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        errors="replace")
    if result.returncode != 0:
        print(result.stdout)
        skip(f"{PACKAGES} cannot be installed")
    support.write(stamp, " ".join(PACKAGES).encode())


def face_shapes(work):
    """Face shapes of made-up faces, so that drawings are fitted whatever the
    bundled file holds. work: a folder."""
    faces = os.path.join(work, "faces")
    for folder in ("masks", "images"):
        os.makedirs(os.path.join(faces, folder), exist_ok=True)
    lines = "id,split\n"
    for i in range(8):
        support.write(os.path.join(faces, f"masks/{i}.png"), fit_test.mask(i))
        support.write(os.path.join(faces, f"images/{i}.png"),
                      support.photo(i, fit_test.SIDE))
        lines += f"{i},train\n"
    support.write(os.path.join(faces, "manifest.csv"), lines.encode())
    shapes = os.path.join(work, "shapes.safetensors")
    result = support.run("shapes", faces, "-o", shapes)
    assert result.returncode == 0, result.stderr
    return shapes


def with_traits(model, about, work):
    """The model, with traits of looks that are made up where it has none."""
    with open(model, "rb") as file:
        if b'"limner_traits"' in file.read(1 << 20):
            return model
    rows = about["config"]["styles"] - about["config"]["split"]
    width = about["config"]["style_width"]
    names = [("hair", "Hair", "dark", "light"),
             ("skin", "Skin", "dark", "light")]
    directions = b"".join(
        struct.pack("<f", 0.4 * (-1) ** (i * (trait + 1) // width))
        for trait in range(len(names)) for i in range(rows * width))
    traits = support.write(
        os.path.join(work, "traits.safetensors"),
        support.safetensors(
            {"directions": ("F32", [len(names), rows, width], directions)},
            {"format": "pt", "limner_traits": json.dumps({
                "kind": "traits", "traits": [
                    dict(zip(("id", "name", "low", "high"), one))
                    for one in names]})}))
    out = os.path.join(work, "with-traits.safetensors")
    result = support.run("convert", model, out, "--add-traits", traits,
                         "--type", "bf16")
    assert result.returncode == 0, result.stderr
    return out


class Files(http.server.SimpleHTTPRequestHandler):
    """As any host of files answers; quietly."""

    def log_message(self, *_):
        pass


class Host:
    """A plain server of files."""

    def __init__(self, folder):
        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Files, directory=folder))
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever,
                         daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        return 0


class Server:
    """A limner that serves a model; shapes: "" for the model's own."""

    def __init__(self, model, shapes=""):
        settings = {key: value for key, value in os.environ.items()
                    if not key.startswith("LIMNER_")}
        settings["LIMNER_MODELS"] = MODELS
        if "STUDIO_SPIN" not in settings:
            settings["OMP_WAIT_POLICY"] = "passive"
        self.process = subprocess.Popen(
            [support.LIMNER, "serve", "--port", "0", "--model", model,
             *(["--shapes", shapes] if shapes else [])],
            env=settings, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", errors="replace")
        self.address = None
        for line in self.process.stdout:
            found = re.search(r"http://[\d.]+:\d+", line)
            if found:
                self.address = found.group()
                break
        assert self.address, f"limner serve ended: {self.process.wait()}"
        # What else it says must not fill the pipe.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=120)


def main():
    if PAGE and not os.path.exists(os.path.join(WEB, "index.html")):
        print("skipped: there is no page with limner inside "
              "(scripts/build_web)")
        return support.SKIPPED
    node = needed("node", "nodejs")
    version = subprocess.run([node, "--version"], stdout=subprocess.PIPE,
                             check=True, encoding="utf-8").stdout
    if int(re.match(r"v(\d+)", version).group(1)) < 18:
        skip(f"node is {version.strip()}, older than 18")
    chromium = needed("chromium-headless-shell", "chromium",
                      "chromium-browser", "google-chrome")
    playwright = install_packages(needed("npm"))
    if support.run("serve", "--help").returncode != 0:
        print("this limner has no `serve`")
        return 1
    tests = sys.argv[1:] or TESTS
    model = os.environ.get("STUDIO_MODEL") or os.path.join(
        MODELS, "limner-256.safetensors")
    about = support.run("info", model, "--json")
    assert about.returncode == 0, about.stderr
    about = json.loads(about.stdout)
    with tempfile.TemporaryDirectory() as work:
        server = (Host(WEB) if PAGE
                  else Server(with_traits(model, about, work),
                              face_shapes(work)))
        return run(tests, server, node, {
            "STUDIO_URL": server.address,
            "STUDIO_SIDE": str(about["config"]["size"]),
            "STUDIO_PLAYWRIGHT": playwright,
            "STUDIO_CHROMIUM": chromium})


def run(tests, server, node, settings):
    """Runs the files of tests against a server, which ends with them."""
    try:
        result = subprocess.run(
            # By absolute paths, one file after the other.
            [node, "--test", "--test-concurrency=1",
             *(os.path.join(HERE, name) for name in tests)],
            stdin=subprocess.DEVNULL,
            env={**os.environ, **settings,
                 "STUDIO_ENGINE": "page" if PAGE else "server",
                 "STUDIO_SHOTS": os.path.join(BUILD, "page-screenshots" if PAGE
                                               else "screenshots")})
    finally:
        ended = server.stop()
    if ended != 0:
        print(f"limner serve ended with {ended}")
    return 1 if result.returncode or ended else 0


if __name__ == "__main__":
    sys.exit(main())
