"""A real Krita on a screen that nobody sees: the plug-in installed from its zip as
Krita's importer does it, drawn with by the mouse, told what to do and asked what there
is to see by a second plug-in (limner_probe).

LIMNER_SHOTS names a folder for pictures of the screen.
"""

import builtins
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest

import lines

HERE = os.path.dirname(os.path.abspath(__file__))
ZIP = os.path.join(os.environ["LIMNER_BUILD"], "limner-krita.zip")
IMPORTER = "/usr/share/krita/pykrita/plugin_importer/plugin_importer.py"
NEEDED = ("krita", "Xvfb", "xdotool")
HANG = 400  # seconds, for a hang: nothing is timed


def have_qt():
    return importlib.util.find_spec("PyQt5") is not None


@unittest.skipUnless(all(map(shutil.which, NEEDED)) and have_qt() and
                     os.path.exists(IMPORTER),
                     "there is no Krita, PyQt5, Xvfb or xdotool (scripts/setup "
                     "krita)")
class KritaCase(unittest.TestCase):
    SIDE = 700  # pixels of the picture

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="limner-krita-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.commands = 0
        cls.start_screen()
        cls.install()
        cls.start_krita()

    @classmethod
    def start_screen(cls):
        reading, writing = os.pipe()
        screen = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0",
             "1700x1050x24", "-nolisten", "tcp"], pass_fds=[writing],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(screen.wait)
        cls.addClassCleanup(screen.terminate)
        os.close(writing)
        with os.fdopen(reading) as file:
            cls.display = ":" + file.readline().strip()

    @classmethod
    def install(cls):
        """As Tools > Scripts > Import Python Plugin does, and the probe."""
        resources = os.path.join(cls.folder, "data", "krita")
        pykrita = os.path.join(resources, "pykrita")
        os.makedirs(pykrita)
        builtins.i18n = str  # Krita's translations
        spec = importlib.util.spec_from_file_location("importer", IMPORTER)
        importer = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(importer)
        imported = importer.PluginImporter(ZIP, resources,
                                           lambda _: True).import_all()
        assert [plugin["name"] for plugin in imported] == ["limner_docker"]
        shutil.copy(os.path.join(HERE, "limner_probe.desktop"), pykrita)
        shutil.copytree(os.path.join(HERE, "limner_probe"),
                        os.path.join(pykrita, "limner_probe"))
        config = os.path.join(cls.folder, "config")
        os.makedirs(config)
        with open(os.path.join(config, "kritarc"), "w",
                  encoding="utf-8") as file:
            file.write("[python]\nenable_limner_docker=true\n"
                       "enable_limner_probe=true\n\n[limner_docker]\n"
                       f"program={lines.LIMNER}\n")
        with open(os.path.join(config, "kritadisplayrc"), "w",
                  encoding="utf-8") as file:
            file.write("OpenGLRenderer=none\ncanvasState=OPENGL_NOT_TRIED\n")

    @classmethod
    def start_krita(cls):
        for name in ("run", "tmp"):
            os.makedirs(os.path.join(cls.folder, name), mode=0o700)
        # Its Python is Debian's, which it finds by the search path.
        settings = {name: value for name, value in os.environ.items()
                    if not name.startswith("PYTHON")}
        settings.update(
            PATH="/usr/bin:/bin", DISPLAY=cls.display, HOME=cls.folder,
            XDG_DATA_HOME=os.path.join(cls.folder, "data"),
            XDG_CONFIG_HOME=os.path.join(cls.folder, "config"),
            XDG_CACHE_HOME=os.path.join(cls.folder, "cache"),
            XDG_RUNTIME_DIR=os.path.join(cls.folder, "run"),
            TMPDIR=os.path.join(cls.folder, "tmp"),
            LIMNER_PROBE=cls.folder,
            LIMNER_PROBE_SIDE=str(cls.SIDE), LIBGL_ALWAYS_SOFTWARE="1",
            QT_QPA_PLATFORM="xcb", OMP_WAIT_POLICY="passive")
        cls.log = open(os.path.join(cls.folder, "krita.log"), "w+",
                       encoding="utf-8")
        cls.addClassCleanup(cls.log.close)
        cls.krita = subprocess.Popen(["krita", "--nosplash"], env=settings,
                                     stdin=subprocess.DEVNULL, stdout=cls.log,
                                     stderr=cls.log)
        cls.addClassCleanup(cls.krita.wait)
        cls.addClassCleanup(cls.krita.kill)
        cls.wait(lambda state: state["canvas"] and state["layers"])

    @classmethod
    def state(cls):
        try:
            with open(os.path.join(cls.folder, "state.json"),
                      encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    @classmethod
    def wait(cls, holds):
        end = time.monotonic() + HANG
        while True:
            state = cls.state()
            if state and state["problem"]:
                raise AssertionError(state["problem"])
            if state and holds(state):
                return state
            if cls.krita.poll() is not None or time.monotonic() > end:
                cls.log.seek(0)
                raise AssertionError(f"{state}\n{cls.log.read()[-3000:]}")
            time.sleep(0.05)

    def order(self, name, *arguments):
        type(self).commands += 1
        path = os.path.join(self.folder, "command.json")
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump({"number": self.commands, "do": name,
                       "with": arguments}, file)
        os.replace(path + ".new", path)

    def do(self, name, *arguments):
        self.order(name, *arguments)
        return self.wait(lambda state: state["done"] >= self.commands)

    def shot(self, name):
        folder = os.environ.get("LIMNER_SHOTS")
        if folder:
            os.makedirs(folder, exist_ok=True)
            self.do("shot", os.path.join(folder, name))

    def draw(self, stroke):
        """With the mouse, from button down to button up; points in pixels of the
        picture, which lies in the middle of the canvas at its own size."""
        left, top, wide, high = self.state()["canvas"]
        side = self.state()["side"]
        at = [(str(round(left + wide / 2 + x - side / 2)),
               str(round(top + high / 2 + y - side / 2))) for x, y in stroke]
        chain = ["mousemove", *at[0], "sleep", "0.02", "mousedown", "1"]
        for x, y in at[1:]:
            chain += ["mousemove", x, y, "sleep", "0.004"]
        chain += ["mouseup", "1"]
        subprocess.run(["xdotool", *chain], check=True,
                       env=dict(os.environ, DISPLAY=self.display))

    def newest_face(self, more_than):
        return self.wait(lambda state: state["faces"] > more_than and
                         not state["stale"])

    def face(self):
        """The digest of the face that is shown."""
        file = os.path.join(self.folder, "face.png")
        self.do("face", file)
        with open(file, "rb") as data:
            return hashlib.sha256(data.read()).hexdigest()

    def other_face(self, than):
        """Waits for one that is not among these."""
        end = time.monotonic() + HANG
        while True:
            face = self.face()
            if face not in than:
                return face
            self.assertLess(time.monotonic(), end, self.state())
            time.sleep(0.1)
