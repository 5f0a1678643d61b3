"""Where limner's program and its bundled networks are, seen from this package."""

import os
import shutil

_HERE = os.path.dirname(os.path.abspath(__file__))
_NETWORKS = "limner-256.safetensors"


def _above(levels):
    folder = _HERE
    for _ in range(levels):
        folder = os.path.dirname(folder)
    return folder


def bundled_networks():
    """The file of the bundled networks, "" where there is none. It lies in the
    folder that LIMNER_MODELS names, in this package (pip), under the prefix that
    both were installed to (a package of the system), or in the source tree."""
    if "LIMNER_MODELS" in os.environ:
        folders = [os.environ["LIMNER_MODELS"]]
    else:
        share = os.path.join("share", "limner", "models")
        folders = [os.path.join(_HERE, share), os.path.join(_above(4), share),
                   os.path.join(_above(4), "models")]
    for folder in folders:
        file = os.path.join(folder, _NETWORKS)
        if os.path.isfile(file):
            return file
    return ""


def program():
    """The `limner` program that came with this package, else the one that the
    search path has; "" where there is none."""
    for folder in (_HERE, _above(2), _above(4)):
        file = os.path.join(folder, "bin", "limner")
        if os.access(file, os.X_OK) and os.path.isfile(file):
            return file
    return shutil.which("limner") or ""
