#!/usr/bin/env python3
"""Makes the PyTorch and NumPy files in torch/ that src/weights reads in tests.

Needs PyTorch 1.13 and NumPy (Debian: /usr/bin/python3 with python3-torch).
Storage keys of the legacy format are addresses, so that those files differ
from run to run; what they mean does not.

usage: make_torch_files.py [FOLDER]     FOLDER: default torch/ beside this file

Value k (row-major) of every "pattern" tensor is (7 k mod 11) - 5 for signed
integers, half of that for floats, 7 k mod 11 for uint8, k mod 3 == 0 for bool.
"""

import argparse
import collections
import io
import os
import pathlib
import pickle
import sys
import zipfile

import numpy as np
import torch

TYPES = ("float64", "float32", "float16", "bfloat16", "int64", "int32",
         "int16", "int8", "uint8", "bool")


def pattern(name, shape=(2, 3, 4)):
    k = torch.arange(int(np.prod(shape)))
    if name == "bool":
        values = k % 3 == 0
    elif name == "uint8":
        values = 7 * k % 11
    elif "float" in name:
        values = (7 * k % 11 - 5).double() * 0.5
    else:
        values = 7 * k % 11 - 5
    return values.to(getattr(torch, name)).reshape(shape)


def views():
    base = torch.arange(48, dtype=torch.float32).reshape(6, 8)
    return {
        "base": base,
        "same": base,
        "transposed": base.t(),
        "rows": base[1:5:2],
        "column": base[:, 3],
        "permuted": base.reshape(2, 3, 8).permute(2, 0, 1),
        "expanded": torch.arange(4.0).view(4, 1).expand(4, 5),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 3),
        "halves": pattern("float16", (4, 6)).t(),
        "flags": pattern("bool", (4, 6)).t(),
        "parameter": torch.nn.Parameter(base[2:4]),
        "buffer": torch.nn.Parameter(torch.ones(3), requires_grad=False),
    }


def nested():
    torch.manual_seed(1)
    net = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 1), torch.nn.BatchNorm2d(2))
    with torch.no_grad():
        net[0].weight.copy_(torch.tensor([1.0, 2.0]).view(2, 1, 1, 1))
        net[0].bias.copy_(torch.tensor([3.0, 4.0]))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.25)
    net(torch.ones(1, 1, 2, 2)).sum().backward()
    optimizer.step()
    net[0].weight.data.copy_(torch.tensor([1.0, 2.0]).view(2, 1, 1, 1))
    shared = ["a", 1]
    return {
        "state_dict": net.state_dict(),
        "optimizer": optimizer.state_dict(),
        "opts": argparse.Namespace(
            label_nc=22, name="run \u00e9", rate=1e-4, flag=True, nothing=None,
            sizes=[1, [2, 3], (4,)], path=pathlib.PurePosixPath("exp/run")),
        "latent_avg": torch.full((2, 3), 0.5),
        "list": [torch.full((2,), 7.0), 3, {"x": torch.full((1,), 8.0)}],
        "only_tensors": [torch.zeros(1), torch.ones(1)],
        "size": torch.Size([4, 5]),
        "device": torch.device("cuda", 1),
        "dtype": torch.float16,
        "bytes": b"caf\xe9\x00\xff",
        "no_bytes": b"",
        "set": {5},
        "frozen": frozenset([6]),
        "empty_dict": {},
        "empty_list": [],
        "empty_ordered": collections.OrderedDict(),
        "counter": collections.Counter({30: 1}),
        "shared": [shared, shared],
        "inf": float("inf"),
        "nan": float("nan"),
        "big": 2 ** 80 + 12345,
        "negative_big": -(2 ** 100),
        "long": -(2 ** 62),
        "small": [-1, 255, 65535, -70000, 2 ** 31],
        "numpy": [np.float64(0.5), np.float32(-0.25), np.int64(-3),
                  np.bool_(True)],
        7: "seven",
        True: "true",
        "text": "x" * 300,
        "lone": "\ud800",
    }


class ViewPickler(pickle.Pickler):
    """Names storages as PyTorch 0.1 did: views with their root's key."""

    def persistent_id(self, obj):
        if isinstance(obj, tuple) and obj and obj[0] == "view of root":
            return ("storage", torch.FloatStorage, "root", "cpu", 10,
                    obj[1])
        return None


class Rebuilt:
    """Pickles as a call of torch._utils._rebuild_tensor."""

    def __init__(self, *arguments):
        self.arguments = arguments

    def __reduce__(self):
        return torch._utils._rebuild_tensor, self.arguments


def write_legacy_views(path):
    with open(path, "wb") as file:
        pickle.dump(torch.serialization.MAGIC_NUMBER, file, protocol=2)
        pickle.dump(torch.serialization.PROTOCOL_VERSION, file, protocol=2)
        pickle.dump({"little_endian": True}, file, protocol=2)
        whole = ("view of root", None)
        part = ("view of root", ("part", 2, 6))
        ViewPickler(file, protocol=2).dump({
            "whole": Rebuilt(whole, 0, (10,), (1,)),
            "part": Rebuilt(part, 1, (2, 2), (2, 1)),
        })
        pickle.dump(["root"], file, protocol=2)
        file.write((10).to_bytes(8, "little"))
        file.write(np.arange(10, dtype="<f4").tobytes())


def with_location(data, location):
    """The same legacy file or data.pkl, saved from another device."""
    old = b"X\x03\0\0\0cpu"
    new = b"X" + len(location).to_bytes(4, "little") + location
    assert old in data
    return data.replace(old, new)


def rewritten(data, method, change):
    """The zip file `data` with each member changed and packed by `method`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, \
            zipfile.ZipFile(out, "w", method) as target:
        for name in source.namelist():
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            target.writestr(info, change(name, source.read(name)))
    return out.getvalue()


def saved(value, legacy=False, protocol=2):
    file = io.BytesIO()
    torch.save(value, file, pickle_protocol=protocol,
               _use_new_zipfile_serialization=not legacy)
    return file.getvalue()


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    folder = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "torch")
    os.makedirs(folder, exist_ok=True)

    def write(name, data):
        with open(os.path.join(folder, name), "wb") as file:
            file.write(data)

    types = {name: pattern(name) for name in TYPES}
    for legacy, kind in ((False, "zip"), (True, "legacy")):
        write(f"types-{kind}.pt", saved(types, legacy))
        write(f"views-{kind}.pt", saved(views(), legacy))
        write(f"nested-{kind}.pt", saved(nested(), legacy))
        write(f"single-{kind}.pt", saved(pattern("float32"), legacy))
        for protocol in (3, 4, 5):
            write(f"protocol{protocol}-{kind}.pt",
                  saved({"x": pattern("float32"), "n": [1, {"b": b"\xff"}],
                         "s": {1}}, legacy, protocol))
    write("cuda-legacy.pt",
          with_location(saved({"x": pattern("float32")}, True), b"cuda:0"))
    write("cuda-zip.pt", rewritten(
        saved({"x": pattern("float32")}), zipfile.ZIP_STORED,
        lambda name, data: with_location(data, b"cuda:0")
        if name.endswith("data.pkl") else data))
    write("deflated-zip.pt", rewritten(
        saved({"x": pattern("float32", (64, 64))}), zipfile.ZIP_DEFLATED,
        lambda name, data: data))
    write_legacy_views(os.path.join(folder, "storage-views-legacy.pt"))
    write("complex-zip.pt", saved({"x": torch.zeros(2, dtype=torch.cfloat)}))
    write("module-zip.pt", saved(torch.nn.Linear(1, 1)))
    write("script.pt", b"")
    torch.jit.script(torch.nn.Linear(1, 1)).save(
        os.path.join(folder, "script.pt"))

    arrays = {name: pattern(name).numpy() for name in TYPES
              if name != "bfloat16"}
    arrays["fortran"] = np.asfortranarray(arrays["float32"])
    arrays["scalar"] = np.float32(2.5)
    arrays["empty"] = np.zeros((0, 3), np.float32)
    np.savez(os.path.join(folder, "arrays.npz"), **arrays)
    np.savez_compressed(os.path.join(folder, "arrays-deflated.npz"), **arrays)
    np.savez(os.path.join(folder, "objects.npz"),
             x=np.array([{}, None], dtype=object))
    np.savez(os.path.join(folder, "big-endian.npz"), x=np.zeros(2, ">f4"))


if __name__ == "__main__":
    main()
