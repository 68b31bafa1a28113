"""One worker process of the service as the crash and fault tests run it: the app, the keeper, uvicorn, without BentoML around.

Usage: python tests/faults/worker.py PORT, with the settings in the environment; `nursery` in place of the port forks a worker for
each port that is read from standard input and prints its process id: what takes long to import is there already.
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


def serve(port, settings, classifier):
    logs.set_up()
    keeper = Keeper.of(settings)
    if "SENDSAFE_TEST_DIE_AFTER_COMMIT" in os.environ:
        write = keeper.store.write
        keeper.store.write = lambda records: (write(records), os.kill(os.getpid(), signal.SIGKILL))[0]
    if keeper is not None:
        keeper.start()
    app = create_app(classifier, settings, keeper)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error", access_log=False, loop="uvloop", http=Protocol)


def nursery(settings, classifier):
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead need nobody to collect them
    for line in sys.stdin:
        process = os.fork()
        if process == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            serve(int(line), settings, classifier)
            os._exit(0)
        print(process, flush=True)  # noqa: T201


def main(what):
    settings = Settings()
    settings.state_folder.mkdir(parents=True, exist_ok=True)
    classifier = Classifier.load(settings)
    if what == "nursery":
        nursery(settings, classifier)
    else:
        serve(int(what), settings, classifier)


if __name__ == "__main__":
    main(sys.argv[1])
