"""Usage: help, unknown and missing options (exit 2), values out of range
(exit 1), and that docs/command-line.md is up to date."""

import difflib
import os

import support
from support import Case, run

COMMANDS = ("generate", "label", "sketch", "parse", "align", "eval",
            "inference", "mix", "convert", "info", "bench", "serve",
            "make-random")


class Help(Case):
    def test_every_command_has_help(self):
        overview = self.succeeds("--help").stdout
        self.assertEqual(self.succeeds("help").stdout, overview)
        for command in COMMANDS:
            self.assertIn(command, overview)
            text = self.succeeds(command, "--help").stdout
            self.assertTrue(text.startswith(f"usage: limner {command}"))
            self.assertEqual(self.succeeds("help", command).stdout, text)

    def test_version(self):
        self.assertRegex(self.succeeds("--version").stdout,
                         r"^limner \d+\.\d+\.\d+ \(\S+\)\n$")

    def test_reference_is_up_to_date(self):
        path = os.path.join(support.SOURCE, "docs", "command-line.md")
        want = self.succeeds("help", "--markdown").stdout
        with open(path, encoding="utf-8") as file:
            have = file.read()
        difference = "\n".join(difflib.unified_diff(
            have.splitlines(), want.splitlines(), "docs/command-line.md",
            "limner help --markdown", lineterm=""))
        self.assertEqual(difference, "", "write the page anew: limner help "
                         "--markdown > docs/command-line.md")


class Usage(Case):
    """A command line that makes no sense: exit code 2, one line with a hint."""

    def usage(self, *arguments, says=""):
        text = self.refused(*arguments, code=2, says=says)
        self.assertIn("--help", text)

    def test_no_command(self):
        self.usage(says="no command given")

    def test_unknown_command(self):
        self.usage("paint", says='unknown command "paint"')
        self.usage("help", "paint", says="paint")

    def test_unknown_option(self):
        for command in COMMANDS:
            self.usage(command, "--no-such-option", "1")

    def test_option_without_its_value(self):
        self.usage("generate", "x.png", "--appearance")

    def test_option_given_twice(self):
        self.usage("generate", "x.png", "--random", "1", "--random", "2")

    def test_too_many_arguments(self):
        self.usage("info", "a.pt", "b.pt", says='"b.pt"')

    def test_missing_arguments(self):
        self.usage("info")
        self.usage("convert", "a.pt")
        self.usage("make-random")
        self.usage("mix", "--random", "1")
        self.usage("inference", "--data_path", "x")
        self.usage("generate", "--random", "1", "-m", self.model,
                   says="no DRAWING")

    def test_no_model(self):
        self.put("d.png", support.drawing())
        self.usage("generate", "d.png", "--random", "1", says="no model")

    def test_no_looks(self):
        self.put("d.png", support.drawing())
        self.usage("generate", "d.png", "-m", self.model,
                   says="--appearance or draw some with --random SEED")
        self.usage("mix", "d.png", "-m", self.model)
        self.usage("inference", "--exp_dir", "o", "--data_path", "d.png",
                   "--checkpoint_path", self.model, says="--target_path")

    def test_contradictions(self):
        self.put("d.png", support.drawing())
        self.usage("generate", "d.png", "--random", "1", "--appearance",
                   "d.png", "-m", self.model, says="not both")
        self.usage("generate", "d.png", "--from-latent", "l.pt", "-m",
                   self.model, says="--from-latent")


class Ranges(Case):
    """A value out of range: exit code 1 and one line that names the range."""

    def out_of_range(self, command, option, *values):
        for value in values:
            text = self.refused(command, "x", option, value)
            self.assertIn(option, text)
            self.assertIn("must be", text)

    def test_generate(self):
        for option, values in {
                "--threads": ("-1", "1025", "two", "1.5", ""),
                "--precision": ("half", ""),
                "--random": ("-1", "9007199254740992", "x"),
                "--preview": ("0", "100", "2048", "-256"),
                "--quality": ("0", "101"),
                "--format": ("gif", "PNG"),
        }.items():
            self.out_of_range("generate", option, *values)

    def test_inference(self):
        for option, values in {
                "--n_images": ("0", "-5"),
                "--test_batch_size": ("0",),
                "--test_workers": ("-1",),
                "--mix_alpha": ("1.5", "-0.1", "nan", "inf", "all"),
                "--latent_mask": ("8,", "9-8", "a", "-1", "1;2"),
                "--seed": ("-1",),
        }.items():
            self.out_of_range("inference", option, *values)

    def test_mix(self):
        for option, values in {
                "--outputs": ("0", "1001"),
                "--mix-alpha": ("2",),
                "--latent-mask": ("8-", "one"),
        }.items():
            self.out_of_range("mix", option, *values)

    def test_others(self):
        self.out_of_range("make-random", "--size", "8", "100", "2048")
        self.out_of_range("make-random", "--width-divisor", "0", "3", "32")
        self.out_of_range("bench", "--repeat", "0", "-1")

    def test_types(self):
        self.put("in.pt", b"x")
        self.refused("convert", "in.pt", "o.safetensors", "--type", "f64",
                     says="--type must be f32 or bf16")

    def test_larger_than_the_model(self):
        self.put("d.png", support.drawing())
        self.refused("generate", "d.png", "--random", "1", "-m", self.model,
                     "--preview", "256", says="64 px")
        self.refused("mix", "d.png", "--random", "1", "-m", self.model,
                     "--latent-mask", "10", says="codes 0 to 9")
        self.refused("inference", "--exp_dir", "o", "--data_path", "d.png",
                     "--random_appearance", "--checkpoint_path", self.model,
                     "--latent_mask", "3,99", says="code 99")


class Output(Case):
    def test_full_standard_output(self):
        with open("/dev/full", "wb") as full:
            import subprocess
            result = subprocess.run(
                [support.LIMNER, "help"], stdout=full,
                stderr=subprocess.PIPE, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertTrue(result.stderr.startswith(b"limner: standard output"))

    def test_reader_that_goes_away(self):
        import subprocess
        process = subprocess.Popen(
            [support.LIMNER, "info", self.model, "--tensors"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.stdout.close()
        self.assertEqual(process.stderr.read(), b"")
        process.stderr.close()
        self.assertEqual(process.wait(timeout=support.HANG), 0)

    def test_model_from_the_environment(self):
        self.put("d.png", support.drawing())
        self.succeeds("generate", "d.png", "--random", "1", "-o", "f.png",
                      env={"LIMNER_MODEL": self.model})
        result = run("generate", "d.png", "--random", "1", "-o", "g.png",
                     cwd=self.folder, env={"LIMNER_MODEL": "nowhere.pt"})
        self.assertEqual(result.returncode, 1)

    def test_quiet(self):
        self.put("d.png", support.drawing())
        result = self.succeeds("generate", "d.png", "--random", "1", "-o",
                               "f.png", "-m", self.model, "--quiet")
        self.assertEqual(result.stdout + result.stderr, "")


if __name__ == "__main__":
    support.main()
