from __future__ import annotations

import os

import _dbus_bindings as bindings
import pytest

from sat.api import Secret
from sat.api.errors import InvalidArgument
from sat.bridge.codec import decoder, encoder
from sat.bridge.direct import across
from sat.bridge.secret import LIMIT, secret_from, secret_to


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.fixture(autouse=True)
def nothing_stays_open():
    before = open_descriptors()
    yield
    assert open_descriptors() == before


def given(descriptor: int) -> bindings.UnixFd:
    """What a caller sent; the caller's own descriptor is closed."""
    sent = bindings.UnixFd(descriptor)
    os.close(descriptor)
    return sent


@pytest.mark.parametrize("text", ["", "hunter2", "pässwörd \U0001f600", "x" * LIMIT])
def test_a_secret_crosses(text):
    plain = across("h", (encoder(Secret)(Secret(text)),))[0]
    secret = decoder(Secret, strict=True)(plain)
    del plain
    assert secret == text
    assert isinstance(secret, Secret)


def test_a_secret_that_is_too_long_is_not_sent():
    with pytest.raises(InvalidArgument, match="4096"):
        secret_to("é" * (LIMIT // 2 + 1))


def test_a_secret_that_is_too_long_is_not_read():
    reader, writer = os.pipe()
    os.write(writer, b"x" * (LIMIT + 1))
    os.close(writer)
    with pytest.raises(InvalidArgument, match="4096"):
        secret_from(given(reader))


def test_an_open_pipe_is_not_waited_for():
    reader, writer = os.pipe()
    os.write(writer, b"hun")
    with pytest.raises(InvalidArgument, match="could not be read"):
        secret_from(given(reader))
    os.close(writer)


def test_a_file_in_memory_is_read_from_its_beginning():
    descriptor = os.memfd_create("secret")
    os.write(descriptor, b"hunter2")
    assert secret_from(given(descriptor)) == "hunter2"


@pytest.mark.parametrize("path", ["/dev/zero", "/", "/proc/self/mem", __file__])
def test_other_files_are_refused(path):
    with pytest.raises(InvalidArgument):
        secret_from(given(os.open(path, os.O_RDONLY)))


def test_a_writing_end_is_refused():
    reader, writer = os.pipe()
    with pytest.raises(InvalidArgument):
        secret_from(given(writer))
    os.close(reader)


def test_bytes_that_are_no_text_are_refused():
    reader, writer = os.pipe()
    os.write(writer, b"\xff")
    os.close(writer)
    with pytest.raises(InvalidArgument, match="UTF-8"):
        secret_from(given(reader))
