"""The records of `docs/governance` with the settings of a deployment in them; what only the organisation knows stays a blank."""

from collections.abc import Iterator
from pathlib import Path

from evaluation.markdown import table
from serving.bundle import open_bundle
from serving.errors import BundleError
from serving.policy import read_packs
from serving.review.keeper import levels
from serving.settings import Settings

OUTLINES = Path(__file__).parents[1] / "docs" / "governance"
RECORDS = ("atrs.md", "dpia.md")
MARK = "<!-- deployment -->"


def write_records(settings: Settings, out: Path) -> list[Path]:
    """Write the records into a folder and return their paths."""
    out.mkdir(parents=True, exist_ok=True)
    about = "\n".join(["## This deployment", "", *table([["", "set to"], *([name, value] for name, value in deployment(settings))])])
    written = []
    for name in RECORDS:
        path = out / name
        path.write_text((OUTLINES / name).read_text(encoding="utf-8").replace(MARK, about), encoding="utf-8")
        written.append(path)
    return written


def deployment(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield what is set, by name; no secret and no address is among it."""
    yield "model bundle", _bundle(settings)
    packs = read_packs(settings.policy_folder)
    yield "policies for messages that name none", ", ".join(f"{name} {packs[name].version}" for name in settings.policies if name in packs)
    yield "kept, by policy", ", ".join(f"{pack}: {keep.value}" for pack, keep in sorted(levels(settings).items()))
    yield "verdicts are kept for", f"{settings.retention_days} days"
    yield "incidents are kept for", f"{settings.incident_days} days"
    yield "who may ask", "whoever has an API key" if settings.authentication.value == "keys" else "anybody on the machine itself"
    yield "shadow mode: judged, none held", "yes" if settings.shadow else "no"


def _bundle(settings: Settings) -> str:
    if not settings.use_model:
        return "none, rules alone"
    try:
        manifest = open_bundle(settings.bundle_folder).manifest
    except BundleError as error:
        return f"none usable: {error}"
    return f"{manifest.version}, from {manifest.base_model}, training data {manifest.training_data_sha256[:16]}"
