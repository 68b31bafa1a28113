"""A desk on a port of its own, and Debian's Chromium to look at it with."""

import os
import threading
import time
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import sync_playwright

from evaluation.latency import free_port
from serving.classifier import Classifier
from serving.http import create_app
from serving.review.keeper import Keeper
from serving.review.people import make_link
from serving.settings import Settings

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE_MS = 120_000
"""The machine may be busy with other things."""
SECRETS = {"secret": "s" * 43, "encryption_keys": "M" * 43 + "="}


@pytest.fixture(scope="module")
def chromium():
    """Without Chromium on the machine the tests are left out, unless CI demands them.

    It ends with its module: while it runs, nothing else in this thread can have an event loop.
    """
    if not CHROMIUM.exists():
        if os.environ.get("SENDSAFE_TEST_BROWSER") == "required":
            pytest.fail("Chromium is missing: apt-get install chromium")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET), timeout=PATIENCE_MS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def classifier():
    """Rules alone: they hold what they cannot call safe."""
    return Classifier.load(Settings(use_model=False))


class RunningDesk:
    """A service in a thread."""

    def __init__(self, classifier, settings):
        self.keeper = Keeper.of(settings)
        self.keeper.start()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        config = uvicorn.Config(create_app(classifier, settings, self.keeper), port=self.port, log_level="critical", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.05)

    def link(self, *roles, name="Sam Okafor"):
        return f"{self.url}/review/sign-in/link?token={make_link(self.keeper.store, name, roles)}"

    def stop(self):
        self._server.should_exit = True
        self._thread.join(30)
        self.keeper.stop()
        self.keeper.store.engine.dispose()


@pytest.fixture
def desk(classifier, tmp_path):
    settings = Settings(use_model=False, state_folder=tmp_path, keep_seconds=30, undo_seconds=600, second_review_percent=100, **SECRETS)
    running = RunningDesk(classifier, settings)
    yield running
    running.stop()


@pytest.fixture
def browser(chromium):
    """Make a browser of its own: cookies, size, with or without JavaScript."""
    contexts = []

    def made(**options):
        context = chromium.new_context(viewport={"width": options.pop("width", 1280), "height": 900}, **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        return context.new_page()

    yield made
    for context in contexts:
        context.close()
