"""limner inference: the output tree, and that the faults of the published
script are mended."""

import os
import re

import support
from support import Case, compare, drawing, listing, photo, png_size, read


class Inference(Case):
    def setUp(self):
        super().setUp()
        for name in ("1", "2", "10"):
            self.put(f"d/{name}.png", drawing(int(name)))
            self.put(f"p/{name}.png", photo(int(name)))

    def inference(self, out, *arguments, **settings):
        return self.succeeds(
            "inference", "--exp_dir", out, "--checkpoint_path", self.model,
            "--data_path", settings.get("data", "d"), *arguments)

    def files(self, *parts):
        return sorted(name for name, kind in listing(self.path(*parts)).items()
                      if kind != "folder")

    def test_tree(self):
        self.inference("o", "--target_path", "p", "--couple_outputs",
                       "--test_batch_size", "2", "--test_workers", "2")
        self.assertEqual(self.files("o"), sorted(
            ["stats.txt"] +
            [f"inference_{kind}/{name}.{ending}"
             for name in ("1", "2", "10")
             for kind, ending in (("results", "png"), ("coupled", "png"),
                                  ("reference", "png"), ("latents", "pt"))]))
        self.assertEqual(png_size(self.path("o/inference_results/2.png")),
                         (64, 64))
        self.assertEqual(png_size(self.path("o/inference_coupled/2.png")),
                         (3072, 1024))
        self.assertEqual(png_size(self.path("o/inference_reference/2.png")),
                         (512, 512))
        stats = read(self.path("o/stats.txt")).decode()
        self.assertTrue(re.fullmatch(r"Runtime \d+\.\d{4}\+-\d+\.\d{4}",
                                     stats), stats)

    def test_same_as_generate(self):
        self.inference("o", "--target_path", "p")
        self.succeeds("generate", "d/10.png", "-a", "p/10.png", "-o", "f.png",
                      "--save-latent", "l.pt", "-m", self.model)
        self.assertEqual(read(self.path("f.png")),
                         read(self.path("o/inference_results/10.png")))
        self.assertEqual(read(self.path("l.pt")),
                         read(self.path("o/inference_latents/10.pt")))

    def test_first_of_each_hundred_is_coupled(self):
        self.inference("o", "--target_path", "p")
        self.assertEqual(self.files("o", "inference_coupled"), ["1.png"])

    def test_resized(self):
        self.inference("o", "--target_path", "p", "--resize_outputs")
        self.assertEqual(png_size(self.path("o/inference_results/1.png")),
                         (256, 256))
        self.assertEqual(png_size(self.path("o/inference_coupled/1.png")),
                         (768, 256))
        # A picture of 64 px is enlarged by repeating its pixels.
        self.inference("full", "--target_path", "p")
        self.assertNotEqual(read(self.path("o/inference_results/1.png")),
                            read(self.path("full/inference_results/1.png")))

    def test_number_of_pictures_is_exact(self):
        self.inference("o", "--target_path", "p", "--n_images", "2",
                       "--test_batch_size", "8")
        self.assertEqual(self.files("o", "inference_results"),
                         ["1.png", "2.png"])

    def test_a_missing_file_does_not_shift_the_pairs(self):
        self.inference("all", "--target_path", "p")
        os.remove(self.path("p/2.png"))
        result = self.inference("o", "--target_path", "p")
        self.assertIn("d/2.png", result.stderr)
        self.assertEqual(self.files("o", "inference_results"),
                         ["1.png", "10.png"])
        self.assertEqual(read(self.path("o/inference_results/10.png")),
                         read(self.path("all/inference_results/10.png")))

    def test_subfolders_and_odd_names_are_kept(self):
        for name in ("a/1", "b/1", "c.d/e.f"):
            self.put(f"d2/{name}.png", drawing(3))
            self.put(f"p2/{name}.png", photo(3))
        os.rename(self.path("p2/a/1.png"), self.path("p2/a/1.PNG"))
        self.inference("o", "--target_path", "p2", data="d2")
        self.assertEqual(self.files("o", "inference_results"),
                         ["a/1.png", "b/1.png", "c.d/e.f.png"])

    def test_random_appearance(self):
        self.inference("a", "--random_appearance", "--seed", "3")
        self.inference("b", "--random_appearance", "--seed", "3")
        self.inference("c", "--random_appearance", "--seed", "4")
        a, b, c = (read(self.path(name, "inference_results/1.png"))
                   for name in "abc")
        self.assertEqual(a, b)
        self.assertNotEqual(a, c)
        self.assertFalse(os.path.exists(self.path("a/inference_reference")))
        # Which looks a picture gets does not depend on the other pictures.
        os.remove(self.path("d/1.png"))
        self.inference("d1", "--random_appearance", "--seed", "3")
        self.assertEqual(read(self.path("a/inference_latents/10.pt")),
                         read(self.path("d1/inference_latents/10.pt")))

    def test_random_appearance_with_photos_keeps_the_references(self):
        self.inference("o", "--random_appearance", "--target_path", "p")
        self.assertEqual(len(self.files("o", "inference_reference")), 3)

    def test_fixed_random_appearance_is_fixed(self):
        self.inference("a", "--fixed_random_appearance", "--seed", "3")
        self.inference("b", "--random_appearance",
                       "--fixed_random_appearance", "--seed", "3")
        self.assertEqual(read(self.path("a/inference_results/2.png")),
                         read(self.path("b/inference_results/2.png")))
        self.succeeds("generate", "d/2.png", "--random", "3", "-o", "f.png",
                      "-m", self.model)
        self.assertEqual(read(self.path("f.png")),
                         read(self.path("a/inference_results/2.png")))

    def test_masks(self):
        self.inference("plain", "--target_path", "p", "--n_images", "1")
        errors = {}
        for name, arguments in {
                "all": ("--latent_mask", "0-9"),
                "some": ("--latent_mask", "8,9"),
                "half": ("--latent_mask", "8,9", "--mix_alpha", "0.5"),
                "none": ("--latent_mask", "8,9", "--mix_alpha", "0"),
        }.items():
            self.inference(name, "--target_path", "p", "--n_images", "1",
                           *arguments)
            errors[name] = compare(
                self.path(name, "inference_latents/1.pt"),
                self.path("plain/inference_latents/1.pt"))["relative_error"]
        self.assertEqual(errors["none"], 0)
        self.assertGreater(errors["half"], 0)
        self.assertAlmostEqual(errors["some"], 2 * errors["half"], places=4)
        self.assertGreater(errors["all"], errors["some"])

    def test_a_mask_changes_random_looks_too(self):
        self.inference("a", "--random_appearance", "--n_images", "1")
        self.inference("b", "--random_appearance", "--n_images", "1",
                       "--latent_mask", "8,9")
        self.assertNotEqual(read(self.path("a/inference_latents/1.pt")),
                            read(self.path("b/inference_latents/1.pt")))

    def test_an_old_tree_is_merged_into(self):
        self.put("o/inference_results/old.png", b"kept")
        self.put("o/inference_results/1.png", b"replaced")
        self.inference("o", "--target_path", "p")
        self.assertEqual(read(self.path("o/inference_results/old.png")),
                         b"kept")
        self.assertEqual(png_size(self.path("o/inference_results/1.png")),
                         (64, 64))

    def test_results_over_inputs_are_refused(self):
        for name in ("1", "2"):
            self.put(f"o/inference_results/{name}.png", drawing())
        self.refused("inference", "--exp_dir", "o", "--checkpoint_path",
                     self.model, "--data_path", "o/inference_results",
                     "--random_appearance", says="is an input")


if __name__ == "__main__":
    support.main()
