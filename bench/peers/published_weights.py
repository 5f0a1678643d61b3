"""Names and shapes of the published network's weights, and random ones."""

import math

import torch

SPLIT = 8  # codes below it follow the sketch
ENCODERS = ("encoder_sketch_coarse", "encoder_sketch_fine",
            "encoder_face_fine")
# Units of the encoder's body: (width relative to the first, how many).
GROUPS = ((1, 3), (2, 4), (4, 14), (8, 3))


def live_styles(name, styles):
    if name == ENCODERS[0]:
        return range(0, 1)
    return range(0, SPLIT) if name == ENCODERS[1] else range(SPLIT, styles)


def is_live(name, styles):
    """Whether a tensor of the checkpoint reaches the picture."""
    encoder, _, rest = name.partition(".")
    if encoder not in ENCODERS or not rest.startswith("styles."):
        return True
    return int(rest.split(".")[1]) in live_styles(encoder, styles)


class RandomWeights:
    """Scaled so that values stay near one all through; the picture is noise."""

    def __init__(self, size, divisor, seed):
        self.generator = torch.Generator().manual_seed(seed)
        self.w = {}
        self.width = 512 // divisor
        self.base = 64 // divisor
        self.styles = 2 * int(math.log2(size)) - 2
        kernel = torch.tensor([1.0, 3.0, 3.0, 1.0])
        self.kernel = torch.outer(kernel, kernel) / 16

    def normal(self, name, shape, std=1.0, mean=0.0):
        self.w[name] = torch.randn(
            shape, generator=self.generator) * std + mean

    def conv(self, name, outs, ins, side):
        self.normal(name, (outs, ins, side, side),
                    math.sqrt(1 / (ins * side ** 2)))

    def norm(self, name, width, gain=1.0):
        self.normal(name + ".weight", (width,), 0.1 * gain, gain)
        self.normal(name + ".bias", (width,), 0.1)
        self.normal(name + ".running_mean", (width,), 0.1)
        self.w[name + ".running_var"] = torch.rand(
            width, generator=self.generator) + 0.5

    def encoder(self, encoder, dead_work):
        width, base, styles = self.width, self.base, self.styles
        reduction = 16 if base >= 16 else max(base // 4, 1)
        inputs = 3 if encoder == ENCODERS[2] else 22
        self.conv(encoder + ".input_layer.0.weight", base, inputs, 3)
        self.norm(encoder + ".input_layer.1", base)
        self.normal(encoder + ".input_layer.2.weight", (base,), 0.05, 0.25)
        ins, unit = base, 0
        for factor, count in GROUPS:
            outs = base * factor
            for _ in range(count):
                name = f"{encoder}.body.{unit}"
                if ins != outs:
                    self.conv(name + ".shortcut_layer.0.weight", outs, ins, 1)
                    self.norm(name + ".shortcut_layer.1", outs)
                name += ".res_layer"
                self.norm(name + ".0", ins)
                self.conv(name + ".1.weight", outs, ins, 3)
                self.normal(name + ".2.weight", (outs,), 0.05, 0.25)
                self.conv(name + ".3.weight", outs, outs, 3)
                self.norm(name + ".4", outs, 0.3)
                hidden = max(outs // reduction, 1)
                self.conv(name + ".5.fc1.weight", hidden, outs, 1)
                self.conv(name + ".5.fc2.weight", outs, hidden, 1)
                ins, unit = outs, unit + 1
        for lateral, factor in (("1", 4), ("2", 2)):
            self.conv(f"{encoder}.latlayer{lateral}.weight", width,
                      base * factor, 1)
            self.normal(f"{encoder}.latlayer{lateral}.bias", (width,), 0.1)
        for j in range(styles):
            if not dead_work and j not in live_styles(encoder, styles):
                continue
            for layer in range(4 if j < 3 else 5 if j < 7 else 6):
                name = f"{encoder}.styles.{j}.convs.{2 * layer}"
                self.conv(name + ".weight", width, width, 3)
                self.normal(name + ".bias", (width,), 0.1)
            self.normal(f"{encoder}.styles.{j}.linear.weight", (width, width))
            self.normal(f"{encoder}.styles.{j}.linear.bias", (width,), 0.1)

    def modulated(self, name, outs, ins, side):
        self.normal(name + ".weight", (1, outs, ins, side, side))
        self.normal(name + ".modulation.weight", (ins, self.width), 0.1)
        self.normal(name + ".modulation.bias", (ins,), 0.1, 1.0)

    def styled(self, name, outs, ins, upsample, layer, side):
        self.modulated(name + ".conv", outs, ins, 3)
        if upsample:
            self.w[name + ".conv.blur.kernel"] = self.kernel
        self.normal(name + ".noise.weight", (1,), 0.1)
        self.normal(name + ".activate.bias", (outs,), 0.1)
        self.normal(f"decoder.noises.noise_{layer}", (1, 1, side, side))

    def rgb(self, name, ins, upsample):
        self.modulated(name + ".conv", 3, ins, 1)
        self.normal(name + ".bias", (1, 3, 1, 1), 0.1)
        if upsample:
            self.w[name + ".upsample.kernel"] = self.kernel

    def decoder(self):
        width = self.width
        for layer in range(1, 9):
            self.normal(f"decoder.style.{layer}.weight", (width, width), 100)
            self.normal(f"decoder.style.{layer}.bias", (width,))
        self.normal("decoder.input.input", (1, width, 4, 4))
        self.styled("decoder.conv1", width, width, False, 0, 4)
        self.rgb("decoder.to_rgb1", width, False)
        ins, side = width, 4
        for level in range((self.styles - 2) // 2):
            side *= 2
            outs = width if side <= 64 else max(width * 64 // side, 1)
            self.styled(f"decoder.convs.{2 * level}", outs, ins, True,
                        2 * level + 1, side)
            self.styled(f"decoder.convs.{2 * level + 1}", outs, outs, False,
                        2 * level + 2, side)
            self.rgb(f"decoder.to_rgbs.{level}", outs, True)
            ins = outs


def random_weights(size, divisor, seed, dead_work):
    """-> (weights of the official shapes, widths over `divisor`; mean codes)"""
    made = RandomWeights(size, divisor, seed)
    for encoder in ENCODERS:
        made.encoder(encoder, dead_work)
    made.decoder()
    average = torch.randn((1, made.width), generator=made.generator) * 0.3
    return made.w, average.repeat(made.styles, 1)
