"""Pipes on the bus: a descriptor of one's own for the same open file."""

import os

import pytest

from sat.api import Pipe
from sat.api.errors import InvalidArgument
from sat.api.names import signature
from sat.bridge.codec import decoder, encoder, holds_secret
from sat.bridge.direct import across


def crossed(pipe):
    return decoder(Pipe, strict=True)(across("h", (encoder(Pipe)(pipe),))[0])


def test_a_pipe_crosses_as_a_descriptor_of_its_own():
    read, write = os.pipe()
    got = crossed(Pipe(write))
    assert isinstance(got, Pipe)
    assert got not in (read, write)
    os.close(write)
    os.write(got, b"hello")
    os.close(got)
    assert os.read(read, 10) == b"hello"
    assert os.read(read, 10) == b""  # nobody else has it
    os.close(read)


def test_what_is_no_pipe_is_told(tmp_path):
    with pytest.raises(InvalidArgument, match="no open file"):
        encoder(Pipe)(Pipe(999_999))
    folder = os.open(tmp_path, os.O_RDONLY)
    with pytest.raises(InvalidArgument, match="a folder is no pipe"):
        crossed(Pipe(folder))
    os.close(folder)


def test_pipes_go_to_the_daemon_only():
    assert signature(Pipe) == "h"
    assert holds_secret(Pipe)
