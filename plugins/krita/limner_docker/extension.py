"""The actions, with shortcuts that Krita's settings can change. The docker of the
window does what they say."""

from krita import Extension, Krita

from .docker import LimnerDocker


class LimnerExtension(Extension):
    def setup(self):
        pass

    def createActions(self, window):
        for name, text, method in (
                ("limner_insert_face", "Insert Face as Layer", "insert_face"),
                ("limner_show_meanings", "Colours by Meaning",
                 "show_meanings")):
            action = window.createAction(name, text, "tools/scripts")
            action.triggered.connect(
                lambda _=False, method=method: self._call(method))

    @staticmethod
    def _call(method):
        # Of the window in front; the one that was given here was a passing view.
        for docker in Krita.instance().dockers():
            if isinstance(docker, LimnerDocker):
                getattr(docker, method)()
                return
