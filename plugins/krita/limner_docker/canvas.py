"""What is drawn in Krita, as limner takes it, and layers that show what it gives."""

import html
import zlib

from krita import Krita
from PyQt5.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PyQt5.QtGui import QImage, QPainter

FACE, MEANINGS = "Face by limner", "Meanings by limner"
LONGER_SIDE = 1024  # pixels that limner reduces pictures to
TILE = 64  # rows of the tiles in which Krita keeps pixels
BAND_BYTES = 2 << 20  # copied at a time: some milliseconds
QUICK_PNG = 80  # Qt's quality that stands for zlib's level 1; from 90 on it is 0


class Unready(Exception):
    """Krita is at work on the picture."""


class NoDrawing(Exception):
    """In words, why there is nothing to send."""


def is_own(node):
    return node.name().startswith((FACE, MEANINGS))


def vector_layers(document):
    found = []

    def search(node):
        for child in node.childNodes():
            if child.type() == "vectorlayer" and not is_own(child):
                found.append(child)
            search(child)

    search(document.rootNode())
    return found


def _check_colours(document):
    if (document.colorModel(), document.colorDepth()) != ("RGBA", "U8"):
        raise NoDrawing("limner reads pictures of RGB with 8 bits a channel: "
                        "Image > Convert Image Colour Space")


class Pixels:
    """Layers as Krita holds them, copied out of it. What is done with them may be
    done by any thread."""

    def __init__(self, layers, width, height, fingerprint):
        self.layers = layers  # [([bytes of BGRA, some rows each], opacity 0 to 1)]
        self.width, self.height = width, height
        self.fingerprint = fingerprint

    def png(self):
        """On white, as a PNG's bytes, no larger than limner reads."""
        # Halved part by part: Python's lock, which the canvas waits for, is held by
        # what works on a picture for as long as that takes.
        halvings = 0
        while max(self.width, self.height) >> (halvings + 1) >= LONGER_SIDE:
            halvings += 1
        picture = QImage(max(1, self.width >> halvings),
                         max(1, self.height >> halvings), QImage.Format_RGB32)
        picture.fill(Qt.white)
        painter = QPainter(picture)
        for bands, opacity in self.layers:
            painter.setOpacity(opacity)
            top = 0
            for pixels in bands:
                rows = len(pixels) // (4 * self.width)
                band = QImage(pixels, self.width, rows, 4 * self.width,
                              QImage.Format_ARGB32)
                if halvings:
                    band = band.scaled(picture.width(), max(1, rows >> halvings),
                                       Qt.IgnoreAspectRatio,
                                       Qt.SmoothTransformation)
                painter.drawImage(0, top >> halvings, band)
                top += rows
        painter.end()
        if max(picture.width(), picture.height()) > LONGER_SIDE:
            picture = picture.scaled(LONGER_SIDE, LONGER_SIDE,
                                     Qt.KeepAspectRatio, Qt.SmoothTransformation)
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.WriteOnly)
        picture.convertToFormat(QImage.Format_RGB888).save(buffer, "PNG",
                                                           QUICK_PNG)
        buffer.close()
        return bytes(data)


class Copying:
    """Copies layers out of Krita, some rows at a time: the thread that does it paints
    the canvas, too, and large pictures take it a tenth of a second. Throws
    NoDrawing."""

    def __init__(self, document, sources):
        """sources: [(what gives the pixels of a rectangle, opacity 0 to 1)]"""
        _check_colours(document)
        self._document = document
        self._width, self._height = document.width(), document.height()
        self._sums = [(self._width, self._height)]
        self._layers = [([], opacity) for _, opacity in sources]
        tiles = max(1, BAND_BYTES // (4 * self._width * TILE))
        self._left = [(index, read, top, min(tiles * TILE, self._height - top))
                      for index, (read, _) in enumerate(sources)
                      for top in range(0, self._height, tiles * TILE)]
        self._left.reverse()

    def step(self):
        """Pixels when all of them are copied, else None. Throws Unready: what was
        copied is old then, too."""
        if self._left:
            if not self._document.tryBarrierLock():
                raise Unready()
            try:
                index, read, top, rows = self._left.pop()
                pixels = bytes(read(0, top, self._width, rows))
            finally:
                self._document.unlock()
            bands, opacity = self._layers[index]
            bands.append(pixels)
            self._sums.append((zlib.crc32(pixels), opacity))
        if self._left:
            return None
        return Pixels(self._layers, self._width, self._height,
                      hash(tuple(self._sums)))

    def all(self):
        """Pixels, at once. Throws Unready."""
        while True:
            pixels = self.step()
            if pixels is not None:
                return pixels


def copy_of(document):
    """Of all visible layers but limner's own: a Copying. Throws NoDrawing."""
    nodes = document.topLevelNodes()
    if not any(is_own(node) and node.visible() for node in nodes):
        return Copying(document, [(document.pixelData, 1.0)])
    return Copying(document, [(node.projectionPixelData, node.opacity() / 255)
                              for node in nodes
                              if node.visible() and not is_own(node)])


def copy_of_layer(document, node):
    """Of a layer alone: a Copying. Throws NoDrawing."""
    return Copying(document, [(node.projectionPixelData, 1.0)])


def svg_of(document, layer):
    """A vector layer as SVG, its strokes in their order. Throws NoDrawing."""
    if not layer.shapes():
        raise NoDrawing(f"there are no lines on the vector layer "
                        f"{layer.name()!r}")
    text = layer.toSvg()
    # Krita's own carries no size when it has no page: shapes are in points.
    if "<svg" not in text:
        wide, high = points_of(document)
        text = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}pt" '
                f'height="{high}pt" viewBox="0 0 {wide} {high}">{text}</svg>')
    return text.encode()


def points_of(document):
    """Width and height in points, the units of vector layers."""
    scale = 72 / document.resolution()
    return document.width() * scale, document.height() * scale


def insert_face(document, face):
    """A layer with the face in the middle, as large as fits."""
    _check_colours(document)
    side = min(document.width(), document.height())
    picture = face.scaled(side, side, Qt.IgnoreAspectRatio,
                          Qt.SmoothTransformation).convertToFormat(
                              QImage.Format_ARGB32)
    node = document.createNode(FACE, "paintlayer")
    document.rootNode().addChildNode(node, None)
    bits = picture.bits()
    bits.setsize(picture.sizeInBytes())
    node.setPixelData(QByteArray(bytes(bits)), (document.width() - side) // 2,
                      (document.height() - side) // 2, side, side)
    document.refreshProjection()
    return node


def _path(points):
    steps = [f"{x:.2f} {y:.2f}" for x, y in points]
    if len(steps) == 1:
        steps.append(steps[0])
    return "M" + " L".join(steps)


def show_meanings(document, drawing, classes):
    """A vector layer with each stroke in the colour of its class. drawing: with
    classes; classes: of GET /api/models."""
    colours = {entry["id"]: entry for entry in classes}
    wide, high = points_of(document)
    scale = max(wide, high) / drawing.get("side", 512)
    width = max(wide, high) / 256
    shapes = []
    for stroke in drawing["strokes"]:
        entry = colours.get(stroke.get("class", 0))
        if entry is None:
            continue
        points = [(x * scale, y * scale) for x, y in stroke["points"]]
        colour = colour_text(entry)
        shapes.append(f'<path id="{html.escape(entry["name"], True)}" '
                      f'd="{_path(points)}" fill="none" stroke="{colour}" '
                      f'stroke-width="{width:.3f}" stroke-linecap="round"/>')
    for node in document.topLevelNodes():
        if node.name() == MEANINGS:
            node.remove()
    layer = document.createVectorLayer(MEANINGS)
    document.rootNode().addChildNode(layer, None)
    layer.addShapesFromSvg(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}pt" '
        f'height="{high}pt" viewBox="0 0 {wide} {high}">' + "".join(shapes) +
        "</svg>")
    document.refreshProjection()
    return layer


def colour_text(entry):
    colour = entry["colour"]
    if isinstance(colour, str):
        return colour
    return "#{:02x}{:02x}{:02x}".format(*colour)


def fitted(face, room):
    """Where a square picture lies in a room of a widget: a QRectF."""
    side = min(room.width(), room.height())
    return QRectF(room.x() + (room.width() - side) / 2,
                  room.y() + (room.height() - side) / 2, side, side)
