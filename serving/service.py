"""The BentoML service: our ASGI app mounted in it.

Tuned by measurement: access log and tracing off, the collector frozen after warm-up, a short traffic timeout
(BentoML's timers are never cancelled).
"""

import gc

import bentoml

from serving import logs
from serving.classifier import Classifier
from serving.http import create_app
from serving.settings import Settings
from serving.verdict import Message

SETTINGS = Settings()
CLASSIFIER = Classifier.load(SETTINGS)
APP = create_app(CLASSIFIER, SETTINGS)


@bentoml.service(
    name="sendsafe",
    workers=SETTINGS.workers,
    traffic={"timeout": 5},
    logging={"access": {"enabled": False}},
    tracing={"excluded_urls": [".*"]},
    metrics={"enabled": False},
)
@bentoml.asgi_app(APP, path="/")
class Sendsafe:
    """Judges messages."""

    def __init__(self) -> None:
        logs.set_up()
        CLASSIFIER.classify(Message(text="Warm up."))
        gc.collect()
        gc.freeze()
