"""limner serve among clients that are slow, broken or hostile: another client
is served all the same, and no memory is taken for what is only claimed."""

import json
import os
import random
import socket
import struct

import support
from serving import Server, all_of, drawing, generate, raise_file_limit
from support import Case, png

JSON = b"Host: localhost\r\nContent-Type: application/json\r\n"


class Hostile(Case):
    options = ()

    def setUp(self):
        super().setUp()
        labeler = self.put("l.safetensors", support.labeler())
        self.server = Server("--model", self.model, "--labeler", labeler,
                             *self.options)
        self.sockets = []

    def tearDown(self):
        for one in self.sockets:
            one.close()
        # Nothing of all this is an error of the server's.
        self.assertEqual(self.server.stop(), (0, ""))
        super().tearDown()

    def raw(self, data=b""):
        self.sockets.append(self.server.raw(data))
        return self.sockets[-1]

    def status_of(self, data):
        """The status of the first answer to raw bytes; 0: closed without."""
        one = self.server.raw(data)
        try:
            one.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # closed by the server already
        answer = all_of(one)
        one.close()
        if not answer:
            return 0
        self.assertTrue(answer.startswith(b"HTTP/1.1 "), answer[:80])
        return int(answer.split(b" ")[1])

    def good_client(self):
        """Another client is served."""
        self.assertEqual(self.server.ask("GET", "/healthz").status, 200)
        labelled = self.server.ask("POST", "/api/label",
                                   {"drawing": drawing(classes=False)})
        self.assertEqual(labelled.status, 200)
        face = self.server.ask("POST", "/api/generate", generate())
        self.assertEqual(face.body[:4], b"\x89PNG")
        self.assertEqual(self.server.problems, [])


class Bytes(Hostile):
    def test_requests_that_are_none(self):
        for data in (b"\r\n\r\n", b"\0" * 100 + b"\r\n\r\n", b"GET\r\n\r\n",
                     b"GET /\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                     b"get / http/1.1\r\n\r\n",
                     b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                     b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\n\n",  # TLS
                     b"CONNECT a:1 HTTP/1.1\r\n\r\n",
                     b"BREW / HTTP/1.1\r\n\r\n"):
            status = self.status_of(data)
            self.assertTrue(400 <= status < 500 or status == 0,
                            (data, status))
        self.good_client()

    def test_random_bytes(self):
        chance = random.Random(7)
        for _ in range(150):
            data = chance.randbytes(chance.randrange(1, 3000))
            if chance.random() < 0.5:
                data = b"POST /api/generate HTTP/1.1\r\n" + JSON + data
            self.status_of(data + b"\r\n\r\n")
        self.good_client()

    def test_bodies_with_changed_bytes(self):
        chance = random.Random(8)
        whole = json.dumps(generate(size=8)).encode()
        for _ in range(150):
            body = bytearray(whole)
            for _ in range(chance.randrange(1, 8)):
                at = chance.randrange(len(body))
                kind = chance.randrange(3)
                if kind == 0:
                    body[at] = chance.randrange(256)
                elif kind == 1:
                    del body[at:at + chance.randrange(1, 20)]
                else:
                    body[at:at] = chance.choice(
                        (b"[" * 30, b"9" * 40, b"-", b"1e308", b"\\u0000",
                         b"null", b"{}", b'"', b"\xff"))
            answer = self.server.ask("POST", "/api/generate", bytes(body))
            self.assertIn(answer.status, (200, 400, 413, 422))
        self.assertEqual(self.server.problems, [])
        self.good_client()

    def test_pictures_with_changed_bytes(self):
        chance = random.Random(9)
        whole = support.parts_photo()
        for _ in range(100):
            picture = bytearray(whole)
            for _ in range(chance.randrange(1, 5)):
                picture[chance.randrange(len(picture))] = chance.randrange(256)
            for path in ("/api/appearance", "/api/import"):
                answer = self.server.ask("POST", path, bytes(picture),
                                         kind="image/png")
                self.assertIn(answer.status, (200, 400, 413, 422))
        self.assertEqual(self.server.problems, [])
        self.good_client()

    def test_headers(self):
        get = b"GET /healthz HTTP/1.1\r\n"
        end = b"Connection: close\r\n\r\n"
        self.assertEqual(self.status_of(
            get + b"X: " + b"y" * 40000 + b"\r\n" + end), 431)
        self.assertEqual(self.status_of(get + b"X: y\r\n" * 9000 + end), 431)
        self.assertEqual(self.status_of(b"GET /" + b"a" * 40000), 431)
        self.assertEqual(self.status_of(
            b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\n" + end), 414)
        for odd in (b"A" * 8000 + b": b\r\n", b": \r\n", b"no colon\r\n",
                    b"Cookie: " + b"x" * 8000 + b"\r\n",
                    b"Range: bytes=" + b"0-0," * 7000 + b"0-0\r\n",
                    b"Range: bytes=5-1\r\n", b"Accept-Encoding: gzip, br\r\n",
                    b"Connection: Upgrade\r\nUpgrade: h2c\r\n",
                    b"If-None-Match: " + b'"' * 9000 + b"\r\n",
                    b"Content-Type: " + b"a/" * 4000 + b"\r\n"):
            self.assertIn(self.status_of(get + odd + end), (0, 200, 400))
        self.good_client()

    def test_lengths(self):
        post = b"POST /api/label HTTP/1.1\r\n" + JSON
        for lengths, status in (
                (b"", 411), (b"Content-Length: x\r\n", 400),
                (b"Content-Length: -1\r\n", 400),
                (b"Content-Length: 1e9\r\n", 400),
                (b"Content-Length: 99999999999999999999999\r\n", 400),
                (b"Content-Length: 18446744073709551615\r\n", 413),
                (b"Content-Length: 16777217\r\n", 413),
                (b"Content-Length: 2\r\nContent-Length: 3\r\n", 400),
                (b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", 400),
                (b"Transfer-Encoding: gzip, chunked\r\n", 400),
                (b"Transfer-Encoding: identity\r\n", 400),
                (b"Content-Length: 50\r\n", 400)):  # ends early
            self.assertEqual(self.status_of(post + lengths + b"\r\n{}"),
                             status, lengths)
        # Refused before it is sent.
        self.assertEqual(self.status_of(
            post + b"Expect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"),
            413)
        self.good_client()

    def test_chunks(self):
        post = (b"POST /api/label HTTP/1.1\r\n" + JSON +
                b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
        body = json.dumps({"drawing": drawing()}).encode()
        chunk = b"%x\r\n%s\r\n" % (len(body), body)
        self.assertEqual(self.status_of(post + chunk + b"0\r\n\r\n"), 200)
        for chunks in (b"ffffffffffffffff\r\n", b"zz\r\n{}\r\n", b"-5\r\n",
                       b"5\r\n{}", chunk, b"\0" * 500,
                       b"1;" + b"x" * 100000 + b"\r\n{\r\n0\r\n\r\n"):
            self.assertIn(self.status_of(post + chunks), (0, 400), chunks[:40])
        # No chunk says how long it all becomes.
        part = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        one = self.raw(post)
        try:
            for _ in range(40):
                one.sendall(part)
            one.sendall(b"0\r\n\r\n")
        except OSError:
            pass  # refused on the way
        answer = all_of(one)
        self.assertTrue(answer == b"" or b" 413 " in answer[:20], answer[:99])
        self.good_client()

    def test_a_bare_newline_ends_no_line(self):
        # To one reader it ends the head, to another it hides what follows.
        get = b"GET /api/templates HTTP/1.1\r\nHost: localhost\r\nA: b"
        ranges = b"Range: bytes=" + b"0-," * 2700 + b"0-\r\n\r\n"
        before = self.server.metric("limner_resident_bytes")
        for gap in (b"\n\n", b"\n\r\n", b"\r\n\n", b"\n"):
            self.assertEqual(self.status_of(get + gap + ranges), 400, gap)
        one = self.raw(get + b"\n\n")
        try:
            for _ in range(20):
                one.sendall(b"a:b\r\n" * 20_000)
        except OSError:
            pass  # refused on the way
        answer = all_of(one)
        self.assertIn(answer[9:12], (b"400", b""), answer[:99])
        grown = self.server.metric("limner_resident_bytes") - before
        self.assertLess(grown, 50e6)
        self.good_client()

    def test_ranges_give_the_whole(self):
        get = b"GET /api/templates HTTP/1.1\r\nHost: localhost\r\n"
        whole, parts = (
            all_of(self.raw(get + more + b"Connection: close\r\n\r\n"))
            for more in (b"", b"Range: bytes=" + b"0-," * 2700 + b"0-\r\n"))
        self.assertTrue(whole.startswith(b"HTTP/1.1 200 "))
        self.assertEqual(parts, whole)
        self.good_client()

    def test_chunks_of_next_to_nothing(self):
        post = (b"POST /api/label HTTP/1.1\r\n" + JSON +
                b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
        body = json.dumps({"drawing": drawing()}).encode()
        small = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
        self.assertEqual(self.status_of(post + small + b"0\r\n\r\n"), 200)
        many = b"1\r\n \r\n" * 40_000 + small + b"0\r\n\r\n"
        one = self.raw(post)
        try:
            one.sendall(many)
        except OSError:
            pass  # refused on the way
        answer = all_of(one)
        self.assertIn(answer[9:12], (b"400", b""), answer[:99])
        # So many in chunks of a useful size are no matter.
        large = b"fa0\r\n" + b" " * 4000 + b"\r\n"
        self.assertEqual(self.status_of(
            post + large * 10 + small + b"0\r\n\r\n"), 200)
        self.good_client()

    def test_what_follows_a_refused_body(self):
        hidden = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        for head in (b"POST /nowhere HTTP/1.1\r\n",
                     b"POST /api/parse HTTP/1.1\r\n",
                     b"GET /healthz HTTP/1.1\r\n"):
            one = self.server.raw(
                head + JSON + b"Content-Length: %d\r\n\r\n" % len(hidden) +
                hidden)
            one.shutdown(socket.SHUT_WR)
            answer = all_of(one)
            self.assertEqual(answer.count(b"HTTP/1.1 "), 1, answer)
            one.close()

    def test_requests_in_a_row(self):
        get = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
        one = self.server.raw(get * 50)
        one.shutdown(socket.SHUT_WR)
        answer = all_of(one)
        self.assertEqual(answer.count(b"HTTP/1.1 200"), 50)
        one.close()

    def test_deep_and_large_values(self):
        for body in (b"[" * 1_000_000, b'{"a":' * 200_000, b"[0," * 100,
                     b'{"drawing":' + b"9" * 1_000_000 + b"}",
                     b'{"key":"' + b"k" * 1_000_000 + b'"}',
                     b'{"drawing":{"strokes":[' + b"{}," * 300_000 + b"{}]}}",
                     b'"' + b"\\ud800" * 10000 + b'"'):
            self.assertEqual(self.server.ask("POST", "/api/generate",
                                             body).status, 400)
        many = ",".join(["[1,2]"] * 100_001)
        answer = self.server.ask(
            "POST", "/api/label", '{"drawing":{"format":"limner-drawing",'
            '"version":1,"strokes":[{"points":[%s]}]}}' % many)
        self.assertEqual(answer.status, 413)
        svg = ("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'>"
               + "<g>" * 5000 + "</g>" * 5000 + "</svg>")
        self.assertEqual(self.server.ask("POST", "/api/import", svg,
                                         kind="image/svg+xml").status, 400)
        self.assertEqual(self.server.problems, [])
        self.good_client()


class Memory(Hostile):
    def test_what_is_only_claimed_takes_none(self):
        self.good_client()
        before = self.server.metric("limner_resident_bytes")
        for _ in range(60):
            # 60 x 16 MiB are claimed, and 60 pictures of 33 million pixels.
            self.raw(b"POST /api/label HTTP/1.1\r\n" + JSON +
                     b"Content-Length: 16000000\r\n\r\n{")
            self.server.ask("POST", "/api/appearance",
                            support.png_header(5792, 5792), kind="image/png")
        self.good_client()
        grown = self.server.metric("limner_resident_bytes") - before
        self.assertLess(grown, 100e6)

    def test_a_picture_that_unpacks_to_much(self):
        # 100 KB that become 100 MB, refused by its size; and one that fits.
        large = png(8000, 8000, b"\0" * 64_000_000)
        self.assertLess(len(large), 200_000)
        answer = self.server.ask("POST", "/api/appearance", large,
                                 kind="image/png")
        self.assertEqual(answer.status, 400)
        self.assertIn("at most", answer.json()["error"])
        self.good_client()


class Bodies(Hostile):
    options = ("--max-body", "4")

    def test_together_they_take_what_is_documented(self):
        self.good_client()
        before = self.server.metric("limner_resident_bytes")
        for _ in range(16):
            # All but the last byte of a body: nothing is answered yet.
            one = self.raw(b"POST /api/label HTTP/1.1\r\n" + JSON +
                           b"Transfer-Encoding: chunked\r\n\r\n")
            try:
                for _ in range(63):
                    one.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
            except OSError:
                pass  # no room for this one
        grown = self.server.metric("limner_resident_bytes") - before
        # Eight times 4 MiB, one that is being copied, and the connections.
        self.assertLess(grown, 44e6)
        for one in self.sockets:
            one.close()
        self.good_client()


class Names(Hostile):
    def host(self, name, path="/healthz"):
        return self.status_of(b"GET %s HTTP/1.1\r\nHost: %s\r\n"
                              b"Connection: close\r\n\r\n" %
                              (path.encode(), name.encode()))

    def test_a_name_that_was_pointed_here_is_not_served(self):
        for name in ("rebound.example.com", "rebound.example.com:80",
                     "localhost.example.com", "127.0.0.1.example.com", "x"):
            for path in ("/", "/healthz", "/api/models"):
                self.assertEqual(self.host(name, path), 421, name)
            self.assertEqual(self.status_of(
                b"POST /api/label HTTP/1.1\r\nHost: " + name.encode() +
                b"\r\nContent-Type: application/json\r\n"
                b"Content-Length: 2\r\n\r\n{}"), 421)
        for name in ("localhost", "LocalHost:%d" % self.server.port,
                     "127.0.0.1", "[::1]:80", "192.168.1.5:8080"):
            self.assertEqual(self.host(name), 200, name)
        get = b"GET /healthz HTTP/1.1\r\n"
        self.assertEqual(self.status_of(get + b"\r\n"), 400)
        self.assertEqual(self.status_of(
            get + b"Host: localhost\r\nHost: x\r\n\r\n"), 400)
        self.good_client()


class OwnName(Names):
    options = ("--host", "127.0.0.1,limner.example.org")

    def test_a_name_that_it_was_given(self):
        self.assertEqual(self.server.host, "127.0.0.1")
        self.assertEqual(self.host("limner.example.org"), 200)
        self.assertEqual(self.host("Limner.Example.Org:443"), 200)
        self.assertEqual(self.host("other.example.org"), 421)


class Slow(Hostile):
    options = ("--max-connections", "8", "--max-read", "2")

    def test_silent_and_slow_clients_make_room(self):
        raise_file_limit()
        for i in range(60):
            self.raw((b"", b"G", b"GET / HTTP/1.1\r\nX: ",
                      b"POST /api/label HTTP/1.1\r\n" + JSON +
                      b"Content-Length: 1000\r\n\r\n{")[i % 4])
            if i % 10 == 9:
                self.good_client()
        # They are not kept for long, either.
        self.assertLessEqual(self.server.metric("limner_connections"), 9)

    def test_a_byte_at_a_time_has_an_end(self):
        answers = []
        for start in (b"GET / HTTP/1.1\r\nX-Slow: ",
                      b"POST /api/label HTTP/1.1\r\n" + JSON +
                      b"Content-Length: 100000\r\n\r\n"):
            one = self.raw(start)
            one.settimeout(0.05)
            answer = b""
            for _ in range(2000):  # far beyond --max-read
                try:
                    one.sendall(b" ")
                    part = one.recv(4096)
                    answer += part
                    if not part:
                        break
                except socket.timeout:
                    pass
                except OSError:
                    break
            answers.append(answer)
            self.assertIn(answer[9:12], (b"408", b"400", b""), answer)
        self.good_client()

    def test_who_takes_no_answer_blocks_nobody(self):
        for _ in range(12):
            one = socket.socket()
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            one.connect((self.server.host, self.server.port))
            self.sockets.append(one)
            one.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100)
        self.good_client()

    def test_reset_connections(self):
        reset = struct.pack("ii", 1, 0)  # close with RST
        for i in range(100):
            one = self.server.raw(
                b"POST /api/generate HTTP/1.1\r\n" + JSON + (
                    b"", b"Content-Length: 5\r\n\r\n{",
                    b"Content-Length: 2\r\n\r\n{}")[i % 3])
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
            one.close()
        self.good_client()


if __name__ == "__main__":
    support.main()
