"""Change what a bundle says of itself."""

import json


def rewrite(folder, **changes):
    """Write some entries of a bundle's manifest again."""
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | changes))
