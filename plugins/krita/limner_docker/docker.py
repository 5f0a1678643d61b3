"""The docker: the face of the drawing, and what decides it."""

import random

from krita import DockWidget, Krita
from PyQt5.QtCore import QEvent, QRect, QSize, Qt, QTimer
from PyQt5.QtGui import QImage, QPainter
from PyQt5.QtWidgets import (QApplication, QButtonGroup, QCheckBox, QComboBox,
                             QFileDialog, QHBoxLayout, QInputDialog, QLabel,
                             QPushButton, QRadioButton, QSizePolicy, QSlider,
                             QSpinBox, QToolButton, QVBoxLayout, QWidget)

from . import canvas
from .worker import Worker

BUSY_MS = 20  # until Krita is asked again whether a stroke has ended
IDLE_MS = 1500  # between looks for changes that no pen or key has made
MOST_SEED = 2**31 - 1
GROUP = "limner_docker"  # of Krita's settings
RELEASES = (QEvent.MouseButtonRelease, QEvent.TabletRelease, QEvent.KeyRelease,
            QEvent.TouchEnd)


class FaceView(QWidget):
    """Shows a square picture, as large as fits."""

    def __init__(self):
        super().__init__()
        self.face = None
        self.stale = False  # a newer one is on its way
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)

    def minimumSizeHint(self):
        return QSize(160, 160)

    def sizeHint(self):
        return QSize(256, 256)

    def paintEvent(self, _):
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().dark())
        if self.face is None:
            painter.drawText(self.rect(), Qt.AlignCenter | Qt.TextWordWrap,
                             "Draw a face: eyes, a nose, a mouth, a ring around "
                             "them. Its photograph appears here.")
            return
        painter.setRenderHint(QPainter.SmoothPixmapTransform)
        painter.drawImage(canvas.fitted(self.face, self.rect()), self.face)
        if self.stale:
            painter.fillRect(QRect(4, 4, 8, 8), self.palette().highlight())


class LimnerDocker(DockWidget):
    def __init__(self):
        super().__init__()
        self.setWindowTitle("limner")
        self._sent = None  # fingerprint of what the face was asked for
        self._photo = None  # bytes of a file; None: looks of the seed
        self._work = None  # a Worker, from the first drawing on
        self._asked = 0  # number of the newest question
        self._copying = None  # a canvas.Copying that is not at its end
        self.faces = 0  # that were shown
        self._build()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.look)
        self._idle = QTimer(self)
        self._idle.setInterval(IDLE_MS)
        self._idle.timeout.connect(self._look_idly)
        self._next = QTimer(self)
        self._next.setSingleShot(True)
        self._next.timeout.connect(self._copy)
        self.visibilityChanged.connect(self._shown)
        QApplication.instance().installEventFilter(self)
        QApplication.instance().aboutToQuit.connect(self._end)

    # The widgets -----------------------------------------------------------

    def _build(self):
        self.view = FaceView()
        self.status = QLabel("")
        self.status.setWordWrap(True)
        self.source = QComboBox()
        self.source.setToolTip("What is drawn: everything that is visible, or one "
                               "vector layer, whose strokes keep their order")
        self.source.addItem("All visible layers", "")
        self.source.currentIndexChanged.connect(self.again)
        column = QVBoxLayout()
        column.setContentsMargins(4, 4, 4, 4)
        column.addWidget(self.view, 1)
        column.addWidget(self.status)
        column.addWidget(self.source)
        column.addLayout(self._looks_row())
        column.addLayout(self._faithful_row())
        column.addLayout(self._buttons_row())
        body = QWidget(self)
        body.setLayout(column)
        self.setWidget(body)

    def _looks_row(self):
        self.by_seed = QRadioButton("Looks")
        self.by_seed.setToolTip("Looks drawn at random by this number")
        self.by_seed.setChecked(True)
        self.by_photo = QRadioButton("Photo")
        self.by_photo.setEnabled(False)
        group = QButtonGroup(self)
        group.addButton(self.by_seed)
        group.addButton(self.by_photo)
        self.by_seed.toggled.connect(self.again)
        self.seed = QSpinBox()
        self.seed.setRange(0, MOST_SEED)
        self.seed.setValue(7)
        self.seed.valueChanged.connect(self._seed_changed)
        other = QPushButton("Others")
        other.setToolTip("Other looks, drawn at random")
        other.clicked.connect(
            lambda: self.seed.setValue(random.randrange(10000)))
        choose = QPushButton("File...")
        choose.setToolTip("The looks of a photo of a face")
        choose.clicked.connect(self._choose_photo)
        layer = QPushButton("Layer")
        layer.setToolTip("The looks of the photo on the current layer")
        layer.clicked.connect(self.photo_of_layer)
        row = QHBoxLayout()
        for widget in (self.by_seed, self.seed, other, self.by_photo, choose,
                       layer):
            row.addWidget(widget)
        return row

    def _faithful_row(self):
        self.auto = QCheckBox("Lines as they suit a face")
        self.auto.setToolTip("How closely the lines are followed is chosen by how "
                             "far they are from a face")
        self.auto.setChecked(True)
        self.faithful = QSlider(Qt.Horizontal)
        self.faithful.setRange(0, 100)
        self.faithful.setValue(100)
        self.faithful.setEnabled(False)
        self.faithful.setToolTip("Left: the nearest plausible face; right: the "
                                 "lines as they lie")
        self.auto.toggled.connect(self.faithful.setDisabled)
        self.auto.toggled.connect(self.again)
        self.faithful.valueChanged.connect(self.again)
        row = QHBoxLayout()
        row.addWidget(self.auto)
        row.addWidget(self.faithful, 1)
        return row

    def _buttons_row(self):
        self.insert = QPushButton("Insert Face as Layer")
        self.insert.setEnabled(False)
        self.insert.clicked.connect(self.insert_face)
        meanings = QPushButton("Colours by Meaning")
        meanings.setToolTip("A layer that shows what each line is taken for")
        meanings.clicked.connect(self.show_meanings)
        settings = QToolButton()
        settings.setText("Settings")
        settings.setToolTip("The program that is started")
        settings.clicked.connect(self._choose_program)
        row = QHBoxLayout()
        for widget in (self.insert, meanings, settings):
            row.addWidget(widget)
        return row

    # Watching --------------------------------------------------------------

    def canvasChanged(self, _):
        self._list_layers()
        self._sent = None
        self._soon.start(0)

    def eventFilter(self, _, event):
        # A pen that is lifted, a key, a click into a menu: all that may have
        # changed the drawing.
        if event.type() in RELEASES and self.isVisible():
            self._soon.start(0)
        return False

    def _shown(self, visible):
        if visible:
            self._idle.start()
            self._soon.start(0)
        else:
            self._idle.stop()

    def again(self):
        """Something that decides the face has changed."""
        self._sent = None
        self._soon.start(0)

    def _seed_changed(self):
        self.by_seed.setChecked(True)
        self.again()

    def _list_layers(self):
        document = Krita.instance().activeDocument()
        layers = canvas.vector_layers(document) if document else []
        wanted = [("All visible layers", "")] + [
            (layer.name(), layer.uniqueId().toString()) for layer in layers]
        present = [(self.source.itemText(i), self.source.itemData(i))
                   for i in range(self.source.count())]
        if wanted == present:
            return
        chosen = self.source.currentData()
        self.source.blockSignals(True)
        self.source.clear()
        for name, unique in wanted:
            self.source.addItem(name, unique)
        self.source.setCurrentIndex(max(0, self.source.findData(chosen)))
        self.source.blockSignals(False)

    def _vector_layer(self, document):
        chosen = self.source.currentData()
        for layer in canvas.vector_layers(document):
            if layer.uniqueId().toString() == chosen:
                return layer
        return None

    def look(self):
        """Asks for a face if there is something new."""
        document = Krita.instance().activeDocument()
        if document is None or not self.isVisible():
            return
        if QApplication.mouseButtons() != Qt.NoButton:
            return  # in the middle of a stroke; its end comes by again
        self._list_layers()
        self._copying = None  # of a picture that may have changed since
        try:
            layer = self._vector_layer(document)
            if layer is not None:
                svg = canvas.svg_of(document, layer)
                self._ask(hash(svg), svg)
                return
            self._copying = canvas.copy_of(document)
        except canvas.NoDrawing as problem:
            self._say(str(problem))
            return
        self._copy()

    def _look_idly(self):
        if self._copying is None:
            self.look()

    def _copy(self):
        """A part of the picture; the canvas comes first between two."""
        if self._copying is None or QApplication.mouseButtons() != Qt.NoButton:
            self._copying = None  # the end of the stroke looks again
            return
        try:
            pixels = self._copying.step()
        except canvas.Unready:
            self._copying = None
            self._soon.start(BUSY_MS)
            return
        if pixels is None:
            self._next.start(0)
            return
        self._copying = None
        self._ask(pixels.fingerprint, pixels)

    def _ask(self, fingerprint, given):
        """given: SVG's bytes or canvas.Pixels"""
        if fingerprint == self._sent:
            return
        self._sent = fingerprint
        self.view.stale = True
        self.view.update()
        self._asked += 1
        self._worker().ask("face", self._question(self._asked, given))

    def _question(self, number, given):
        """Work that gives (number, face)."""
        photo = self._photo if self.by_photo.isChecked() else None
        seed = self.seed.value()
        faithful = "auto" if self.auto.isChecked() \
            else self.faithful.value() / 100

        def work(client):
            if isinstance(given, bytes):
                drawing = client.drawing(given, "image/svg+xml")
                face = client.face(drawing=drawing, photo=photo, seed=seed,
                                   faithful=faithful)
            else:
                face = client.face(picture=given.png(), photo=photo,
                                   seed=seed, faithful=faithful)
            return number, face

        return work

    # Answers ---------------------------------------------------------------

    def _worker(self):
        if self._work is None:
            self._work = Worker(Krita.instance().readSetting(GROUP, "program",
                                                             ""))
            self._work.done.connect(self._done)
            self._work.failed.connect(self._failed)
            self._say("Waiting for limner ...")
        return self._work

    def _done(self, kind, result):
        if kind == "meanings":
            document = Krita.instance().activeDocument()
            if document is not None:
                canvas.show_meanings(document, *result)
            self._say("")
            return
        number, face = result
        self.view.face = QImage.fromData(face)
        self.view.stale = number != self._asked
        self.view.update()
        self.insert.setEnabled(True)
        self.faces += 1
        self._say("")

    def _failed(self, kind, message):
        if kind == "face":
            self.view.stale = False
            self.view.update()
        self._say(message)

    def _say(self, text):
        self.status.setText(text)
        self.status.setVisible(bool(text))

    # Actions ---------------------------------------------------------------

    def insert_face(self):
        document = Krita.instance().activeDocument()
        if document is None or self.view.face is None:
            self._say("There is no face yet: draw one.")
            return
        try:
            canvas.insert_face(document, self.view.face)
        except canvas.NoDrawing as problem:
            self._say(str(problem))

    def show_meanings(self):
        document = Krita.instance().activeDocument()
        if document is None:
            self._say("There is no picture: open or create one.")
            return
        try:
            layer = self._vector_layer(document)
            given = canvas.svg_of(document, layer) if layer is not None \
                else canvas.copy_of(document).all()
        except canvas.Unready:
            QTimer.singleShot(BUSY_MS, self.show_meanings)
            return
        except canvas.NoDrawing as problem:
            self._say(str(problem))
            return

        def work(client):
            file, kind = (given, "image/svg+xml") if isinstance(given, bytes) \
                else (given.png(), "image/png")
            drawing = client.labelled(client.drawing(file, kind))
            return drawing, client.models()["classes"]

        self._worker().ask("meanings", work)

    def _choose_photo(self):
        name, _ = QFileDialog.getOpenFileName(
            self, "A photo of a face", "", "Photos (*.png *.jpg *.jpeg *.webp)")
        if not name:
            return
        try:
            with open(name, "rb") as file:
                self._take_photo(file.read())
        except OSError as problem:
            self._say(str(problem))

    def photo_of_layer(self):
        document = Krita.instance().activeDocument()
        node = document.activeNode() if document else None
        if node is None:
            self._say("There is no layer: open a picture first.")
            return
        try:
            self._take_photo(canvas.copy_of_layer(document, node).all().png())
        except canvas.Unready:
            QTimer.singleShot(BUSY_MS, self.photo_of_layer)
        except canvas.NoDrawing as problem:
            self._say(str(problem))

    def _take_photo(self, data):
        self._photo = data
        self.by_photo.setEnabled(True)
        self.by_photo.setChecked(True)
        self.again()

    def _choose_program(self):
        old = Krita.instance().readSetting(GROUP, "program", "")
        name, given = QInputDialog.getText(
            self, "limner", "The program `limner` (empty: that of the system):",
            text=old)
        if not given:
            return
        Krita.instance().writeSetting(GROUP, "program", name)
        self._end()
        self.again()

    def _end(self):
        if self._work is not None:
            self._work.end()
            self._work = None
