"""Registers of an invented council, for every test of the policies."""

from datetime import date
from pathlib import Path

import pytest

from serving.policy import PACKS, read_rulebook

REGISTERS = Path(__file__).parent / "registers"
TODAY = date(2026, 11, 30)


@pytest.fixture(scope="session")
def rulebook():
    return read_rulebook(PACKS, REGISTERS)
