"""One encoder with four heads: tier, information types, and per token the type and the mode.

The tier head reads the mean over all tokens, as all-MiniLM-L6-v2 was trained to be read (Reimers & Gurevych 2019,
arXiv:1908.10084), and beside it the highest value of each feature, so that one telling word in a long text is not averaged away.
"""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel

from training.labels import MODE_LABELS, TAG_LABELS, TIER_LABELS, TYPE_LABELS

FAR = 1e4
"""What takes padding out of a maximum."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """Logits: `tier` (batch, 4), `types` (batch, types), `tags` (batch, tokens, tags), `modes` (batch, tokens, 3)."""

    tier: Tensor
    types: Tensor
    tags: Tensor
    modes: Tensor


class Network(nn.Module):
    """The encoder and its heads."""

    def __init__(self, encoder: nn.Module, hidden_size: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.dropout = nn.Dropout(dropout)
        self.tier_head = nn.Linear(2 * hidden_size, len(TIER_LABELS))
        self.type_head = nn.Linear(hidden_size, len(TYPE_LABELS))
        self.tag_head = nn.Linear(hidden_size, len(TAG_LABELS))
        self.mode_head = nn.Linear(hidden_size, len(MODE_LABELS))

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Outputs:
        """Read a batch of token ids (batch, tokens); `attention_mask` is 1 for tokens, 0 for padding."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        mask = attention_mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * mask).sum(1) / mask.sum(1)
        pooled = self.dropout(mean)
        tokens = self.dropout(hidden)
        highest = self.dropout((hidden + (mask - 1) * FAR).max(1).values)
        return Outputs(
            self.tier_head(torch.cat([pooled, highest], dim=1)), self.type_head(pooled), self.tag_head(tokens), self.mode_head(tokens)
        )


def new_network(encoder_folder: Path | str, dropout: float = 0.1) -> Network:
    """Return a network on a pretrained encoder: a local folder or, where a hub can be reached, a hub name.

    Attention is computed step by step and nothing is dropped from it: on short texts and a processor that trains a quarter faster.
    """
    config = AutoConfig.from_pretrained(encoder_folder)
    if hasattr(config, "attention_probs_dropout_prob"):
        config.attention_probs_dropout_prob = 0.0
    encoder = AutoModel.from_pretrained(encoder_folder, config=config, dtype=torch.float32, attn_implementation="eager")
    return Network(encoder, encoder.config.hidden_size, dropout)


def empty_network(encoder_folder: Path | str) -> Network:
    """Return a network of the right shape whose weights are still to be loaded."""
    config = AutoConfig.from_pretrained(encoder_folder)
    return Network(AutoModel.from_config(config, attn_implementation="eager"), config.hidden_size)  # type: ignore[no-untyped-call]
