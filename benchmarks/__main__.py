"""The command: ``python -m benchmarks [--json FILE] [--rounds N] [--megabytes N] [NAME...]``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from benchmarks.registry import BENCHMARKS, Benchmark, Row, Scene

ROUNDS = 7
MEGABYTES = 256  # of a file


def main() -> int:
    """Run the benchmarks named, or all; 0 when every goal is met, 1 when one is missed or could not be measured."""
    load()
    parser = _parser()
    arguments = parser.parse_args()
    if arguments.list:
        for name, function in sorted(BENCHMARKS.items()):
            print(f"{name:12} {(function.__doc__ or '').strip().splitlines()[0]}")
        return 0
    if unknown := set(arguments.names) - set(BENCHMARKS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; --list says what there is")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or every start of ours would compile what was edited last
    rows: list[Row] = []
    failed = False
    with ExitStack() as exits:
        scene = Scene(exits, arguments.rounds, arguments.megabytes)
        print(line("", "value", "unit", "goal", "peer"), flush=True)
        for name in arguments.names or sorted(BENCHMARKS):
            failed |= not measure(name, BENCHMARKS[name], scene, rows)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps([row._asdict() for row in rows], indent=1) + "\n")
    return int(failed or not all(row.ok for row in rows))


def load() -> None:
    """Import every module of this package: they register themselves."""
    for module in iter_modules([str(Path(__file__).parent)]):
        if module.name != "__main__":
            import_module(f"benchmarks.{module.name}")


def measure(name: str, function: Benchmark, scene: Scene, rows: list[Row]) -> bool:
    """Run one benchmark, print its figures as they come; whether it could be measured."""
    try:
        for row in function(scene):
            rows.append(row)
            goal = f"{row.goal:g}" if row.goal else ""
            print(line(row.name, f"{row.value:g}", row.unit, goal, row.peer, row.ok), flush=True)
    except Exception as error:
        print(f"{name}: could not be measured: {type(error).__name__}: {error}", file=sys.stderr)
        traceback.print_exc()
        return False
    return True


def line(name: str, value: str, unit: str, goal: str, peer: str, ok: bool = True) -> str:
    """One line of the table."""
    return f"{name:40} {value:>10} {unit:12} {goal:>8}  {'' if ok else 'MISSED':6} {peer}".rstrip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench", description="Measure what it costs, next to what it may cost.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="which benchmarks, all by default")
    parser.add_argument("--list", action="store_true", help="say which there are")
    parser.add_argument("--json", metavar="FILE", help="write the figures as a list, too")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"how often each is measured ({ROUNDS})")
    parser.add_argument("--megabytes", type=int, default=MEGABYTES, help=f"how large files are ({MEGABYTES})")
    return parser


if __name__ == "__main__":
    sys.exit(main())
