"""What is installed: libraries that a program embeds, packages that run, manual pages
and completions."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "support"))
from running import main  # noqa: E402

LIMNER = os.environ["LIMNER_BIN"]
SOURCE = os.environ["LIMNER_SOURCE"]
BUILD = os.environ["LIMNER_BUILD"]
CMAKE = os.environ["LIMNER_CMAKE"]
CPACK = os.path.join(os.path.dirname(CMAKE), "cpack")
EXAMPLES = os.path.join(SOURCE, "examples")
SVG = os.path.join(EXAMPLES, "drawings", "woman-with-wavy-hair.svg")
PHOTO = os.path.join(EXAMPLES, "photos", "child.jpg")
MODEL = os.path.join(SOURCE, "models", "limner-256.safetensors")
FINDS_LIMNER = """cmake_minimum_required(VERSION 3.25)
project(embedding LANGUAGES CXX)
find_package(limner 0.1 REQUIRED CONFIG)
add_executable(embed {example}/embed/main.cc)
target_link_libraries(embed PRIVATE limner::pipeline)
"""


# Types $1 and a tabulator into a zsh of its own, and prints the line that stands there
# then.
ZSH = r"""
zmodload zsh/zpty
zpty inner zsh -f -i
zpty -w inner 'PS1= PS2= RPS1=; unsetopt beep; fpath=($PWD/made $fpath)'
zpty -w inner 'autoload -Uz compinit; compinit -u -d $PWD/dump'
zpty -w inner 'show() { print -r -- "line<$BUFFER>"; BUFFER=; zle accept-line }'
zpty -w inner 'zle -N show; bindkey "^G" show; print read\y'
zpty -r inner said '*ready*'
zpty -w -n inner "$1"$'\t\a'
zpty -r inner said '*line<*>*'
said=${said##*line<}
print -r -- "${said%%>*}"
"""


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="limner-package-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def run_it(self, *command, env=None):
        settings = {key: value for key, value in os.environ.items()
                    if not key.startswith("LIMNER_")}
        settings.update(env or {}, OMP_WAIT_POLICY="passive")
        result = subprocess.run(
            list(map(str, command)), cwd=self.folder, env=settings,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8", check=False)
        self.assertEqual(result.returncode, 0, result.stdout[-3000:])
        return result.stdout

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()


class Embedding(Case):
    """examples/embed against an installed tree that was moved."""

    def setUp(self):
        super().setUp()
        self.run_it(CMAKE, "--install", BUILD, "--prefix", self.path("first"),
                    "--component", "development")
        os.rename(self.path("first"), self.path("prefix"))
        self.run_it(LIMNER, "generate", SVG, "-a", PHOTO, "--faithful", "1",
                    "-m", MODEL, "-o", "expected.png", "--quiet")

    def works(self, program):
        self.run_it(program, MODEL, SVG, PHOTO, "face.png")
        self.assertEqual(self.read("face.png"), self.read("expected.png"))

    def test_find_package(self):
        os.makedirs(self.path("user"))
        with open(self.path("user", "CMakeLists.txt"), "w",
                  encoding="utf-8") as file:
            file.write(FINDS_LIMNER.format(example=EXAMPLES))
        self.run_it(CMAKE, "-S", "user", "-B", "built", "-G", "Ninja",
                    f"-DCMAKE_PREFIX_PATH={self.path('prefix')}")
        self.run_it(CMAKE, "--build", "built")
        self.works(self.path("built", "embed"))

    @unittest.skipUnless(shutil.which("pkg-config"), "there is no pkg-config")
    def test_pkg_config(self):
        found = [base for base, _, files in os.walk(self.path("prefix"))
                 if "limner.pc" in files]
        flags = self.run_it(
            "pkg-config", "--cflags", "--libs", "limner",
            env={"PKG_CONFIG_PATH": found[0]}).split()
        self.run_it(os.environ.get("CXX", "c++"), "-std=c++17", "-O1",
                    os.path.join(EXAMPLES, "embed", "main.cc"), "-o", "embed",
                    *flags)
        self.works(self.path("embed"))


class Documents(Case):
    def setUp(self):
        super().setUp()
        self.run_it(LIMNER, "help", "--documents", "made")

    @unittest.skipUnless(shutil.which("man"), "there is no man (scripts/setup "
                         "package)")
    def test_manual_pages(self):
        pages = [name for name in os.listdir(self.path("made"))
                 if name.endswith(".1")]
        self.assertIn("limner-generate.1", pages)
        for page in pages:
            said = self.run_it("man", "--warnings", "-P", "cat", "-l",
                               self.path("made", page),
                               env={"MANWIDTH": "80", "LC_ALL": "C.UTF-8"})
            self.assertNotIn("warning", said)
            self.assertIn("SYNOPSIS", said)
            if page == "limner-generate.1":
                self.assertIn("--appearance PHOTO", said)

    def completed(self, *words):
        script = ('source made/limner.bash; COMP_WORDS=("$@"); '
                  'COMP_CWORD=$(($# - 1)); _limner; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        return self.run_it("bash", "-c", script, "bash", "limner",
                           *words).split()

    def test_bash(self):
        self.assertEqual(self.completed("gen"), ["generate"])
        self.assertEqual(self.completed("generate", "--app"), ["--appearance"])
        self.assertEqual(self.completed("generate", "--format", ""),
                         ["png", "jpeg", "webp"])
        self.assertEqual(self.completed("generate", "--quality", ""), [])
        self.assertEqual(self.completed("generate", "ma"), ["made"])
        self.assertEqual(self.completed("generate", "-o", "ma"), ["made"])

    def test_bash_of_a_terminal(self):
        for typed, line in (("limner gene", "limner generate "),
                            ("limner generate --appea",
                             "limner generate --appearance ")):
            self.assertEqual(self.after_tabulator(typed), line)

    def after_tabulator(self, typed):
        """What a line becomes when somebody presses the tabulator, in bash."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
        try:
            os.write(terminal, b"PS1=; source made/limner.bash; bind -x "
                     b"'\"\\C-g\": echo \"line<$READLINE_LINE>\"'; "
                     b"echo rea''dy\n")
            self.read_until(terminal, rb"ready\r")
            os.write(terminal, typed.encode() + b"\t\a")
            return self.read_until(terminal, rb"line<(limner.*?)>\r").group(
                1).decode()
        finally:
            os.close(terminal)
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    def read_until(self, terminal, pattern):
        said = b""
        while not re.search(pattern, said):
            said += os.read(terminal, 4096)
        return re.search(pattern, said)

    @unittest.skipUnless(shutil.which("zsh"), "there is no zsh (scripts/setup "
                         "package)")
    def test_zsh(self):
        self.run_it("zsh", "-n", "made/_limner")
        self.assertEqual(self.typed("limner gene"), "limner generate ")
        self.assertEqual(self.typed("limner generate --appea"),
                         "limner generate --appearance ")
        self.assertEqual(self.typed("limner generate --format jp"),
                         "limner generate --format jpeg ")

    def typed(self, line):
        """What a line becomes when somebody presses the tabulator, in a zsh of a
        terminal."""
        return self.run_it("zsh", "-f", "-c", ZSH, "zsh", line).splitlines()[-1]

    @unittest.skipUnless(shutil.which("fish"), "there is no fish "
                         "(scripts/setup package)")
    def test_fish(self):
        said = self.run_it(
            "fish", "-c", "source made/limner.fish; complete -C "
            "'limner generate --form'; complete -C 'limner gen'")
        self.assertRegex(said, r"(?m)^--format\b")
        self.assertRegex(said, r"(?m)^generate\b")


class Container(Case):
    """packaging/Containerfile, as far as it can be checked without an engine."""

    FILE = os.path.join(SOURCE, "packaging", "Containerfile")

    def instructions(self):
        """-> [(instruction, the rest)], lines that go on joined"""
        with open(self.FILE, encoding="utf-8") as file:
            text = "".join(line for line in file
                           if not line.lstrip().startswith("#"))
        return [tuple(line.split(maxsplit=1))
                for line in text.replace("\\\n", " ").splitlines()
                if line.strip()]

    def test_stages_and_copies(self):
        stages = []
        for word, rest in self.instructions():
            self.assertIn(word, ("FROM", "COPY", "WORKDIR", "RUN", "USER",
                                 "EXPOSE", "ENTRYPOINT", "CMD"))
            if word == "FROM":
                self.assertRegex(rest, r"^debian:bookworm-slim( AS \w+)?$")
                stages.append(rest.partition(" AS ")[2])
            elif word == "COPY" and rest.startswith("--from="):
                stage, source, _ = rest[len("--from="):].split()
                self.assertIn(stage, stages[:-1])
                self.assertRegex(source, r"^/packages/limner_\*\.deb$")
            elif word == "COPY":
                for source in rest.split()[:-1]:
                    self.assertTrue(os.path.exists(os.path.join(SOURCE,
                                                                source)))
            elif word in ("ENTRYPOINT", "CMD"):
                self.assertTrue(all(isinstance(part, str)
                                    for part in json.loads(rest)))
        self.assertEqual(stages, ["build", ""])
        # What lies in the folder of another build, CMake refuses.
        with open(os.path.join(SOURCE, ".dockerignore"),
                  encoding="utf-8") as file:
            self.assertIn("build", file.read().split())

    def test_what_runs(self):
        runs = [rest for word, rest in self.instructions() if word == "RUN"]
        with open(os.path.join(SOURCE, "CMakeLists.txt"),
                  encoding="utf-8") as file:
            options = set(re.findall(r"option\((\w+)", file.read()))
        with open(os.path.join(SOURCE, "scripts", "packages.txt"),
                  encoding="utf-8") as file:
            groups = {line.split()[0] for line in file if line.strip()}
        text = "\n".join(runs)
        self.run_it("bash", "-n", "-c", text)
        asked = re.findall(r"-D(\w+)=", text)
        self.assertIn("LIMNER_TESTS", asked)
        self.assertLessEqual(set(asked), options)
        asked, = re.findall(r"scripts/setup ([\w ]+)", text)
        self.assertLessEqual(set(asked.split()), groups)
        preset, = set(re.findall(r"--(?:preset|build --preset) (\w+)", text))
        with open(os.path.join(SOURCE, "CMakePresets.json"),
                  encoding="utf-8") as file:
            presets = json.load(file)["configurePresets"]
        self.assertIn(preset, [entry["name"] for entry in presets])
        self.assertIn(f"build/{preset}/CPackConfig.cmake", text)

    @unittest.skipUnless(shutil.which("apt-cache"), "there is no apt")
    def test_packages_exist(self):
        with open(os.path.join(SOURCE, "scripts", "packages.txt"),
                  encoding="utf-8") as file:
            names = [line.split()[1] for line in file
                     if line.startswith(("build ", "package "))]
        known = self.run_it("apt-cache", "pkgnames").split()
        self.assertLessEqual(set(names), set(known))

    def test_the_program_takes_the_command(self):
        command = dict(self.instructions())
        self.assertEqual(json.loads(command["ENTRYPOINT"]), ["limner"])
        words = json.loads(command["CMD"])
        said = self.run_it(LIMNER, words[0], "--help")
        for word in words[1:]:
            if word.startswith("--"):
                self.assertIn(word, said)


class Packages(Case):
    def pack(self, generator):
        self.run_it(CPACK, "--config", os.path.join(BUILD, "CPackConfig.cmake"),
                    "-G", generator, "-B", self.path("packed"))
        return {name.split("_")[0]: self.path("packed", name)
                for name in os.listdir(self.path("packed"))
                if name.endswith((".deb", ".tar.gz"))}

    def test_a_folder_that_runs_anywhere(self):
        archive, = self.pack("TGZ").values()
        self.run_it("tar", "xf", archive)
        top, = (name for name in os.listdir(self.folder)
                if name.startswith("limner-"))
        os.rename(self.path(top), self.path("some where"))
        program = self.path("some where", "bin", "limner")
        self.run_it(program, "generate", SVG, "--random", "7", "-o", "face.png")
        self.run_it(LIMNER, "generate", SVG, "--random", "7", "-m", MODEL,
                    "--labeler", MODEL, "--shapes", MODEL, "-o", "expected.png")
        self.assertEqual(self.read("face.png"), self.read("expected.png"))
        # Its own libraries, but for those of the C library.
        used = self.run_it("ldd", program)
        for line in used.splitlines():
            found = re.match(r"\s*(\S+) => (.*) \(0x", line)
            if found and not re.match(r"lib(c|m|dl|pthread|rt|resolv)\.so",
                                      found.group(1)):
                self.assertTrue(found.group(2).startswith(
                    self.path("some where")) or "bin/../lib" in found.group(2),
                    line)

    @unittest.skipUnless(shutil.which("dpkg-shlibdeps"),
                         "there is no dpkg-dev (scripts/setup package)")
    def test_debian_packages(self):
        packages = self.pack("DEB")
        self.assertLessEqual({"limner", "liblimner-dev", "krita-limner"},
                             set(packages))
        content = self.run_it("dpkg-deb", "--contents", packages["limner"])
        for name in ("./usr/bin/limner",
                     "./usr/share/limner/models/limner-256.safetensors",
                     "./usr/lib/systemd/system/limner.service",
                     "./usr/share/man/man1/limner.1.gz",
                     "./usr/share/man/man1/limner-generate.1.gz",
                     "./usr/share/bash-completion/completions/limner",
                     "./usr/share/zsh/vendor-completions/_limner",
                     "./usr/share/fish/vendor_completions.d/limner.fish",
                     "./usr/share/doc/limner/copyright"):
            self.assertIn(f" {name}\n", content)
        self.assertNotIn("/include/", content)
        needs = self.run_it("dpkg-deb", "--field", packages["limner"],
                            "Depends")
        for library in ("libdnnl", "libpng16", "libwebp", "libc6"):
            self.assertIn(library, needs)
        content = self.run_it("dpkg-deb", "--contents",
                              packages["liblimner-dev"])
        self.assertIn("/limner-config.cmake", content)
        self.assertIn("/include/limner/pipeline/face_maker.h", content)
        self.assertNotIn("test_", content)

    @unittest.skipUnless(shutil.which("systemd-analyze"),
                         "there is no systemd (scripts/setup package)")
    def test_the_service(self):
        unit = os.path.join(SOURCE, "packaging", "limner.service")
        said = self.run_it("systemd-analyze", "security", "--offline=yes",
                           "--no-pager", unit)
        figure = re.search(r"Overall exposure level for limner.service: ([\d.]+)",
                           said)
        print(figure.group(0))
        self.assertLess(float(figure.group(1)), 2.5)


if __name__ == "__main__":
    main()
