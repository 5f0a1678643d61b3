"""limner serve with more requests than it can answer: who waits, who is turned
away, and that what is told is what is counted."""

import json
import os

import support
from serving import Server, ServerCase, at_once, drawing, generate
from support import parts_photo


class Queue(ServerCase):
    options = ("--max-queue", "2", "--cache", "0")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server.stop()
        # Large enough that a face takes longer than to ask for one.
        cls.model = support.make_model(os.path.join(cls.shelf, "m.safetensors"),
                                       size=256, divisor=2)
        cls.server = Server(*cls.arguments())

    def generate(self, seed, **more):
        return self.server.ask("POST", "/api/generate",
                               generate({"seed": seed}, **more))

    def counted(self, *names):
        """What metrics of the lane of faces say."""
        return [self.server.metric(name.replace("LANE", 'lane="faces"'))
                for name in names]

    # Whether a request finds the queue full, or an older one of its drawing in
    # it, is up to the machine. What each answer says and what is counted must
    # agree; that they come to be is tested without a network, in
    # src/server/work_lane_test.cc.

    def answers(self, why, status, calls):
        """-> (not computed, done): answers to calls at once, as counted."""
        names = (f'limner_not_computed_total{{LANE,why="{why}"}}',
                 'limner_compute_seconds_count{LANE}')
        before = self.counted(*names)
        answers = at_once(calls)
        self.assertEqual(self.server.problems, [])
        left = [a for a in answers if a.status == status]
        done = [a for a in answers if a.status == 200]
        self.assertEqual(len(left) + len(done), len(calls))
        after = self.counted(*names)
        self.assertEqual([b - a for a, b in zip(before, after)],
                         [len(left), len(done)])
        return left, done

    def test_a_full_queue(self):
        full, done = self.answers(
            "full", 503, [lambda s=s: self.generate(s) for s in range(24)])
        # Two may wait, whatever comes first.
        self.assertGreaterEqual(len(done), 2)
        for answer in full:
            self.assertIn("too many requests", answer.json()["error"])
            self.assertGreaterEqual(int(answer.headers["retry-after"]), 1)

    def test_a_newer_request_replaces_an_older_one(self):
        # One drawing never fills the queue.
        old, done = self.answers(
            "replaced", 409, [lambda s=s: self.generate(s, key="mine")
                              for s in range(100, 116)])
        self.assertGreater(len(done), 0)
        for answer in old:
            self.assertIn("replaced by a newer request",
                          answer.json()["error"])

    def test_who_goes_away_is_counted_once(self):
        names = ('limner_not_computed_total{LANE,why="gone"}',
                 'limner_compute_seconds_count{LANE}')
        before = sum(self.counted(*names))
        body = json.dumps(generate({"seed": 1000})).encode()

        def leave():
            # Waits behind the face that is being computed, if that still is.
            self.server.raw(
                b"POST /api/generate HTTP/1.1\r\nHost: localhost\r\n"
                b"Content-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body) + body).close()

        self.assertEqual(at_once([lambda: self.generate(2000), leave])[0].status,
                         200)
        self.server.wait_for(lambda: sum(self.counted(*names)) >= before + 2,
                             "the one that went away is not counted")
        self.assertEqual(sum(self.counted(*names)), before + 2)

    def test_each_kind_of_work_has_a_lane(self):
        # That they do not wait for each other: src/server/lanes_test.cc.
        names = [f'limner_compute_seconds_count{{lane="{lane}"}}'
                 for lane in ("drawings", "faces", "photos")]

        def counts():
            return [self.server.metric(name) for name in names]

        before = counts()
        self.post("/api/label", {"drawing": drawing(classes=False)})
        self.assertEqual([b - a for a, b in zip(before, counts())], [1, 0, 0])
        self.post("/api/appearance", parts_photo(), kind="image/png")
        self.assertEqual([b - a for a, b in zip(before, counts())], [1, 0, 1])
        self.assertEqual(self.generate(5000).status, 200)
        self.assertEqual([b - a for a, b in zip(before, counts())], [1, 1, 1])


if __name__ == "__main__":
    support.main()
