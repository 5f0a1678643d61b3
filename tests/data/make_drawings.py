#!/usr/bin/env python3
"""Writes drawings/: one small drawing in each format that limner reads.

Tests read them, and scripts/fuzz starts from them. shapes.svg is written by
hand and left alone.
"""

import json
import pathlib
import struct
import zlib

FOLDER = pathlib.Path(__file__).with_name("drawings")
LEGEND = {1: (174, 199, 232), 7: (255, 152, 150), 17: (140, 57, 197)}
STROKES = [
    (17, [(100, 220), (110.5, 120), (256, 60.25), (400, 120), (410, 220)]),
    (1, [(300, 200), (330, 190), (360, 200), (330, 210), (300, 200)]),
    (7, [(210, 380), (256, 390.125), (300, 380)]),
    (0, [(40, 40)]),
]


def svg():
    rows = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">']
    for label, points in STROKES:
        data = "M " + " L ".join(f"{x} {y}" for x, y in points)
        if len(points) == 1:
            data += " Z"
        known = f' data-class="{label}" data-confidence="0.5"' if label else ""
        rows.append(f'<path fill="none" stroke="#000" d="{data}"{known}/>')
    return "\n".join(rows + ["</svg>", ""])


def limner_json():
    strokes = [{"points": points, "class": label, "confidence": 0.5,
                "pressure": [0.25] * len(points)}
               for label, points in STROKES]
    return json.dumps({"format": "limner-drawing", "version": 1, "side": 512,
                       "strokes": strokes}, indent=1) + "\n"


def ndjson(third):
    strokes = []
    for label, points in STROKES:
        lists = [[x for x, _ in points], [y for _, y in points]]
        if third == "t":
            lists.append([16 * i for i in range(len(points))])
        elif third == "part":
            lists.append([label % 7] * len(points))
        strokes.append(lists)
    line = json.dumps({"key_id": "5152530285723648", "word": "face",
                       "drawing": strokes})
    return line + "\n" + line + "\n"


def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data +
            struct.pack(">I", zlib.crc32(kind + data)))


def png(side, colour_type, pixel):
    rows = b"".join(b"\0" + b"".join(pixel(x, y) for x in range(side))
                    for y in range(side))
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, colour_type,
                                       0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def label_at(x, y):
    """A bar, a column and a diagonal on 24 x 24 pixels."""
    if y == 4 and 3 <= x <= 20:
        return 17
    if x == 12 and 8 <= y <= 21:
        return 7
    return 1 if x == y and x > 13 else 0


def main():
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "strokes.svg").write_text(svg())
    (FOLDER / "strokes.json").write_text(limner_json())
    (FOLDER / "simplified.ndjson").write_text(ndjson(""))
    (FOLDER / "raw.ndjson").write_text(ndjson("t"))
    (FOLDER / "parts.ndjson").write_text(ndjson("part"))
    (FOLDER / "labels.png").write_bytes(
        png(24, 0, lambda x, y: bytes([label_at(x, y)])))
    (FOLDER / "colours.png").write_bytes(
        png(24, 2, lambda x, y: bytes(LEGEND.get(label_at(x, y),
                                                 (255, 255, 255)))))


if __name__ == "__main__":
    main()
