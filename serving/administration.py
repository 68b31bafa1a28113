"""The commands of whoever runs a deployment: keys, store, audit, incidents, policy replay, erasure."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from serving.errors import StoreError
from serving.policy import Pack, choose, read_pack, read_packs, read_rulebook
from serving.review import retention
from serving.review.database import reading
from serving.review.incidents import count_incidents
from serving.review.keeper import open_store
from serving.review.keys import USUAL, ApiKey, Scope, create_key, list_keys, revoke_key
from serving.review.records import milliseconds, moment
from serving.review.replay import replay
from serving.review.spool import Spool
from serving.review.store import Store
from serving.review.vault import new_encryption_key, new_secret
from serving.terminal import console, errors, load_settings, refusals

keys = typer.Typer(help="API keys: make, list, revoke.", no_args_is_help=True)
store = typer.Typer(help="The store: schema, purge, encryption keys.", no_args_is_help=True)
audit = typer.Typer(help="What was done to the store.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Since = Annotated[datetime | None, typer.Option(help="From this day or time on, UTC.")]


def add_to(app: typer.Typer, policy: typer.Typer) -> None:
    """Add these commands to the command line, and `replay` to those about policy packs."""
    for name, group in (("keys", keys), ("store", store), ("audit", audit)):
        app.add_typer(group, name=name)
    policy.command(name="replay")(replay_)
    app.command(name="incidents")(incidents)
    app.command(name="erase")(erase)


@keys.command()
def create(
    client: Annotated[str, typer.Argument(help="Whose key it is; references are unique within a client.")],
    scope: Annotated[list[Scope] | None, typer.Option(help="What it may do; may be given more than once.")] = None,
    test: Annotated[bool, typer.Option("--test", help="A key for tests: counted apart.")] = False,
) -> None:
    """Make a key and show it, once."""
    with opened_store() as opened:
        sys.stdout.write(create_key(opened, client, scope or USUAL, is_test=test) + "\n")


@keys.command(name="list")
def list_(json_: Json = False) -> None:
    """List the keys, without what would let anybody in."""
    with opened_store() as opened:
        found = list_keys(opened)
    if json_:
        _print_json([_key(each) for each in found])
        return
    table = Table("prefix", "client", "for", "scopes", "made", "revoked")
    for each in found:
        table.add_row(*(", ".join(value) if isinstance(value, list) else str(value or "") for value in _key(each).values()))
    console.print(table)


@keys.command()
def revoke(prefix: Annotated[str, typer.Argument(help="The key's beginning, as `keys list` shows it.")]) -> None:
    """Revoke a key; running services refuse it within seconds."""
    with opened_store() as opened:
        revoke_key(opened, prefix)
    errors.print(f"{prefix} is revoked.", markup=False)


@store.command()
def migrate() -> None:
    """Bring the schema up to date, or say that it is."""
    with opened_store():
        errors.print("The schema is up to date.")


@store.command(name="keys")
def keys_() -> None:
    """Print a new secret and a new encryption key, as environment settings."""
    sys.stdout.write(f"SENDSAFE_SECRET={new_secret()}\nSENDSAFE_ENCRYPTION_KEYS={new_encryption_key()}\n")


@store.command()
def rotate() -> None:
    """Encrypt everything anew with the first of SENDSAFE_ENCRYPTION_KEYS; then the others can go."""
    with opened_store() as opened:
        count = retention.reseal(opened) + retention.reseal(_spool(opened))
    errors.print(f"{count} values are encrypted with the newest key.")


@store.command()
def purge(
    clock_is_right: Annotated[bool, typer.Option("--clock-is-right", help="Your word that the time of day may be believed.")] = False,
) -> None:
    """Delete what is past its time; the service does so too, every SENDSAFE_PURGE_MINUTES."""
    settings = load_settings()
    with opened_store() as opened:
        count = retention.purge(opened, settings.retention_days, settings.incident_days, clock_is_right=clock_is_right)
    errors.print(f"{count} verdicts deleted.")


@audit.command()
def verify() -> None:
    """Check the audit chain; exit code 1 when an entry was changed, taken out or cut off."""
    with opened_store() as opened, reading(opened.engine) as connection:
        count, faults = opened.audit.verify(connection)
    for fault in faults:
        errors.print(f"FAULT: {fault}", markup=False)
    errors.print(f"{count} entries, {len(faults)} faults")
    if faults:
        raise typer.Exit(1)


def replay_(
    old: Annotated[str, typer.Argument(help="The pack that was served: its id, or a file.")],
    new: Annotated[str, typer.Argument(help="The pack that would be: an id, or a file.")],
    since: Since = None,
    json_: Json = False,
) -> None:
    """Say which kept verdicts would change under another pack."""
    settings = load_settings()
    with opened_store() as opened:
        rulebook = read_rulebook(settings.policy_folder, settings.register_folder)
        result = replay(opened, _pack(old), _pack(new), rulebook, milliseconds(since) if since else None)
    if json_:
        changes = [{"id": each.id, "before": each.before, "after": each.after, "clause": each.clause} for each in result.changes]
        _print_json({"compared": result.compared, "unknown": result.unknown, "unasked": result.unasked, "changes": changes})
        return
    console.print(f"{result.compared} verdicts compared, {len(result.changes)} would change")
    for (before, after), count in sorted(result.counts.items()):
        console.print(f"  {before} → {after}: {count}")
    if result.unknown:
        console.print(f"  not compared, since not enough of them is kept: {result.unknown}")
    if result.unasked:
        console.print(f"  clauses that look at the text did not speak: {', '.join(result.unasked)}", markup=False)


def incidents(
    since: Since = None,
    before: Annotated[datetime | None, typer.Option(help="Up to this day or time, UTC.")] = None,
    test: Annotated[bool, typer.Option("--test", help="Those made with test keys instead.")] = False,
    json_: Json = False,
) -> None:
    """Report blocked sends by business area and clause."""
    with opened_store() as opened:
        counts = count_incidents(opened, milliseconds(since) if since else None, milliseconds(before) if before else None, is_test=test)
    if json_:
        _print_json([{"business_area": c.business_area, "policy": c.policy, "clause": c.clause, "count": c.count} for c in counts])
        return
    table = Table("business area", "policy", "clause", "blocked")
    for each in counts:
        table.add_row(each.business_area or "not told", each.policy or "", each.clause or "", str(each.count))
    console.print(table)


def erase(
    reference: Annotated[str, typer.Argument(help="The caller's reference.")],
    client: Annotated[str | None, typer.Option(help="Of this client alone.")] = None,
) -> None:
    """Forget everything that is kept under a reference."""
    with opened_store() as opened:
        count = retention.erase(opened, reference, client) + retention.erase(_spool(opened), reference, client)
    errors.print(f"{count} verdicts forgotten.")


@contextmanager
def opened_store() -> Iterator[Store]:
    """Return the deployment's store, ready; say in one line what is wrong, and end with exit code 2."""
    with refusals():
        try:
            opened = open_store(load_settings())
            opened.prepare()
            yield opened
        except SQLAlchemyError as error:
            raise StoreError(f"the database cannot be used: {type(error).__name__}") from None


def _spool(opened: Store) -> Store:
    spool = Spool(load_settings().state_folder, opened.vault, opened.clock)
    spool.prepare()
    return spool.store


def _pack(name: str) -> Pack:
    if name.endswith((".yaml", ".yml")):
        return read_pack(Path(name))
    return choose(read_packs(load_settings().policy_folder), (name,))[0]


def _key(key: ApiKey) -> dict[str, object]:
    return {
        "prefix": key.prefix,
        "client": key.client,
        "for": "test" if key.is_test else "live",
        "scopes": sorted(scope.value for scope in key.scopes),
        "made": moment(key.created_at_ms),
        "revoked": moment(key.revoked_at_ms) if key.revoked_at_ms is not None else None,
    }


def _print_json(content: object) -> None:
    sys.stdout.write(json.dumps(content) + "\n")
