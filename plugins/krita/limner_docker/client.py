"""Talks to `limner serve`, and starts it where there is none. Knows nothing of Krita
or Qt."""

import base64
import http.client
import json
import os
import shutil
import subprocess
import threading

ADDRESS = ("127.0.0.1", 8080)  # where `limner serve` listens by itself
SECONDS = 60


class Problem(Exception):
    """What went wrong, in words for whoever draws."""


def program_of(setting):
    """The program to start: the one that is set, else that of the search path."""
    if setting:
        return setting if os.access(setting, os.X_OK) else ""
    return shutil.which("limner") or next(
        (file for file in ("/usr/bin/limner", "/usr/local/bin/limner")
         if os.access(file, os.X_OK)), "")


class Client:
    """One server, asked by one thread at a time."""

    def __init__(self, program=""):
        self.program = program
        self._process = None
        self._address = None
        self._connection = None
        self._photos = {}  # ids of photos that the server has, by their bytes
        self._lock = threading.Lock()

    # The server ------------------------------------------------------------

    def find(self):
        """Sees to it that there is a server; throws Problem."""
        with self._lock:
            if self._process is not None and self._process.poll() is not None:
                self._forget()
            if self._address is None:
                self._address = ADDRESS if self._answers(ADDRESS) \
                    else self._start()

    def close(self):
        """Ends the server that this has started."""
        with self._lock:
            process = self._process
            self._forget()
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()

    def started(self):
        return self._process is not None

    def _forget(self):
        self._process = self._address = self._connection = None
        self._photos = {}

    @staticmethod
    def _answers(address):
        """Whether a limner, not something else, listens there."""
        connection = http.client.HTTPConnection(*address, timeout=2)
        try:
            connection.request("GET", "/api/models")
            return "classes" in json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError, TypeError):
            return False
        finally:
            connection.close()

    def _start(self):
        program = program_of(self.program)
        if not program:
            raise Problem(f"{self.program} cannot be run" if self.program else
                          "limner is not installed: there is no program `limner` "
                          "on the search path. Name it under Settings.")
        try:
            process = subprocess.Popen(
                [program, "serve", "--port", "0", "--quiet"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, encoding="utf-8", errors="replace")
        except OSError as error:
            raise Problem(f"{program} cannot be started: {error}") from error
        self._step_back(process.pid)
        line = process.stdout.readline().strip()
        if not line.startswith("http://"):
            process.terminate()
            said = process.stderr.read().strip().splitlines()
            process.wait()
            raise Problem("limner serve ended: " +
                          (said[-1] if said else "it said nothing"))
        # Whatever else it says must not fill the pipe.
        threading.Thread(target=process.stderr.read, daemon=True).start()
        self._process = process
        host, port = line[len("http://"):].rstrip("/").rsplit(":", 1)
        return host, int(port)

    @staticmethod
    def _step_back(pid):
        """Where cores are few, the canvas comes before the face."""
        try:
            os.setpriority(os.PRIO_PROCESS, pid,
                           os.getpriority(os.PRIO_PROCESS, 0) + 5)
        except (AttributeError, OSError):
            pass  # not every system has priorities

    # Asking ----------------------------------------------------------------

    def _ask(self, method, path, body=None, kind="application/json"):
        """The answer's body; throws Problem for a refusal, KeyError for what the
        server does not know any more."""
        self.find()
        for again in (True, False):
            if self._connection is None:
                self._connection = http.client.HTTPConnection(
                    *self._address, timeout=SECONDS)
            try:
                self._connection.request(
                    method, path, body,
                    {"Content-Type": kind} if body is not None else {})
                answer = self._connection.getresponse()
                data = answer.read()
                break
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                self._connection = None
                if not again:
                    with self._lock:
                        if self._process is None:
                            self._address = None  # look for it anew
                    raise Problem(f"limner does not answer: {error}") from error
        if answer.status == 404:
            raise KeyError(path)
        if answer.status >= 400:
            try:
                message = json.loads(data)["error"]
            except (ValueError, KeyError, TypeError):
                message = f"limner answers with {answer.status}"
            raise Problem(message)
        return data

    def models(self):
        return json.loads(self._ask("GET", "/api/models"))

    def drawing(self, file, kind):
        """The strokes of a file's bytes, as limner's JSON."""
        found = json.loads(self._ask("POST", "/api/import", file, kind))
        return found.get("drawing", found)

    def labelled(self, drawing):
        """The same with a class for each stroke, cut where what they draw
        changes."""
        body = json.dumps({"drawing": drawing, "cut": True}).encode()
        found = json.loads(self._ask("POST", "/api/label", body))
        return found.get("drawing", found)

    def _looks(self, photo, seed):
        if photo is None:
            return {"seed": seed}
        if photo not in self._photos:
            kind = "image/jpeg" if photo[:2] == b"\xff\xd8" else \
                "image/webp" if photo[:4] == b"RIFF" else "image/png"
            self._photos[photo] = json.loads(
                self._ask("POST", "/api/appearance", photo, kind))["id"]
        return {"id": self._photos[photo]}

    def face(self, drawing=None, picture=None, photo=None, seed=0,
             faithful="auto"):
        """The face as a PNG's bytes. drawing: limner's JSON, or picture: a PNG's
        bytes; photo: a file's bytes, else the looks come from the seed. Throws
        Problem."""
        for again in (True, False):
            request = {"appearance": self._looks(photo, seed),
                       "faithful": faithful, "key": "krita"}
            if drawing is not None:
                request["drawing"] = drawing
            else:
                request["picture"] = base64.b64encode(picture).decode()
            try:
                return self._ask("POST", "/api/generate",
                                 json.dumps(request).encode())
            except KeyError as error:
                # The server has begun anew, or had no room for the photo.
                self._photos = {}
                if not again:
                    raise Problem("limner lost the photo") from error
        return None
