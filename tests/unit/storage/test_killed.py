"""kill -9 at any moment (R6, R10): what was acknowledged is there, and the file is whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from support.thorough import times

from sat.storage.migrations import STEPS

TESTS = Path(__file__).parents[2]


def run(kind: str, folder: Path, kills: int) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "support.killed", kind, folder, str(kills)],
        cwd=TESTS,
        capture_output=True,
        text=True,
        timeout=times(300, 1200),
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_while_messages_are_stored(tmp_path):
    found = run("write", tmp_path / "data", times(25, 200))
    assert found["acknowledged"] > 100
    for report in found["reports"]:
        assert report["lost"] == []
        assert report["integrity"] == "ok"
        assert report["unsearchable"] == 0
        assert report["notice"] == ""


def test_while_the_database_is_upgraded(tmp_path):
    found = run("upgrade", tmp_path / "data", times(10, 100))
    assert set(found["versions"]) <= {len(STEPS), len(STEPS) + 1}
    (report,) = found["reports"]
    assert (report["lost"], report["integrity"], report["notice"]) == ([], "ok", "")
