"""The published inference: drawings (label images) and photos, paired by name.

    inference.py MODEL DRAWINGS PHOTOS OUT
"""
import pathlib
import sys
import limner
from PIL import Image

model, drawings, photos, out = map(pathlib.Path, sys.argv[1:])
engine = limner.Engine(model)
for drawing in sorted(drawings.glob("*.png")):
    photo = next(photos.glob(drawing.stem + ".*"))
    face = engine.generate(drawing, photo, faithfulness=1, as_="labels", align=False)
    Image.fromarray(face).save(out / (drawing.stem + ".png"))
