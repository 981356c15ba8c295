"""Pipes to and from contacts: nothing but the bytes, and an exit code that tells how it ended."""

import json
import subprocess

import pytest
from support.commands import JP

BYTES = bytes(range(256)) * 400  # more than a pipe holds


def run(jp, *words, given=b""):
    """Without decoding what it writes."""
    return subprocess.run([*JP, *words], input=given, capture_output=True, env=jp.environment, timeout=30, check=False)


def last(jp):
    return [each for each in json.loads(jp("file", "transfers", "-o", "json").out) if each["pipe"]][-1]


def test_what_goes_out_comes_in(jp):
    done = run(jp, "pipe", "out", "bob@localhost", "--name", "log", given=BYTES)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (last(jp)["name"], last(jp)["peer"], last(jp)["moved"]) == ("log", "bob@localhost", len(BYTES))
    done = run(jp, "pipe", "in", "bob@localhost", "-v")
    assert (done.returncode, done.stdout) == (0, BYTES)
    assert done.stderr == b"Waiting for bob@localhost.\n"


@pytest.mark.parametrize("options", [["-o", "json"], ["-v"], ["-q", "--color=always"]])
def test_nothing_else_is_written_whatever_the_options_say(jp, options):
    run(jp, "pipe", "out", "bob@localhost", given=b"what light\n")
    assert run(jp, "pipe", "in", *options).stdout == b"what light\n"


def test_one_that_is_encrypted_says_so(jp):
    done = run(jp, "pipe", "out", "bob@localhost", "--encrypt", "omemo", given=BYTES)
    assert (done.returncode, last(jp)["encrypted"]) == (0, True)
    done = run(jp, "pipe", "in", "bob@localhost", "-e", "omemo")
    assert (done.returncode, done.stdout) == (0, BYTES)


def test_nothing_at_all_is_sent_whole(jp):
    assert run(jp, "pipe", "out", "bob@localhost").returncode == 0
    assert run(jp, "pipe", "in").stdout == b""


def test_from_a_file_and_into_one(jp, tmp_path):
    (tmp_path / "a").write_bytes(BYTES)
    done = jp.in_shell(f"jp pipe out bob@localhost < {tmp_path}/a && jp pipe in bob@localhost > {tmp_path}/b")
    assert (done.code, done.err) == (0, "")
    assert (tmp_path / "b").read_bytes() == BYTES


def test_folders_go_through_tar(jp, tmp_path):
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir/a.txt").write_text("hello")
    (tmp_path / "there").mkdir()
    done = jp.in_shell(
        f"cd {tmp_path} && tar c dir | jp pipe out bob@localhost && jp pipe in bob@localhost | tar x -C there"
    )
    assert (done.code, done.out, done.err) == (0, "", "")
    assert (tmp_path / "there/dir/a.txt").read_text() == "hello"


def test_terminals_are_refused(jp):
    done = jp.on_terminal("pipe", "out", "bob@localhost").end()
    assert (done.code, "Nothing is piped into this: stdin is a terminal." in done.out) == (2, True)
    done = jp.on_terminal("pipe", "in", "bob@localhost").end()
    assert (done.code, "What others send would act on this terminal." in done.out) == (2, True)


def test_a_terminal_can_be_forced(jp):
    run(jp, "pipe", "out", "bob@localhost", given=b"forced\n")
    done = jp.on_terminal("pipe", "in", "bob@localhost", "--force").end()
    assert (done.code, "forced" in done.out) == (0, True)


def test_nobody_waits_there(jp):
    for contact in ("carol", "fails@localhost"):  # which is known at once, or only after asking
        done = run(jp, "pipe", "out", contact, given=b"x")
        assert done.returncode == 18
        assert b"hint: They wait for it with: jp pipe in CONTACT" in done.stderr


def test_the_reader_goes(jp):
    run(jp, "pipe", "out", "bob@localhost", given=BYTES * 8)
    done = jp.in_shell("jp pipe in bob@localhost | head -c 5 | wc -c; echo ${PIPESTATUS[0]}")
    assert (done.lines, done.err) == (["5", "141"], "")


def test_the_reader_goes_when_it_has_all(jp):
    run(jp, "pipe", "out", "bob@localhost", given=b"hello")
    done = jp.in_shell("jp pipe in bob@localhost | head -c 5; echo -${PIPESTATUS[0]}")
    assert (done.lines, done.err) == (["hello-0"], "")


def test_the_reader_goes_before_anything_has_come(jp):
    done = jp.in_shell("jp pipe in silent@localhost | true; echo ${PIPESTATUS[0]}")
    assert (done.lines, done.err) == (["141"], "")
    assert last(jp)["state"] == "cancelled"


def test_ctrl_c_gives_it_up(jp):
    done = jp.on_terminal("pipe", "in", "silent@localhost", "--force", "-v").expect("Waiting").interrupt()
    assert done.code == 130
    assert (last(jp)["state"], last(jp)["direction"]) == ("cancelled", "receive")
    done = jp.on_terminal("pipe", "out", "silent@localhost", "--force", "-v").expect("Waiting").interrupt()
    assert (done.code, last(jp)["state"], last(jp)["direction"]) == (130, "cancelled", "send")


def test_it_waits_no_longer_than_it_is_told(jp):
    done = run(jp, "pipe", "in", "silent@localhost", "--timeout", "0.2")
    assert (done.returncode, done.stdout, done.stderr) == (4, b"", b"jp: Nobody has sent anything in time.\n")
    assert last(jp)["state"] == "cancelled"


def test_it_is_given_up_elsewhere(jp):
    waiting = jp.start("pipe", "in", "silent@localhost", "-v")
    assert "Waiting" in waiting.stderr.readline()
    assert jp("file", "cancel", "@silent@localhost").code == 0
    assert (waiting.communicate(), waiting.returncode) == (("", "jp: Cancelled.\n"), 20)
