"""One worker process of the service as the crash and fault tests run it: the app, the keeper, uvicorn, without BentoML around.

Usage: python tests/faults/worker.py PORT, with the settings in the environment.
"""

import os
import signal
import sys

import uvicorn

from serving import logs
from serving.classifier import Classifier
from serving.http import create_app
from serving.protocol import Protocol
from serving.review.keeper import Keeper
from serving.settings import Settings


def main(port):
    settings = Settings()
    logs.set_up()
    keeper = Keeper.of(settings)
    if "SENDSAFE_TEST_DIE_AFTER_COMMIT" in os.environ:
        write = keeper.store.write
        keeper.store.write = lambda records: (write(records), os.kill(os.getpid(), signal.SIGKILL))[0]
    if keeper is not None:
        keeper.start()
    app = create_app(Classifier.load(settings), settings, keeper)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False, loop="uvloop", http=Protocol)


if __name__ == "__main__":
    main(int(sys.argv[1]))
