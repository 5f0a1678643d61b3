"""Networks that limner eval measures with, of random weights."""

import math
import random
import struct

from support import floats, safetensors


def arcface(seed=1):
    """A small ArcFace of random weights: 32 px, 6 numbers."""
    chance = random.Random(seed)
    tensors = {}

    def put(name, shape, deviation, mean=0.0):
        tensors[name] = floats(shape, [
            chance.gauss(mean, deviation) for _ in range(math.prod(shape))])

    def conv(name, out, inputs, kernel):
        put(name + ".weight", (out, inputs, kernel, kernel),
            (2 / (inputs * kernel * kernel)) ** 0.5)

    def norm(name, channels):
        put(name + ".weight", (channels,), 0.1, 1)
        put(name + ".bias", (channels,), 0.1)
        put(name + ".running_mean", (channels,), 0.1)
        put(name + ".running_var", (channels,), 0.01, 1)

    conv("input_layer.0", 5, 3, 3)
    norm("input_layer.1", 5)
    put("input_layer.2.weight", (5,), 0.1, 0.25)
    inputs = 5
    for unit, out in enumerate((5, 6, 7, 8)):
        name = f"body.{unit}."
        norm(name + "res_layer.0", inputs)
        conv(name + "res_layer.1", out, inputs, 3)
        put(name + "res_layer.2.weight", (out,), 0.1, 0.25)
        conv(name + "res_layer.3", out, out, 3)
        norm(name + "res_layer.4", out)
        conv(name + "res_layer.5.fc1", out // 4, out, 1)
        conv(name + "res_layer.5.fc2", out, out // 4, 1)
        if out != inputs:
            conv(name + "shortcut_layer.0", out, inputs, 1)
            norm(name + "shortcut_layer.1", out)
        inputs = out
    norm("output_layer.0", 8)
    put("output_layer.3.weight", (6, 8 * 4), 0.1)
    put("output_layer.3.bias", (6,), 0.1)
    norm("output_layer.4", 6)
    return safetensors(tensors)


def inception():
    """Inception v3 under its published names, of few different weights."""
    chance = random.Random(7)
    pattern = [chance.gauss(0, 1) for _ in range(4099)]
    tensors = {}

    def conv(name, out, inputs, rows, columns):
        scale = (2 / (inputs * rows * columns)) ** 0.5
        values = struct.pack(f"<{len(pattern)}e", *(v * scale for v in pattern))
        count = 2 * out * inputs * rows * columns
        tensors[name + ".conv.weight"] = (
            "F16", [out, inputs, rows, columns],
            (values * (count // len(values) + 1))[:count])
        for part, value in (("weight", 1.0), ("bias", 0.0),
                            ("running_mean", 0.0), ("running_var", 1.0)):
            tensors[f"{name}.bn.{part}"] = floats((out,), [value] * out)
        return out

    def chain(block, inputs, *layers):
        for name, out, rows, columns in layers:
            inputs = conv(block + name, out, inputs, rows, columns)

    chain("", 3, ("Conv2d_1a_3x3", 32, 3, 3), ("Conv2d_2a_3x3", 32, 3, 3),
          ("Conv2d_2b_3x3", 64, 3, 3), ("Conv2d_3b_1x1", 80, 1, 1),
          ("Conv2d_4a_3x3", 192, 3, 3))
    for block, inputs, pooled in (("Mixed_5b.", 192, 32), ("Mixed_5c.", 256, 64),
                                  ("Mixed_5d.", 288, 64)):
        chain(block, inputs, ("branch1x1", 64, 1, 1))
        chain(block, inputs, ("branch5x5_1", 48, 1, 1),
              ("branch5x5_2", 64, 5, 5))
        chain(block, inputs, ("branch3x3dbl_1", 64, 1, 1),
              ("branch3x3dbl_2", 96, 3, 3), ("branch3x3dbl_3", 96, 3, 3))
        chain(block, inputs, ("branch_pool", pooled, 1, 1))
    chain("Mixed_6a.", 288, ("branch3x3", 384, 3, 3))
    chain("Mixed_6a.", 288, ("branch3x3dbl_1", 64, 1, 1),
          ("branch3x3dbl_2", 96, 3, 3), ("branch3x3dbl_3", 96, 3, 3))
    for block, width in (("Mixed_6b.", 128), ("Mixed_6c.", 160),
                         ("Mixed_6d.", 160), ("Mixed_6e.", 192)):
        chain(block, 768, ("branch1x1", 192, 1, 1))
        chain(block, 768, ("branch7x7_1", width, 1, 1),
              ("branch7x7_2", width, 1, 7), ("branch7x7_3", 192, 7, 1))
        chain(block, 768, ("branch7x7dbl_1", width, 1, 1),
              ("branch7x7dbl_2", width, 7, 1), ("branch7x7dbl_3", width, 1, 7),
              ("branch7x7dbl_4", width, 7, 1), ("branch7x7dbl_5", 192, 1, 7))
        chain(block, 768, ("branch_pool", 192, 1, 1))
    chain("Mixed_7a.", 768, ("branch3x3_1", 192, 1, 1),
          ("branch3x3_2", 320, 3, 3))
    chain("Mixed_7a.", 768, ("branch7x7x3_1", 192, 1, 1),
          ("branch7x7x3_2", 192, 1, 7), ("branch7x7x3_3", 192, 7, 1),
          ("branch7x7x3_4", 192, 3, 3))
    for block, inputs in (("Mixed_7b.", 1280), ("Mixed_7c.", 2048)):
        chain(block, inputs, ("branch1x1", 320, 1, 1))
        chain(block, inputs, ("branch3x3_1", 384, 1, 1),
              ("branch3x3_2a", 384, 1, 3))
        chain(block, 384, ("branch3x3_2b", 384, 3, 1))
        chain(block, inputs, ("branch3x3dbl_1", 448, 1, 1),
              ("branch3x3dbl_2", 384, 3, 3), ("branch3x3dbl_3a", 384, 1, 3))
        chain(block, 384, ("branch3x3dbl_3b", 384, 3, 1))
        chain(block, inputs, ("branch_pool", 192, 1, 1))
    return safetensors(tensors)
