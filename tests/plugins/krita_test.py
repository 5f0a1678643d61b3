"""The plug-in in a real Krita: installed from its zip, drawn with by the mouse of a
screen that nobody sees.

LIMNER_SHOTS names a folder for pictures of the screen.
"""

import builtins
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "support"))
import lines  # noqa: E402
from running import main  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
ZIP = os.path.join(os.environ["LIMNER_BUILD"], "limner-krita.zip")
IMPORTER = "/usr/share/krita/pykrita/plugin_importer/plugin_importer.py"
NEEDED = ("krita", "Xvfb", "xdotool")
HANG = 400  # seconds, for a hang: nothing is timed
PHOTO = os.path.join(lines.SOURCE, "examples", "photos", "child.jpg")


def have_qt():
    return importlib.util.find_spec("PyQt5") is not None


@unittest.skipUnless(all(map(shutil.which, NEEDED)) and have_qt() and
                     os.path.exists(IMPORTER),
                     "there is no Krita, PyQt5, Xvfb or xdotool (scripts/setup "
                     "krita)")
class Krita(unittest.TestCase):
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
        os.makedirs(os.path.join(cls.folder, "run"), mode=0o700)
        settings = dict(
            os.environ, DISPLAY=cls.display, HOME=cls.folder,
            XDG_DATA_HOME=os.path.join(cls.folder, "data"),
            XDG_CONFIG_HOME=os.path.join(cls.folder, "config"),
            XDG_CACHE_HOME=os.path.join(cls.folder, "cache"),
            XDG_RUNTIME_DIR=os.path.join(cls.folder, "run"),
            LIMNER_PROBE=cls.folder, LIBGL_ALWAYS_SOFTWARE="1",
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

    # One test after the other, as one would work with it.

    def test_1_drawing(self):
        self.do("brush", 3)
        strokes = lines.strokes(self.state()["side"])
        strokes = sorted(strokes, key=len)[-24:]
        for stroke in strokes[:-1]:
            self.draw(stroke[::2] + stroke[-1:])
        state = self.newest_face(0)
        self.assertEqual(state["status"], "")
        face = self.face()
        self.do("forget_gaps")
        self.draw(strokes[-1])
        self.other_face([face])
        state = self.wait(lambda state: state["pens"] >= len(strokes) and
                          state["waits"])
        print("pen up to face, ms:", [round(ms) for ms in state["waits"]])
        print("longest stops of the event loop, ms:",
              [round(ms) for ms in state["gaps"][-5:]])
        self.shot("drawing.png")

    def test_2_looks_and_faithfulness(self):
        faces = [self.face()]
        self.do("seed", 8)
        faces.append(self.other_face(faces))
        for percent in (0, 100):
            count = self.wait(lambda state: not state["stale"])["faces"]
            self.do("faithful", percent)
            self.newest_face(count)
            # (A careful drawing is a plausible face: it may stay the same.)
            faces.append(self.face())
        self.do("photo", PHOTO)
        self.other_face(faces)
        self.shot("photo.png")

    def test_3_the_face_as_a_layer(self):
        face = self.face()
        self.do("action", "limner_insert_face")
        state = self.wait(lambda state: len(state["layers"]) == 3)
        self.assertEqual(state["layers"][-1][:2],
                         ["Face by limner", "paintlayer"])
        pixels = os.path.join(self.folder, "pixels")
        self.do("pixels", pixels)
        side = state["side"]
        with open(pixels, "rb") as file:
            data = file.read()
        self.assertEqual(len(data), 4 * side * side)
        self.assertEqual(set(data[3::4]), {255})
        self.assertGreater(len(set(data)), 50)
        self.shot("layer.png")
        # The layer is no part of the drawing.
        self.do("seed", 9)
        self.other_face([face])
        self.assertEqual(self.state()["status"], "")

    def test_4_colours_by_meaning(self):
        self.do("action", "limner_show_meanings")
        state = self.wait(lambda state: len(state["layers"]) == 4 and
                          state["layers"][-1][2] > 5)
        self.assertEqual(state["layers"][-1][:2],
                         ["Meanings by limner", "vectorlayer"])
        pixels = os.path.join(self.folder, "pixels")
        end = time.monotonic() + HANG
        while True:  # until they are painted
            self.do("pixels", pixels)
            with open(pixels, "rb") as file:
                data = file.read()
            seen = {data[i:i + 3] for i in range(0, len(data), 4)
                    if data[i + 3] == 255}
            if len(seen) > 4:
                break
            self.assertLess(time.monotonic(), end, seen)
            time.sleep(0.1)
        self.shot("meanings.png")

    def test_5_a_vector_layer(self):
        face = self.face()
        side = 504.0  # points of the picture, at 100 pixels an inch
        paths = "".join(
            '<path fill="none" stroke="#000" stroke-width="2" d="M' +
            " L".join(f"{x:.1f} {y:.1f}" for x, y in stroke) + '"/>'
            for stroke in lines.strokes(side) if len(stroke) > 1)
        self.do("vector", '<svg xmlns="http://www.w3.org/2000/svg" '
                f'width="{side}pt" height="{side}pt" viewBox="0 0 {side} '
                f'{side}">{paths}</svg>')
        self.do("source", "vectors")
        self.other_face([face])
        self.assertEqual(self.state()["status"], "")
        self.shot("vectors.png")

    def test_6_what_is_wrong_is_said(self):
        self.do("program", "/nowhere/limner")
        self.wait(lambda state: "/nowhere/limner cannot be run" in
                  state["status"])
        self.do("program", lines.LIMNER)
        self.wait(lambda state: state["status"] == "")
        self.order("quit")
        self.assertEqual(self.krita.wait(HANG), 0)


if __name__ == "__main__":
    main()
