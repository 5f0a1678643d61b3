"""What is drawn in Krita, as limner takes it, and layers that show what it gives."""

import html
import zlib

from krita import Krita
from PyQt5.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PyQt5.QtGui import QImage, QPainter

FACE, MEANINGS = "Face by limner", "Meanings by limner"
LONGER_SIDE = 1024  # pixels that limner reduces pictures to
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
    """Layers as Krita holds them, copied out of it: little work for the thread that
    paints the canvas. The rest may be done by any thread."""

    def __init__(self, layers, width, height):
        self.layers = layers  # [(bytes of BGRA, opacity 0 to 1)]
        self.width, self.height = width, height

    def fingerprint(self):
        sums = [(zlib.crc32(pixels), opacity)
                for pixels, opacity in self.layers]
        return hash((self.width, self.height, *sums))

    def png(self):
        """On white, as a PNG's bytes, no larger than limner reads."""
        picture = QImage(self.width, self.height, QImage.Format_RGB32)
        picture.fill(Qt.white)
        painter = QPainter(picture)
        for pixels, opacity in self.layers:
            painter.setOpacity(opacity)
            painter.drawImage(0, 0, QImage(pixels, self.width, self.height,
                                           4 * self.width, QImage.Format_ARGB32))
        painter.end()
        if max(self.width, self.height) > LONGER_SIDE:
            picture = picture.scaled(LONGER_SIDE, LONGER_SIDE,
                                     Qt.KeepAspectRatio, Qt.SmoothTransformation)
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.WriteOnly)
        picture.convertToFormat(QImage.Format_RGB888).save(buffer, "PNG",
                                                           QUICK_PNG)
        buffer.close()
        return bytes(data)


def pixels_of(document):
    """All visible layers but limner's own. Throws Unready, NoDrawing."""
    _check_colours(document)
    if not document.tryBarrierLock():
        raise Unready()
    try:
        width, height = document.width(), document.height()
        nodes = document.topLevelNodes()
        if not any(is_own(node) and node.visible() for node in nodes):
            pixels = document.pixelData(0, 0, width, height)
            return Pixels([(pixels, 1.0)], width, height)
        layers = [(node.projectionPixelData(0, 0, width, height),
                   node.opacity() / 255)
                  for node in nodes if node.visible() and not is_own(node)]
        return Pixels(layers, width, height)
    finally:
        document.unlock()


def layer_pixels(document, node):
    """A layer alone. Throws Unready, NoDrawing."""
    _check_colours(document)
    if not document.tryBarrierLock():
        raise Unready()
    try:
        width, height = document.width(), document.height()
        return Pixels([(node.projectionPixelData(0, 0, width, height), 1.0)],
                      width, height)
    finally:
        document.unlock()


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
