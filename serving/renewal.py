"""Take up another bundle while the service runs: the bundle folder is a link, and a promotion puts it elsewhere.

A folder that is no link never changes while it is served.
"""

import threading
from pathlib import Path

import structlog

from serving import metrics
from serving.bundle import open_bundle
from serving.classifier import Classifier
from serving.errors import BundleError
from serving.model import Model

LOOK_AGAIN_SECONDS = 1.0


class Renewal:
    """Looks where the bundle folder leads to, and hands the classifier a new model that is loaded and has given its known answers.

    A bundle that does not load is not taken: the one in use goes on.
    """

    def __init__(self, classifier: Classifier, folder: Path) -> None:
        self._classifier = classifier
        self._folder = folder
        self._seen = _target(folder)

    def start(self) -> None:
        """Look again and again, on a thread that does not keep the process alive."""
        threading.Thread(target=self._watch, name="renewal", daemon=True).start()

    def look(self) -> bool:
        """Look once; tell whether the classifier was handed another model."""
        target = _target(self._folder)
        if target is None or target == self._seen:
            return False
        self._seen = target
        try:
            model = Model(open_bundle(target))
        except BundleError as error:
            metrics.BUNDLES.labels("refused").inc()
            structlog.get_logger().error("another bundle was not taken", reason=str(error))
            return False
        self._classifier.renew(model)
        metrics.BUNDLES.labels("taken").inc()
        structlog.get_logger().info("another bundle is taken", model=model.manifest.version)
        return True

    def _watch(self) -> None:
        pause = threading.Event()
        while not pause.wait(LOOK_AGAIN_SECONDS):
            self.look()


def _target(folder: Path) -> Path | None:
    """Return where the folder leads to, `None` while it leads nowhere."""
    try:
        return folder.resolve(strict=True)
    except OSError:
        return None
