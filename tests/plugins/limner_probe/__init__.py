"""A second plug-in, for the tests alone: opens a picture, does what a file says
(command.json), and tells in another (state.json) what there is to see.

Environment: LIMNER_PROBE, the folder of these files; LIMNER_PROBE_SIDE, pixels of
the picture's side.
"""

import json
import os
import sys
import time
import traceback

from krita import Extension, Krita
from PyQt5.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PyQt5.QtWidgets import QApplication, QMdiArea, QWidget

FOLDER = os.environ["LIMNER_PROBE"]
SIDE = int(os.environ["LIMNER_PROBE_SIDE"])
TICK_MS = 10
CANVASES = ("KisQPainterCanvas", "KisOpenGLCanvas2")


class Probe(QObject):
    def __init__(self):
        super().__init__()
        self.document = self.docker = None
        self.done = 0  # number of the last command
        self.problem = ""
        self.down = False  # the pen
        self.pens = 0  # how often it was lifted
        self.heard = None  # the worker whose faces are heard of
        self.pen_up = None  # when it was lifted last
        self.due = False  # a face has come and is not yet painted
        self.waits = []  # ms from each pen up to the painting of the next face
        self.gaps = []  # longest times that the event loop stood still, ms
        self.last = time.monotonic()
        self.written = 0.0
        QApplication.instance().installEventFilter(self)
        self.timer = QTimer(self)
        self.timer.timeout.connect(self.tick)
        self.timer.start(TICK_MS)

    def eventFilter(self, watched, event):
        # Which object sees them differs; each pen counts once.
        if event.type() in (QEvent.MouseButtonPress, QEvent.TabletPress):
            self.down = True
        elif event.type() in (QEvent.MouseButtonRelease,
                              QEvent.TabletRelease) and self.down:
            self.down = False
            self.pens += 1
            self.pen_up = time.monotonic()
            self.due = False
        elif event.type() == QEvent.Paint and self.due and \
                watched is self.docker.view:
            self.waits.append(1000 * (time.monotonic() - self.pen_up))
            self.pen_up, self.due = None, False
        return False

    def tick(self):
        now = time.monotonic()
        self.gaps = sorted(self.gaps + [1000 * (now - self.last)])[-20:]
        self.last = now
        try:
            if self.document is None:
                self.open()
            elif now - self.written > 0.1:
                self.hear()
                self.obey()
                self.tell()
                self.written = now
                self.last = time.monotonic()
        except Exception:
            self.problem = traceback.format_exc()
            self.tell()

    @staticmethod
    def window():
        return Krita.instance().activeWindow()

    def canvas(self):
        if self.window() is None:
            return None
        area = self.window().qwindow().findChild(QMdiArea)
        view = area.currentSubWindow() if area else None
        for child in view.findChildren(QWidget) if view else ():
            if child.metaObject().className() in CANVASES:
                return child
        return None

    def open(self):
        krita, window = Krita.instance(), self.window()
        if window is None:
            return
        self.document = krita.createDocument(SIDE, SIDE, "probe", "RGBA", "U8",
                                             "", 100.0)
        window.qwindow().setGeometry(QApplication.primaryScreen().geometry())
        view = window.addView(self.document)
        krita.setActiveDocument(self.document)
        layer = self.document.createNode("lines", "paintlayer")
        self.document.rootNode().addChildNode(layer, None)
        self.document.setActiveNode(layer)
        presets = krita.resources("preset")
        name = next(name for name in sorted(presets) if "Basic-1" in name)
        view.setCurrentBrushPreset(presets[name])
        krita.action("KritaShape/KisToolBrush").trigger()
        krita.action("zoom_to_100pct").trigger()
        for docker in krita.dockers():
            if type(docker).__name__ == "LimnerDocker":
                docker.setVisible(True)
                docker.raise_()
                self.docker = docker

    def hear(self):
        work = self.docker._work
        if work is not None and work is not self.heard:
            work.done.connect(self.shown)
            self.heard = work

    def shown(self, kind, result):
        # Of the newest drawing, not of one that was on its way.
        self.due = kind == "face" and self.pen_up is not None and \
            result[0] == self.docker._asked
        # It may be painted already: once more, now that it is waited for.
        self.docker.view.update()

    def obey(self):
        try:
            with open(os.path.join(FOLDER, "command.json"),
                      encoding="utf-8") as file:
                command = json.load(file)
        except (OSError, ValueError):
            return
        if command["number"] <= self.done:
            return
        try:
            getattr(self, "do_" + command["do"])(*command.get("with", []))
        finally:
            self.done = command["number"]

    # Commands --------------------------------------------------------------

    def do_action(self, name):
        Krita.instance().action(name).trigger()

    def do_brush(self, pixels):
        self.window().activeView().setBrushSize(pixels)

    def do_vector(self, svg):
        layer = self.document.createVectorLayer("vectors")
        self.document.rootNode().addChildNode(layer, None)
        layer.addShapesFromSvg(svg)
        self.document.refreshProjection()

    def do_source(self, name):
        self.docker._list_layers()
        self.docker.source.setCurrentIndex(self.docker.source.findText(name))

    def do_photo(self, file):
        with open(file, "rb") as data:
            self.docker._take_photo(data.read())

    def do_seed(self, seed):
        self.docker.seed.setValue(seed)

    def do_faithful(self, percent):
        self.docker.auto.setChecked(False)
        self.docker.faithful.setValue(percent)

    def do_bands(self, size):
        """The picture is copied by so many bytes at a time."""
        canvas = sys.modules["limner_docker.canvas"]
        canvas.BAND_BYTES = size
        self.docker.again()

    def do_program(self, file):
        Krita.instance().writeSetting("limner_docker", "program", file)
        self.docker._end()
        self.docker.again()

    def do_forget_gaps(self):
        self.gaps = []

    def do_forget_waits(self):
        self.waits = []

    def do_docker(self, visible):
        self.docker.setVisible(visible)

    def do_shot(self, file, width=0):
        self.document.waitForDone()
        QApplication.processEvents()
        screen = QApplication.primaryScreen().grabWindow(0)
        if width:
            screen = screen.scaledToWidth(width, Qt.SmoothTransformation)
        if not screen.save(file):
            raise OSError(f"{file} cannot be written")

    def do_face(self, file):
        self.docker.view.face.save(file)

    def do_pixels(self, file):
        """The topmost layer alone."""
        node = self.document.topLevelNodes()[-1]
        self.document.waitForDone()
        data = node.projectionPixelData(0, 0, SIDE, SIDE)
        with open(file, "wb") as out:
            out.write(bytes(data))

    def do_quit(self):
        self.docker._end()
        self.tell()
        os._exit(0)

    # -----------------------------------------------------------------------

    def tell(self):
        canvas = self.canvas()
        corner = canvas.mapToGlobal(QPoint(0, 0)) if canvas else None
        layers = [[node.name(), node.type(),
                   len(node.shapes()) if node.type() == "vectorlayer" else 0]
                  for node in self.document.topLevelNodes()] \
            if self.document else []
        docker = self.docker
        state = {
            "problem": self.problem, "done": self.done, "layers": layers,
            "canvas": [corner.x(), corner.y(), canvas.width(),
                       canvas.height()] if canvas else None,
            "faces": docker.faces if docker else 0,
            "visible": docker.isVisible() if docker else False,
            "stale": docker.view.stale if docker else False,
            "status": docker.status.text() if docker else "",
            "pens": self.pens, "waits": self.waits, "gaps": self.gaps, "side": SIDE}
        path = os.path.join(FOLDER, "state.json")
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(state, file)
        os.replace(path + ".new", path)


class ProbeExtension(Extension):
    def setup(self):
        pass

    def createActions(self, window):
        ProbeExtension.probe = Probe()


Krita.instance().addExtension(ProbeExtension(Krita.instance()))
