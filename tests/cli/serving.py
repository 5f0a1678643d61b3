"""A running `limner serve` for tests: started on a free port, asked, ended; and
what it is asked for."""

import http.client
import json
import os
import re
import resource
import signal
import socket
import subprocess
import threading
import time

import support
from openapi import Contract

SIDE = 64  # of the small model
TIMEOUT = 120  # seconds, for a hang: nothing is timed


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Server:
    """`limner serve` with these options. Checks each answer against the API's
    description, and that it ends with exit code 0."""

    def __init__(self, *options):
        settings = {key: value for key, value in os.environ.items()
                    if not key.startswith("LIMNER_")}
        settings["LIMNER_MODELS"] = os.devnull
        settings["OMP_WAIT_POLICY"] = "passive"
        self.process = subprocess.Popen(
            [support.LIMNER, "serve", "--port", "0", "--threads", "1",
             *map(str, options)], env=settings, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        line = self.process.stdout.readline()
        found = re.fullmatch(r"http://(.*):(\d+)/\n", line)
        if not found:
            self.process.kill()
            raise AssertionError(f"{line!r} {self.process.stderr.read()}")
        self.host, self.port = found.group(1), int(found.group(2))
        self.contract = Contract(self.ask("GET", "/openapi.json",
                                          check=False).json())
        self.problems = []

    def ask(self, method, path, body=None, kind="application/json",
            headers=None, check=True, connection=None):
        if isinstance(body, (dict, list)):
            body = json.dumps(body).encode()
        if isinstance(body, str):
            body = body.encode()
        own = connection is None
        connection = connection or self.connect()
        try:
            send = dict(headers or {})
            if body is not None and kind:
                send["Content-Type"] = kind
            connection.request(method, path, body=body, headers=send)
            response = connection.getresponse()
            answer = Answer(response.status,
                            {name.lower(): value
                             for name, value in response.getheaders()},
                            response.read())
        finally:
            if own:
                connection.close()
        if check and method != "HEAD":
            for problem in self.contract.problems(
                    method, path, answer.status, answer.headers, answer.body):
                self.problems.append(f"{method} {path}: {problem}")
        return answer

    def connect(self):
        return http.client.HTTPConnection(self.host, self.port,
                                          timeout=TIMEOUT)

    def raw(self, data=b""):
        """A socket to which `data` has been sent."""
        one = socket.create_connection((self.host, self.port),
                                       timeout=TIMEOUT)
        one.sendall(data)
        return one

    def metric(self, line):
        """The value of a metric, by its whole name with labels; 0 when it is
        not there (yet)."""
        text = self.ask("GET", "/metrics").body.decode()
        found = re.search("^" + re.escape(line) + r" (\S+)$", text, re.M)
        return float(found.group(1)) if found else 0.0

    def wait_until(self, line, least):
        self.wait_for(lambda: self.metric(line) >= least,
                      f"{line} never came to {least}")

    def wait_for(self, there, else_say):
        """Waits until there() is true, but not for ever."""
        end = time.monotonic() + TIMEOUT
        while not there():
            if time.monotonic() > end:
                raise AssertionError(else_say)
            time.sleep(0.02)

    def stop(self, how=signal.SIGTERM):
        """Ends it; returns (exit code, standard error)."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        try:
            _, errors = self.process.communicate(timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        return self.process.returncode, errors


def all_of(socket_):
    """What a socket still has to say, to its end. A reset is an end, too."""
    data = b""
    try:
        while True:
            part = socket_.recv(65536)
            if not part:
                return data
            data += part
    except ConnectionError:
        return data


def at_once(calls):
    """Runs calls in threads; returns their results in order."""
    results = [None] * len(calls)

    def work(i):
        try:
            results[i] = calls[i]()
        except Exception as error:  # seen by the test that looks at it
            results[i] = error

    threads = [threading.Thread(target=work, args=(i,))
               for i in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def raise_file_limit():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))


def drawing(classes=True, shift=0):
    """A face of a few strokes, in limner's JSON."""
    lines = {1: [(330, 240), (360, 240)], 2: [(150, 240), (180, 240)],
             6: [(250, 250), (256, 300), (262, 300)],
             7: [(210, 370), (256, 380), (300, 370)],
             17: [(130, 220), (160, 120), (256, 90), (350, 120), (380, 220)],
             18: [(150, 400), (256, 470), (360, 400)]}
    strokes = []
    for label, points in lines.items():
        stroke = {"points": [[x + shift, y] for x, y in points]}
        if classes:
            stroke["class"] = label
        strokes.append(stroke)
    return {"format": "limner-drawing", "version": 1, "side": 512,
            "strokes": strokes}


def generate(looks=None, **more):
    return {"drawing": drawing(), "appearance": looks or {"seed": 7}, **more}


class ServerCase(support.Case):
    """One server for the tests of a class."""
    options = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.labeler = support.write(os.path.join(cls.shelf, "l.safetensors"),
                                    support.labeler())
        cls.parser = support.write(os.path.join(cls.shelf, "p.safetensors"),
                                   support.colour_parser(SIDE))
        cls.server = Server(*cls.arguments())

    @classmethod
    def arguments(cls):
        return ("--model", cls.model, "--labeler", cls.labeler, "--parser",
                cls.parser, *cls.options)

    @classmethod
    def tearDownClass(cls):
        code, errors = cls.server.stop()
        super().tearDownClass()
        assert (code, errors) == (0, ""), (code, errors)

    def ask(self, *arguments, status=200, says=None, **settings):
        answer = self.server.ask(*arguments, **settings)
        self.assertEqual(self.server.problems, [])
        self.assertEqual(answer.status, status, answer.body[:300])
        if says is not None:
            self.assertIn(says, answer.json()["error"])
        return answer

    def post(self, path, body, **settings):
        return self.ask("POST", path, body, **settings)
