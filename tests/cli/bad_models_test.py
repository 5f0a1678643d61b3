"""Damaged, hostile and unfitting weight files: one clear line, exit code 1,
and nothing run or written."""

import json
import os
import pickle
import struct

import support
from support import (Case, FakeTensor, drawing, raw_safetensors, read,
                     read_safetensors, safetensors, torch_model, torch_pickle,
                     torch_zip)

CONV = "decoder.conv1.conv.weight"


class BadModel(Case):
    def setUp(self):
        super().setUp()
        self.put("d.png", drawing())

    def bad(self, data, says="", name="m.pt"):
        """The model `data` is refused by generate and by convert."""
        self.put(name, data)
        text = self.refused("generate", "d.png", "--random", "1", "-m", name,
                            "-o", "f.png", says=says)
        self.assertIn(name, text)
        self.refused("convert", name, "out.safetensors", says=says)
        return text


class Files(BadModel):
    def test_missing(self):
        self.refused("info", "nowhere.pt", says="nowhere.pt")
        self.refused("generate", "d.png", "--random", "1", "-m", "nowhere.pt",
                     says="nowhere.pt")

    def test_folder(self):
        os.mkdir(self.path("m.pt"))
        self.refused("info", "m.pt", says="m.pt")

    def test_empty(self):
        self.bad(b"", "empty")

    def test_text(self):
        self.bad(b"This is no model.\n" * 100)

    def test_picture(self):
        self.bad(drawing())

    def test_noise(self):
        self.bad(bytes((i * 7919 + i * i * 31) % 256 for i in range(100000)))

    def test_other_network(self):
        self.bad(safetensors({"lin.weight": ("F32", [2, 2], b"\0" * 16)}),
                 "not a limner model")


class Zip(BadModel):
    def changed(self, change):
        return torch_model(read_safetensors(self.model)[1],
                           {"output_size": 64}, change)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.good = torch_model(read_safetensors(cls.model)[1],
                               {"output_size": 64})

    def test_the_good_one_is_good(self):
        self.put("m.pt", self.good)
        self.succeeds("generate", "d.png", "--random", "1", "-m", "m.pt",
                      "-o", "f.png")

    def test_truncated(self):
        for share in (0.1, 0.5, 0.999):
            self.bad(self.good[:int(len(self.good) * share)])

    def test_garbled_directory(self):
        data = bytearray(self.good)
        start = data.rindex(b"PK\x05\x06")
        directory = struct.unpack("<I", data[start + 16:start + 20])[0]
        for i in range(directory, start, 7):
            data[i] ^= 0x5A
        self.bad(bytes(data))

    def test_directory_that_points_outside(self):
        data = bytearray(self.good)
        start = data.rindex(b"PK\x05\x06")
        struct.pack_into("<I", data, start + 16, 0xFFFFFF00)
        self.bad(bytes(data))

    def test_garbled_pickle(self):
        begin = self.good.index(b"\x80\x02")
        data = bytearray(self.good)
        for i in range(begin + 2, begin + 4000, 11):
            data[i] ^= 0xFF
        self.bad(bytes(data))

    def test_no_pickle_inside(self):
        self.bad(support.torch_zip(b"", {}))

    def test_missing_storage(self):
        tensors = read_safetensors(self.model)[1]
        first = next(iter(tensors))
        self.bad(torch_zip(torch_pickle(
            {"state_dict": {first: FakeTensor("99", [4])}}), {}))

    def test_short_storage(self):
        self.bad(torch_zip(torch_pickle({"a": FakeTensor("0", [1000])}),
                           {"0": b"\0" * 40}))

    def test_missing_key(self):
        for name in (CONV, "decoder.style.3.weight",
                     "encoder_sketch_fine.body.5.res_layer.1.weight",
                     "encoder_sketch_coarse.styles.0.linear.bias"):
            def drop(tensors, name=name):
                del tensors[name]
            self.bad(self.changed(drop), name)

    def test_wrong_shape(self):
        def turn(tensors):
            tensors["decoder.style.3.weight"].shape = (16, 64)
        text = self.bad(self.changed(turn), "decoder.style.3.weight")
        self.assertIn("[16, 64]", text)

    def test_not_a_number(self):
        tensors = dict(read_safetensors(self.model)[1])
        for value in (float("nan"), float("inf")):
            kind, shape, data = tensors[CONV]
            tensors[CONV] = (kind, shape,
                             data[:400] + struct.pack("<f", value) +
                             data[404:])
            self.bad(torch_model(tensors, {"output_size": 64}), CONV)

    def test_options_that_contradict_the_weights(self):
        tensors = read_safetensors(self.model)[1]
        self.bad(torch_model(tensors, {"output_size": 1024}), "1024")
        self.bad(torch_model(tensors, {"output_size": "large"}))


class Pickle(BadModel):
    def hostile(self, data_pkl, says=""):
        self.bad(torch_zip(data_pkl, {"0": b"\0" * 64}), says)
        self.assertFalse(os.path.exists(self.path("pwned")))

    def test_os_system(self):
        class Attack:
            def __reduce__(self):
                return os.system, ("touch pwned",)
        self.hostile(pickle.dumps({"state_dict": Attack()}, protocol=2),
                     "system")

    def test_eval(self):
        class Attack:
            def __reduce__(self):
                return eval, ("open('pwned', 'w')",)
        for protocol in (0, 1, 2, 3, 4):
            self.hostile(pickle.dumps(Attack(), protocol=protocol))

    def test_os_system_in_the_old_format(self):
        class Attack:
            def __reduce__(self):
                return os.system, ("touch pwned",)
        magic = pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2)
        self.bad(magic + pickle.dumps(1001, protocol=2) +
                 pickle.dumps({"little_endian": True}, protocol=2) +
                 pickle.dumps(Attack(), protocol=2))
        self.bad(pickle.dumps(Attack(), protocol=2))
        self.assertFalse(os.path.exists(self.path("pwned")))

    def test_tensor_of_2_to_the_60(self):
        self.hostile(torch_pickle({"a": FakeTensor("0", [2**60])}))
        self.hostile(torch_pickle({"a": FakeTensor("0", [2**60], count=16)}))
        self.hostile(torch_pickle(
            {"a": FakeTensor("0", [2**32, 2**32], count=16)}))

    def test_negative_sizes(self):
        tensor = FakeTensor("0", [4], count=16)
        tensor.shape = (-4,)
        self.hostile(torch_pickle({"a": tensor}))
        tensor.shape, tensor.strides = (4,), (-1,)
        self.hostile(torch_pickle({"a": tensor}))

    def test_cyclic(self):
        loop = {}
        loop["self"] = loop
        self.hostile(torch_pickle(loop))
        ring = []
        ring.append(ring)
        self.hostile(torch_pickle({"state_dict": ring}))

    def test_deep(self):
        depth = 1_000_000
        self.hostile(b"\x80\x02" + b"]" * depth + b"a" * (depth - 1) + b".")
        self.hostile(b"\x80\x02" + b"}X\x01\0\0\0a" * depth + b"}" +
                     b"s" * depth + b".")

    def test_bomb_of_copies(self):
        # Each list holds the one before ten times: 10^30 leaves.
        bomb = []
        for _ in range(30):
            bomb = [bomb] * 10
        self.hostile(torch_pickle({"state_dict": bomb}))

    def test_ends_too_early(self):
        self.hostile(b"\x80\x02}X\xff\xff\xff\x7fa")
        self.hostile(b"\x80\x02")
        self.hostile(b"\x80\x02.")


class Safetensors(BadModel):
    def hostile(self, data, says=""):
        self.bad(data, says, "m.safetensors")

    def entry(self, **changes):
        entry = {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}
        entry.update(changes)
        return raw_safetensors({"a": entry}, b"\0" * 16)

    def test_header_lengths(self):
        data = read(self.model)
        for length in (2**63, 2**62, len(data), 0, 1):
            self.hostile(struct.pack("<Q", length) + data[8:])

    def test_truncated(self):
        data = read(self.model)
        self.hostile(data[:20])
        self.hostile(data[:len(data) // 2])
        self.hostile(data[:-1])

    def test_headers_that_are_no_json(self):
        self.hostile(raw_safetensors(b"{" + b"x" * 100))
        self.hostile(raw_safetensors(b"[" * 100000))
        self.hostile(raw_safetensors([1, 2]))
        self.hostile(raw_safetensors(b'{"a": {"b": ' * 50000))

    def test_entries(self):
        for changes in ({"dtype": "F99"}, {"dtype": 3}, {"shape": [-4]},
                        {"shape": [2**60]}, {"shape": [2**32, 2**32]},
                        {"shape": "big"}, {"shape": [2**70]},
                        {"data_offsets": [0, 2**62]},
                        {"data_offsets": [16, 0]},
                        {"data_offsets": [-16, 0]},
                        {"data_offsets": [8, 24]},
                        {"data_offsets": [0]},
                        {"shape": [3]}, {"shape": [5]}):
            self.hostile(self.entry(**changes))
        self.hostile(raw_safetensors({"a": 5}))

    def changed_config(self, says, **changes):
        metadata, tensors = read_safetensors(self.model)
        config = json.loads(metadata["limner"])
        config.update(changes)
        metadata["limner"] = json.dumps(config)
        self.hostile(safetensors(tensors, metadata), says)

    def test_config_that_contradicts_the_weights(self):
        self.changed_config("128", size=128)
        self.changed_config("split", split=99)
        self.changed_config("split", split=0)
        self.changed_config("split", split="eight")
        self.changed_config("mapping layers", mapping_layers=-1)
        self.changed_config("add_latent_avg", add_latent_avg=3)
        self.changed_config("sketch_fold", sketch_fold=0)
        self.changed_config("sketch_fold", sketch_fold=2**31)
        self.changed_config("sketch_fold", sketch_fold=3)
        self.changed_config("sketch_fold", sketch_fold="2")

    def test_looks_that_do_not_fit(self):
        metadata, tensors = read_safetensors(self.model)
        mean = support.floats([2, 32], [0.0] * 64)
        parts = support.floats([1, 2, 32], [0.0] * 64)
        bad = support.floats([1, 2, 32], [0.0] * 63 + [float("nan")])
        for looks, says in (
                ({"looks.mean": mean}, "'looks.components' is missing"),
                ({"looks.components": parts}, "'looks.mean' is missing"),
                ({"looks.mean": mean, "looks.components": mean},
                 "'looks.components' has shape [2, 32]"),
                ({"looks.mean": parts, "looks.components": parts},
                 "'looks.mean' has shape [1, 2, 32], expected [2, 32]"),
                ({"looks.mean": mean,
                  "looks.components": support.floats([0, 2, 32], [])},
                 "0 components"),
                ({"looks.mean": mean, "looks.components": bad},
                 "'looks.components' has values that are not finite")):
            self.bad(safetensors({**tensors, **looks}, metadata), says)

    def test_config_that_is_no_json(self):
        metadata, tensors = read_safetensors(self.model)
        for text in ("{", "5", "[" * 100000):
            metadata["limner"] = text
            self.hostile(safetensors(tensors, metadata))


class Latents(Case):
    def bad(self, data, says=""):
        self.put("l.pt", data)
        self.refused("generate", "--from-latent", "l.pt", "-m", self.model,
                     "-o", "f.png", says=says)

    def test_wrong_shapes(self):
        for shape in ((18, 512), (10, 31), (9, 32)):
            values = [0.5] * (shape[0] * shape[1])
            self.bad(support.torch_tensor(shape, values), "[10, 32]")
        self.bad(support.torch_tensor((320,), [0.5] * 320), "[320]")
        self.bad(support.torch_tensor((1, 10, 32), [0.5] * 320))
        self.bad(support.torch_tensor((0, 32), []))

    def test_not_a_number(self):
        values = [0.5] * 320
        for value in (float("nan"), float("-inf")):
            values[123] = value
            self.bad(support.torch_tensor((10, 32), values), "finite")

    def test_not_a_latent(self):
        self.bad(b"no latent")
        self.bad(read(self.model), "one tensor")

    def test_truncated(self):
        data = support.torch_tensor((10, 32), [0.5] * 320)
        self.bad(data[:len(data) // 2])

    def test_missing(self):
        self.refused("generate", "--from-latent", "nowhere.pt", "-m",
                     self.model, says="nowhere.pt")

    def test_ending(self):
        self.put("d.png", drawing())
        self.refused("generate", "d.png", "--random", "1", "-m", self.model,
                     "--save-latent", "l.txt", "-o", "f.png", says=".pt")


if __name__ == "__main__":
    support.main()
