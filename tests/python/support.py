"""What the tests of the module share: those of the command line, and NumPy."""

import os
import sys

os.environ.setdefault("LIMNER_MODELS", os.devnull)  # tests bring their own
sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "cli"))

import importlib.util  # noqa: E402

_SPEC = importlib.util.spec_from_file_location(
    "cli_support", os.path.join(sys.path[0], "support.py"))
cli = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(cli)

# The helpers above stand in for PyTorch in sys.modules.
for _name in ("torch", "torch._utils"):
    sys.modules.pop(_name, None)

try:
    import numpy  # noqa: F401
    import PIL.Image  # noqa: F401
except ImportError as problem:
    print(f"the tests of the Python module need NumPy and Pillow: {problem} "
          "(scripts/setup python)")
    sys.exit(cli.SKIPPED)

import limner  # noqa: E402,F401


class Case(cli.Case):
    """A folder for each test; for all a small random model, a labeler and a parser,
    with an engine and the options by which the program has the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.labeler = cli.write(os.path.join(cls.shelf, "labeler.safetensors"),
                                cli.labeler())
        cls.parser = cli.write(os.path.join(cls.shelf, "parser.safetensors"),
                               cli.parser())
        cls.engine = limner.Engine(cls.model, labeler=cls.labeler,
                                   parser=cls.parser, shapes="")
        cls.options = ("-m", cls.model, "--labeler", cls.labeler, "--parser",
                       cls.parser)

    def program(self, *arguments):
        """The picture that `limner generate ...` makes."""
        out = self.path("program.png")
        self.succeeds("generate", *arguments, *self.options, "-o", out)
        return numpy.asarray(PIL.Image.open(out))

    def same(self, got, expected):
        self.assertEqual(got.dtype, numpy.uint8)
        numpy.testing.assert_array_equal(got, expected)
