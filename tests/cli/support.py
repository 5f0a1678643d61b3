"""What the command-line tests share: running limner, and making files, good
and bad, with nothing but Python's standard library.

Environment: LIMNER_BIN (the program), LIMNER_COMPARE (the comparing tool
beside this file), LIMNER_SHARED (the folder of reference data, may be
missing), LIMNER_SOURCE (the checkout), LIMNER_DEBIAN_PYTHON.
"""

import collections
import hashlib
import io
import json
import math
import os
import pickle
import random
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import types
import unittest
import zipfile
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "support"))
from running import SKIPPED, main  # noqa: E402,F401  for the tests

LIMNER = os.environ["LIMNER_BIN"]
COMPARE = os.environ["LIMNER_COMPARE"]
SHARED = os.environ.get("LIMNER_SHARED", "")
SOURCE = os.environ["LIMNER_SOURCE"]
DEBIAN_PYTHON = os.environ.get("LIMNER_DEBIAN_PYTHON", sys.executable)

HANG = 300  # seconds, for a hang: nothing is timed

# No case may need more: a header that claims terabytes must be refused, not
# allocated. (Address space; the program's own libraries take part of it.)
MEMORY_LIMIT = 6 << 30


def limit_memory():
    if os.environ.get("LIMNER_UNLIMITED"):  # sanitizers reserve terabytes
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))


def run(*arguments, cwd=None, env=None, limit=True, prefix=()):
    """Runs limner and returns the completed process, output as text."""
    settings = {key: value for key, value in os.environ.items()
                if not key.startswith("LIMNER_")}
    settings["LIMNER_MODELS"] = os.devnull  # none: tests bring their own
    settings["OMP_WAIT_POLICY"] = "passive"  # tests share few cores
    settings.update(env or {})
    return subprocess.run(
        [*prefix, LIMNER, *map(str, arguments)], cwd=cwd, env=settings,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, timeout=HANG, encoding="utf-8",
        errors="replace", preexec_fn=limit_memory if limit else None)


def listing(folder):
    """Every path below a folder, with the contents' digest of files."""
    found = {}
    for base, folders, files in os.walk(folder):
        for name in folders:
            found[os.path.relpath(os.path.join(base, name), folder)] = "folder"
        for name in files:
            path = os.path.join(base, name)
            digest = "unreadable"
            if os.path.isfile(path) and os.access(path, os.R_OK):
                with open(path, "rb") as file:
                    digest = hashlib.sha256(file.read()).hexdigest()
            found[os.path.relpath(path, folder)] = digest
    return found


def write(path, data):
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    return path


def read(path):
    with open(path, "rb") as file:
        return file.read()


# Pictures --------------------------------------------------------------------


def png_chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(
        ">I", zlib.crc32(body))


def png(width, height, pixels, depth=8, colour=0):
    """A PNG; `pixels` are the bytes of the rows. colour: 0 gray, 2 RGB."""
    channels = {0: 1, 2: 3}[colour]
    row = width * channels * depth // 8
    raw = b"".join(b"\0" + pixels[y * row:(y + 1) * row]
                   for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0,
                             0)) + png_chunk(b"IDAT", zlib.compress(raw)) +
            png_chunk(b"IEND", b""))


def png_header(width, height):
    """A PNG whose header claims a size that its data does not have."""
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
            png_chunk(b"IDAT", zlib.compress(b"\0" * 64)) +
            png_chunk(b"IEND", b""))


def drawing(variant=0, side=64, label=10):
    """A label image: a square of `label` at a place that `variant` moves."""
    pixels = bytearray(side * side)
    low, high = side // 4 - variant, side * 3 // 4 - variant
    for i in range(low, high):
        pixels[low * side + i] = pixels[(high - 1) * side + i] = label
        pixels[i * side + low] = pixels[i * side + high - 1] = label
    return png(side, side, bytes(pixels))


def photo(variant=0, side=64):
    """An RGB picture: a gradient whose blue is `variant`."""
    pixels = bytearray()
    for y in range(side):
        for x in range(side):
            pixels += bytes((x * 4 % 256, y * 4 % 256, variant * 40 % 256))
    return png(side, side, bytes(pixels), colour=2)


def png_size(path):
    return struct.unpack(">II", read(path)[16:24])


# Weight files ----------------------------------------------------------------


def read_safetensors(path):
    """Returns (metadata, {name: (type, shape, bytes)})."""
    data = read(path)
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        tensors[name] = (entry["dtype"], entry["shape"],
                         data[8 + size + begin:8 + size + end])
    return metadata, tensors


def raw_safetensors(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def safetensors(tensors, metadata=None):
    header = {"__metadata__": metadata} if metadata else {}
    blob = b""
    for name, (kind, shape, data) in tensors.items():
        header[name] = {"dtype": kind, "shape": shape,
                        "data_offsets": [len(blob), len(blob) + len(data)]}
        blob += data
    return raw_safetensors(header, blob)


def labeler(seed=1, bias=None, metadata=None, width=8, token=8, heads=2):
    """A stroke labeler of random weights. bias: {class from 0: what is added
    to it}; 22 is facial hair, 23 what is no part of a face."""
    shapes = {"embed": (width, 32), "hidden": (width, width),
              "final": (24, width), "norm": (width,),
              "block0.norm": (width,), "block0.window": (width, 5 * width),
              "block0.out": (width, width),
              "block0.gather": (token, 2 * width),
              "block0.attend_norm": (token,),
              "block0.query_key_value": (3 * token, token),
              "block0.attended": (token, token), "block0.mix_norm": (token,),
              "block0.widen": (2 * token, token),
              "block0.narrow": (token, 2 * token),
              "block0.spread_norm": (token,), "block0.spread": (width, token)}
    chance = random.Random(seed)
    tensors = {}

    def put(name, shape, values):
        tensors[name] = ("F32", list(shape),
                         struct.pack(f"<{len(values)}f", *values))

    for name, shape in shapes.items():
        norm = len(shape) == 1
        count = shape[0] if norm else shape[0] * shape[1]
        scale = 1 if norm else (2 / shape[1]) ** 0.5
        put(name + ".weight", shape,
            [1.0 if norm else chance.gauss(0, scale) for _ in range(count)])
        added = [0.0] * shape[0]
        if name == "final":
            added[23] = -5.0
            for index, value in (bias or {}).items():
                added[index] = value
        put(name + ".bias", shape[:1], added)
    if metadata is None:
        metadata = {"limner_labeler": json.dumps(
            {"kind": "labeler", "classes": 24, "heads": heads})}
    return safetensors(tensors, metadata)


PARSER_SIDE = 32
SKIN, NOSE, UPPER_LIP, HAIR = 1, 2, 11, 13


def floats(shape, values):
    return ("F32", list(shape), struct.pack(f"<{len(values)}f", *values))


def colour_parser(side, metadata=None):
    """A face parser by hand: colours pass through it, and the last layer takes
    red for a lip, green for hair, blue for the nose, yellow and cyan for the
    eyes on the left and right, and anything grey for skin."""
    tensors = {}

    def layer(name, width, inputs, copied):
        weights = [0.0] * (width * inputs * 9)
        for c in range(copied):
            weights[(c * inputs + c) * 9 + 4] = 1.0
        tensors[name + ".0.weight"] = floats((width, inputs, 3, 3), weights)
        tensors[name + ".0.bias"] = floats((width,), [0.0] * width)
        tensors[name + ".1.weight"] = floats((width,), [1.0] * width)
        tensors[name + ".1.bias"] = floats((width,), [0.0] * width)
        tensors[name + ".1.running_mean"] = floats((width,), [0.0] * width)
        tensors[name + ".1.running_var"] = floats((width,), [1.0] * width)

    layer("conv1.conv1", 4, 3, 3)
    layer("conv1.conv2", 4, 4, 4)
    layer("center.conv1", 4, 4, 4)
    layer("center.conv2", 4, 4, 4)
    tensors["up_concat1.up.weight"] = floats((4, 4, 2, 2), [0.0] * 64)
    tensors["up_concat1.up.bias"] = floats((4,), [0.0] * 4)
    layer("up_concat1.conv.conv1", 4, 8, 4)
    layer("up_concat1.conv.conv2", 4, 4, 4)
    sure = 20.0  # so that shares are near 0 and 1
    final = [0.0] * (19 * 4)
    bias = [-9.0 * sure] * 19
    bias[1] = 0.5 * sure
    for part, colour, less in ((11, (1, -1, -1), 0), (13, (-1, 1, -1), 0),
                               (2, (-1, -1, 1), 0), (5, (1, 1, -1), 0.75),
                               (4, (-1, 1, 1), 0.75)):
        bias[part] = -less * sure
        for c in range(3):
            final[part * 4 + c] = colour[c] * sure
    tensors["final.weight"] = floats((19, 4, 1, 1), final)
    tensors["final.bias"] = floats((19,), bias)
    if metadata is None:
        metadata = {"limner_parser": json.dumps(
            {"kind": "parser", "classes": 19, "side": side, "fold": 1})}
    return safetensors(tensors, metadata)


def parser(metadata=None):
    return colour_parser(PARSER_SIDE, metadata)


def parts_photo(width=PARSER_SIDE, height=PARSER_SIDE, features=True):
    """A picture of which that parser finds all parts: grey with boxes."""
    pixels = bytearray([128] * (width * height * 3))

    def box(left, top, size, colour):
        for y in range(top, top + size):
            for x in range(left, left + size):
                pixels[3 * (y * width + x):3 * (y * width + x) + 3] = colour

    if features:
        box(18, 22, 6, bytes([255, 0, 0]))
        box(4, 2, 8, bytes([0, 255, 0]))
        box(13, 12, 6, bytes([0, 0, 255]))
    return png(width, height, bytes(pixels), colour=2)


# Faces of which colour_parser() finds all parts.
GRAY = bytes([128, 128, 128])
YELLOW, CYAN = bytes([255, 255, 0]), bytes([0, 255, 255])  # eyes
RED, BLUE = bytes([255, 0, 0]), bytes([0, 0, 255])  # mouth and nose
# Middles in the frame, half width and half height, colour.
PARTS = ((0.378, 0.471, 0.05, 0.035, YELLOW), (0.622, 0.471, 0.05, 0.035, CYAN),
         (0.5, 0.585, 0.06, 0.07, BLUE), (0.5, 0.737, 0.1, 0.035, RED))
EYES = ((0.378, 0.471), (0.622, 0.471))


def picture(width, height, faces):
    """A gray picture with faces: (x, y, side, angle) of their frames."""
    pixels = bytearray(GRAY * (width * height))
    for x, y, side, angle in faces:
        cos = math.cos(math.radians(angle))
        sin = math.sin(math.radians(angle))
        reach = int(side * 0.75)
        for j in range(max(0, int(y) - reach), min(height, int(y) + reach)):
            for i in range(max(0, int(x) - reach), min(width, int(x) + reach)):
                dx, dy = (i + 0.5 - x) / side, (j + 0.5 - y) / side
                u, v = 0.5 + dx * cos + dy * sin, 0.5 - dx * sin + dy * cos
                for at_x, at_y, wide, high, colour in PARTS:
                    if math.hypot((u - at_x) / wide, (v - at_y) / high) < 1:
                        pixels[3 * (j * width + i):3 * (j * width + i) + 3] = \
                            colour
    return png(width, height, bytes(pixels), colour=2)


class Storage:
    def __init__(self, key, count):
        self.key, self.count = key, count


class FakeTensor:
    """Pickles as PyTorch pickles a float32 tensor."""

    def __init__(self, key, shape, count=None):
        size = 1
        for side in shape:
            size *= side
        self.storage = Storage(key, size if count is None else count)
        self.shape = tuple(shape)
        strides = [1]
        for side in reversed(self.shape[1:]):
            strides.insert(0, strides[0] * side)
        self.strides = tuple(strides[:len(self.shape)])

    def __reduce__(self):
        return (sys.modules["torch._utils"]._rebuild_tensor_v2,
                (self.storage, 0, self.shape, self.strides, False,
                 collections.OrderedDict()))


def install_fake_torch():
    """Modules with the names that PyTorch's pickles mention."""
    torch = types.ModuleType("torch")
    utils = types.ModuleType("torch._utils")

    def _rebuild_tensor_v2(*_):
        raise AssertionError("never called")

    _rebuild_tensor_v2.__module__ = "torch._utils"
    _rebuild_tensor_v2.__qualname__ = "_rebuild_tensor_v2"
    utils._rebuild_tensor_v2 = _rebuild_tensor_v2
    torch.FloatStorage = type("FloatStorage", (), {"__module__": "torch"})
    sys.modules["torch"], sys.modules["torch._utils"] = torch, utils
    return torch


TORCH = install_fake_torch()


class TorchPickler(pickle.Pickler):
    def persistent_id(self, obj):
        if isinstance(obj, Storage):
            return ("storage", TORCH.FloatStorage, obj.key, "cpu", obj.count)
        return None


def torch_pickle(value):
    out = io.BytesIO()
    TorchPickler(out, protocol=2).dump(value)
    return out.getvalue()


def torch_zip(data_pkl, storages):
    """The bytes of a torch.save file in the zip format."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", data_pkl)
        for key, data in storages.items():
            archive.writestr(f"archive/data/{key}", data)
        archive.writestr("archive/version", "3\n")
    return out.getvalue()


def torch_model(tensors, opts=None, change=None):
    """A model of read_safetensors() as an official checkpoint. `change` may
    edit {name: FakeTensor} before it is written."""
    fakes, storages = collections.OrderedDict(), {}
    for number, (name, (kind, shape, data)) in enumerate(tensors.items()):
        assert kind == "F32", name
        fakes[name] = FakeTensor(str(number), shape)
        storages[str(number)] = data
    if change:
        change(fakes)
    average = fakes.pop("latent_avg", None)
    value = {"state_dict": fakes, "opts": opts or {}, "latent_avg": average}
    return torch_zip(torch_pickle(value), storages)


def torch_tensor(shape, values):
    """A single tensor as torch.save writes it."""
    return torch_zip(torch_pickle(FakeTensor("0", shape)),
                     {"0": struct.pack(f"<{len(values)}f", *values)})


def compare(a, b):
    """Differences of two pictures or latents; see compare.cc."""
    result = subprocess.run([COMPARE, a, b], stdout=subprocess.PIPE,
                            check=True, encoding="utf-8")
    return json.loads(result.stdout)


def make_model(path, size=64, divisor=16, seed=1):
    result = run("make-random", path, "--size", size, "--width-divisor",
                 divisor, "--seed", seed)
    assert result.returncode == 0, result.stderr
    return path


class Case(unittest.TestCase):
    """A folder of its own for each test, and a small random model for all."""

    @classmethod
    def setUpClass(cls):
        cls.shelf = tempfile.mkdtemp(prefix="limner-cli-")
        cls.model = make_model(os.path.join(cls.shelf, "model.safetensors"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.shelf, ignore_errors=True)

    def setUp(self):
        self.folder = tempfile.mkdtemp(dir=self.shelf)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def put(self, name, data):
        return write(self.path(name), data)

    def succeeds(self, *arguments, **settings):
        result = run(*arguments, cwd=self.folder, **settings)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result

    def refused(self, *arguments, says="", code=1, **settings):
        """Checks for one clear line on stderr, the exit code, and that
        nothing was written or left over."""
        before = listing(self.folder)
        result = run(*arguments, cwd=self.folder, **settings)
        shown = f"{arguments}: {result.stderr!r}"
        self.assertEqual(result.returncode, code, shown)
        self.assertEqual(len(result.stderr.splitlines()), 1, shown)
        self.assertTrue(result.stderr.startswith("limner: "), shown)
        self.assertTrue(result.stderr.endswith("\n"), shown)
        self.assertGreater(len(result.stderr), len("limner: \n") + 8, shown)
        self.assertNotIn("out of memory", result.stderr, shown)
        self.assertNotIn("std::", result.stderr, shown)
        self.assertIn(says, result.stderr)
        self.assertEqual(result.stdout, "", shown)
        self.assertEqual(listing(self.folder), before, shown)
        return result.stderr
