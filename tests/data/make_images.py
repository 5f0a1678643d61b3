#!/usr/bin/python3
"""Writes images/: one small picture for each way that the codecs must know.

Run with Debian's Python, which sees Debian's Pillow:
    /usr/bin/python3 tests/data/make_images.py

images/expected.csv says what to read from them: file name, "rgb" or
"indices", width, height, the largest difference allowed, and the bytes in
hexadecimal. They come from a formula where the file is lossless and Pillow
keeps less than the file has (16 bits), else from Pillow.
"""

import pathlib
import struct
import zlib

import numpy as np
from PIL import Image, ImageOps

FOLDER = pathlib.Path(__file__).with_name("images")
W, H = 21, 13
ROWS = []


def expect(name, kind, pixels, tolerance=0):
    pixels = np.asarray(pixels, np.uint8)
    height, width = pixels.shape[:2]
    ROWS.append(f"{name},{kind},{width},{height},{tolerance},"
                f"{pixels.tobytes().hex()}")


def gray(bits):
    """[H,W] values of 0 .. 2^bits-1 that use every value of up to 8 bits."""
    y, x = np.mgrid[0:H, 0:W]
    if bits == 16:
        return (x * 3001 + y * 211 + 77) % 65536
    return (x + y * W) * 7 % (1 << bits)


def colour(bits=8):
    """[H,W,3] smooth colours, all three channels different."""
    y, x = np.mgrid[0:H, 0:W]
    top = (1 << bits) - 1
    return np.stack([x * top // (W - 1), y * top // (H - 1),
                     (x + y) * top // (W + H - 2)], axis=-1)


def alpha():
    y, x = np.mgrid[0:H, 0:W]
    return (x * 12 + y) % 256


def spread(values):
    return np.repeat(np.asarray(values)[..., None], 3, axis=-1)


def over_white(rgb, a):
    rgb, a = np.asarray(rgb, np.float64), np.asarray(a, np.float64)[..., None]
    return np.floor((rgb * a + 255 * (255 - a)) / 255 + 0.5)


# ---- A PNG writer for what Pillow cannot write ----

def chunk(name, data):
    return (struct.pack(">I", len(data)) + name + data +
            struct.pack(">I", zlib.crc32(name + data)))


def packed_rows(pixels, bits):
    """The rows of pixels [h,w,c], each after filter byte 0."""
    out = b""
    for row in pixels.reshape(pixels.shape[0], -1):
        if bits == 16:
            line = row.astype(">u2").tobytes()
        else:
            text = "".join(f"{v:0{bits}b}" for v in row)
            text += "0" * (-len(text) % 8)
            line = bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))
        out += b"\0" + line
    return out


def write_png(name, pixels, bits, kind, interlaced=False, extra=b""):
    """kind: 0 gray, 2 RGB, 3 palette, 4 gray and alpha, 6 RGBA."""
    pixels = np.asarray(pixels).reshape(H, W, -1)
    if interlaced:
        passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4),
                  (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        raw = b"".join(packed_rows(pixels[y::dy, x::dx], bits)
                       for x, y, dx, dy in passes)
    else:
        raw = packed_rows(pixels, bits)
    head = struct.pack(">IIBBBBB", W, H, bits, kind, 0, 0, int(interlaced))
    (FOLDER / name).write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra +
        chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))


def write_pngs():
    palette = np.array([[i * 16, 255 - i * 13, i * i] for i in range(16)])
    plte = chunk(b"PLTE", palette.astype(np.uint8).tobytes())
    clear = np.array([0, 60, 128, 200] + [255] * 12)
    trns = chunk(b"tRNS", bytes(clear[:4].tolist()))

    for bits in (1, 2, 4, 8):
        for interlaced in (False, True):
            name = f"gray{bits}{'-interlaced' if interlaced else ''}.png"
            write_png(name, gray(bits), bits, 0, interlaced)
            expect(name, "indices", gray(bits))
            expect(name, "rgb", spread(gray(bits) * 255 // (2**bits - 1)))
    for bits in (1, 2, 4, 8):
        index = gray(min(bits, 4))
        name = f"palette{bits}.png"
        write_png(name, index, bits, 3,
                  extra=chunk(b"PLTE", palette[:2**bits].astype(
                      np.uint8).tobytes()))
        expect(name, "indices", index)
        expect(name, "rgb", palette[index])
    write_png("palette4-clear.png", gray(4), 4, 3, True, plte + trns)
    expect("palette4-clear.png", "indices", gray(4))
    expect("palette4-clear.png", "rgb",
           over_white(palette[gray(4)], clear[gray(4)]))

    # One gray level is transparent.
    write_png("gray4-clear.png", gray(4), 4, 0,
              extra=chunk(b"tRNS", struct.pack(">H", 5)))
    expect("gray4-clear.png", "indices", gray(4))
    expect("gray4-clear.png", "rgb",
           spread(np.where(gray(4) == 5, 255, gray(4) * 17)))

    write_png("gray16.png", gray(16), 16, 0)
    expect("gray16.png", "rgb", spread(gray(16) >> 8))
    write_png("rgb16.png", colour(16), 16, 2, True)
    expect("rgb16.png", "rgb", colour(16) >> 8)
    # The transparent colour counts with all its 16 bits: one pixel has them.
    one = colour(16)[6, 10]
    near = colour(16)
    near[6, 11] = one + 1
    white = near >> 8
    white[6, 10] = 255
    write_png("rgb16-clear.png", near, 16, 2,
              extra=chunk(b"tRNS", struct.pack(">3H", *one.tolist())))
    expect("rgb16-clear.png", "rgb", white)

    write_png("rgb8-interlaced.png", colour(), 8, 2, True)
    expect("rgb8-interlaced.png", "rgb", colour())
    write_png("la8.png", np.dstack([gray(8), alpha()]), 8, 4)
    expect("la8.png", "rgb", over_white(spread(gray(8)), alpha()))
    write_png("rgba8-interlaced.png", np.dstack([colour(), alpha()]), 8, 6,
              True)
    expect("rgba8-interlaced.png", "rgb", over_white(colour(), alpha()))
    write_png("rgba16.png", np.dstack([colour(16), alpha() * 257]), 16, 6)
    expect("rgba16.png", "rgb", over_white(colour(16) >> 8, alpha()))

    # Filtered rows, as Pillow writes them; a long text to be passed over.
    Image.fromarray(colour().astype(np.uint8)).save(FOLDER / "rgb8.png")
    expect("rgb8.png", "rgb", colour())
    text = b"Comment\0\0" + zlib.compress(b"-" * 3_000_000, 9)
    write_png("rgb8-text.png", colour(), 8, 2, extra=chunk(b"zTXt", text))
    expect("rgb8-text.png", "rgb", colour())


# ---- With Pillow ----

def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block.tobytes()


def save(name, image, tolerance, **options):
    image.save(FOLDER / name, **options)
    back = ImageOps.exif_transpose(Image.open(FOLDER / name))
    if back.mode in ("RGBA", "LA", "PA"):
        back = Image.alpha_composite(
            Image.new("RGBA", back.size, "white"), back.convert("RGBA"))
    expect(name, "rgb", np.array(back.convert("RGB")), tolerance)


def main():
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    write_pngs()

    rgb = Image.fromarray(colour().astype(np.uint8))
    rgba = Image.fromarray(
        np.dstack([colour(), alpha()]).astype(np.uint8), "RGBA")
    save("444.jpg", rgb, 1, quality=90, subsampling=0)
    save("420.jpg", rgb, 1, quality=90, subsampling=2)
    save("progressive.jpg", rgb, 1, quality=90, progressive=True)
    save("gray.jpg", Image.fromarray(gray(8).astype(np.uint8)), 1)
    save("cmyk.jpg", rgb.convert("CMYK"), 2, quality=90)
    for orientation in range(1, 9):
        save(f"orientation{orientation}.jpg", rgb, 1, quality=85,
             exif=exif(orientation))
    save("orientation6.png", rgb, 0, exif=exif(6))
    save("orientation8.webp", rgb, 0, lossless=True, exif=exif(8))

    save("lossy.webp", rgb, 1, quality=90)
    save("lossless.webp", rgb, 0, lossless=True)
    save("lossless-alpha.webp", rgba, 1, lossless=True, exact=True)
    save("lossy-alpha.webp", rgba, 1, quality=90)

    few = rgb.quantize(40)
    save("palette.gif", few, 0, interlace=0)
    save("interlaced.gif", few, 0, interlace=1)
    few.save(FOLDER / "clear.gif", transparency=3)
    expect("clear.gif", "rgb", np.where(
        (np.array(few) == 3)[..., None], 255, np.array(few.convert("RGB"))))

    save("rgb.tif", rgb, 0, compression="tiff_lzw")
    save("rgba.tif", rgba, 2, compression="tiff_adobe_deflate")
    save("palette.tif", few, 0)
    save("fax.tif", Image.fromarray(gray(1).astype(bool)), 0,
         compression="group4")
    save("cmyk.tif", rgb.convert("CMYK"), 2)
    for orientation in (3, 6, 8):
        # Pillow turns some TIFFs while it reads them, and some not.
        name = f"orientation{orientation}.tif"
        rgb.save(FOLDER / name, exif=exif(orientation))
        turn = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_270,
                8: Image.Transpose.ROTATE_90}[orientation]
        expect(name, "rgb", np.array(rgb.transpose(turn)))
    rgb.save(FOLDER / "pages.tif", save_all=True, append_images=[few])
    expect("pages.tif", "rgb", colour())

    # Moving pictures: the first one is taken.
    turned = rgb.transpose(Image.Transpose.ROTATE_180)
    save("animated.png", rgb, 0, save_all=True, append_images=[turned],
         duration=50)
    rgb.save(FOLDER / "animated.webp", save_all=True, append_images=[turned],
             duration=50, lossless=True)
    expect("animated.webp", "rgb", colour())
    few.save(FOLDER / "animated.gif", save_all=True,
             append_images=[turned.quantize(40)], duration=50, interlace=0)
    expect("animated.gif", "rgb", np.array(few.convert("RGB")))

    (FOLDER / "expected.csv").write_text("\n".join(ROWS) + "\n")
    files = list(FOLDER.iterdir())
    print(f"{len(files)} files, {sum(f.stat().st_size for f in files)} bytes")


if __name__ == "__main__":
    main()
