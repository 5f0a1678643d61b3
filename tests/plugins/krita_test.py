"""The plug-in in a real Krita (session.py): drawn with, looks and faithfulness, layers
that it makes, and what it says when something is wrong."""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "support"))
import lines  # noqa: E402
from running import main  # noqa: E402
from session import HANG, KritaCase  # noqa: E402

PHOTO = os.path.join(lines.SOURCE, "examples", "photos", "child.jpg")


class Krita(KritaCase):
    # One test after the other, as one would work with it.

    def test_1_drawing(self):
        self.do("brush", 3)
        strokes = lines.strokes(self.state()["side"])
        strokes = sorted(strokes, key=len)[-24:]
        for stroke in strokes[:-1]:
            self.draw(stroke[::2] + stroke[-1:])
        state = self.newest_face(0)
        self.assertEqual(state["status"], "")
        face = self.face()
        self.draw(strokes[-1])
        self.other_face([face])
        self.wait(lambda state: state["pens"] >= len(strokes) and
                  state["waits"])
        self.shot("drawing.png")

    def test_2_looks_and_faithfulness(self):
        faces = [self.face()]
        self.do("seed", 8)
        faces.append(self.other_face(faces))
        for percent in (0, 100):
            count = self.wait(lambda state: not state["stale"])["faces"]
            self.do("faithful", percent)
            self.newest_face(count)
            # (A careful drawing is a plausible face: it may stay the same.)
            faces.append(self.face())
        self.do("photo", PHOTO)
        self.other_face(faces)
        self.shot("photo.png")

    def test_2b_copied_part_by_part(self):
        # As large pictures are: the same face.
        face = self.face()
        count = self.wait(lambda state: not state["stale"])["faces"]
        self.do("bands", 1)
        self.newest_face(count)
        self.assertEqual(self.face(), face)
        self.draw([(300, 60), (330, 90), (360, 60)])
        parts = self.other_face([face])
        count = self.wait(lambda state: not state["stale"])["faces"]
        self.do("bands", 2 << 20)
        self.newest_face(count)
        self.assertEqual(self.face(), parts)

    def test_3_the_face_as_a_layer(self):
        face = self.face()
        self.do("action", "limner_insert_face")
        state = self.wait(lambda state: len(state["layers"]) == 3)
        self.assertEqual(state["layers"][-1][:2],
                         ["Face by limner", "paintlayer"])
        pixels = os.path.join(self.folder, "pixels")
        self.do("pixels", pixels)
        side = state["side"]
        with open(pixels, "rb") as file:
            data = file.read()
        self.assertEqual(len(data), 4 * side * side)
        self.assertEqual(set(data[3::4]), {255})
        self.assertGreater(len(set(data)), 50)
        self.shot("layer.png")
        # The layer is no part of the drawing.
        self.do("seed", 9)
        self.other_face([face])
        self.assertEqual(self.state()["status"], "")

    def test_4_colours_by_meaning(self):
        self.do("action", "limner_show_meanings")
        state = self.wait(lambda state: len(state["layers"]) == 4 and
                          state["layers"][-1][2] > 5)
        self.assertEqual(state["layers"][-1][:2],
                         ["Meanings by limner", "vectorlayer"])
        pixels = os.path.join(self.folder, "pixels")
        end = time.monotonic() + HANG
        while True:  # until they are painted
            self.do("pixels", pixels)
            with open(pixels, "rb") as file:
                data = file.read()
            seen = {data[i:i + 3] for i in range(0, len(data), 4)
                    if data[i + 3] == 255}
            if len(seen) > 4:
                break
            self.assertLess(time.monotonic(), end, seen)
            time.sleep(0.1)
        self.shot("meanings.png")

    def test_5_a_vector_layer(self):
        face = self.face()
        side = 504.0  # points of the picture, at 100 pixels an inch
        paths = "".join(
            '<path fill="none" stroke="#000" stroke-width="2" d="M' +
            " L".join(f"{x:.1f} {y:.1f}" for x, y in stroke) + '"/>'
            for stroke in lines.strokes(side) if len(stroke) > 1)
        self.do("vector", '<svg xmlns="http://www.w3.org/2000/svg" '
                f'width="{side}pt" height="{side}pt" viewBox="0 0 {side} '
                f'{side}">{paths}</svg>')
        self.do("source", "vectors")
        self.other_face([face])
        self.assertEqual(self.state()["status"], "")
        self.shot("vectors.png")

    def test_6_what_is_wrong_is_said(self):
        self.do("program", "/nowhere/limner")
        self.wait(lambda state: "/nowhere/limner cannot be run" in
                  state["status"])
        self.do("program", lines.LIMNER)
        self.wait(lambda state: state["status"] == "")
        self.order("quit")
        self.assertEqual(self.krita.wait(HANG), 0)


if __name__ == "__main__":
    main()
