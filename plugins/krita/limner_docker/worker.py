"""A thread that asks limner, so that the canvas never waits. Of what is asked for
while it is busy, only the newest of a kind is done."""

import threading

from PyQt5.QtCore import QObject, pyqtSignal

from .client import Client, Problem


class Worker(QObject):
    done = pyqtSignal(str, object)  # kind, result
    failed = pyqtSignal(str, str)  # kind, what went wrong

    def __init__(self, program):
        super().__init__()
        self.client = Client(program)
        self._wanted = {}
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def ask(self, kind, work):
        """work(client) gives the result, in the thread."""
        with self._changed:
            self._wanted[kind] = work
            self._changed.notify()

    def end(self):
        with self._changed:
            self._ended = True
            self._changed.notify()
        self.client.close()

    def _run(self):
        while True:
            with self._changed:
                while not self._wanted and not self._ended:
                    self._changed.wait()
                if self._ended:
                    return
                kind = next(iter(self._wanted))
                work = self._wanted.pop(kind)
            try:
                result = work(self.client)
            except Problem as problem:
                self.failed.emit(kind, str(problem))
            except Exception as error:  # a thread that ends would ask no more
                self.failed.emit(kind, f"{type(error).__name__}: {error}")
            else:
                self.done.emit(kind, result)
