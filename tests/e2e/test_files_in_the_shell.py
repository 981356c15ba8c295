"""Files and pipes between two people's shells, over a real daemon and server: what docs/how-to/files-in-the-shell.md
shows."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sat.world import World
from sat.world.daemon import script

Shell = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def shell(world: World, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Run a script of bash where alice and bob are online."""
    for person in ("alice", "bob"):
        world.enter_profile(person)
    jp = Path(script("jp")).parent
    environment = {**world.environment(), "PATH": f"{jp}{os.pathsep}{os.environ['PATH']}"}
    folder = tmp_path_factory.mktemp("shell")

    def run(text: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", text],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_a_folder_goes_through_tar(shell):
    """Bob waits before alice sends, as jp tells with -v."""
    done = shell(
        """
        mkdir -p photos/2025 there && head -c 3000000 /dev/urandom > photos/2025/a.png && echo hi > photos/b.txt
        mkfifo ready && { jp -p bob pipe in alice@localhost -v 2>ready >received.tar & } && receiver=$!
        read waiting <ready && tar c photos | jp -p alice pipe out bob@localhost || exit
        wait $receiver; echo "$waiting code $?"
        tar x -C there < received.tar && diff -r photos there/photos && echo same
        """
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    assert done.stdout.splitlines() == ["Waiting for alice@localhost. code 0", "same"]


def test_nobody_waits_for_a_pipe(shell):
    done = shell("echo hi | jp -p alice pipe out bob@localhost")
    assert (done.returncode, done.stdout) == (18, "")


def test_a_reader_that_goes_ends_the_writer(shell):
    done = shell(
        """
        mkfifo going && { { jp -p bob pipe in alice@localhost -v 2>going; echo "$?" >code; } | head -c 4 & }
        read waiting <going && yes | jp -p alice pipe out bob@localhost; echo "${PIPESTATUS[1]}"
        wait; cat code
        """
    )
    assert done.stdout.split() == ["y", "y", "20", "141"], done


def test_who_is_killed_ends_its_pipe(shell):
    """Its stdin is still open elsewhere, so there is no end that anybody could read."""
    done = shell(
        """
        mkfifo soon more; { jp -p bob pipe in alice@localhost -v 2>soon >taken; echo "$?" >code; } & receiver=$!
        read waiting <soon; jp -p alice pipe out bob@localhost <more & sender=$!
        exec 9>more; echo begun >&9; until [ -s taken ]; do :; done
        kill -KILL $sender; wait $receiver; cat taken code
        jp -p alice file transfers -o json
        """
    )
    taken, code, listed = done.stdout.split("\n", 2)
    assert (taken, code) == ("begun", "4"), done
    assert json.loads(listed)[-1]["error"] == "TransferBroken"


def test_files_are_sent_and_received(shell):
    done = shell(
        """
        mkdir -p here && echo one > one.txt && echo two > two.txt
        jp -p alice file send one.txt two.txt bob@localhost & sender=$!
        jp -p bob file receive alice@localhost --path here --timeout 30 || exit
        jp -p bob file receive alice@localhost --path here/second.txt --timeout 30 || exit
        wait $sender; echo "code $?"; cat here/*
        """
    )
    assert done.returncode == 0, done
    *paths, code, first, second = done.stdout.splitlines()
    names = [each.rpartition("/")[2] for each in paths]
    assert names in (["one.txt", "second.txt"], ["two.txt", "second.txt"])  # they are offered at once
    assert (code, {first, second}) == ("code 0", {"one", "two"})
    assert "⇡ one.txt to bob@localhost: sent, 4 bytes" in done.stderr.splitlines()


def test_what_is_declined_is_told_by_the_code(shell):
    done = shell(
        """
        echo no > no.txt; jp -p alice file send -q no.txt bob@localhost & sender=$!
        until jp -p bob file decline @alice@localhost 2>/dev/null; do :; done
        wait $sender; echo "code $?"
        jp -p alice file transfers -o json
        """
    )
    code, _, listed = done.stdout.partition("\n")
    assert code == "code 1"
    assert json.loads(listed)[-1]["error"] == "PeerDeclined"


def test_what_is_cancelled_is_told_by_the_code(shell):
    """Whoever does it, on its way."""
    done = shell(
        """
        truncate -s 20G big.bin && mkdir -p half
        jp -p alice file send -q big.bin bob@localhost & sender=$!
        jp -p bob file receive -q alice@localhost --path half & receiver=$!
        until jp -p bob file transfers --running -o json | grep -q '"moved": [1-9]'; do :; done
        jp -p bob file cancel @alice@localhost || exit
        wait $sender; echo "code $?"; wait $receiver; echo "code $?"
        jp -p alice file send -q big.bin bob@localhost & sender=$!
        jp -p bob file receive -q alice@localhost --path half & receiver=$!
        until jp -p bob file transfers --running -o json | grep -q '"moved": [1-9]'; do :; done
        jp -p alice file cancel @bob@localhost || exit
        wait $sender; echo "code $?"; wait $receiver; echo "code $?"
        jp -p alice file transfers -o json; jp -p bob file forget -q; rm -r big.bin half
        """
    )
    codes, listed = done.stdout.split("[", 1)
    assert codes.split() == ["code", "20"] * 4, done
    assert "The transfer with bob@localhost was cancelled there." in done.stderr
    assert [(each["state"], each["error"]) for each in json.loads(f"[{listed}")[-2:]] == [
        ("cancelled", "CancelledThere"),
        ("cancelled", "Cancelled"),
    ]


def test_a_folder_is_sent_as_one_file(shell):
    done = shell(
        """
        mkdir -p trip out && echo day > trip/1.txt
        jp -p alice file send -q --tar trip bob@localhost & sender=$!
        tar xzf "$(jp -p bob file receive alice@localhost --timeout 30)" -C out || exit
        wait $sender && cat out/trip/1.txt
        """
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "day\n", "")


def test_what_is_shared_is_listed_and_fetched(shell):
    done = shell(
        """
        mkdir -p music/live from-bob && echo song > music/live/a.ogg
        jp -p bob file share add music --with alice@localhost && jp -p bob file share list | cut -f 1,2
        jp -p alice file list bob@localhost | cut -f 1,4
        jp -p alice file list bob@localhost music/live | cut -f 1,2,4
        jp -p alice file fetch bob@localhost music/live/a.ogg --path from-bob && cat from-bob/a.ogg
        jp -p alice file fetch bob@localhost music/none -q; echo "code $?"
        jp -p bob file share remove music && jp -p alice file list bob@localhost | wc -l
        """
    )
    path = done.stdout.splitlines()[3]
    assert path.endswith("/from-bob/a.ogg")
    assert [line for line in done.stdout.splitlines() if line != path] == [
        "music\talice@localhost",
        "folder\tmusic",
        "file\t5\tmusic/live/a.ogg",
        "song",
        "code 16",
        "0",
    ], done


def test_a_slip_of_the_pen_is_told(shell):
    """Of a group, of a program, of a hash, of a folder that is no file."""
    done = shell(
        """
        mkdir -p books/new && echo page > books/a.txt && echo x > x.txt
        say() { "$@"; echo "code $?" >&2; }
        say jp -p bob file share add books --group Freinds
        jp -p bob file share add books --with alice@localhost
        say jp -p alice file send x.txt bob@localhost/nowhere
        say jp -p alice pipe out bob@localhost/nowhere <x.txt
        say jp -p alice file request bob@localhost --hash "$(printf %064d 7)"
        say jp -p alice file fetch bob@localhost books
        say jp -p bob file share list | cut -f 1,2
        jp -p bob file share remove books
        """
    )
    assert done.stdout == "books\talice@localhost\n"
    assert [line for line in done.stderr.splitlines() if not line.startswith("hint: ")] == [
        "jp: There is no group “Freinds” among your contacts.",
        "code 16",
        "jp: bob@localhost cannot take files directly: no program of theirs that could is online.",
        "code 18",
        "jp: No program of bob@localhost that is online waits for a pipe.",
        "code 18",
        "jp: There is no file with this hash that bob@localhost would send.",
        "code 16",
        "jp: There is no books that bob@localhost would send.",
        "code 16",
        "code 0",
    ], done.stderr
    assert "hint: Did you mean Friends?" in done.stderr
    assert "hint: What they share, file by file: jp file list bob@localhost" in done.stderr
