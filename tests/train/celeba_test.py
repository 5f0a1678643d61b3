"""Training from CelebAMask-HQ as it is downloaded, in miniature."""


import support
from support import TINY_JOINT

NAMES = {support.SKIN: "skin", support.NOSE: "nose", support.LEFT_EYE: "l_eye",
         support.RIGHT_EYE: "r_eye", support.LOWER_LIP: "l_lip",
         support.HAIR: "hair", support.NECK: "neck"}


def write_celeba(folder, numbers):
    for number in numbers:
        photo, _ = support.drawn_face(number, 128)
        support.write(f"{folder}/CelebA-HQ-img/{number}.jpg",
                      support.png(128, 128, 3, photo))
        _, labels = support.drawn_face(number, 64)
        for label, name in NAMES.items():
            part = bytes(255 if value == label else 0 for value in labels)
            support.write(
                f"{folder}/CelebAMask-HQ-mask-anno/{number // 2000}/"
                f"{number:05d}_{name}.png", support.png(64, 64, 1, part))
    return folder


class CelebA(support.TrainingTest):

    def test_ten_steps(self):
        data = write_celeba(self.path("CelebAMask-HQ"),
                            [0, 1, 2, 3, 4, 5, 1999, 2000, 2001, 4001])
        self.succeeds("joint", "--data", data, "--folder", self.path("joint"),
                      "--steps", "10", "--batch", "4", *TINY_JOINT)
        steps = support.metrics(self.path("joint"))
        self.assertEqual(
            len([line for line in steps if "l1" in line["losses"]]), 10)
        self.succeeds("parser", "--data", data, "--folder",
                      self.path("parser"), "--steps", "10", "--batch", "4",
                      "--side", "32", "--widths", "4,8", "--precision", "f32",
                      "--log-every", "1", "--validate-every", "10")


if __name__ == "__main__":
    support.main()
