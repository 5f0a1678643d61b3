"""Drawings for the tests of plug-ins: an example as dark lines on a square of white,
by nothing but Python's standard library."""

import json
import os
import struct
import subprocess
import tempfile
import zlib

LIMNER = os.environ["LIMNER_BIN"]
SOURCE = os.environ["LIMNER_SOURCE"]
EXAMPLE = os.path.join(SOURCE, "examples", "drawings",
                       "woman-with-wavy-hair.svg")


def strokes(side):
    """[[(x, y), ...], ...] of the example, in pixels of a square."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "drawing.json")
        subprocess.run([LIMNER, "label", EXAMPLE, "-o", file, "--quiet"],
                       check=True)
        with open(file, encoding="utf-8") as text:
            drawing = json.load(text)
    scale = side / drawing.get("side", 512)
    return [[(x * scale, y * scale) for x, y in stroke["points"]]
            for stroke in drawing["strokes"]]


def write_png(path, side):
    rows = [bytearray(b"\xff" * (3 * side)) for _ in range(side)]

    def dot(x, y):
        for j in (int(y), int(y) + 1):
            for i in (int(x), int(x) + 1):
                if 0 <= i < side and 0 <= j < side:
                    rows[j][3 * i:3 * i + 3] = b"\0\0\0"

    for points in strokes(side):
        for (x, y), (u, v) in zip(points, points[1:]):
            steps = int(max(abs(u - x), abs(v - y)) * 2) + 1
            for k in range(steps + 1):
                dot(x + (u - x) * k / steps, y + (v - y) * k / steps)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", zlib.crc32(kind + data))

    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(
            b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)) + chunk(
                b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows))) +
            chunk(b"IEND", b""))
    return path
