"""limner label and limner generate given what is no drawing, no labeler, or no
place for a result."""

import json
import math
import struct

import support
from label_test import LabelCase, face
from support import labeler, png, read

BOMB = b"""<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">""" + \
    b"".join(b'<!ENTITY %c "%s">' % (c, (b"&%c;" % (c - 1)) * 10)
             for c in range(ord("b"), ord("k"))) + \
    b"""]><svg xmlns="http://www.w3.org/2000/svg"><path d="&j;"/></svg>"""


class BadInput(LabelCase):
    """Every reader: one line, exit code 1, nothing written."""

    def bad(self, name, data, says=""):
        self.put(name, data)
        for arguments in (("label", name),
                          ("label", name, "-o", "o.png", "--show"),
                          ("generate", name, "--random", "1", "-m",
                           self.model, "-o", "f.png")):
            self.assertIn(name, self.refused(*arguments, says=says))

    def svg(self, text):
        return (b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'>" +
                text + b"</svg>")

    def test_entities(self):
        self.bad("bomb.svg", BOMB)

    def test_numbers(self):
        self.bad("nan.svg", self.svg(b"<path d='M NaN 5 L 3 3'/>"))
        self.bad("far.svg", self.svg(b"<path d='M 1e30 5 L 3 3'/>"))
        self.bad("nan.json", b'{"format":"limner-drawing","version":1,'
                 b'"strokes":[{"points":[[NaN,1]]}]}')

    def test_deep_groups(self):
        self.bad("deep.svg", self.svg(
            b"<g>" * 10000 + b"<path d='M 1 1 L 3 3'/>" + b"</g>" * 10000))

    def test_scripts_and_references_are_not_followed(self):
        self.bad("refs.svg", self.svg(
            b"<script>x()</script><image href='/etc/passwd'/>"
            b"<use href='other.svg#a'/>"))

    def test_a_million_points(self):
        points = b" ".join(b"%d,%d" % (i % 97, i % 89)
                           for i in range(1_000_001))
        self.bad("long.svg", self.svg(b"<polyline points='" + points +
                                      b"'/>"), says="1000000")

    def test_broken_line_is_named_by_number(self):
        good = b'{"drawing": [[[0, 5], [0, 5]]]}\n'
        self.put("l.ndjson", good + b'{"drawing": [[[0, 5]\n' + good)
        text = self.refused("label", "l.ndjson", "--index", "1")
        self.assertIn("l.ndjson", text)
        self.assertIn("line 2", text)

    def test_too_many_strokes_for_the_labeler(self):
        self.put("l.safetensors", labeler())
        lines = b"".join(b"<path d='M %d %d l 2 2'/>" %
                         (5 * (i % 100), 5 * (i // 100)) for i in range(6000))
        self.put("many.svg", self.svg(lines))
        self.refused("label", "many.svg", "--labeler", "l.safetensors",
                     says="many.svg: a drawing of 6000 strokes")

    def test_even_pictures(self):
        for value, colour, channels in ((255, 0, 1), (255, 2, 3), (0, 2, 3)):
            self.bad("even.png", png(
                64, 64, bytes([value]) * (64 * 64 * channels), colour=colour),
                says="no lines found in even.png")
        # A label image of nothing: generate takes it, as it always did.
        self.put("zeros.png", png(64, 64, bytes(64 * 64)))
        self.refused("label", "zeros.png", says="zeros.png: the drawing has "
                     "no strokes")

    def test_photographs(self):
        self.bad("photo.png", support.photo(side=128))

    def test_no_drawing(self):
        self.bad("text.svg", b"hello")
        self.bad("empty.json", b"")
        self.bad("other.json", b'{"a": 1}')
        self.bad("packed.svgz", b"\x1f\x8b\x08\0\0\0\0\0")
        self.bad("cut.png", support.drawing()[:60])
        self.bad("none.svg", self.svg(b""))

    def test_wrong_labelers(self):
        self.put_json("d.json", face(classes=False))
        good = support.read_safetensors(
            support.write(self.path("good.safetensors"), labeler()))
        tensors = dict(good[1])

        def bad(data, says=""):
            self.put("l.safetensors", data)
            text = self.refused("label", "d.json", "--labeler",
                                "l.safetensors", says=says)
            self.assertIn("l.safetensors", text)

        bad(read(self.model), says="no labeler")
        bad(b"", )
        bad(b"text")
        bad(labeler()[:-40])
        bad(support.safetensors(tensors, {"limner_labeler": "[" * 50000}))
        bad(support.safetensors(tensors, {"limner_labeler": "{}"}))
        bad(support.safetensors(tensors, {"limner_labeler": json.dumps(
            {"kind": "labeler", "classes": 24, "heads": 3})}), says="heads")
        shape = tensors["norm.bias"][1]
        tensors["norm.bias"] = ("F32", shape, struct.pack("<f", math.inf) *
                                shape[0])
        bad(support.safetensors(tensors, good[0]), says="not finite")
        del tensors["norm.bias"]
        bad(support.safetensors(tensors, good[0]), says="norm.bias")
        self.refused("label", "d.json", "--labeler", "none", says="none")

    def test_outputs(self):
        self.put_json("d.json", face())
        self.refused("label", "d.json", "-o", "o.gif", says=".ndjson")
        self.refused("label", "d.json", "-o", "d.json", says="is an input")
        self.refused("label", "d.json", "-o", "d.json/x.svg")
        self.put("l.safetensors", labeler())
        self.refused("label", "d.json", "-o", "l.safetensors", "--labeler",
                     "l.safetensors", says="l.safetensors")

    def test_usage(self):
        self.refused("label", code=2)
        self.put_json("d.json", face())
        self.refused("label", "d.json", "--json", "--quiet", code=2)
        self.refused("label", "d.json", "--width", "17", says="--width")
        self.refused("label", "d.json", "--index", "-1", says="--index")


if __name__ == "__main__":
    support.main()
