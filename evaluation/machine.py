"""The machine that a figure was measured on."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

CPU_INFORMATION = Path("/proc/cpuinfo")


def describe(*packages: str) -> str:
    """Return processor, cores, Python and the versions of some packages in one line."""
    parts = [_processor(), f"{os.cpu_count()} cores", platform.system(), f"Python {platform.python_version()}"]
    return ", ".join([*parts, *(f"{package} {found}" for package in packages if (found := installed(package)))])


def installed(package: str) -> str | None:
    """Return the version of a package, `None` where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _processor() -> str:
    lines = CPU_INFORMATION.read_text(encoding="utf-8").splitlines() if CPU_INFORMATION.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine()
