"""A drawing as programs save it: a small picture, a palette, a scan inside of
an SVG, one line a mouse move, filled outlines of a pen, ... Each kind makes the
bytes of a file from strokes: lists of points (x, y) on a side of 512."""

import base64
import gzip
import json
import math
import random
import struct
import zlib

SIDE = 512


# Pictures. A cover is a list of rows of 0..1: how much ink is in a pixel.

def cover_of(strokes, side, width):
    """Lines with round ends, smooth at their edges."""
    rows = [[0.0] * side for _ in range(side)]
    scale = side / SIDE
    half = width * scale / 2
    reach = half + 0.5
    for points in strokes:
        places = [(x * scale, y * scale) for x, y in points]
        for (x0, y0), (x1, y1) in zip(places, places[1:] or places):
            dx, dy = x1 - x0, y1 - y0
            square = dx * dx + dy * dy
            for y in range(max(0, int(min(y0, y1) - reach)),
                           min(side, int(max(y0, y1) + reach) + 1)):
                row = rows[y]
                v = y + 0.5 - y0
                for x in range(max(0, int(min(x0, x1) - reach)),
                               min(side, int(max(x0, x1) + reach) + 1)):
                    u = x + 0.5 - x0
                    t = (u * dx + v * dy) / square if square > 0 else 0.0
                    t = min(1.0, max(0.0, t))
                    value = reach - math.hypot(u - t * dx, v - t * dy)
                    # Lines thinner than a pixel are pale.
                    value = min(value, 1.0, 2 * half)
                    if value > row[x]:
                        row[x] = value
    return rows


def shrunk(rows, factor):
    """Means over squares."""
    side = len(rows) // factor
    return [[sum(rows[factor * y + j][factor * x + i] for j in range(factor)
                 for i in range(factor)) / factor ** 2
             for x in range(side)] for y in range(side)]


def chunk(name, data):
    body = name + data
    return (struct.pack(">I", len(data)) + body +
            struct.pack(">I", zlib.crc32(body)))


def png(side, rows, depth, colour, palette=None):
    """rows: bytes of each row, packed."""
    head = struct.pack(">IIBBBBB", side, side, depth, colour, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) +
            (chunk(b"PLTE", palette) if palette else b"") +
            chunk(b"IDAT", zlib.compress(b"".join(b"\0" + r for r in rows))) +
            chunk(b"IEND", b""))


def gray_png(rows):
    return png(len(rows), [bytes(round(255 * (1 - v)) for v in row)
                           for row in rows], 8, 0)


def palette_png(rows, depth, paper, ink, cut=None):
    """Colours from paper to ink; cut: all above is ink."""
    count = 1 << depth
    palette = b"".join(bytes(round(a + (b - a) * i / (count - 1))
                             for a, b in zip(paper, ink))
                       for i in range(count))
    packed = []
    for row in rows:
        values = [round((v >= cut) if cut is not None else v * (count - 1))
                  for v in row]
        per = 8 // depth
        packed.append(bytes(
            sum(value << (8 - depth * (k + 1))
                for k, value in enumerate(values[i:i + per]))
            for i in range(0, len(values), per)))
    return png(len(rows), packed, depth, 3, palette)


def small_picture(side, width):
    def make(strokes):
        return gray_png(shrunk(cover_of(strokes, 4 * side, width), 4))
    return make


def palette16(strokes):
    return palette_png(cover_of(strokes, SIDE, 2.5), 4, (252, 246, 231),
                       (13, 46, 165))


def palette2(strokes):
    return palette_png(cover_of(strokes, SIDE, 2.5), 1, (250, 245, 230),
                       (137, 150, 199), 0.1)


def white_on_transparent(strokes):
    rows = [b"".join(b"\xff\xff\xff" + bytes([round(255 * v)]) for v in row)
            for row in cover_of(strokes, SIDE, 2.5)]
    return png(SIDE, rows, 8, 6)


def scan(strokes):
    """Uneven paper and light, a soft and noisy pen."""
    cover = cover_of(strokes, SIDE, 3)
    rows = []
    for y, row in enumerate(cover):
        line = bytearray()
        for x, v in enumerate(row):
            light = 0.92 - 0.25 * x / SIDE - 0.1 * (y / SIDE - 0.5) ** 2
            value = light * (1 - 0.7 * v) + random.gauss(0, 0.015)
            line.append(round(255 * min(1, max(0, value))))
        rows.append(bytes(line))
    return png(SIDE, rows, 8, 0)


def scan_in_svg(strokes):
    data = gray_png(shrunk(cover_of(strokes, SIDE, 2.5), 2))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" '
            f'xmlns:xlink="http://www.w3.org/1999/xlink" width="512" '
            f'height="512"><image width="512" height="512" xlink:href='
            f'"data:image/png;base64,{base64.b64encode(data).decode()}"/>'
            f'</svg>').encode()


# Filled outlines of pens.

def outline(points, width):
    """The outline of a line, wider in its middle."""
    places = [points[0]]
    for p in points[1:]:
        if math.hypot(p[0] - places[-1][0], p[1] - places[-1][1]) > 1:
            places.append(p)
    if len(places) < 2:
        places.append((places[0][0] + 1, places[0][1]))
    left, right = [], []
    for i, (x, y) in enumerate(places):
        a, b = places[max(0, i - 1)], places[min(len(places) - 1, i + 1)]
        length = math.hypot(b[0] - a[0], b[1] - a[1]) or 1
        half = width * (0.7 + 0.3 * math.sin(
            math.pi * i / (len(places) - 1))) / 2
        nx, ny = -(b[1] - a[1]) / length * half, (b[0] - a[0]) / length * half
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return left + right[::-1]


def path_of(points, close=False):
    return "M" + " L".join(f"{x:.2f} {y:.2f}" for x, y in points) + (
        "Z" if close else "")


def svg(body, attributes="", head=""):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="512" height="512" '
            f'viewBox="0 0 512 512"{attributes}>{head}{body}</svg>').encode()


def pen_outlines(strokes):
    return svg("".join(f'<path d="{path_of(outline(p, 4), True)}" '
                       f'fill="#1e1e1e"/>' for p in strokes))


def one_outline(strokes):
    """As tracers of pictures write it: all in one filled path."""
    return svg('<path d="' + " ".join(path_of(outline(p, 3), True)
                                      for p in strokes) + '"/>')


# Lines.

PEN = ' fill="none" stroke="black" stroke-width="2"'


def lines(strokes):
    return "".join(f'<path d="{path_of(p)}"/>' for p in strokes)


def with_mark(mark):
    """Beside a mark that is broken, or nearly nothing."""
    return lambda strokes: svg(f"<g{PEN}>{lines(strokes)}{mark}</g>")


def style_sheet(strokes):
    return svg(lines(strokes) + '<g class="off"><path d="M0 0L512 512"/></g>',
               head="<style>path{fill:none;stroke:#000}"
                    ".off{display:none}</style>")


def line_a_move(strokes):
    body = "".join(
        f'<line x1="{a[0]:.2f}" y1="{a[1]:.2f}" x2="{b[0]:.2f}" '
        f'y2="{b[1]:.2f}"/>' for p in strokes for a, b in zip(p, p[1:]))
    return svg(f"<g{PEN}>{body}</g>")


def pieces(strokes):
    """Three points a path."""
    body = "".join(f'<path d="{path_of(p[i:i + 3])}"/>' for p in strokes
                   for i in range(0, max(1, len(p) - 1), 2))
    return svg(f"<g{PEN}>{body}</g>")


def doubled(strokes):
    """Each line twice, as if by hand."""
    def shaken(points):
        dx, dy = random.uniform(-1, 1), random.uniform(-1, 1)
        return [(x + dx, y + dy) for x, y in points]
    return svg(f"<g{PEN}>{lines(s for p in strokes for s in (p, shaken(p)))}"
               "</g>")


def in_millimetres(strokes):
    scaled = [[(x * 400, y * 400) for x, y in p] for p in strokes]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="120mm" '
            f'height="120MM" viewBox="0 0 204800 204800"><g fill="none" '
            f'stroke="#123">{lines(scaled)}</g></svg>').encode()


def prefixed(strokes):
    return (f'<ns0:svg xmlns:ns0="http://www.w3.org/2000/svg" width="512" '
            f'height="512"><ns0:g{PEN}>'
            f'{lines(strokes).replace("<path", "<ns0:path")}'
            f'</ns0:g></ns0:svg>').encode()


def moved(strokes):
    shifted = [[(2 * x + 60, 2 * y - 80) for x, y in p] for p in strokes]
    return svg(f'<g{PEN} style="transform: scale(.5) translate(-60px, 80px)">'
               f"{lines(shifted)}</g>")


def utf16(strokes):
    return svg(f"<g{PEN}>{lines(strokes)}</g>").decode().encode("utf-16-be")


def compressed(strokes):
    return gzip.compress(svg(f"<g{PEN}>{lines(strokes)}</g>"), mtime=0)


# Scenes and data sets.

def box_of(strokes):
    """Left, top and the longer side."""
    xs = [x for p in strokes for x, _ in p]
    ys = [y for p in strokes for _, y in p]
    return min(xs), min(ys), max(max(xs) - min(xs), max(ys) - min(ys), 1e-9)


def whole(strokes, side=255):
    """Whole numbers from 0 to `side`, as data sets have them."""
    left, top, size = box_of(strokes)
    return [[(round((x - left) * side / size), round((y - top) * side / size))
             for x, y in p] for p in strokes]


def quickdraw(strokes, side=255):
    return {"word": "face", "key_id": "1", "recognized": True,
            "drawing": [[[x for x, _ in p], [y for _, y in p]]
                        for p in whole(strokes, side)]}


def quickdraw_binary(strokes):
    drawing = whole(strokes)
    out = struct.pack("<Q2sBIH", 5201136883597312, b"US", 1, 1488408345,
                      len(drawing))
    for p in drawing:
        out += struct.pack("<H", len(p)) + bytes(x for x, _ in p) + bytes(
            y for _, y in p)
    return out


def excalidraw(strokes):
    return json.dumps({"type": "excalidraw", "version": 2, "elements": [
        {"id": f"e{i}", "type": "freedraw", "x": p[0][0], "y": p[0][1],
         "angle": 0, "strokeColor": "#1e1e1e",
         "points": [[x - p[0][0], y - p[0][1]] for x, y in p]}
        for i, p in enumerate(strokes)]}).encode()


def inkml(strokes):
    traces = "".join(
        "<trace>" + ", ".join(f"{x} {y}" for x, y in p) + "</trace>"
        for p in whole(strokes, 2000))
    return (f'<ink xmlns="http://www.w3.org/2003/InkML">{traces}'
            "</ink>").encode()


TRACED = {
    "png": ("png", small_picture(512, 2.5)),
    "png-256": ("png", small_picture(256, 2.5)),
    "png-128": ("png", small_picture(128, 4)),
    "palette16": ("png", palette16),
    "palette2": ("png", palette2),
    "white-on-transparent": ("png", white_on_transparent),
    "scan": ("png", scan),
    "scan-in-svg": ("svg", scan_in_svg),
    "pen-outlines": ("svg", pen_outlines),
    "one-outline": ("svg", one_outline),
}
DRAWN = {
    "style-sheet": ("svg", style_sheet),
    "line-a-move": ("svg", line_a_move),
    "pieces": ("svg", pieces),
    "doubled": ("svg", doubled),
    "millimetres": ("svg", in_millimetres),
    "prefixed": ("svg", prefixed),
    "moved": ("svg", moved),
    "utf-16": ("svg", utf16),
    "svgz": ("svgz", compressed),
    "odd-points": ("svg", with_mark('<polyline points="10,10 20,20 30"/>')),
    "underflow": ("svg", with_mark('<path d="M1e-400 1L 5.68e-14 2e-310"/>')),
    "calc": ("svg", with_mark('<circle cx="calc(50% + 2px)" cy="3" '
                              'r="calc(1px + 1px)"/>')),
    "not-a-number": ("svg", with_mark('<path d="M NaN,NaN L 3 4"/>')),
}
# Where the lines lie on their page may differ.
SCENES = {
    "quickdraw": ("ndjson", lambda s: json.dumps(quickdraw(s)).encode()),
    "quickdraw-pretty": ("json", lambda s: json.dumps(
        quickdraw(s), indent=2).encode()),
    "quickdraw-binary": ("bin", quickdraw_binary),
    "excalidraw": ("excalidraw", excalidraw),
    "inkml": ("inkml", inkml),
}
KINDS = {**TRACED, **DRAWN, **SCENES}


# How well two labelled drawings agree.

STEP = 2.0   # between points that are compared
NEAR = 6.0   # farther away is no answer
TOUCH = 1.5  # where two lines are as near as that, either may be meant


def read_strokes(path):
    """Lists of points on a side of 512, with the class of each."""
    with open(path, encoding="utf-8") as file:
        drawing = json.load(file)
    scale = SIDE / drawing["side"]
    return [([(scale * p[0], scale * p[1]) for p in s["points"]],
             s.get("class", 0)) for s in drawing["strokes"]]


def uncut(strokes):
    """The lines of labelled strokes, without the cuts where a class changes."""
    lines = []
    for points, _ in strokes:
        if lines and lines[-1][-1] == points[0]:
            lines[-1] = lines[-1] + points[1:]
        else:
            lines.append(points)
    return lines


def over(strokes, plain):
    """Labelled strokes, moved and scaled to where the plain ones lie."""
    from_left, from_top, size = box_of([p for p, _ in strokes])
    left, top, wanted = box_of([p for p, _ in plain])
    return [([(left + (x - from_left) * wanted / size,
               top + (y - from_top) * wanted / size) for x, y in points],
             label) for points, label in strokes]


def samples(points):
    out = [points[0]]
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        steps = max(1, math.ceil(math.hypot(x1 - x0, y1 - y0) / STEP))
        out += [(x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps)
                for i in range(1, steps + 1)]
    return out


def compare(plain, other):
    """Points along `plain` that agree with the nearest line of `other`, those
    that have none near, and all; strokes that agree for the larger part, and
    all."""
    grid = {}
    for points, label in other:
        for x, y in samples(points):
            grid.setdefault((int(x // NEAR), int(y // NEAR)), []).append(
                (x, y, label))
    good = lost = total = strokes = 0
    for points, label in plain:
        own = 0
        at = samples(points)
        for x, y in at:
            i, j = int(x // NEAR), int(y // NEAR)
            best, found = NEAR, None
            for u in (i - 1, i, i + 1):
                for v in (j - 1, j, j + 1):
                    for a, b, name in grid.get((u, v), ()):
                        away = math.hypot(a - x, b - y)
                        if name == label:
                            away -= TOUCH
                        if away < best:
                            best, found = away, name
            own += found == label
            lost += found is None
        good += own
        total += len(at)
        strokes += 2 * own > len(at)
    return good, lost, total, strokes, len(plain)
