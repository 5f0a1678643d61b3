"""Bad drawings and photos, and folders that do not fit: one clear line, exit
code 1, nothing written."""

import os
import struct

import support
from support import Case, drawing, photo, png, png_header


class Drawings(Case):
    def bad(self, data, says="", name="d.png"):
        self.put(name, data)
        for arguments in (("generate", name, "--random", "1", "-m",
                           self.model, "-o", "f.png"),
                          ("mix", name, "--random", "1", "-m", self.model,
                           "-o", "s.png"),
                          ("inference", "--exp_dir", "o", "--data_path", name,
                           "--random_appearance", "--checkpoint_path",
                           self.model)):
            self.assertIn(name, self.refused(*arguments, says=says))

    def test_label_above_22(self):
        pixels = bytearray(64 * 64)
        pixels[5 * 64 + 9] = 23
        self.bad(png(64, 64, bytes(pixels)), "label 23 at pixel 9,5")

    def test_colours_instead_of_labels(self):
        self.bad(photo())

    def test_16_bits(self):
        self.bad(png(8, 8, b"\0\1" * 64, depth=16), "16")

    def test_no_pixels(self):
        self.bad(png_header(0, 0))
        self.bad(png_header(64, 0))

    def test_huge_header(self):
        self.bad(png_header(60000, 60000), "60000")
        self.bad(png_header(2**31 - 1, 2**31 - 1))

    def test_truncated(self):
        data = drawing()
        for size in (4, 20, 40, len(data) // 2, len(data) - 20):
            self.bad(data[:size])

    def test_garbled(self):
        data = bytearray(drawing())
        data[45] ^= 0xFF
        self.bad(bytes(data))

    def test_wrong_size_in_the_header(self):
        self.bad(png_header(64, 64))

    def test_not_a_picture(self):
        self.bad(b"no picture at all")
        self.bad(b"")

    def test_jpeg_as_drawing(self):
        self.bad(b"\xff\xd8\xff\xe0" + b"\0" * 100, name="d.jpg")

    def test_missing(self):
        self.refused("generate", "nowhere.png", "--random", "1", "-m",
                     self.model, says="nowhere.png")


class Photos(Case):
    def bad(self, data, says="", name="p.png"):
        self.put("d.png", drawing())
        self.put(name, data)
        for arguments in (("generate", "d.png", "-a", name, "-m", self.model,
                           "-o", "f.png"),
                          ("mix", "d.png", "--random", "1", "--mix-with",
                           name, "-m", self.model, "-o", "s.png"),
                          ("inference", "--exp_dir", "o", "--data_path",
                           "d.png", "--target_path", name,
                           "--checkpoint_path", self.model)):
            self.assertIn(name, self.refused(*arguments, says=says))

    def test_not_a_picture(self):
        self.bad(b"plain text")
        self.bad(b"")

    def test_no_pixels(self):
        self.bad(png_header(0, 0))

    def test_huge_header(self):
        self.bad(png_header(60000, 60000), "60000")
        # JPEG: a start-of-frame segment that claims 60000 x 60000.
        frame = struct.pack(">BHHB", 8, 60000, 60000, 1) + b"\1\x11\0"
        self.bad(b"\xff\xd8\xff\xc0" + struct.pack(">H", 2 + len(frame)) +
                 frame + b"\xff\xd9", name="p.jpg")

    def test_truncated(self):
        data = photo()
        for size in (10, 40, len(data) // 2):
            self.bad(data[:size])
        self.bad(b"\xff\xd8\xff\xe0\0\x10JFIF\0", name="p.jpg")
        self.bad(b"RIFF\x40\0\0\0WEBPVP8 \x30\0\0\0" + b"\0" * 20,
                 name="p.webp")

    def test_unknown_format(self):
        self.bad(b"GIF89a" + b"\0" * 100)
        self.bad(b"BM" + b"\0" * 100)


class Folders(Case):
    def setUp(self):
        super().setUp()
        os.mkdir(self.path("empty"))
        self.put("d/1.png", drawing())
        self.put("d/2.png", drawing())
        self.put("p/3.png", photo())

    def refused_everywhere(self, drawings, photos, says=""):
        self.refused("generate", drawings, "-a", photos, "-o", "out", "-m",
                     self.model, says=says)
        self.refused("inference", "--exp_dir", "out", "--data_path", drawings,
                     "--target_path", photos, "--checkpoint_path", self.model,
                     says=says)

    def test_empty(self):
        self.refused_everywhere("empty", "p", "empty")
        self.refused_everywhere("d", "empty", "empty")

    def test_no_pairs(self):
        self.refused_everywhere("d", "p", "same name")

    def test_missing(self):
        self.refused_everywhere("nowhere", "p", "nowhere")
        self.refused_everywhere("d", "nowhere", "nowhere")

    def test_only_other_files(self):
        self.put("text/readme.txt", b"x")
        self.refused_everywhere("text", "p", "text")

    def test_ambiguous_names(self):
        self.put("d/1.jpg", photo())
        self.refused_everywhere("d", "p", "1.")

    def test_special_files(self):
        os.mkfifo(self.path("pipe.png"))
        with open(self.path("d", "link.png"), "wb"):
            pass
        os.remove(self.path("d", "link.png"))
        self.refused("generate", "/dev/null", "--random", "1", "-m",
                     self.model, "-o", "f.png")


class Outputs(Case):
    def setUp(self):
        super().setUp()
        self.put("d.png", drawing())
        self.put("set/1.png", drawing())

    def bad(self, out, says="", source="d.png"):
        self.refused("generate", source, "--random", "1", "-m", self.model,
                     "-o", out, says=says)

    def test_unknown_ending(self):
        self.bad("f.gif", "f.gif")
        self.bad("f", "f")

    def test_picture_name_for_a_folder(self):
        self.put("taken.png", b"x")
        self.bad("taken.png", "not a folder", source="set")

    def test_model_name(self):
        self.refused("convert", self.model, "out.pt", says=".safetensors")
        self.refused("make-random", "out.pt", says=".safetensors")


if __name__ == "__main__":
    support.main()
