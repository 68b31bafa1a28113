"""docs/performance.md and its plots, from what a bench measured."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from evaluation.bench.contestants import CONTESTANTS, OURS, PIPELINE, PRESIDIO
from evaluation.bench.services import BENTO_PIPELINE, CONNECTIONS, TUNED
from evaluation.markdown import table
from evaluation.plots import draw

MOST_COLD_SECONDS, MOST_RESIDENT_MB = 1.5, 300


def bench_markdown(whole: Mapping[str, Any], plots: Mapping[str, str]) -> str:
    """Write the page; `plots` holds file names by the plot's name."""
    busy = f"load average {whole['load'][0]} before and {whole['load'][1]} after, priority {whole['priority']}"
    lines = [
        f"# Performance: bundle {whole['bundle']}",
        "",
        "Written by `make bench`; the figures are in `evaluation/reports/bench.json`.",
        "",
    ]
    lines += [f"Measured on {whole['date']} in {whole['seconds']} seconds: {whole['machine']}; {busy}.", ""]
    if whole["load"][0] > 1:
        lines += ["**Other work was running: the proportions hold better than the times, and both are to be taken again.**", ""]
    lines += _goals(whole)
    lines += _alone(whole, plots)
    lines += _served(whole, plots)
    lines += _parts(whole)
    lines += _files(whole, plots)
    if whole["missing"]:
        lines += ["## Left out", "", *(f"- {each}" for each in whole["missing"]), ""]
    return "\n".join(lines)


def bench_plots(whole: Mapping[str, Any]) -> dict[str, str]:
    """Draw latency, requests a second, and cost and memory against the number of messages."""
    latency = {CONTESTANTS[name].title: of["p50_ms"] for name, of in whole["contestants"].items()}
    drawn = {"latency": draw(lambda axes: _bars(axes, latency, "ms a message, p50, best to worst round"), width=6.4)}
    if whole["services"]:
        rates = {name: of["a_second"] for name, of in whole["services"].items()}
        drawn["services"] = draw(lambda axes: _bars(axes, rates, "requests a second"), width=6.4)
    if whole["files"]:
        drawn["files"] = draw(lambda axes: _growth(axes, whole["files"]))
    return drawn


def _goals(whole: Mapping[str, Any]) -> list[str]:
    of, served = whole["contestants"], whole["services"]
    rows = [["goal", "asked", "measured"]]
    for name in (PIPELINE, PRESIDIO):
        if {OURS, name} <= of.keys():
            told = f"{_times(of[name]['p50_ms'], of[OURS]['p50_ms'])}, {_times(of[name]['cpu_us'], of[OURS]['cpu_us'])} by CPU-µs"
            rows.append([f"p50 in process, against {CONTESTANTS[name].title}", "≥ 2×", told])
    if {OURS, PIPELINE} <= of.keys():
        told = f"{_times(of[OURS]['bulk_a_second'], of[PIPELINE]['bulk_a_second'])}, {_times(of[PIPELINE]['bulk_cpu_us'], of[OURS]['bulk_cpu_us'])} by CPU-µs"
        rows.append(["messages a second in bulk, one core each, against the pipeline", "≥ 4×", told])
    if {TUNED, BENTO_PIPELINE} <= served.keys():
        told = f"{_times(served[TUNED]['a_second'], served[BENTO_PIPELINE]['a_second'])}, {_times(served[BENTO_PIPELINE]['cpu_us'], served[TUNED]['cpu_us'])} by CPU-µs"
        rows.append(["requests a second, against BentoML's defaults around the pipeline", "≥ 4×", told])
    if OURS in of:
        rows.append(["cold start to the first verdict", f"≤ {MOST_COLD_SECONDS} s", f"{of[OURS]['cold_seconds']['median']:.2f} s"])
        rows.append(["resident memory of a worker", f"≤ {MOST_RESIDENT_MB} MB", f"{of[OURS]['resident_mb']['most']:.0f} MB"])
    return [*table(rows), ""]


def _times(one: Mapping[str, float], other: Mapping[str, float]) -> str:
    return f"{one['median'] / other['median']:.1f}×"


def _alone(whole: Mapping[str, Any], plots: Mapping[str, str]) -> list[str]:
    rows = [["", "p50 ms", "p95 ms", "CPU-µs a message", "in bulk, messages a second", "CPU-µs in bulk", "cold start s", "resident MB"]]
    for name, of in whole["contestants"].items():
        cells = [_spread(of[what], places) for what, places in (("p50_ms", 2), ("p95_ms", 1), ("cpu_us", 0))]
        cells += [
            _spread(of["bulk_a_second"], 0),
            _spread(of["bulk_cpu_us"], 0),
            _spread(of["cold_seconds"], 2),
            f"{of['resident_mb']['most']:.0f}",
        ]
        rows.append([CONTESTANTS[name].title, *cells])
    about = [
        f"The same {whole['messages']} test messages of up to {whole['longest']} characters ({whole['characters']} on average), each contestant in a process of its",
        f"own with one thread, {whole['rounds']} rounds in which they take turns: the median of the rounds, and the lowest and highest.",
        "What sendsafe gives is the whole verdict: model, rules, policy, another wording where one is due.",
        "The pipeline, onnxruntime and OpenVINO give four probabilities from MiniLM with four classes on top, Presidio its findings.",
        f"In bulk are {whole['many']} messages: `score_batch` on one core, the pipeline in batches of 32, the others one by one.",
    ]
    return ["## In process", "", " ".join(about), "", *_image(plots, "latency", "Latency"), *table(rows), ""]


def _served(whole: Mapping[str, Any], plots: Mapping[str, str]) -> list[str]:
    if not whole["services"]:
        return []
    rows = [["", "p50 ms", "p95 ms", "requests a second", "CPU-µs a request", "refused"]]
    for name, of in whole["services"].items():
        cells = [_spread(of["p50_ms"], 2), _spread(of["p95_ms"], 1), _spread(of["a_second"], 0), _spread(of["cpu_us"], 0)]
        rows.append([name, *cells, str(of["refused"])])
    about = f"One worker each. Latency one message after another; requests a second with {CONNECTIONS} connections that ask as fast as they are answered."
    return ["## Over HTTP", "", about, "", *_image(plots, "services", "Requests a second"), *table(rows), ""]


def _parts(whole: Mapping[str, Any]) -> list[str]:
    parts = whole["parts"]
    if not parts:
        return []
    total = sum(parts["ms"].values())
    rows = [["", "ms of processor a message", "share"], *([name, f"{ms:.3f}", f"{ms / total:.0%}"] for name, ms in parts["ms"].items())]
    rows.append(["all", f"{total:.3f}", "100%"])
    runs = f"The network ran {parts['runs']:.2f} times for a message: once more where names are found that the lexicon lacks, and for each other wording that is tried."
    return ["## Where the time goes", "", f"Means with a watch on each part, which costs a little itself. {runs}", "", *table(rows), ""]


def _files(whole: Mapping[str, Any], plots: Mapping[str, str]) -> list[str]:
    rows = [["messages", "seconds", "messages a second", "CPU-µs a message", "parent MB", "largest worker MB"]]
    for each in whole["files"]:
        rate = each["messages"] / max(each["judging_seconds"], 0.01)
        cells = [f"{each['seconds']:.1f}", f"{rate:,.0f}", f"{each['cpu_us']:,}", str(each["parent_mb"]), str(each["worker_mb"])]
        rows.append([f"{each['messages']:,}", *cells])
    about = '`sendsafe score-file` on every core, JSON Lines in and out. Starting the processes is in the seconds and the CPU-µs, not in the messages a second. `make bench SIZES="1000 1000000"` takes other sizes.'
    return ["## Files", "", about, "", *_image(plots, "files", "Cost and memory"), *table(rows), ""]


def _spread(of: Mapping[str, float], places: int) -> str:
    return f"{of['median']:,.{places}f} ({of['least']:,.{places}f}–{of['most']:,.{places}f})"


def _image(plots: Mapping[str, str], name: str, words: str) -> list[str]:
    return [f"![{words}]({plots[name]})", ""] if name in plots else []


def _bars(axes: Axes, found: Mapping[str, Mapping[str, float]], words: str) -> None:
    names = list(found)[::-1]
    middle = [found[name]["median"] for name in names]
    below = [found[name]["median"] - found[name]["least"] for name in names]
    above = [found[name]["most"] - found[name]["median"] for name in names]
    axes.barh(names, middle, xerr=[below, above], color=["C0" if "sendsafe" in name else "0.7" for name in names], ecolor="0.3", height=0.6)
    axes.set(xlabel=words)


def _growth(axes: Axes, files: list[Mapping[str, Any]]) -> None:
    sizes = [each["messages"] for each in files]
    axes.plot(sizes, [each["seconds"] for each in files], marker="o", label="seconds")
    axes.plot(sizes, [each["parent_mb"] for each in files], marker="s", linestyle="--", label="parent, MB")
    axes.plot(sizes, [each["worker_mb"] for each in files], marker="^", linestyle="--", label="largest worker, MB")
    axes.set(xlabel="messages in the file", xscale="log", yscale="log")
    axes.legend(frameon=False)
