"""What the tests of limner-train share: running it, faces drawn with a few
ellipses, and reading what it writes. Python's standard library only.

Environment: LIMNER_TRAIN and LIMNER_BIN (the programs), LIMNER_SHARED (the
folder of reference data, may be missing).
"""

import array
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "support"))
from running import SKIPPED, main  # noqa: E402,F401  for the tests

TRAIN = os.environ["LIMNER_TRAIN"]
LIMNER = os.environ["LIMNER_BIN"]
SHARED = os.environ.get("LIMNER_SHARED", "")
HANG = 1500  # seconds, for a hang: nothing is timed

# A joint model of 32 px that takes a tenth of a second a step.
TINY_JOINT = [
    "--precision", "f32", "--threads", "1", "--output-size", "32",
    "--encoder-side", "32", "--style-width", "16", "--break-layer", "4",
    "--n-mlp", "2", "--encoder-widths", "4,8,12,16", "--encoder-units",
    "1,1,1,1", "--channels", "16,16,12,8", "--discriminator-channels",
    "16,16,12,8", "--mask-lambda", "0", "--mask-feat-lambda", "0", "--adv-from", "0",
    "--log-every", "1",
]

# The discriminators of pixels, eyes and mouth beside the plain one.
CRITICS = [
    "--pixel-lambda", "0.3", "--pixel-feat-lambda", "0.3", "--crop-lambda",
    "0.1", "--crop-feat-lambda", "0.2", "--crop-gram-lambda", "0.2",
    "--adv-feat-lambda", "0.5", "--diff-augment", "1", "--pixel-channels",
    "4,8,8",
]


def settings(extra=None):
    chosen = dict(os.environ)
    chosen["OMP_WAIT_POLICY"] = "passive"  # tests share few cores
    chosen.update(extra or {})
    return chosen


def start(*arguments, env=None):
    return subprocess.Popen([TRAIN, *map(str, arguments)], env=settings(env),
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, encoding="utf-8",
                            errors="replace")


def end_of(process):
    """What a process says until it ends. One that hangs is an error."""
    try:
        return process.communicate(timeout=HANG)[0]
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def run(*arguments, env=None):
    """Runs limner-train to its end; output and messages as one text."""
    process = start(*arguments, env=env)
    text = end_of(process)
    return subprocess.CompletedProcess(process.args, process.returncode, text)


def png(width, height, channels, pixels):
    """An 8-bit PNG: channels 1 (gray) or 3 (RGB)."""
    rows = b"".join(
        b"\0" + bytes(pixels[y * width * channels:(y + 1) * width * channels])
        for y in range(height))

    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data +
                struct.pack(">I", zlib.crc32(kind + data)))

    header = struct.pack(">IIBBBBB", width, height, 8,
                         2 if channels == 3 else 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) +
            chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b""))


# Labels of CelebAMask-HQ.
SKIN, NOSE, LEFT_EYE, RIGHT_EYE, LOWER_LIP, HAIR, NECK = 1, 2, 4, 5, 12, 13, 17


def drawn_face(number, side):
    """A face of ellipses: (photo as RGB bytes, labels as bytes)."""
    shift = (number % 5 - 2) / 60
    hair = (40 + 37 * number % 180, 30 + 23 * number % 120, 20 + number % 90)
    parts = [  # centre, radii, label, colour
        (0.5, 0.95, 0.2, 0.3, NECK, (200, 150, 130)),
        (0.5 + shift, 0.42, 0.36, 0.38, HAIR, hair),
        (0.5 + shift, 0.52, 0.26, 0.33, SKIN, (230, 180, 150)),
        (0.6 + shift, 0.45, 0.06, 0.03, LEFT_EYE, (250, 250, 250)),
        (0.4 + shift, 0.45, 0.06, 0.03, RIGHT_EYE, (250, 250, 250)),
        (0.5 + shift, 0.56, 0.04, 0.08, NOSE, (215, 160, 135)),
        (0.5 + shift, 0.7, 0.09, 0.03 + 0.01 * (number % 3), LOWER_LIP,
         (190, 70, 80)),
    ]
    background = (90 + 11 * number % 100, 120, 160 - 7 * number % 80)
    photo, labels = bytearray(), bytearray()
    for y in range(side):
        for x in range(side):
            label, colour = 0, background
            for cx, cy, rx, ry, part, paint in parts:
                dx = ((x + 0.5) / side - cx) / rx
                dy = ((y + 0.5) / side - cy) / ry
                if dx * dx + dy * dy <= 1:
                    label, colour = part, paint
            photo += bytes(colour)
            labels.append(label)
    return photo, labels


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)


def write_faces(folder, train=12, val=2, side=64):
    """A data set in the simple layout."""
    lines = ["id,split"]
    for number in range(train + val):
        name = f"{number:05d}"
        photo, labels = drawn_face(number, side)
        write(f"{folder}/images/{name}.png", png(side, side, 3, photo))
        write(f"{folder}/masks/{name}.png", png(side, side, 1, labels))
        lines.append(f"{name},{'train' if number < train else 'val'}")
    write(f"{folder}/manifest.csv", ("\n".join(lines) + "\n").encode())
    return folder


def read_safetensors(path):
    """(metadata, {name: (type, shape, bytes)})."""
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    return metadata, {
        name: (entry["dtype"], entry["shape"],
               data[8 + length + entry["data_offsets"][0]:
                    8 + length + entry["data_offsets"][1]])
        for name, entry in header.items()}


def write_squeezenet(path):
    """SqueezeNet 1.0 with random weights, as .npz; returns {name: bytes}."""
    shapes = {"conv1": (96, 3, 7)}
    inputs = 96
    for number in range(2, 10):
        inner = 16 * (number // 2)
        fire = f"fire{number}__conv"
        shapes[fire + "1x1_1"] = (inner, inputs, 1)
        shapes[fire + "1x1_2"] = (4 * inner, inner, 1)
        shapes[fire + "3x3_2"] = (4 * inner, inner, 3)
        inputs = 8 * inner
    draw = random.Random(1)
    arrays = {}
    with zipfile.ZipFile(path, "w") as archive:
        for layer, (out, inside, side) in shapes.items():
            spread = (6 / (inside * side * side)) ** 0.5
            weights = array.array("f", (
                draw.uniform(-spread, spread)
                for _ in range(out * inside * side * side)))
            for name, shape, values in (
                    (layer + "__w", (out, inside, side, side), weights),
                    (layer + "__b", (out,), array.array("f", [0.0] * out))):
                header = repr({"descr": "<f4", "fortran_order": False,
                               "shape": shape}).ljust(117) + "\n"
                arrays[name] = values.tobytes()
                archive.writestr(
                    name + ".npy", b"\x93NUMPY\x01\x00" +
                    struct.pack("<H", len(header)) + header.encode() +
                    arrays[name])
    return arrays


def floats(entry):
    return struct.unpack(f"<{len(entry[2]) // 4}f", entry[2])


def metrics(folder):
    """The lines of metrics.jsonl as objects."""
    with open(f"{folder}/metrics.jsonl", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


class TrainingTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = self.temporary.name

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def succeeds(self, *arguments, env=None):
        result = run(*arguments, env=env)
        self.assertEqual(result.returncode, 0, result.stdout[-3000:])
        return result

    def fails(self, says, *arguments, code=1):
        result = run(*arguments)
        self.assertEqual(result.returncode, code, result.stdout[-3000:])
        self.assertIn(says, result.stdout)
        self.assertEqual(len(result.stdout.strip().splitlines()), 1,
                         result.stdout[-3000:])
        return result
