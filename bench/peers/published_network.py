#!/usr/bin/python3
"""The published network in plain PyTorch, as a yardstick for limner.

One forward pass of "Semantics-Preserving Sketch Embedding for Face
Generation" (IEEE TMM 2023) the way its authors' code arranges the work:

* three IR-SE50 encoders, each computing every style although the network
  uses 1, 8 and 10 of the 18 (`--no-dead-work` leaves the unused ones out);
* a StyleGAN2 synthesis that modulates the *weights* for each code, runs
  grouped convolutions, and zero-stuffs, pads and filters when it doubles the
  picture.

Written from the equations with plain tensor operations. The weights are
random and of the official shapes, or come from a checkpoint of the official
format. Needs Debian's python3-torch and python3-numpy; `--check-full` needs
python3-pil as well.

Prints one JSON object. Times are seconds on the wall for one picture, from
network inputs in memory to the float picture in memory.
"""

import argparse
import json
import math
import os
import statistics
import sys
import time
import warnings

import numpy as np
import torch
import torch.nn.functional as F
from published_weights import (ENCODERS, GROUPS, SPLIT, is_live,
                               random_weights)

# --- encoders ---------------------------------------------------------------

def batch_norm(w, name, x):
    return F.batch_norm(x, w[name + ".running_mean"], w[name + ".running_var"],
                        w[name + ".weight"], w[name + ".bias"])


def encoder_unit(w, name, x, stride):
    if name + ".shortcut_layer.0.weight" in w:
        shortcut = F.conv2d(x, w[name + ".shortcut_layer.0.weight"],
                            stride=stride)
        shortcut = batch_norm(w, name + ".shortcut_layer.1", shortcut)
    else:
        shortcut = F.max_pool2d(x, 1, stride)
    name += ".res_layer"
    y = batch_norm(w, name + ".0", x)
    y = F.conv2d(y, w[name + ".1.weight"], padding=1)
    y = F.prelu(y, w[name + ".2.weight"])
    y = F.conv2d(y, w[name + ".3.weight"], stride=stride, padding=1)
    y = batch_norm(w, name + ".4", y)
    gate = F.relu(F.conv2d(F.adaptive_avg_pool2d(y, 1),
                           w[name + ".5.fc1.weight"]))
    gate = torch.sigmoid(F.conv2d(gate, w[name + ".5.fc2.weight"]))
    return y * gate + shortcut


def style_head(w, name, x):
    layer = 0
    while f"{name}.convs.{layer}.weight" in w:
        x = F.conv2d(x, w[f"{name}.convs.{layer}.weight"],
                     w[f"{name}.convs.{layer}.bias"], stride=2, padding=1)
        x = F.leaky_relu(x, 0.01)
        layer += 2
    x = x.flatten(1)
    weight = w[name + ".linear.weight"]
    return F.linear(x, weight / math.sqrt(weight.shape[1]),
                    w[name + ".linear.bias"])


def sizes(x):
    """Plain numbers, also while PyTorch traces the network for an export."""
    return tuple(int(size) for size in x.shape)


def upsample_add(x, y):
    return F.interpolate(x, size=sizes(y)[2:], mode="bilinear",
                         align_corners=True) + y


def encode(w, name, x, styles):
    """Codes [1, len(styles), width] of the styles asked for."""
    x = F.conv2d(x, w[name + ".input_layer.0.weight"], padding=1)
    x = batch_norm(w, name + ".input_layer.1", x)
    x = F.prelu(x, w[name + ".input_layer.2.weight"])
    unit = 0
    stages = []
    for _, count in GROUPS:
        for i in range(count):
            x = encoder_unit(w, f"{name}.body.{unit}", x, 2 if i == 0 else 1)
            unit += 1
        stages.append(x)
    _, c1, c2, c3 = stages
    sources = [c3]
    if max(styles) >= 3:
        sources.append(upsample_add(c3, F.conv2d(
            c2, w[name + ".latlayer1.weight"], w[name + ".latlayer1.bias"])))
    if max(styles) >= 7:
        sources.append(upsample_add(sources[1], F.conv2d(
            c1, w[name + ".latlayer2.weight"], w[name + ".latlayer2.bias"])))
    codes = [style_head(w, f"{name}.styles.{j}",
                        sources[0 if j < 3 else 1 if j < 7 else 2])
             for j in styles]
    return torch.stack(codes, 1)


# --- generator --------------------------------------------------------------

def mapping(w, z):
    x = z * torch.rsqrt(z.pow(2).mean(1, keepdim=True) + 1e-8)
    layer = 1
    while f"decoder.style.{layer}.weight" in w:
        weight = w[f"decoder.style.{layer}.weight"]
        x = F.linear(x, weight * (0.01 / math.sqrt(weight.shape[1])),
                     w[f"decoder.style.{layer}.bias"] * 0.01)
        x = F.leaky_relu(x, 0.2) * math.sqrt(2)
        layer += 1
    return x


def upfirdn(x, kernel, up, pad):
    """Zero-stuffs by `up`, pads by (before, after), filters by `kernel`."""
    batch, channels, height, width = sizes(x)
    if up > 1:
        x = x.reshape(batch, channels, height, 1, width, 1)
        x = F.pad(x, (0, up - 1, 0, 0, 0, up - 1))
        x = x.reshape(batch, channels, height * up, width * up)
    x = F.pad(x, (pad[0], pad[1], pad[0], pad[1]))
    # One filter a channel as a grouped convolution: of the forms tried
    # (a batch of one-channel pictures, two passes, shifted sums) the fastest
    # in PyTorch on a CPU.
    weight = kernel.flip((0, 1)).expand(channels, 1, *sizes(kernel))
    return F.conv2d(x, weight, groups=channels)


def modulated_conv(w, name, x, code, demodulate=True, upsample=False):
    weight = w[name + ".weight"]  # [1, out, in, k, k]
    _, outs, ins, side, _ = sizes(weight)
    batch = sizes(x)[0]
    mod = w[name + ".modulation.weight"]
    style = F.linear(code, mod / math.sqrt(mod.shape[1]),
                     w[name + ".modulation.bias"])
    weight = (weight / math.sqrt(ins * side * side)
              * style.reshape(batch, 1, ins, 1, 1))
    if demodulate:
        weight = weight * torch.rsqrt(
            weight.pow(2).sum((2, 3, 4), keepdim=True) + 1e-8)
    height, width = sizes(x)[2:]
    x = x.reshape(1, batch * ins, height, width)
    if upsample:
        weight = weight.transpose(1, 2).reshape(batch * ins, outs, side, side)
        x = F.conv_transpose2d(x, weight, stride=2, groups=batch)
        x = x.reshape(batch, outs, *sizes(x)[2:])
        return upfirdn(x, w[name + ".blur.kernel"], 1, (1, 1))
    weight = weight.reshape(batch * outs, ins, side, side)
    x = F.conv2d(x, weight, padding=side // 2, groups=batch)
    return x.reshape(batch, outs, *sizes(x)[2:])


def styled_conv(w, name, x, code, noise, upsample=False):
    x = modulated_conv(w, name + ".conv", x, code, upsample=upsample)
    x = x + w[name + ".noise.weight"] * noise
    x = x + w[name + ".activate.bias"].reshape(1, -1, 1, 1)
    return F.leaky_relu(x, 0.2) * math.sqrt(2)


def to_rgb(w, name, x, code, skip=None):
    rgb = modulated_conv(w, name + ".conv", x, code, demodulate=False)
    rgb = rgb + w[name + ".bias"]
    if skip is not None:
        rgb = rgb + upfirdn(skip, w[name + ".upsample.kernel"], 2, (2, 1))
    return rgb


def synthesize(w, codes):
    """codes [1, styles, width] -> picture [1, 3, size, size]."""
    def noise(layer):
        return w[f"decoder.noises.noise_{layer}"]
    x = w["decoder.input.input"]
    x = styled_conv(w, "decoder.conv1", x, codes[:, 0], noise(0))
    picture = to_rgb(w, "decoder.to_rgb1", x, codes[:, 1])
    for level in range((codes.shape[1] - 2) // 2):
        first = 2 * level + 1
        x = styled_conv(w, f"decoder.convs.{2 * level}", x, codes[:, first],
                        noise(first), upsample=True)
        x = styled_conv(w, f"decoder.convs.{2 * level + 1}", x,
                        codes[:, first + 1], noise(first + 1))
        picture = to_rgb(w, f"decoder.to_rgbs.{level}", x,
                         codes[:, first + 2], picture)
    return picture


# --- the whole --------------------------------------------------------------

class Network:
    """Weights by name, the mean code, and the forward pass."""

    def __init__(self, weights, latent_avg, add_latent_avg, dead_work):
        self.w = weights
        self.latent_avg = latent_avg
        self.add_latent_avg = add_latent_avg
        self.styles = latent_avg.shape[0]
        self.size = 2 ** ((self.styles + 2) // 2)
        self.dead_work = dead_work

    def encode(self, name, x, first, last):
        if not self.dead_work:
            return encode(self.w, name, x, range(first, last))
        return encode(self.w, name, x, range(self.styles))[:, first:last]

    def forward(self, sketch, photo, parts=None):
        """sketch [1,22,256,256] one-hot, photo [1,3,512,512] in [-1,1]."""
        coarse = self.encode(ENCODERS[0], sketch, 0, 1)[:, 0] * 60
        fine = self.encode(ENCODERS[1], sketch, 0, SPLIT) * 6
        photo = F.adaptive_avg_pool2d(photo, 256)
        face = self.encode(ENCODERS[2], photo, SPLIT, self.styles) * 6
        mapped = mapping(self.w, coarse)
        codes = torch.cat([fine, face], 1) + mapped[:, None]
        if self.add_latent_avg:
            codes = codes + self.latent_avg
        picture = synthesize(self.w, codes)
        if parts is not None:
            parts.update(coarse=coarse, fine=fine, face=face, mapped=mapped,
                         latent=codes, image=picture)
        return picture


def random_network(size, divisor, seed, dead_work):
    weights, average = random_weights(size, divisor, seed, dead_work)
    return Network(weights, average, True, dead_work)


def load_network(path, dead_work):
    """A checkpoint of the official format. Runs its pickle: trusted files."""
    checkpoint = torch.load(path, map_location="cpu")
    average = checkpoint["latent_avg"].float()
    weights = {}
    for name, tensor in checkpoint["state_dict"].items():
        if dead_work or is_live(name, average.shape[0]):
            weights[name] = tensor.float()
    return Network(weights, average,
                   checkpoint["opts"].get("start_from_latent_avg", True),
                   dead_work)


# --- measuring and checking -------------------------------------------------

def status_mb(field):
    """A memory figure of this process, in 10^6 bytes."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def percentile(values, share):
    """The smallest value that `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


def summary(seconds):
    return {"min": round(min(seconds) * 1e3, 1),
            "median": round(statistics.median(seconds) * 1e3, 1),
            "p95": round(percentile(seconds, 0.95) * 1e3, 1)}


def random_inputs(seed):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 23, (256, 256), generator=generator)
    # Most of a drawing is paper.
    labels[torch.rand((256, 256), generator=generator) < 0.95] = 0
    return one_hot(labels), torch.rand(
        (1, 3, 512, 512), generator=generator) * 2 - 1


def one_hot(labels):
    planes = F.one_hot(labels.long(), 23)[..., 1:]
    return planes.permute(2, 0, 1)[None].float().contiguous()


def timed(network, sketch, photo, repeats):
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        picture = network.forward(sketch, photo)
        seconds.append(time.perf_counter() - start)
        assert picture.shape[-1] == network.size
        if not torch.isfinite(picture).all():
            sys.exit("published_network: the picture has values that are not "
                     "finite")
    return seconds


def relative_error(got, expected):
    got = np.asarray(got, np.float64).ravel()
    expected = np.asarray(expected, np.float64).ravel()
    return float(np.linalg.norm(got - expected) / np.linalg.norm(expected))


def report_check(errors, limit):
    passed = all(error <= limit for error in errors.values())
    print(json.dumps({"check": "passed" if passed else "failed",
                      "limit": limit, "relative_errors": {
                          k: float(f"{v:.3g}") for k, v in errors.items()}}))
    return 0 if passed else 1


def check_dump(folder, dead_work):
    """Runs FOLDER/model.pt and compares with FOLDER/dump-example1.npz."""
    network = load_network(os.path.join(folder, "model.pt"), dead_work)
    dump = np.load(os.path.join(folder, "dump-example1.npz"))
    # target_256 is the photo after pooling; doubling it makes the pooling
    # give the same values back.
    photo = torch.from_numpy(dump["target_256"])
    photo = photo.repeat_interleave(2, 2).repeat_interleave(2, 3)
    sketch = one_hot(torch.from_numpy(
        dump["input_labels_256"].astype(np.int64)))
    parts = {}
    network.forward(sketch, photo, parts)
    codes = {"sketch_coarse.codes": parts["coarse"],
             "mapping.w": parts["mapped"], "latent": parts["latent"]}
    if "image" in dump:
        codes["image"] = parts["image"]
    else:
        codes["image_pool256"] = F.adaptive_avg_pool2d(parts["image"], 256)
    # The dumps hold all styles of these two; compare the live ones.
    errors = {k: relative_error(v.numpy(), dump[k]) for k, v in codes.items()}
    errors["sketch_fine.codes"] = relative_error(
        parts["fine"].numpy(), dump["sketch_fine.codes"][:, :SPLIT])
    errors["face_fine.codes"] = relative_error(
        parts["face"].numpy(), dump["face_fine.codes"][:, SPLIT:])
    return report_check(errors, 1e-4)


def check_full(checkpoint, folder, example, dead_work):
    """Runs CHECKPOINT on an example and compares with expected-seed1.npz."""
    from PIL import Image  # only this mode reads pictures
    network = load_network(checkpoint, dead_work)
    expected = np.load(os.path.join(folder, "expected-seed1.npz"))
    sketch = Image.open(os.path.join(folder, f"examples/sketch/{example}.png"))
    labels = np.array(sketch.resize((256, 256), Image.NEAREST))
    photo = Image.open(os.path.join(
        folder, f"examples/appearance/{example}.png")).convert("RGB")
    photo = np.array(photo.resize((512, 512), Image.BILINEAR), np.float32)
    photo = torch.from_numpy((photo / 255 - 0.5) / 0.5)
    parts = {}
    network.forward(one_hot(torch.from_numpy(labels)),
                    photo.permute(2, 0, 1)[None], parts)
    image = parts["image"]
    got = {"coarse": parts["coarse"], "sketch_fine": parts["fine"],
           "face_fine": parts["face"], "latent": parts["latent"],
           "image256": F.adaptive_avg_pool2d(image, 256),
           "image_crop": image[:, :, 448:576, 448:576]}
    return report_check({k: relative_error(v.numpy(),
                                           expected[f"{k}_{example}"])
                         for k, v in got.items()}, 1e-3)


def export(network, path, inputs):
    """Writes the network for ONNX Runtime, weights and all."""
    class Module(torch.nn.Module):
        def forward(self, sketch, photo):
            return network.forward(sketch, photo)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about plain numbers in the graph
        torch.onnx.export(Module(), inputs, path + ".part",
                          input_names=["sketch", "photo"],
                          output_names=["picture"], opset_version=16)
    os.replace(path + ".part", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", help="official-format .pt; without "
                        "it, random weights (trusted files only)")
    parser.add_argument("--size", type=int, default=1024,
                        help="side of the picture with random weights")
    parser.add_argument("--width-divisor", type=int, default=1,
                        help="divides every width of the random weights")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5,
                        help="timed forwards")
    parser.add_argument("--warm-up", type=int, default=2,
                        help="forwards before those that are timed")
    parser.add_argument("--no-dead-work", action="store_true",
                        help="skip styles that do not reach the picture")
    parser.add_argument("--on-request", action="store_true",
                        help="stay loaded; for each line N on standard input "
                        "run N forwards and print their seconds as JSON")
    parser.add_argument("--export", metavar="FILE",
                        help="write the network as ONNX and time nothing; "
                        "needs --no-dead-work, a file holds 2 GB at most")
    parser.add_argument("--check", metavar="FOLDER",
                        help="compare with FOLDER/dump-example1.npz")
    parser.add_argument("--check-full", nargs=2,
                        metavar=("CHECKPOINT", "FOLDER"),
                        help="compare with FOLDER/expected-seed1.npz")
    parser.add_argument("--example", type=int, default=1)
    args = parser.parse_args()
    if args.export and not args.no_dead_work:
        parser.error("--export needs --no-dead-work")

    torch.set_num_threads(args.threads)
    dead_work = not args.no_dead_work
    with torch.no_grad():
        if args.check:
            return check_dump(args.check, dead_work)
        if args.check_full:
            return check_full(*args.check_full, args.example, dead_work)
        start = time.perf_counter()
        if args.checkpoint:
            network = load_network(args.checkpoint, dead_work)
        else:
            network = random_network(args.size, args.width_divisor, args.seed,
                                     dead_work)
        load_seconds = time.perf_counter() - start
        sketch, photo = random_inputs(args.seed)
        if args.export:
            export(network, args.export, (sketch, photo))
            return 0
        first = timed(network, sketch, photo, 1)[0]
        timed(network, sketch, photo, args.warm_up)
        if args.on_request:
            print(json.dumps({"ready": True}), flush=True)
            for line in sys.stdin:
                print(json.dumps({
                    "seconds": timed(network, sketch, photo, int(line)),
                    "peak_rss_mb": round(status_mb("VmHWM"))}), flush=True)
            return 0
        seconds = timed(network, sketch, photo, args.repeats)
    print(json.dumps({
        "program": "published network in PyTorch " + torch.__version__,
        "size": network.size,
        "threads": args.threads,
        "dead_work": dead_work,
        "repeats": args.repeats,
        "warm_ms": summary(seconds),
        "first_forward_ms": round(first * 1e3, 1),
        "load_ms": round(load_seconds * 1e3, 1),
        "rss_mb": round(status_mb("VmRSS")),
        "peak_rss_mb": round(status_mb("VmHWM"))}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
