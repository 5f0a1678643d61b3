"""limner serve: every route against its description, the same faces as the
command line makes, the studio's files, and the end."""

import base64
import email
import json
import os
import signal

import support
from serving import SIDE, Server, ServerCase, all_of, at_once, drawing, generate
from support import Case, parts_photo, picture, png, read

JPEG = b"\xff\xd8\xff\xe0"


class Api(ServerCase):
    def test_description_and_health(self):
        self.assertEqual(self.ask("GET", "/openapi.json").body, read(
            os.path.join(support.SOURCE, "src/server/openapi.json")))
        self.assertEqual(self.ask("GET", "/healthz").json(), {"status": "ok"})
        head = self.ask("HEAD", "/healthz")
        self.assertEqual((head.body, head.headers["content-length"]),
                         (b"", "16"))

    def test_models(self):
        models = self.ask("GET", "/api/models").json()
        self.assertEqual(models["model"]["size"], SIDE)
        self.assertEqual(models["model"]["name"], "model.safetensors")
        self.assertEqual(models["preview"], SIDE)
        self.assertTrue(models["labeler"] and models["parser"])
        self.assertEqual([one["id"] for one in models["classes"]],
                         list(range(1, 23)))
        self.assertEqual(models["classes"][16]["name"], "hair-face border")

    def test_templates(self):
        templates = self.ask("GET", "/api/templates").json()
        files = os.listdir(os.path.join(support.SOURCE, "examples/drawings"))
        self.assertEqual(len(templates), len(files))
        self.assertIn("Woman with wavy hair",
                      [one["name"] for one in templates])
        for one in templates:
            self.assertEqual(one["drawing"]["side"], 512)
            photo = self.ask("GET", one["photo"])
            self.assertEqual(photo.headers["content-type"], "image/jpeg")
            self.assertEqual(photo.body[:3], b"\xff\xd8\xff")
            self.post("/api/generate", {"drawing": one["drawing"],
                                        "appearance": {"seed": 1},
                                        "frame": False})

    def test_the_same_face_as_the_command_line(self):
        self.put("d.json", json.dumps(drawing()).encode())
        self.succeeds("generate", "d.json", "--random", "7", "-m", self.model,
                      "-o", "f.png", "--threads", "1")
        answer = self.post("/api/generate", generate())
        self.assertEqual(answer.headers["content-type"], "image/png")
        self.assertEqual(answer.body, read(self.path("f.png")))
        self.assertGreater(int(answer.headers["x-limner-milliseconds"]), 0)
        self.assertEqual(answer.headers["x-limner-doubtful"], "0")
        again = self.post("/api/generate", generate())
        self.assertEqual(again.body, answer.body)
        self.assertEqual(again.headers["x-limner-milliseconds"], "0")

        self.succeeds("generate", "d.json", "--random", "7", "-m", self.model,
                      "-o", "g.webp", "--threads", "1", "--no-frame",
                      "--preview", "32", "--quality", "70")
        answer = self.post("/api/generate", generate(
            frame=False, size=32, format="webp", quality=70))
        self.assertEqual(answer.body, read(self.path("g.webp")))

    def test_variations_in_one_request(self):
        looks = [{"seed": 3}, {"seed": 4},
                 {"mix": [{"seed": 3, "weight": 1}, {"seed": 4, "weight": 3}]}]
        wish = generate()
        del wish["appearance"]
        answer = self.post("/api/variations", {**wish, "appearances": looks})
        self.assertEqual(answer.headers["transfer-encoding"], "chunked")
        # Readers of mail know the format, too.
        message = email.message_from_bytes(
            b"Content-Type: " + answer.headers["content-type"].encode() +
            b"\r\n\r\n" + answer.body)
        parts = message.get_payload()
        self.assertEqual([part["X-Limner-Index"] for part in parts],
                         ["0", "1", "2"])
        for one, part in zip(looks, parts):
            self.assertEqual(part.get_content_type(), "image/png")
            alone = self.post("/api/generate", {**wish, "appearance": one})
            self.assertEqual(int(part["Content-Length"]), len(alone.body))
            self.assertIn(alone.body, answer.body)
        self.post("/api/variations", {**wish, "appearances": looks * 6},
                  status=400, says="appearances must be an array of 1 to 16")

    def test_looks_of_a_photo(self):
        self.put("d.json", json.dumps(drawing()).encode())
        photo = picture(320, 240, [(150, 110, 130, 0)])
        self.put("p.png", photo)
        self.succeeds("generate", "d.json", "-a", "p.png", "-m", self.model,
                      "--parser", self.parser, "-o", "f.png", "--threads", "1")
        kept = self.post("/api/appearance", photo, kind="image/png").json()
        self.assertTrue(kept["aligned"])
        again = self.post("/api/appearance", photo, kind="image/png").json()
        self.assertEqual(kept, again)
        looks = {"id": kept["id"]}
        answer = self.post("/api/generate", generate(looks))
        self.assertEqual(answer.body, read(self.path("f.png")))
        shown = self.ask("GET", "/api/appearance/" + kept["id"])
        self.assertEqual(shown.body[:4], JPEG)
        for unknown in ("0" * 32, "x", "%2e%2e", "%00"):
            self.ask("GET", "/api/appearance/" + unknown, status=404,
                     says="/api/appearance again")
        self.ask("GET", "/api/appearance/..%2f..%2fetc%2fpasswd", status=404)
        self.post("/api/generate", generate({"id": "0" * 32}), status=404,
                  says="send the photo")

    def test_mixes(self):
        def face(looks):
            return self.post("/api/generate", generate(looks)).body

        kept = self.post("/api/appearance", support.photo(3),
                         kind="image/png").json()
        photo = {"id": kept["id"]}
        one, other = face({"seed": 1}), face({"seed": 2})
        mixed = face({"mix": [{"seed": 1, "weight": 1},
                              {"seed": 2, "weight": 1}]})
        self.assertEqual(len({one, other, mixed}), 3)
        self.assertEqual(face({"mix": [{"seed": 1, "weight": 5},
                                       {"seed": 2, "weight": 0}]}), one)
        both = face({"mix": [{"seed": 1, "weight": 0.5},
                             {**photo, "weight": 0.5}]})
        self.assertNotIn(both, (one, face(photo)))
        # Nearly all of one is as good as it: photos and random looks meet.
        for looks, alone in (({"seed": 1}, one), (photo, face(photo))):
            rest = photo if looks != photo else {"seed": 1}
            nearly = face({"mix": [{**looks, "weight": 1000},
                                   {**rest, "weight": 1e-9}]})
            self.put("a.png", nearly)
            self.put("b.png", alone)
            difference = support.compare(self.path("a.png"),
                                         self.path("b.png"))
            self.assertLessEqual(difference["largest"], 1, difference)

    def test_pictures_of_drawings(self):
        self.put("d.png", support.drawing())
        self.succeeds("generate", "d.png", "--random", "7", "-m", self.model,
                      "-o", "f.png", "--threads", "1")
        body = {"picture": base64.b64encode(support.drawing()).decode(),
                "appearance": {"seed": 7}}
        self.assertEqual(self.post("/api/generate", body).body,
                         read(self.path("f.png")))
        body["picture"] = base64.b64encode(b"no picture").decode()
        self.post("/api/generate", body, status=400, says="the picture")
        body["picture"] = base64.b64encode(png(64, 64, b"\xff" * 4096)).decode()
        self.post("/api/generate", body, status=400, says="no lines")

    def test_label(self):
        sent = drawing(classes=False)
        sent["strokes"][3]["class"] = 22
        answer = self.post("/api/label", {"drawing": sent}).json()
        strokes = answer["drawing"]["strokes"]
        self.assertEqual([s["points"] for s in strokes],
                         [s["points"] for s in sent["strokes"]])
        self.assertEqual(strokes[3]["class"], 22)
        self.assertEqual([s["class"] for s in strokes],
                         [s["class"] for s in answer["strokes"]])
        self.assertEqual(answer["strokes"][3],
                         {"class": 22, "confidence": 1, "doubtful": False})
        self.assertNotIn("fit", answer)
        # There are no face shapes: nothing to fit to.
        self.assertIsNone(self.post("/api/label", {
            "drawing": sent, "fit": True, "faithful": "auto"}).json()["fit"])
        self.post("/api/label", {"drawing": sent, "fit": 1}, status=400,
                  says="fit must be true or false")
        given = self.post("/api/label", {"drawing": drawing()}).json()
        self.assertEqual([s["class"] for s in given["strokes"]],
                         [s["class"] for s in drawing()["strokes"]])

    def test_photos(self):
        self.put("p.png", parts_photo())
        self.succeeds("parse", "p.png", "--parser", self.parser, "-o", "m.png")
        mask = self.post("/api/parse", parts_photo(), kind="image/png").body
        self.assertIn(b"PLTE", mask)
        self.put("n.png", mask)
        self.succeeds("sketch", "n.png", "-o", "n.json")  # reads the numbers
        self.succeeds("sketch", "m.png", "-o", "m.json")
        self.assertEqual(read(self.path("n.json")), read(self.path("m.json")))

        self.succeeds("sketch", "p.png", "--parser", self.parser, "-o",
                      "s.json", "--detail", "0")
        drawn = self.post("/api/sketch?detail=0", parts_photo(),
                          kind="image/png").json()["drawing"]
        self.assertEqual(drawn, json.loads(read(self.path("s.json"))))
        empty = parts_photo(features=False)
        for path in ("/api/parse", "/api/sketch", "/api/parse?align=false"):
            self.post(path, empty, kind="image/png", status=422,
                      says="no face")
        self.post("/api/appearance", parts_photo(40, 32, features=False),
                  kind="image/png", status=422, says="no face")
        self.post("/api/sketch?detail=2", parts_photo(), kind="image/png",
                  status=400, says="detail")
        self.post("/api/parse?align=1", parts_photo(), kind="image/png",
                  status=400, says="align")
        self.post("/api/parse", b"GIF89a", kind="image/png", status=400,
                  says="the photo")
        self.post("/api/appearance", support.png_header(16000, 16000),
                  kind="image/png", status=400, says="at most")

    def test_files_of_drawings(self):
        for kind in ("svg", "json", "ndjson", "png"):
            file = self.post(f"/api/convert?to={kind}", {"drawing": drawing()})
            back = self.post("/api/import", file.body,
                             kind=file.headers["content-type"]).json()
            self.assertFalse(back["traced"])
            self.assertEqual(
                sorted(s["class"] for s in back["drawing"]["strokes"]),
                sorted(s["class"] for s in drawing()["strokes"]), kind)
        unknown = {"drawing": drawing(classes=False)}
        self.post("/api/convert?to=svg", unknown)
        self.post("/api/convert?to=png", unknown, status=422, says="no class")
        self.post("/api/convert?to=exe", unknown, status=400, says="to must")
        self.post("/api/convert", unknown, status=400, says="to is missing")
        self.post("/api/import", b"hello", kind="application/octet-stream",
                  status=400, says="the drawing")
        lines = bytearray(b"\xff" * 128 * 128)
        for x in range(20, 100):
            lines[40 * 128 + x] = lines[41 * 128 + x] = 0
        traced = self.post("/api/import", png(128, 128, bytes(lines)),
                           kind="image/png").json()
        self.assertTrue(traced["traced"])

    def test_what_is_refused(self):
        for path, status in (("/nowhere", 404), ("/api", 404),
                             ("/api/generate/", 404), ("/studio/none", 404),
                             ("/api/generate", 405)):
            answer = self.ask("GET", path, status=status)
            self.assertIn("error", answer.json())
        self.assertEqual(answer.headers["allow"], "POST")
        self.ask("PUT", "/api/models", b"x", status=405)
        self.ask("OPTIONS", "/api/generate", status=405)
        self.ask("DELETE", "/", status=405)
        self.post("/nowhere", {}, status=404)
        for kind in (None, "text/plain", "multipart/form-data; boundary=x"):
            self.post("/api/label", b"{}", kind=kind, status=415,
                      says="application/json")
        self.post("/api/parse", b"x", kind="text/html", status=415)
        self.post("/api/label", {"drawing": drawing()}, status=403,
                  headers={"Sec-Fetch-Site": "cross-site"})
        self.post("/api/label", b"\x1f\x8b", status=415, says="compressed",
                  headers={"Content-Encoding": "gzip"})
        for body, words in ((b"", "JSON"), (b"{", "JSON"), (b"\0", "JSON"),
                            (b"[" * 5000, "inside each other"),
                            (b'{"drawing":1e999}', ""),
                            (b'{"drawing":{"format":"limner-drawing",'
                             b'"version":1,"strokes":[{"points":[[1e300,0]]}]}}',
                             "strokes[0].points[0][0]"),
                            (b'{"drawing":{"format":"limner-drawing",'
                             b'"version":1,"strokes":[]}}', "no strokes")):
            for path in ("/api/label", "/api/generate"):
                answer = self.post(path, body, status=400)
                if path == "/api/label":
                    self.assertIn(words, answer.json()["error"])
        self.post("/api/generate", generate(size=100), status=400,
                  says="power of two")
        self.post("/api/generate", generate(size=128), status=400,
                  says="from 8 to 64")
        strokes = {"points": [[1, 2]], "class": 1}
        many = {**drawing(), "strokes": [strokes] * 2001}
        self.post("/api/label", {"drawing": many}, status=413, says="2001")

    def test_metrics(self):
        route = 'limner_requests_total{route="/api/convert",status="200"}'
        before = self.server.metric(route)
        self.post("/api/convert?to=svg", {"drawing": drawing()})
        self.assertEqual(self.server.metric(route), before + 1)
        looks = generate({"seed": 99})
        self.post("/api/generate", looks)
        hits = self.server.metric('limner_cache_hits_total{cache="faces"}')
        kept = self.server.metric('limner_cache_hits_total{cache="sketches"}')
        self.post("/api/generate", looks)
        self.assertEqual(self.server.metric(
            'limner_cache_hits_total{cache="faces"}'), hits + 1)
        # Another appearance needs the drawing's codes again.
        self.post("/api/generate", generate({"seed": 98}))
        self.assertEqual(self.server.metric(
            'limner_cache_hits_total{cache="sketches"}'), kept + 1)
        for line in ('limner_queue_length{lane="faces"}',
                     'limner_wait_seconds_bucket{lane="faces",le="+Inf"}',
                     'limner_compute_seconds_count{lane="faces"}',
                     "limner_connections", "limner_resident_bytes"):
            self.assertIn(line + " ",
                          self.ask("GET", "/metrics").body.decode())
        self.assertGreater(self.server.metric("limner_resident_bytes"), 1e6)
        self.assertGreaterEqual(self.server.metric("limner_connections"), 1)

    def test_one_connection_for_many_requests(self):
        connection = self.server.connect()
        for _ in range(3):
            self.ask("GET", "/healthz", connection=connection)
            self.post("/api/label", {"drawing": drawing()},
                      connection=connection)
            # A refused body must not be taken for the next request.
            self.post("/api/label", b"GET / HTTP/1.1\r\n\r\n", kind="a/b",
                      status=415, connection=connection)
            connection.close()
        connection.close()


class Studio(ServerCase):
    def test_files(self):
        folder = os.path.join(support.SOURCE, "studio")
        kinds = {".html": "text/html", ".js": "text/javascript",
                 ".css": "text/css", ".svg": "image/svg+xml",
                 ".png": "image/png"}
        served = 0
        for name in sorted(support.listing(folder)):
            kind = kinds.get(os.path.splitext(name)[1])
            if kind is None:
                continue
            answer = self.ask("GET", "/studio/" + name)
            self.assertEqual(answer.body, read(os.path.join(folder, name)))
            self.assertTrue(answer.headers["content-type"].startswith(kind))
            served += 1
        self.assertGreater(served, 0)
        index = read(os.path.join(folder, "index.html"))
        self.assertEqual(self.ask("GET", "/").body, index)

    def test_headers(self):
        answer = self.ask("GET", "/")
        policy = answer.headers["content-security-policy"]
        self.assertIn("default-src 'self'; img-src 'self' blob: data:", policy)
        self.assertNotIn("unsafe", policy)
        self.assertEqual(answer.headers["x-content-type-options"], "nosniff")
        tag = answer.headers["etag"]
        same = self.ask("GET", "/", status=304,
                        headers={"If-None-Match": f'"x", {tag}'})
        self.assertEqual((same.body, same.headers["etag"]), (b"", tag))
        self.ask("GET", "/", headers={"If-None-Match": '"x"'})

    def test_no_other_file_can_be_reached(self):
        wanted = ("etc/passwd", "proc/self/environ", "CMakeLists.txt",
                  "src/server/openapi.json", "examples/drawings/doodle.svg")
        ways = ("/studio/../%s", "/studio/..%%2f%s", "/studio/%%2e%%2e/%s",
                "/studio/%%2e%%2e%%2f%s", "/studio/..\\%s", "/%s", "//%s",
                "/studio//%s", "/studio/index.html/../%s",
                "/studio/%%00/../../%s", "/studio/index.html%%00%s",
                "/studio/..%%252f%s", "/..;/%s", "/studio/....//%s",
                "/studio/%%c0%%ae%%c0%%ae/%s", "file:///%s")
        for way in ways:
            for name in wanted:
                self.ask("GET", way % name, status=404, check=False)
        for path in ("/studio", "/studio/.", "/studio/..", "/studio/%2e",
                     "/studio/INDEX.HTML", "/%00", "/\xe4"):
            answer = self.server.raw(
                f"GET {path} HTTP/1.0\r\n\r\n".encode("latin-1"))
            self.assertIn(b" 404 ", all_of(answer).split(b"\r\n")[0], path)
            answer.close()


class WithoutNetworks(ServerCase):
    """No labeler, no parser."""

    @classmethod
    def arguments(cls):
        return ("--model", cls.model)

    def test_what_is_still_there(self):
        models = self.ask("GET", "/api/models").json()
        self.assertFalse(models["labeler"] or models["parser"])
        self.post("/api/generate", generate())
        self.ask("GET", "/api/templates")
        kept = self.post("/api/appearance", parts_photo(),
                         kind="image/png").json()
        self.assertFalse(kept["aligned"])
        self.post("/api/generate", generate({"id": kept["id"]}))
        unknown = drawing(classes=False)
        self.post("/api/label", {"drawing": unknown}, status=422,
                  says="no stroke labeler")
        self.post("/api/generate", {"drawing": unknown,
                                    "appearance": {"seed": 1}}, status=422,
                  says="6 of 6 strokes")
        for path in ("/api/parse", "/api/sketch"):
            self.post(path, parts_photo(), kind="image/png", status=422,
                      says="no face parser")


class Start(Case):
    def test_what_cannot_be_served(self):
        self.refused("serve", code=2, says="no model given")
        self.refused("serve", "--model", "missing.pt", says="missing.pt")
        self.refused("serve", "--model", self.model, "--labeler", self.model,
                     says="is no labeler")
        self.refused("serve", "--model", self.model, "--host", "no.such.host.",
                     says="cannot listen")
        self.refused("serve", "--model", self.model, "--host", "192.0.2.1",
                     says="cannot listen on 192.0.2.1")
        server = Server("--model", self.model)
        self.refused("serve", "--model", self.model, "--port", server.port,
                     says="Address already in use")
        self.assertEqual(server.stop(), (0, ""))
        for option in ("--port", "--max-body", "--max-strokes", "--max-queue",
                       "--max-wait", "--max-connections", "--max-pixels"):
            self.refused("serve", option, "-1", says=option)

    def test_it_listens_where_it_is_told(self):
        server = Server("--model", self.model, "--host", "127.0.0.2")
        self.assertEqual(server.host, "127.0.0.2")
        self.assertEqual(server.ask("GET", "/healthz").status, 200)
        self.assertEqual(server.stop(), (0, ""))

    def test_the_end(self):
        for how in (signal.SIGINT, signal.SIGTERM):
            server = Server("--model", self.model)
            idle = server.raw()  # says nothing
            half = server.raw(b"POST /api/generate HTTP/1.1\r\nContent-Le")
            self.assertEqual(server.stop(how), (0, ""))
            self.assertEqual(all_of(idle), b"")
            all_of(half)
            for one in (idle, half):
                one.close()

    def test_what_runs_is_finished(self):
        model = support.make_model(self.path("m.safetensors"), size=256,
                                   divisor=2)
        server = Server("--model", model)
        waits = 'limner_wait_seconds_count{lane="faces"}'

        def end():
            server.wait_until(waits, 1)  # it is being computed
            return server.stop()

        answer, ended = at_once([
            lambda: server.ask("POST", "/api/generate", generate()), end])
        self.assertEqual(ended, (0, ""))
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.body[:4], b"\x89PNG")

    def test_proxies(self):
        # Clients of a trusted proxy share a queue as clients do; this only
        # shows that the header is taken, and that odd ones do no harm.
        server = Server("--model", self.model, "--trust-proxy")
        for value in ("10.0.0.1", "10.0.0.1, 10.0.0.2", "", "x" * 5000):
            answer = server.ask("POST", "/api/generate", generate(),
                                headers={"X-Forwarded-For": value})
            self.assertEqual(answer.status, 200)
        self.assertEqual(server.stop(), (0, ""))


if __name__ == "__main__":
    support.main()
