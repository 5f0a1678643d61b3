"""The plug-in in a real GIMP, without a window: a drawing gets a layer with the face
that the program makes of it."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "support"))
import lines  # noqa: E402
from running import main  # noqa: E402

LIMNER = os.environ["LIMNER_BIN"]
PLUGIN = os.path.join(os.environ["LIMNER_BUILD"], "gimp", "limner-face",
                      "limner-face")
SOURCE = os.environ["LIMNER_SOURCE"]
HANG = 300  # seconds, for a hang: nothing is timed


@unittest.skipUnless((shutil.which("gimp-console") or shutil.which("gimp"))
                     and os.path.exists(PLUGIN),
                     "there is no GIMP (scripts/setup gimp)")
class Gimp(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="limner-gimp-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        place = os.path.join(self.folder, "gimp", "plug-ins", "limner-face")
        os.makedirs(place)
        shutil.copy(PLUGIN, os.path.join(place, "limner-face"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def gimp(self, script, program=LIMNER):
        settings = dict(
            os.environ, GIMP2_DIRECTORY=self.path("gimp"), HOME=self.folder,
            OMP_WAIT_POLICY="passive",
            PATH=os.path.dirname(program) + ":/usr/bin:/bin")
        result = subprocess.run(
            [shutil.which("gimp-console") or "gimp", "-i", "-d", "-f", "-b",
             script, "-b", "(gimp-quit 1)"],
            env=settings, cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=HANG,
            encoding="utf-8", errors="replace", check=False)
        return result.stdout

    def face(self, drawing, photo="", seed=7, faithful=-1.0, **settings):
        """Saves the layers that there are then as layers.xcf, the topmost as
        face.png."""
        return self.gimp(
            f'(let* ((image (car (gimp-file-load RUN-NONINTERACTIVE "{drawing}"'
            f' "{drawing}"))) (layer (car (gimp-image-get-active-layer image))))'
            f'(plug-in-limner-face RUN-NONINTERACTIVE image layer {seed} '
            f'"{photo}" {faithful})'
            '(let* ((count (car (gimp-image-get-layers image)))'
            '(top (aref (cadr (gimp-image-get-layers image)) 0)))'
            '(gimp-message (string-append "layers " (number->string count) " "'
            '(car (gimp-item-get-name top)) " "'
            '(number->string (car (gimp-drawable-width top)))))'
            '(file-png-save-defaults RUN-NONINTERACTIVE image top "face.png" '
            '"face.png")))', **settings)

    def program(self, drawing, *arguments):
        subprocess.run([LIMNER, "generate", drawing, *arguments, "-o",
                        self.path("program.png"), "--quiet"], check=True)

    def same_pictures(self, one, other, side):
        """One, which was enlarged to the side of the drawing, is the other."""
        script = (f'(let* ((one (car (file-png-load 1 "{one}" "{one}")))'
                  f'(other (car (file-png-load 1 "{other}" "{other}"))))'
                  f'(gimp-image-scale other {side} {side})'
                  '(let* ((a (car (gimp-image-get-active-layer one)))'
                  '(b (car (gimp-layer-new-from-drawable (car '
                  '(gimp-image-get-active-layer other)) one))))'
                  '(gimp-image-insert-layer one b 0 0)'
                  '(gimp-layer-set-mode b LAYER-MODE-DIFFERENCE)'
                  '(let* ((flat (car (gimp-image-flatten one)))'
                  '(mean (car (gimp-drawable-histogram flat 0 0 1))))'
                  '(gimp-message (string-append "difference " '
                  '(number->string mean))))))')
        said = self.gimp(script)
        self.assertIn("difference ", said)
        # Alpha of the layer may round a value.
        self.assertLess(float(said.split("difference ")[1].split()[0]), 0.6)

    def test_a_face_becomes_a_layer(self):
        drawing = lines.write_png(self.path("drawing.png"), 400)
        said = self.face(drawing)
        self.assertIn("layers 2 Face by limner 400", said)
        self.program(drawing, "--random", "7")
        self.same_pictures(self.path("face.png"), self.path("program.png"), 400)

    def test_a_photo_and_faithfulness(self):
        drawing = lines.write_png(self.path("drawing.png"), 300)
        photo = os.path.join(SOURCE, "examples", "photos", "child.jpg")
        said = self.face(drawing, photo=photo, faithful=0.5)
        self.assertIn("layers 2 Face by limner 300", said)
        self.program(drawing, "--appearance", photo, "--faithful", "0.5")
        self.same_pictures(self.path("face.png"), self.path("program.png"), 300)

    def test_what_goes_wrong_is_said(self):
        drawing = lines.write_png(self.path("drawing.png"), 300)
        said = self.face(drawing, photo="nowhere.jpg")
        self.assertIn("nowhere.jpg", said)
        self.assertNotIn("layers 2", said)
        said = self.face(drawing, program=self.path("limner"))
        self.assertIn("cannot be started", said)


if __name__ == "__main__":
    main()
