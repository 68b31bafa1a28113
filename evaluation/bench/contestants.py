"""Who is measured in a process: each loads what it needs, and nothing that another needs, and answers one text or many."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Ask = Callable[[str], object]
AskMany = Callable[[Sequence[str]], object]
OURS, PIPELINE, PADDED, OPENVINO, PRESIDIO = "sendsafe", "pipeline", "padded", "openvino", "presidio"
BATCH = 32


@dataclass(frozen=True, slots=True)
class Contestant:
    """What it is called in the table, the packages it is made of, and how it is loaded: for one text, and for many."""

    title: str
    packages: tuple[str, ...]
    load: Callable[[], tuple[Ask, AskMany]]


def _sendsafe() -> tuple[Ask, AskMany]:
    from serving.classifier import READY, Classifier  # noqa: PLC0415
    from serving.settings import Settings  # noqa: PLC0415
    from serving.verdict import Message  # noqa: PLC0415

    classifier = Classifier.load(Settings())
    if classifier.model_status != READY:
        raise RuntimeError("the model is not in use")

    def many(texts: Sequence[str]) -> object:
        import pyarrow as pa  # noqa: PLC0415

        from serving.batch import own_classifier, score_batch  # noqa: PLC0415

        return score_batch(pa.record_batch({"text": list(texts)}), own_classifier())

    return lambda text: classifier.classify(Message(text)), many


def _pipeline() -> tuple[Ask, AskMany]:
    from transformers import pipeline  # noqa: PLC0415

    from evaluation.bench.networks import torch_network  # noqa: PLC0415

    network, tokenizer = torch_network()
    ask = pipeline("text-classification", model=network, tokenizer=tokenizer, top_k=None, truncation=True, max_length=128, device=-1)
    return ask, lambda texts: ask(list(texts), batch_size=BATCH)


def _padded() -> tuple[Ask, AskMany]:
    from evaluation.bench.networks import fp32_file, inputs, plain_tokenizer  # noqa: PLC0415
    from serving.inference import open_network  # noqa: PLC0415

    tokenizer, session = plain_tokenizer(128), open_network(fp32_file().read_bytes())

    def ask(text: str) -> object:
        encoding = tokenizer.encode(text)
        return session.run(None, inputs(encoding.ids, encoding.attention_mask))

    return ask, _one_by_one(ask)


def _openvino() -> tuple[Ask, AskMany]:
    import openvino  # noqa: PLC0415

    from evaluation.bench.networks import inputs, int8_file, plain_tokenizer  # noqa: PLC0415

    hints = {"INFERENCE_NUM_THREADS": 1, "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": 1}
    tokenizer, network = plain_tokenizer(), openvino.Core().compile_model(int8_file(), "CPU", hints)

    def ask(text: str) -> object:
        return network(inputs(tokenizer.encode(text).ids))

    return ask, _one_by_one(ask)


def _presidio() -> tuple[Ask, AskMany]:
    from data.records import Record  # noqa: PLC0415
    from evaluation.peers.presidio import Presidio  # noqa: PLC0415
    from serving.taxonomy import Tier  # noqa: PLC0415

    analyser = Presidio()

    def ask(text: str) -> object:
        return analyser.ask_one(Record(text, Tier.ROUTINE))

    return ask, _one_by_one(ask)


def _one_by_one(ask: Ask) -> AskMany:
    def many(texts: Sequence[str]) -> list[Any]:
        return [ask(text) for text in texts]

    return many


CONTESTANTS = {
    OURS: Contestant("sendsafe: the whole verdict", ("onnxruntime", "tokenizers"), _sendsafe),
    PIPELINE: Contestant("transformers pipeline, torch eager", ("torch", "transformers"), _pipeline),
    PADDED: Contestant("onnxruntime, fp32, padded to 128", ("onnxruntime",), _padded),
    OPENVINO: Contestant("OpenVINO, int8", ("openvino", "nncf"), _openvino),
    PRESIDIO: Contestant("Presidio + spaCy", ("presidio-analyzer", "spacy"), _presidio),
}
