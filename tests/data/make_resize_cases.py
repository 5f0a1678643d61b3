#!/usr/bin/python3
"""Writes resize_cases.csv: what Pillow 9.4's Image.resize makes of noise.

Run with Debian's Python, which sees Debian's Pillow:
    /usr/bin/python3 tests/data/make_resize_cases.py

Columns: width, height and channels of the source, the seed of its pixels, the
size asked for, the filter, the CRC-32 of the result's bytes, and the bytes
themselves in hexadecimal where they are few ("-" elsewhere).

A source's bytes come from state = state * 1664525 + 1013904223 (mod 2^32),
starting at its seed; each is the state's top byte, or, when the seed is odd, 0
or 255 by the state's top bit. resize_test.cc makes the same.
"""

import pathlib
import zlib

import PIL
from PIL import Image

FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}

# (source width, height), (result width, height)
SIZES = [
    # Small ones, for reading by eye.
    ((4, 3), (2, 2)), ((3, 2), (4, 3)), ((5, 1), (3, 1)), ((1, 5), (1, 3)),
    ((2, 2), (4, 4)),
    # One row, one column, one pixel.
    ((1, 1), (7, 5)), ((9, 7), (1, 1)), ((1, 97), (64, 1)), ((97, 1), (1, 64)),
    ((1, 13), (13, 1)), ((31, 1), (57, 9)), ((1, 31), (9, 57)),
    # One direction unchanged, both unchanged.
    ((33, 21), (33, 50)), ((33, 21), (50, 21)), ((33, 21), (33, 8)),
    ((33, 21), (8, 21)), ((33, 21), (33, 21)),
    # Larger, smaller, mixed.
    ((17, 19), (23, 29)), ((23, 29), (17, 19)), ((41, 37), (43, 35)),
    ((50, 40), (51, 41)), ((51, 41), (50, 40)), ((64, 64), (32, 32)),
    ((32, 32), (64, 64)), ((63, 65), (16, 128)), ((128, 9), (11, 90)),
    ((100, 75), (33, 25)), ((33, 25), (100, 75)), ((99, 101), (7, 3)),
    ((7, 3), (99, 101)), ((13, 11), (130, 110)), ((130, 110), (13, 11)),
    ((77, 55), (76, 54)), ((10, 200), (200, 10)), ((255, 3), (3, 255)),
    ((127, 3), (129, 2)), ((3, 5), (1021, 2)), ((1021, 2), (3, 5)),
    ((3, 2), (4099, 1)), ((173, 61), (59, 181)),
    # What the network asks for.
    ((96, 96), (256, 256)), ((300, 200), (256, 256)),
]


def pixels(seed, count):
    state = seed
    out = bytearray()
    for _ in range(count):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        out.append((255 if state >> 31 else 0) if seed % 2 else state >> 24)
    return bytes(out)


def main():
    if not PIL.__version__.startswith("9."):
        raise SystemExit(f"expected Pillow 9, got {PIL.__version__}")
    lines = ["width,height,channels,seed,to_width,to_height,filter,crc32,bytes"]
    seed = 0
    for (width, height), to in SIZES:
        for channels, mode in ((1, "L"), (3, "RGB")):
            seed += 1
            source = Image.frombytes(
                mode, (width, height), pixels(seed, width * height * channels))
            for name, resample in FILTERS.items():
                data = source.resize(to, resample).tobytes()
                shown = data.hex() if len(data) <= 36 else "-"
                lines.append(
                    f"{width},{height},{channels},{seed},{to[0]},{to[1]},"
                    f"{name},{zlib.crc32(data)},{shown}")
    path = pathlib.Path(__file__).with_name("resize_cases.csv")
    path.write_text("\n".join(lines) + "\n")
    print(f"{path.name}: {len(lines) - 1} cases")


if __name__ == "__main__":
    main()
