"""What one writes in an afternoon: FastAPI, a tokenizer and onnxruntime, fp32, one thread. Run by uvicorn with its defaults."""

from typing import Any

import numpy as np
from pydantic import BaseModel

from evaluation.bench.networks import fp32_file, inputs, plain_tokenizer
from serving.inference import open_network


class Question(BaseModel):
    """One text."""

    text: str


def make() -> Any:
    """Return the application."""
    from fastapi import FastAPI  # noqa: PLC0415

    app = FastAPI()
    tokenizer, session = plain_tokenizer(), open_network(fp32_file().read_bytes())

    def livez() -> dict[str, str]:
        return {}

    def classify(question: Question) -> list[dict[str, Any]]:
        logits = session.run(None, inputs(tokenizer.encode(question.text).ids))[0][0]
        shares = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
        return [{"label": f"LABEL_{place}", "score": float(share)} for place, share in enumerate(shares)]

    app.get("/livez")(livez)
    app.post("/classify")(classify)
    return app
