"""limner turns a drawing of a face into a photograph of one.

>>> import limner
>>> engine = limner.Engine()
>>> face = engine.generate("drawing.svg", appearance="photo.jpg")  # uint8 [H,W,3]

A drawing is the path of a file of any kind that limner reads (SVG, JSON, a scan,
a label image, ...), the bytes of one, a uint8 array, a picture of Pillow, or a
`Drawing` of strokes. An array [h,w] of numbers up to 22 is a label image, of
which each number is the class of a stroke (`CLASSES`); other arrays [h,w],
[h,w,3] and [h,w,4] are pictures of lines. A photo is a path, bytes, an array or a
picture of Pillow.

Every problem with what was given is a `limner.Error`, whose text is one line.
"""

import json as _json
import os as _os

# Read once, when the library of threads is loaded: idle threads that spin for long
# make a busy machine several times slower.
_os.environ.setdefault("GOMP_SPINCOUNT", "20000")

from typing import (Any, Dict, Iterable, List, Optional,  # noqa: E402
                    Sequence, Union)

import numpy as _numpy  # noqa: E402

from limner import _limner  # noqa: E402
from limner._inputs import source as _source  # noqa: E402
from limner._limner import Codes, Error, Looks  # noqa: E402
from limner._places import bundled_networks as _bundled  # noqa: E402

__all__ = ["CLASSES", "Codes", "Drawing", "Engine", "Error", "Looks", "Stroke",
           "colours", "set_threads", "threads"]

#: Names of the stroke classes by number, 0 ("no stroke") to 22.
CLASSES: List[str] = _limner.class_names()


class Stroke:
    """A line of a drawing.

    points: float32 [N,2], x and y in units of the drawing, from its upper left
    corner. label: its class, 1 to 22; 0: not known. confidence: how sure the
    class is, 0 to 1; 1 when a person gave it. detail: how fine a line it is, 0 to
    1. pressure: of the pen, float32 [N] of 0 to 1, or None.
    """

    __slots__ = ("points", "label", "confidence", "detail", "pressure")

    def __init__(self, points: Any, label: int = 0, confidence: float = 1.0,
                 detail: float = 0.0, pressure: Any = None) -> None:
        self.points = _numpy.asarray(points, _numpy.float32)
        if self.points.ndim != 2 or self.points.shape[1] != 2:
            raise Error("points of a stroke must have the shape [N,2], got "
                        f"{list(self.points.shape)}")
        self.label = label
        self.confidence = confidence
        self.detail = detail
        self.pressure = pressure

    @property
    def name(self) -> str:
        """The name of its class."""
        return CLASSES[self.label]

    def __repr__(self) -> str:
        return (f"Stroke({len(self.points)} points, {self.label}: {self.name}, "
                f"{self.confidence:.2f})")


class Drawing(List[Stroke]):
    """Strokes in the order in which they were drawn.

    side: units that span the longer side of the picture, above 0. doubtful:
    numbers of the strokes whose class is doubtful, the least sure first (set by
    `Engine.label`).
    """

    def __init__(self, strokes: Iterable[Stroke] = (), side: float = 512.0,
                 doubtful: Sequence[int] = ()) -> None:
        super().__init__(strokes)
        self.side = side
        self.doubtful = list(doubtful)

    @classmethod
    def read(cls, file: Any, index: int = 0) -> "Drawing":
        """The strokes of a file (path or bytes); those of a picture are traced.
        index: which one of a file of many. Raises Error."""
        side, strokes = _limner.read_strokes(_source(file), index)
        return cls([Stroke(*fields) for fields in strokes], side)

    def save(self, file: Union[str, "_os.PathLike[str]"]) -> None:
        """Writes .svg, .json, .ndjson or, where each stroke has a class, a label
        image (.png). Raises Error."""
        _limner.write_strokes(_os.fspath(file), self._fields_for_limner())

    def _fields_for_limner(self) -> tuple:
        return (self.side, [(stroke.points, stroke.label, stroke.confidence,
                             stroke.detail, stroke.pressure)
                            for stroke in self])


def set_threads(count: int) -> None:
    """Threads that all engines of this process compute with, 1 to 1024; 0: every
    core. Raises Error outside this range."""
    _limner.set_threads(count)


def threads() -> int:
    """How many that are."""
    return _limner.threads()


def colours(labels: Any) -> "_numpy.ndarray":
    """A label image, uint8 [H,W] of 0 to 22, in the colours of its classes: uint8
    [H,W,3]. Raises Error for other values."""
    return _limner.colours(labels)


def _faithful(faithfulness: Union[float, str]) -> Optional[float]:
    if faithfulness == "auto":
        return None
    if isinstance(faithfulness, str) or not 0 <= faithfulness <= 1:
        raise Error("faithfulness must be a number from 0 to 1 or \"auto\", got "
                    f"{faithfulness!r}")
    return float(faithfulness)


def _drawing_options(frame: bool, turn: bool, index: int,
                     as_: str) -> Dict[str, Any]:
    options: Dict[str, Any] = {"frame": frame, "turn": turn, "index": index}
    if as_ not in ("content", "labels", "picture"):
        raise Error("as_ must be \"content\", \"labels\" or \"picture\", got "
                    f"{as_!r}")
    if as_ != "content":
        options["as_" + as_] = True
    return options


def _photo_options(align: bool,
                   face: Union[int, str, None]) -> Dict[str, Any]:
    if face == "largest":
        number = -1
    elif face is None:
        number = 0
    elif isinstance(face, int) and face > 0:
        number = face
    else:
        raise Error("face must be a number from 1, \"largest\" or None, got "
                    f"{face!r}")
    return {"align": align, "face": number}


class Engine:
    """A model with its helpers, in memory.

    model: a weight file (official .pt or .safetensors); None takes that of the
    environment variable LIMNER_MODEL, or the bundled one. labeler, parser,
    shapes: the files of the networks that give strokes their classes, find faces
    in photos, and of the face shapes that quick drawings are fitted to; None
    takes LIMNER_LABELER, LIMNER_PARSER and LIMNER_SHAPES, or the bundled ones.
    precision: "fast", "exact" or "bf16", as `limner generate --precision`.

    Loading takes the time that the program takes to load; keep the engine.
    Threads may share one, which serves them in turn, without the interpreter's
    lock; `sharing()` is another one with the same weights.

    Results are those of the program, byte for byte. Raises Error for files that
    cannot be read.
    """

    #: What was done to the drawing and the photo of the last call, a line each.
    notes: List[str]

    def __init__(self, model: Union[str, "_os.PathLike[str]", None] = None, *,
                 labeler: Union[str, "_os.PathLike[str]", None] = None,
                 parser: Union[str, "_os.PathLike[str]", None] = None,
                 shapes: Union[str, "_os.PathLike[str]", None] = None,
                 precision: str = "fast") -> None:
        if precision not in ("fast", "exact", "bf16"):
            raise Error("precision must be \"fast\", \"exact\" or \"bf16\", got "
                        f"{precision!r}")

        def file_of(given: Any, variable: str) -> str:
            if given is not None:
                return _os.fspath(given)
            return _os.environ.get(variable) or _bundled()

        files = [file_of(model, "LIMNER_MODEL"),
                 file_of(labeler, "LIMNER_LABELER"),
                 file_of(parser, "LIMNER_PARSER"),
                 file_of(shapes, "LIMNER_SHAPES")]
        if not files[0]:
            raise Error("no model: name its file, or set LIMNER_MODEL")
        self._engine = _limner.Engine(*files, precision)
        self.notes = []

    def sharing(self) -> "Engine":
        """Another engine for another thread, with the same weights in memory."""
        other = object.__new__(Engine)
        other._engine = self._engine.sharing()
        other.notes = []
        return other

    @property
    def config(self) -> Dict[str, Any]:
        """Sizes of the model: "size" (side of its pictures), "styles" (rows of
        codes), "style_width" (numbers of a row), and others."""
        return _json.loads(self._engine.config())

    def _looks(self, appearance: Any, seed: Optional[int]) -> tuple:
        if (appearance is None) == (seed is None):
            raise Error("give the looks: either appearance, a photo, or seed, a "
                        "number")
        if seed is not None and not 0 <= seed < 2**53:
            raise Error(f"seed must be from 0 to 2^53 - 1, got {seed}")
        if isinstance(appearance, Looks):
            return None, appearance, None
        photo = None if appearance is None else _source(appearance)
        return photo, None, seed

    def generate(self, drawing: Any, appearance: Any = None,
                 seed: Optional[int] = None,
                 faithfulness: Union[float, str] = "auto", preview: int = 0, *,
                 frame: bool = True, turn: bool = False, index: int = 0,
                 as_: str = "content", align: bool = True,
                 face: Union[int, str, None] = None) -> "_numpy.ndarray":
        """The face of a drawing: uint8 [H,W,3], of the model's size.

        Either appearance or seed: a photo (or `Looks`) that decides skin, hair
        colour and light, or a number, 0 to 2^53 - 1, that draws them at random.
        faithfulness: how closely the lines are followed, 0 to 1, or "auto".
        preview: a power of two from 8 to the model's size stops there: quick.
        frame: moves the face to where the network expects it; turn: also turns
        it upright, by up to 30 degrees. index: which drawing of a file of many.
        as_: "labels" or "picture" for a picture that could be both. align:
        finds the face in the photo; face: which of several, a number from 1 (the
        largest) or "largest". Raises Error.
        """
        picture, self.notes = self._engine.generate(
            _source(drawing), *self._looks(appearance, seed), preview,
            faithfulness=_faithful(faithfulness),
            **_drawing_options(frame, turn, index, as_),
            **_photo_options(align, face))
        return picture

    def codes(self, drawing: Any, appearance: Any = None,
              seed: Optional[int] = None,
              faithfulness: Union[float, str] = "auto", *, frame: bool = True,
              turn: bool = False, index: int = 0, as_: str = "content",
              align: bool = True,
              face: Union[int, str, None] = None) -> Codes:
        """The style codes of a face, of which `render` makes the picture that
        `generate` gives. Raises Error."""
        codes, self.notes = self._engine.codes(
            _source(drawing), *self._looks(appearance, seed),
            faithfulness=_faithful(faithfulness),
            **_drawing_options(frame, turn, index, as_),
            **_photo_options(align, face))
        return codes

    def render(self, codes: Any, preview: int = 0) -> "_numpy.ndarray":
        """The picture of codes: uint8 [H,W,3]. codes: `Codes`, or an array
        [styles, style_width] for a model without structure maps. preview: see
        `generate`. Raises Error."""
        if not isinstance(codes, Codes):
            codes = Codes(codes)
        return self._engine.render(codes, preview)

    def looks(self, appearance: Any = None, seed: Optional[int] = None, *,
              align: bool = True,
              face: Union[int, str, None] = None) -> Looks:
        """The looks of a photo or of a seed, to be given to several faces as
        their appearance. Raises Error."""
        photo, ready, seed = self._looks(appearance, seed)
        if ready is not None:
            return ready
        return self._engine.looks(photo, seed, **_photo_options(align, face))

    def label(self, drawing: Any, *, relabel: bool = False, index: int = 0,
              as_: str = "content") -> Drawing:
        """The strokes of a drawing with their classes, where they were drawn. A
        stroke along which the class changes becomes several. relabel: classes
        that strokes have already are found anew. Raises Error."""
        side, strokes, doubtful, self.notes = self._engine.label(
            _source(drawing), relabel=relabel,
            **_drawing_options(True, False, index, as_))
        return Drawing([Stroke(*fields) for fields in strokes], side, doubtful)

    def labels(self, drawing: Any, faithfulness: Union[float, str] = "auto", *,
               frame: bool = True, turn: bool = False, index: int = 0,
               as_: str = "content") -> "_numpy.ndarray":
        """The label image that the network reads of a drawing: uint8 [H,W] of 0
        to 22. Raises Error."""
        image, self.notes = self._engine.labels(
            _source(drawing), faithfulness=_faithful(faithfulness),
            **_drawing_options(frame, turn, index, as_))
        return image

    def parse(self, photo: Any, *, align: bool = True,
              face: Union[int, str, None] = None,
              side: int = 0) -> "_numpy.ndarray":
        """The parts of the face in a photo: uint8 [H,W] of CelebAMask-HQ's 19
        numbers, 0 is background. Of a photo that is not aligned, the mask is of
        what `align` cuts out. side: pixels along a side; 0: what the network
        reads. Raises Error."""
        return self._engine.parse(_source(photo), side,
                                  **_photo_options(align, face))

    def align(self, photo: Any, *, face: Union[int, str, None] = None,
              side: int = 0, exact: bool = False) -> "_numpy.ndarray":
        """The face in a photo, upright and cut out as training photos are: uint8
        [H,W,3]. A photo that lies so already comes back as it is, unless exact.
        side: pixels along a side; 0: as many as there are, at most 1024. Raises
        Error for a photo without a face, or with several and no face named."""
        return self._engine.align(_source(photo), side, exact,
                                  **_photo_options(True, face))
