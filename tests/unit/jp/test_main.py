import pytest

from sat.api.errors import NotConnected
from sat_frontends.jp import main
from sat_frontends.jp.failure import EXIT_CODES, Failure


@pytest.fixture
def raising(monkeypatch):
    """The next command raises this."""

    def make(error):
        def fail(words):
            raise error

        monkeypatch.setattr(main, "_carry_out", fail)

    return make


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (Failure("It is\x1b broken.", "Mend it.", 19), 19, "jp: It is␛ broken.\nhint: Mend it.\n"),
        (NotConnected(profile="work"), 7, "jp: The profile work is not connected.\nhint: jp profile connect work\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_how_it_ends(raising, capsys, error, code, told):
    raising(error)
    assert main.run(["x"]) == code
    assert capsys.readouterr().err == told


def test_the_unexpected_is_one_line_and_the_way_to_the_traceback(raising, capsys):
    raising(ValueError("odd"))
    assert main.run(["x"]) == 111
    told = capsys.readouterr().err
    assert told.startswith("jp: Something unexpected went wrong: odd\nhint: ")
    assert "--debug" in told
    assert "Traceback" not in told


def test_debug_shows_the_traceback(raising, capsys):
    raising(ValueError("odd"))
    assert main.run(["x", "--debug"]) == 111
    assert "Traceback" in capsys.readouterr().err


def test_every_exit_code_of_an_error_is_documented():
    from sat.api.errors import ERRORS

    assert {error.exit_code for error in ERRORS.values()} <= set(EXIT_CODES)


def test_a_command_that_waits_for_a_loop_is_a_fault():
    class Waiting:
        def __await__(self):
            yield

    async def wait():
        await Waiting()

    with pytest.raises(RuntimeError):
        main.finish(wait())
