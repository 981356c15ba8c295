"""What runs on this machine, read from /proc."""

from __future__ import annotations

from pathlib import Path


def alive(pid: int) -> bool:
    """Whether a process runs. One that has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def processes_naming(text: str) -> list[int]:
    """The processes that have a text in their command line or environment: those of a world name its folder."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _names(entry, text.encode())]


def _names(entry: Path, text: bytes) -> bool:
    try:
        return text in (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
    except OSError:
        return False
