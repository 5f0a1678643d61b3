"""The part of Krita's plug-in that talks to `limner serve`, without Krita."""

import importlib.util
import os
import socket
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "support"))
import lines  # noqa: E402
from running import main  # noqa: E402

_SPEC = importlib.util.spec_from_file_location("client", os.path.join(
    lines.SOURCE, "plugins", "krita", "limner_docker", "client.py"))
client = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(client)

PHOTO = os.path.join(lines.SOURCE, "examples", "photos", "child.jpg")

DOODLE = os.path.join(lines.SOURCE, "examples", "drawings", "doodle.svg")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read(path):
    with open(path, "rb") as file:
        return file.read()


class Client(unittest.TestCase):
    """Nothing listens where a server is looked for, so one is started."""

    @classmethod
    def setUpClass(cls):
        nowhere = mock.patch.object(client, "ADDRESS",
                                    ("127.0.0.1", free_port()))
        nowhere.start()
        cls.addClassCleanup(nowhere.stop)
        cls.asker = client.Client(lines.LIMNER)
        cls.addClassCleanup(cls.asker.close)

    def test_a_face_of_a_picture(self):
        with tempfile.TemporaryDirectory() as folder:
            picture = read(lines.write_png(os.path.join(folder, "d.png"), 400))
        face = self.asker.face(picture=picture, seed=7)
        self.assertTrue(face.startswith(b"\x89PNG"))
        self.assertTrue(self.asker.started())
        self.assertTrue(face != self.asker.face(picture=picture, seed=8))
        drawing = self.asker.labelled(self.asker.drawing(picture, "image/png"))
        self.assertTrue(all(stroke["class"] > 0
                            for stroke in drawing["strokes"]))
        self.assertEqual(len(self.asker.models()["classes"]), 22)

    def test_faithfulness(self):
        doodle = self.asker.drawing(read(DOODLE), "image/svg+xml")
        loose, close = (self.asker.face(drawing=doodle, seed=7, faithful=value)
                        for value in (0.0, 1.0))
        self.assertTrue(loose != close)

    def test_strokes_and_a_photo(self):
        drawing = self.asker.drawing(read(lines.EXAMPLE), "image/svg+xml")
        photo = read(PHOTO)
        face = self.asker.face(drawing=drawing, photo=photo)
        self.assertTrue(face != self.asker.face(drawing=drawing))
        # The server forgets photos; they are sent again.
        self.asker._photos = {photo: "0" * 32}
        self.assertTrue(face == self.asker.face(drawing=drawing, photo=photo))

    def test_problems_are_words(self):
        with self.assertRaisesRegex(client.Problem, "strokes"):
            self.asker.face(drawing={"format": "limner-drawing", "version": 1,
                                     "strokes": []})
        with self.assertRaisesRegex(client.Problem, "cannot be run"):
            client.Client("/nowhere/limner").find()
        with self.assertRaisesRegex(client.Problem, "limner serve ended"):
            client.Client("/bin/false").find()
        with mock.patch.object(client, "program_of", lambda _: ""):
            with self.assertRaisesRegex(client.Problem, "not installed"):
                client.Client().find()

    def test_a_server_that_is_there_is_used(self):
        self.asker.find()
        with mock.patch.object(client, "ADDRESS", self.asker._address):
            other = client.Client("/nowhere/limner")
            other.find()
            self.assertFalse(other.started())
            other.models()
            other.close()
        self.asker.models()  # still there

    def test_one_that_ended_is_started_again(self):
        asker = client.Client(lines.LIMNER)
        self.addCleanup(asker.close)
        asker.models()
        asker._process.kill()
        asker._process.wait()
        asker.models()


if __name__ == "__main__":
    main()
