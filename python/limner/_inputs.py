"""What people have, as the module in C++ takes it: paths as str, files as bytes,
pixels as uint8 arrays, strokes as tuples."""

import io
import os

import numpy

_ORIENTATION = 0x0112  # of EXIF


def _is_pillow(value):
    return type(value).__module__.startswith("PIL.") and hasattr(value, "save")


def _from_pillow(picture):
    """Pixels where they say all; else the picture as a file, with its palette,
    transparency, colour profile and orientation."""
    exif = picture.getexif()
    turned = exif.get(_ORIENTATION, 1) != 1
    plain = picture.mode in ("RGB", "L") and not (
        turned or "icc_profile" in picture.info or
        "transparency" in picture.info)
    if plain:
        return numpy.asarray(picture)
    if picture.mode not in ("1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16"):
        picture = picture.convert("RGB")
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1, exif=exif)
    return file.getvalue()


def source(value):
    """A drawing or a photo for the module in C++."""
    if isinstance(value, numpy.ndarray):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, (str, os.PathLike)):
        return os.fsdecode(value)
    if _is_pillow(value):
        return _from_pillow(value)
    if hasattr(value, "_fields_for_limner"):
        return value._fields_for_limner()
    raise TypeError(
        "expected a path, bytes, a uint8 array, a picture of Pillow or, as a "
        f"drawing, limner.Drawing; got {type(value).__name__}")
