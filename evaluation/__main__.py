"""`python -m evaluation`: how good the shipped bundle is."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.progress import track
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from data.records import SPLITS, Record, read_corpus, read_file
from data.sheet import filled
from evaluation import disguise, drift, fallback, fuzz
from evaluation import rules as rule_figures
from evaluation.behaviour import CASES, count, read_cases, run_cases
from evaluation.bench.capacity import capacity
from evaluation.bench.content import bench_content
from evaluation.bench.page import bench_markdown, bench_plots
from evaluation.clauses import rows, write_table
from evaluation.compare import compare_content, compare_markdown
from evaluation.deciding import cost_of_deciding
from evaluation.files import write_report
from evaluation.gate import LIMITS, Trial, gate_content, gate_markdown, read_limits, try_candidate
from evaluation.gold import freeze, read_gold
from evaluation.keeping import cost_of_keeping
from evaluation.latency import latency_content, latency_markdown
from evaluation.learning import curve_content, curve_markdown, curve_plots, read_points
from evaluation.machine import describe
from evaluation.markdown import as_markdown
from evaluation.measure import FULL, QUICK, Task, measure, ready
from evaluation.paired import judge_both
from evaluation.peers.report import peers_content, peers_markdown
from evaluation.plots import report_plots
from evaluation.report import About, content
from evaluation.stored import read_kept, read_waiting
from evaluation.suggestions import suggestions
from evaluation.teaching import choose, uncertainty
from serving.bundle import Manifest, open_bundle
from serving.classifier import Classifier
from serving.errors import SendsafeError
from serving.review.clock import DAY_MS
from serving.review.forward import list_forward, put_forward
from serving.review.keeper import open_store
from serving.review.store import Store
from serving.settings import Settings
from serving.taxonomy import Tier
from serving.terminal import PATIENCE_SECONDS

app = typer.Typer(help="Measure the bundle that is served.", no_args_is_help=True)
console = Console()
REPORTS = Path(__file__).parent / "reports"
File = Annotated[Path | None, typer.Option(help="A labelled JSON Lines file; left out, the corpus's own split.")]
Bundle = Annotated[Path | None, typer.Option(help="Another bundle than the shipped one.")]


@app.callback()
def main() -> None:
    """Measure the bundle that is served."""


@app.command()
def report(
    file: File = None,
    split: Annotated[str, typer.Option(help="The split of the corpus to measure on.")] = "test",
    bundle: Bundle = None,
    floor: Annotated[bool, typer.Option(help="Fit the TF-IDF floor on the training split and show it beside.")] = True,
    rules: Annotated[bool, typer.Option(help="Show rules and linear fallback without the network beside.")] = True,
    probes: Annotated[bool, typer.Option(help="Swap names and move a telling detail through long texts (a split's messages only).")] = True,
    full: Annotated[bool, typer.Option("--full", help="Probe with every message and 300 long texts a place (slow).")] = False,
    training_messages: Annotated[
        int | None, typer.Option(help="On how many messages the bundle was trained, where it does not say.")
    ] = None,
    workers: Annotated[int, typer.Option(help="How many parts are measured at once.", min=1)] = 2,
    out: Annotated[Path | None, typer.Option(help="Write OUT.md, OUT.json, OUT.html and its plots.")] = None,
) -> None:
    """Report what the bundle can: figures, calibration, words found, long texts, name swaps, slices, beside floor and rules."""
    started = time.monotonic()
    settings = _settings(bundle)
    task = Task(
        settings,
        _records(file, split),
        floor=read_corpus("train") if floor else None,
        has_rules=rules,
        probes=(FULL if full else QUICK) if probes and file is None else None,
    )
    try:
        manifest = open_bundle(settings.bundle_folder).manifest
        measured = measure(task, workers)
    except SendsafeError as error:
        raise _failed(error) from None
    about = About(
        data=file.stem if file else split,
        bundle=manifest.version,
        training_messages=training_messages or _trained_on(manifest),
        machine=describe("onnxruntime"),
        seconds=round(time.monotonic() - started, 1),
    )
    whole = content(about, measured)
    drawn = report_plots(whole)
    console.print(Markdown(write_report(out, whole, drawn, as_markdown) if out else as_markdown(whole, {})))


@app.command()
def peers(
    file: File = None,
    split: Annotated[str, typer.Option(help="The split of the corpus to measure on.")] = "test",
    bundle: Bundle = None,
    rounds: Annotated[int, typer.Option(help="How many rounds of timing.", min=1)] = 5,
    timed: Annotated[int, typer.Option(help="How many messages are timed in each round.", min=1)] = 200,
    out: Annotated[Path | None, typer.Option(help="Write OUT.md, OUT.json and OUT.html.")] = None,
) -> None:
    """Compare with peers on the same messages: quality, and speed in interleaved rounds of the same run."""
    try:
        whole = peers_content(file.stem if file else split, _settings(bundle), _records(file, split), rounds=rounds, timed=timed)
    except SendsafeError as error:
        raise _failed(error) from None
    console.print(Markdown(write_report(out, whole, {}, peers_markdown) if out else peers_markdown(whole, {})))


@app.command()
def curve(
    folder: Annotated[Path, typer.Option(help="Reports of bundles that were trained on shares of the corpus.")] = REPORTS / "curve",
    out: Annotated[Path, typer.Option(help="Write OUT.md, OUT.json, OUT.html and the plot.")] = REPORTS / "learning-curve",
) -> None:
    """Draw macro-F1 against the number of training messages, one line for each set of messages measured on."""
    try:
        whole = curve_content(read_points(folder))
    except SendsafeError as error:
        raise _failed(error) from None
    console.print(Markdown(write_report(out, whole, curve_plots(whole), curve_markdown)))


@app.command()
def deciding(
    policy: Annotated[list[str] | None, typer.Option(help="The packs that are asked; left out, all three.")] = None,
    split: Annotated[str, typer.Option(help="The split of the corpus whose messages are decided on.")] = "test",
) -> None:
    """Time what comes between reading a message and its action."""
    policies = tuple(policy or ("dwp-sms", "barnet-messaging", "dwp-aup"))
    cost = cost_of_deciding(read_corpus(split), policies)
    figures = f"mean {cost.mean:.3f}, p50 {cost.p50:.3f}, p95 {cost.p95:.3f}, p99 {cost.p99:.3f}"
    console.print(f"{cost.messages} messages, {len(policies)} packs, milliseconds of one core: {figures}", highlight=False, soft_wrap=True)


@app.command(name="suggestions")
def suggestions_command(
    policy: Annotated[list[str] | None, typer.Option(help="The packs that are asked; left out, each of the three by itself.")] = None,
    split: Annotated[str, typer.Option(help="The split of the corpus.")] = "test",
) -> None:
    """Count the blocked and held messages that get another wording which may go."""
    classifier = Classifier.load(Settings(suggestion_seconds=PATIENCE_SECONDS))
    records = read_corpus(split)
    for policies in [tuple(policy)] if policy else [("dwp-sms",), ("barnet-messaging",), ("dwp-aup",)]:
        for each in suggestions(classifier, records, policies):
            share = f"{each.suggested / each.messages:.1%}" if each.messages else "–"
            told = f"{each.messages} to {each.action}, {each.suggested} with a wording that may go ({share}), {each.reworded} reworded"
            console.print(f"{', '.join(policies)}: {told}", highlight=False, soft_wrap=True)


@app.command()
def clauses(
    out: Annotated[Path | None, typer.Option(help="A document to put the table in, between its marks.")] = None,
) -> None:
    """Show every clause of the policies: how it is met, and which tests prove it."""
    found = rows(Path(__file__).parents[1])
    if out:
        write_table(out, found)
        return
    table = Table("policy", "clause", "met by", "how", "tests")
    for row in found:
        table.add_row(row.pack, row.clause.id, row.clause.effect, row.clause.how.strip(), escape("\n".join(row.tests) or "none"))
    console.print(table)


@app.command(name="rules")
def rules_command(
    values: Annotated[int, typer.Option(help="How many values to draw for each rule.")] = 2000,
    out: Annotated[Path | None, typer.Option(help="Write OUT.md.")] = None,
) -> None:
    """Show each rule's false alarms on routine messages and its recall on drawn values; exit code 1 when one alarms too often."""
    records = [record for split in SPLITS for record in read_corpus(split)]
    figures = rule_figures.measure(records, values)
    routine = sum(record.fair_labels == {Tier.ROUTINE} for record in records)
    text = rule_figures.as_markdown(figures, routine)
    console.print(Markdown(text))
    if out:
        out.with_suffix(".md").write_text(text, encoding="utf-8")
    if any(each.false_alarm_rate > rule_figures.MOST_FALSE_ALARMS for each in figures):
        raise typer.Exit(1)


@app.command(name="disguise")
def disguise_command(
    count: Annotated[int, typer.Option(help="How many identifiers to write in each kind of disguise.")] = 10_000,
    held: Annotated[bool, typer.Option(help="Judge oddly written routine messages of the test split too, with the model.")] = True,
    out: Annotated[Path | None, typer.Option(help="Write OUT.md.")] = None,
) -> None:
    """Show how much of what is disguised is still found, and how many more routine messages are held; exit code 1 off a goal."""
    caught = [disguise.catch(family, count) for family in disguise.GOALS]
    classifier = Classifier.load(Settings())
    more = disguise.hold(classifier, read_corpus("test")) if held else ()
    text = disguise.as_markdown(caught, more, str(classifier.model_version))
    console.print(Markdown(text))
    if out:
        out.with_suffix(".md").write_text(text, encoding="utf-8")
    if not all(each.is_reached for each in caught) or disguise.held_more(more) > disguise.HELD_MORE_GOAL:
        raise typer.Exit(1)


@app.command(name="fallback")
def fallback_command(out: Annotated[Path | None, typer.Option(help="Write OUT.md.")] = None) -> None:
    """Show what the linear fallback would let through against what it would hold, on the test split."""
    records = read_corpus("test")
    text = fallback.as_markdown(fallback.measure(records), len(records))
    console.print(Markdown(text))
    if out:
        out.with_suffix(".md").write_text(text, encoding="utf-8")


@app.command(name="fuzz")
def fuzz_command(
    minutes: Annotated[float, typer.Option(help="For how long.")] = 60.0,
    seed: Annotated[int, typer.Option(help="Where the drawing of texts begins.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Write OUT.md.")] = None,
) -> None:
    """Show the worst of hostile texts, and what text messages take; exit code 1 if one raises, changes when read twice or maps outside."""
    messages = fuzz.read_messages([record.text for split in SPLITS for record in read_corpus(split)])
    seen = fuzz.fuzz(minutes * 60, [record.text for record in read_corpus("train")], seed)
    text = fuzz.as_markdown(seen, messages, minutes * 60, seed)
    console.print(Markdown(text))
    if out:
        out.with_suffix(".md").write_text(text, encoding="utf-8")
    if not seen.is_sound:
        raise typer.Exit(1)


@app.command()
def keeping(count: Annotated[int, typer.Option(help="Verdicts to keep.")] = 2000) -> None:
    """Measure what keeping a verdict before it is given adds, on SQLite and PostgreSQL."""
    console.print(cost_of_keeping(count), markup=False)


@app.command()
def cases(
    bundle: Bundle = None,
    folder: Annotated[Path, typer.Option(help="Where the cases are.")] = CASES,
    file: Annotated[str | None, typer.Option(help="Run this file's cases alone (its name without .yaml).")] = None,
    show: Annotated[bool, typer.Option(help="Show the texts of what failed.")] = False,
) -> None:
    """Run the behaviour cases and name those that fail; exit code 1 when one does."""
    try:
        files = read_cases(folder)
        if file is not None:
            files = {file: files[file]} if file in files else {}
        classifier = ready(_settings(bundle))
    except SendsafeError as error:
        raise _failed(error) from None
    outcomes = list(track(run_cases(classifier, files), "cases", total=count(files), transient=True))
    failed = [each for each in outcomes if not each.has_passed]
    for each in failed:
        console.print(f"FAILED {each.file}: {each.name}", markup=False, highlight=False, soft_wrap=True)
        for fault in each.faults:
            console.print(f"       {fault.sentence}", markup=False, highlight=False, soft_wrap=True)
            if show:
                console.print(f"       {fault.text!r}", markup=False, highlight=False, soft_wrap=True)
    console.print(f"{len(outcomes)} cases, {len(failed)} failed, bundle {classifier.model_version}", highlight=False)
    if failed or not outcomes:
        raise typer.Exit(1)


@app.command()
def gate(
    candidate: Annotated[Path, typer.Argument(help="The folder of the bundle that wants to be served.")],
    against: Annotated[Path | None, typer.Option(help="The bundle that is served now; left out, the shipped one.")] = None,
    limits: Annotated[Path, typer.Option(help="The limits.")] = LIMITS,
    out: Annotated[Path | None, typer.Option(help="Write OUT.md, OUT.json and OUT.html.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
) -> None:
    """Decide whether a candidate may take the current bundle's place; exit code 0 if it may, 1 if not, 2 if that cannot be told."""
    try:
        gold, records = read_gold()
        verdict = try_candidate(candidate, against or Settings().bundle_folder, Trial(gold, records, read_cases(), read_limits(limits)))
    except (SendsafeError, ValidationError, OSError) as error:
        console.print(f"The gate cannot decide: {error}", markup=False, soft_wrap=True)
        raise typer.Exit(2) from None
    whole = gate_content(verdict)
    text = write_report(out, whole, {}, gate_markdown) if out else gate_markdown(whole, {})
    if as_json:
        console.print_json(data=whole)
    else:
        console.print(Markdown(text))
    if not verdict.has_passed:
        raise typer.Exit(1)


@app.command(name="freeze")
def freeze_command(split: Annotated[str, typer.Option(help="The split of the corpus.")] = "test") -> None:
    """Write down the gold set of the gate: the split's files and their hashes, as they are now."""
    gold = freeze(split)
    console.print(f"{gold.messages} messages in {len(gold.files)} files, {gold.sha256[:16]}", highlight=False)


@app.command()
def compare(
    one: Annotated[Path, typer.Argument(help="The folder of a bundle.")],
    other: Annotated[Path, typer.Argument(help="The folder of another.")],
    file: File = None,
    split: Annotated[str, typer.Option(help="The split of the corpus to compare on.")] = "test",
    with_text: Annotated[bool, typer.Option("--text", help="Show the messages' texts too.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write OUT.md, OUT.json and OUT.html.")] = None,
) -> None:
    """Name the messages that two bundles judge otherwise, by group and line, the worse ones first."""
    try:
        now, new = ready(_settings(one)), ready(_settings(other))
    except SendsafeError as error:
        raise _failed(error) from None
    pairs = judge_both(now, new, _records(file, split))
    names = (str(now.model_version), str(new.model_version))
    whole = compare_content(pairs, names, file.stem if file else split, with_text=with_text)
    console.print(Markdown(write_report(out, whole, {}, compare_markdown) if out else compare_markdown(whole, {})))


@app.command()
def http(
    messages: Annotated[int, typer.Option(help="How many messages of the test split.", min=1)] = 100,
    longest: Annotated[int, typer.Option(help="The most characters that a message has.", min=1)] = 320,
    rounds: Annotated[int, typer.Option(help="How often each is judged in every way.", min=1)] = 10,
    rate: Annotated[float, typer.Option(help="Messages a second in the second part.")] = 50,
    seconds: Annotated[float, typer.Option(help="For how long.")] = 60,
    out: Annotated[Path | None, typer.Option(help="Write OUT.md, OUT.json and OUT.html.")] = None,
) -> None:
    """Measure what HTTP adds to a verdict where nothing is kept, and how long answers take at a steady rate on one core."""
    whole = latency_content(read_corpus("test"), messages=messages, longest=longest, rounds=rounds, rate=rate, seconds=seconds)
    console.print(Markdown(write_report(out, whole, {}, latency_markdown) if out else latency_markdown(whole, {})))


@app.command(name="bench")
def bench_command(
    messages: Annotated[int, typer.Option(help="How many messages of the test split.", min=1)] = 100,
    rounds: Annotated[int, typer.Option(help="How often each contestant has its turn.", min=2)] = 7,
    many: Annotated[int, typer.Option(help="How many messages a round in bulk has.", min=1)] = 300,
    seconds: Annotated[float, typer.Option(help="How long a round of requests is.")] = 3,
    size: Annotated[list[int] | None, typer.Option(help="Rows of a file; may be given more than once.")] = None,
    out: Annotated[Path, typer.Option(help="Write OUT.md, OUT.json, OUT.html and its plots.")] = REPORTS / "bench",
    docs: Annotated[Path | None, typer.Option(help="The folder whose performance.md and scale.md are written.")] = None,
) -> None:
    """Measure sendsafe beside what others would build: alone, in bulk, over HTTP; and files of growing size."""
    sizes = tuple(size or (1000, 3000, 10_000))
    records = read_corpus("test")
    whole = bench_content(records, messages=messages, rounds=rounds, many=many, seconds=seconds, sizes=sizes)
    drawn = bench_plots(whole)
    console.print(Markdown(write_report(out, whole, drawn, bench_markdown)))
    if docs:
        names = {name: os.path.relpath(out.with_name(f"{out.name}-{name}.svg"), docs) for name in drawn}
        (docs / "performance.md").write_text(bench_markdown(whole, names), encoding="utf-8")
        scale = docs / "scale.md"
        scale.write_text(filled(scale.read_text(encoding="utf-8"), {"capacity": capacity(whole)}), encoding="utf-8")


@app.command(name="drift")
def drift_command(
    until: Annotated[datetime | None, typer.Option(help="The end of the days that are looked at (UTC); left out, now.")] = None,
    limits: Annotated[Path, typer.Option(help="The limits.")] = drift.LIMITS,
    out: Annotated[Path | None, typer.Option(help="Write OUT.md, OUT.json, OUT.html and its plots.")] = None,
    metrics: Annotated[Path | None, typer.Option(help="Write the figures for Prometheus' textfile collector.")] = None,
) -> None:
    """Compare the verdicts of the last days with those before them, from stored features without text; exit code 1 at an alarm."""
    end = (until or datetime.now(UTC)).replace(tzinfo=UTC)
    end_ms = int(end.timestamp() * 1000)
    given = drift.read_limits(limits)
    begin_ms = end_ms - (given.days + given.reference_days) * DAY_MS
    try:
        found = drift.shifts(read_kept(_store(), begin_ms, end_ms), end_ms, given)
    except (SendsafeError, SQLAlchemyError, OSError) as error:
        console.print(f"Nothing can be compared: {type(error).__name__}", markup=False)
        raise typer.Exit(2) from None
    whole = drift.drift_content(found, end.isoformat(timespec="minutes"), given)
    text = write_report(out, whole, drift.drift_plots(found), drift.drift_markdown) if out else drift.drift_markdown(whole, {})
    console.print(Markdown(text))
    if metrics:
        drift.write_metrics(found, metrics)
    if whole["is_alarm"]:
        raise typer.Exit(1)


@app.command()
def teach_first(
    budget: Annotated[int, typer.Option(help="How many messages can be labelled.", min=1)] = 50,
    put_first: Annotated[bool, typer.Option("--put-first", help="Put them forward in the review queue, behind urgent ones.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the reviews' ids, one a line.")] = None,
) -> None:
    """Name the waiting messages whose labels would teach most, the first ones first; no text is opened for it.

    Those that were put forward and that nobody has judged yet come first and count towards the budget.
    """
    try:
        store = _store()
        waiting = read_waiting(store)
        review_of = {each.id: review for review, each in waiting.items()}
        forward = list_forward(store)
        chosen = choose(list(waiting.values()), budget, {each.id for each in waiting.values() if review_of[each.id] in forward})
        raised = put_forward(store, [review_of[each.id] for each in chosen]) if put_first else 0
    except (SendsafeError, SQLAlchemyError, OSError) as error:
        console.print(f"The queue cannot be used: {type(error).__name__}", markup=False)
        raise typer.Exit(2) from None
    table = Table("review", "tier", "uncertainty")
    for each in chosen:
        table.add_row(review_of[each.id], each.category, "–" if each.scores is None else f"{uncertainty(each.scores):.2f}")
    console.print(table)
    if put_first:
        console.print(f"{raised} put forward, {len(chosen)} in all of a budget of {budget}", highlight=False)
    if out:
        out.write_text("".join(f"{review_of[each.id]}\n" for each in chosen), encoding="utf-8")


def _store() -> Store:
    """Return the deployment's store.

    Raises:
        StoreError: it cannot be used as it is.
    """
    store = open_store(Settings())
    store.prepare()
    return store


def _records(file: Path | None, split: str) -> list[Record]:
    return list(read_file(file, is_marked=False)) if file else read_corpus(split)


def _settings(bundle: Path | None) -> Settings:
    return Settings() if bundle is None else Settings(bundle_folder=bundle)


def _trained_on(manifest: Manifest) -> int | None:
    number = manifest.metrics.get("training_messages")
    return None if number is None else int(number)


def _failed(error: SendsafeError) -> typer.Exit:
    console.print(str(error), markup=False)
    return typer.Exit(1)


if __name__ == "__main__":
    app()
