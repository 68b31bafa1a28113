"""`sendsafe policy` and `sendsafe template`: what policy officers ask for."""

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from serving.appraisal import Appraisal
from serving.errors import RequestError
from serving.facts import today
from serving.policy import Pack, choose, read_pack, read_packs
from serving.policy.areas import read_areas
from serving.policy.exceptions import read_exceptions
from serving.policy.registry import read_registry
from serving.printing import visible
from serving.schema import appraisal_json, to_json, validate
from serving.taxonomy import Tier
from serving.terminal import console, load_classifier, load_settings, read_content, refusals
from serving.verdict import Channel, Direction, Verdict

policy_app = typer.Typer(help="Policy packs: list, show, check, compare.", no_args_is_help=True)
template_app = typer.Typer(help="Message templates.", no_args_is_help=True)

_REGISTERS: dict[str, Callable[[Path], object]] = {
    "areas.yaml": read_areas,
    "exceptions.yaml": read_exceptions,
    "templates.yaml": read_registry,
}
Policies = Annotated[list[str] | None, typer.Option("--policy", help="A policy pack; may be given more than once.")]


@policy_app.command(name="list")
def list_packs() -> None:
    """List the packs, and say what is overdue for review."""
    with refusals():
        packs = read_packs(load_settings().policy_folder)
    table = Table("pack", "version", "clauses", "channels", "review by", box=None)
    for pack in packs.values():
        table.add_row(pack.id, pack.version, str(len(pack.clauses)), ", ".join(pack.channels), pack.review_by.isoformat())
    console.print(table)
    for pack in packs.values():
        _tell_overdue(pack, today())


@policy_app.command()
def show(pack: Annotated[str, typer.Argument(help="The pack's id.")]) -> None:
    """Show a pack clause by clause: what it asks and how it is met."""
    with refusals():
        chosen = choose(read_packs(load_settings().policy_folder), (pack,))[0]
    console.print(f"{chosen.id} {chosen.version}: {chosen.title}\n{chosen.source}", highlight=False, markup=False)
    _tell_overdue(chosen, today())
    table = Table("clause", "asks", "met by", "how")
    for clause in chosen.clauses:
        table.add_row(clause.id, clause.says, clause.effect, clause.how)
    console.print(table)


@policy_app.command()
def check(file: Annotated[Path, typer.Argument(help="A pack; or areas.yaml, exceptions.yaml or templates.yaml of a register.")]) -> None:
    """Check a pack or a register before it is put in place; what is wrong is told with file, line and key."""
    with refusals():
        if file.name in _REGISTERS:
            if not file.is_file():
                raise RequestError(f"{file.name} is not there")
            _REGISTERS[file.name](file)
            console.print(f"{file.name} can be used.", highlight=False, markup=False)
            return
        pack = read_pack(file, load_settings().policy_folder)
    console.print(f"{pack.id} {pack.version} can be used: {len(pack.clauses)} clauses.", highlight=False, markup=False)
    _tell_overdue(pack, today())


@policy_app.command()
def explain(
    text: Annotated[str, typer.Argument(help="The message; '-' reads it from standard input.")],
    policy: Policies = None,
    channel: Annotated[Channel | None, typer.Option(help="The way it travels.")] = None,
    direction: Annotated[Direction, typer.Option(help="To a citizen, or from one.")] = Direction.OUTBOUND,
) -> None:
    """Show the same message under several packs, side by side."""
    content = read_content(text)
    with refusals():
        classifier = load_classifier()
        chosen = policy or list(classifier.rulebook.packs)
        request: dict[str, object] = {"text": content, "direction": direction}
        if channel:
            request["channel"] = channel
        verdicts = {each: classifier.classify(validate({**request, "policies": [each]}).message()) for each in chosen}
    table = Table("", *chosen, show_lines=True)
    table.add_row("action", *(verdict.action.upper() for verdict in verdicts.values()))
    table.add_row("category", *(verdict.category.replace("_", " ") for verdict in verdicts.values()))
    table.add_row("clauses", *("\n".join(f"{each.clause}: {each.summary}" for each in verdict.reasons) for verdict in verdicts.values()))
    table.add_row("advice", *("\n".join(f"{each.clause}: {each.summary}" for each in verdict.advice) for verdict in verdicts.values()))
    table.add_row("rather", *(_rather(verdict) for verdict in verdicts.values()))
    console.print(table)


@template_app.command(name="check")
def check_template(
    template: Annotated[
        str | None, typer.Argument(help="The template; '-' reads it from standard input; left out, every registered one.")
    ] = None,
    area: Annotated[str | None, typer.Option(help="The business area.")] = None,
    policy: Policies = None,
    values: Annotated[str | None, typer.Option(help="Values to try, as a JSON object.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the contract's object.")] = False,
) -> None:
    """Judge a template before there is anybody's data to fill it; exit code 1 when its values may tell something, or do not fit."""
    with refusals():
        given = _parsed(values)
        if template is None:
            registered = read_registry(load_settings().register_folder / "templates.yaml").all()
            asked: list[tuple[str, str, str | None]] = [(each.id, each.text, each.business_area) for each in registered]
        else:
            asked = [("", read_content(template), area)]
        classifier = load_classifier()
        found = [(name, classifier.check_template(text, of, tuple(policy or ()), given)) for name, text, of in asked]
    for name, appraisal in found:
        if as_json:
            sys.stdout.write(to_json(appraisal_json(appraisal)).decode() + "\n")
        else:
            _print_appraisal(name, appraisal)
    if any(_is_doubtful(appraisal) for _, appraisal in found):
        raise typer.Exit(1)


def _parsed(values: str | None) -> dict[str, str] | None:
    if values is None:
        return None
    try:
        given = json.loads(values)
    except (ValueError, RecursionError):
        raise RequestError("the values are no JSON object") from None
    if not isinstance(given, dict):
        raise RequestError("the values are no JSON object")
    return {str(name): str(value) for name, value in given.items()}


def _print_appraisal(name: str, appraisal: Appraisal) -> None:
    matches = appraisal.matches or name
    console.print(
        f"{matches + ': ' if matches else ''}at worst {appraisal.worst_category.replace('_', ' ')}", highlight=False, markup=False
    )
    for field in appraisal.fields:
        told = field.problem or "fits"
        console.print(f"    (({visible(field.name)})) {field.purpose or 'no purpose'}: {told}", highlight=False, markup=False)
    said = [(each.policy, each.clause, each.summary) for each in appraisal.reasons]
    said += [(each.policy, each.clause, each.summary) for each in appraisal.advice]
    for policy, clause, summary in said:
        console.print(f"    {policy} {clause}: {summary}", highlight=False, markup=False)


def _is_doubtful(appraisal: Appraisal) -> bool:
    return appraisal.worst_category.rank >= Tier.PERSONAL.rank or any(field.problem for field in appraisal.fields)


def _rather(verdict: Verdict) -> str:
    return visible(verdict.suggestion.text) if verdict.suggestion else ""


def _tell_overdue(pack: Pack, day: date) -> None:
    for sentence in pack.overdue(day):
        console.print(sentence, style="yellow", highlight=False, markup=False)
