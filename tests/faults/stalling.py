"""A network's session that sleeps, raises or gives NaN or another shape when told to."""

import time

import numpy as np
import pytest

FAULTS = (
    pytest.param("raises", marks=pytest.mark.fault("F09")),
    pytest.param("sleeps", marks=pytest.mark.fault("F11")),
    pytest.param("nan", marks=pytest.mark.fault("F12")),
    pytest.param("shape", marks=pytest.mark.fault("F12")),
)


class Faulty:
    """Stands before the real session of a classifier's model; `fault` says what goes wrong, if anything."""

    def __init__(self, classifier, seconds=10.0):
        self.session = classifier._model._session
        self.seconds = seconds
        self.fault = None
        self.calls = 0

    def run(self, *arguments):
        self.calls += 1
        if self.fault == "sleeps":
            until = time.monotonic() + self.seconds
            while self.fault == "sleeps" and time.monotonic() < until:
                time.sleep(0.01)
        if self.fault == "raises":
            raise RuntimeError("boom")
        answers = self.session.run(*arguments)
        if self.fault == "shape":
            return [answer[..., :-1] for answer in answers]
        return [np.full_like(answer, np.nan) for answer in answers] if self.fault == "nan" else answers


def make_faulty(classifier, seconds=10.0):
    """Put a faulty session into a classifier; one that sleeps wakes as soon as its fault is healed."""
    classifier._model._session = session = Faulty(classifier, seconds)
    return session
