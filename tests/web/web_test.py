"""limner as WebAssembly gives what the native one gives: runs engine_test.mjs
with Node against a real `limner serve`.

Skipped where scripts/build_web has not been run or Node is missing.

Environment: as in tests/cli, and LIMNER_WEB, the folder of the engine
(build/web-engine).
"""

import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TESTS, "cli"))
sys.path.insert(0, os.path.join(TESTS, "studio"))
import support  # noqa: E402
import studio_test  # noqa: E402

ENGINE = os.environ["LIMNER_WEB"]
MODEL = os.path.join(studio_test.MODELS, "limner-256.safetensors")


def main():
    if not os.path.exists(os.path.join(ENGINE, "single", "limner.js")):
        print("skipped: there is no engine for pages (scripts/build_web)")
        return support.SKIPPED
    node = studio_test.needed("node", "nodejs")
    server = studio_test.Server(MODEL)
    try:
        result = subprocess.run(
            [node, "--test", os.path.join(HERE, "engine_test.mjs")],
            stdin=subprocess.DEVNULL,
            env={**os.environ, "WEB_ENGINE": ENGINE, "WEB_MODEL": MODEL,
                 "WEB_NATIVE": server.address,
                 "WEB_EXAMPLES": os.path.join(support.SOURCE, "examples")})
    finally:
        server.stop()
    return 1 if result.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
