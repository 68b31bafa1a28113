"""Start the BentoML service with our settings."""

import os

from serving.settings import Settings


def launch(settings: Settings) -> None:
    """Serve until stopped."""
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
    os.environ["SENDSAFE_WORKERS"] = str(settings.workers)
    import bentoml  # noqa: PLC0415 (reads the environment when imported)

    bentoml.serve("serving.service:Sendsafe", host=settings.host, port=settings.port, api_workers=settings.workers, blocking=True)
