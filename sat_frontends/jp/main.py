"""The entry of ``jp``: find the command, import its group, run it, and end with its exit code.

What ``jp --help`` needs is imported at the top; everything else where it is used, for start-up time.
"""

from __future__ import annotations

import errno
import os
import sys

from sat_frontends.jp.failure import BROKEN_PIPE, INTERNAL, INTERRUPTED, UNWRITTEN, Failure
from sat_frontends.jp.words import Line

TYPE_CHECKING = False  # type checkers know the name; importing typing would cost a tenth of jp's time

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any


_OF_WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)


def main() -> None:
    """The program. It ends at once: tidying up the interpreter would cost as much as the command itself."""
    open_streams()
    code = run(sys.argv[1:])
    try:
        sys.stderr.flush()
    finally:
        os._exit(code)


def open_streams() -> None:
    """Where we were started with a closed stream (``>&-``) there is none, and the next file that is opened, such as the
    bus's socket, would get its number. In this order each gets its own."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - it stays open to the end


def run(words: list[str]) -> int:
    """Run one command; returns the exit code. What was written is flushed."""
    try:
        code = _carry_out(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
        _flush()
    except BrokenPipeError:
        # Nobody reads any more. The interpreter must not stumble over it once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = BROKEN_PIPE
    except Exception as error:
        code = _explain(error, "--debug" in words)
        _flush()
    return code


def _flush() -> None:
    """What was written before an error is still wanted; if nobody reads it, the error was told."""
    try:
        sys.stdout.flush()
    except OSError:
        return


def _carry_out(words: list[str]) -> int:
    if words and words[0] == "__complete":
        from sat_frontends.jp.complete import answer

        return answer(words[1:])
    line = Line(words)
    if line.version:
        from sat import __version__

        print(f"jp {__version__}")
    elif not line.group:
        from sat_frontends.jp.extensions import learn_all
        from sat_frontends.jp.groups import full_help, short_help

        print(full_help(learn_all()) if line.help else short_help())
    elif line.help or not line.complete:
        from sat_frontends.jp.help import help_of

        print(help_of(line.group, line.verb))
        return 0 if line.help else 2
    else:
        return _carry_out_command(line)
    return 0


def _carry_out_command(line: Line) -> int:
    from sat_frontends.jp.command import load
    from sat_frontends.jp.context import Jp
    from sat_frontends.jp.parsing import parse

    command = load(line.group)[line.verb]
    options, arguments = parse(command, line.rest)
    return finish(command.run(Jp(options), **arguments))


def finish(coroutine: Coroutine[Any, Any, int | None]) -> int:
    """Run a command to its end; returns the exit code. The clients of ``jp`` block, so it never waits for a loop."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value or 0
    raise RuntimeError("a command of jp waited for something that is no blocking client")


def _explain(error: Exception, debug: bool) -> int:
    """Tell what went wrong, in a sentence; the exit code."""
    from sat_frontends.jp.output import complain, tidy

    if isinstance(error, Failure):
        sentence, hint, code = error.sentence, error.hint, error.code
    elif isinstance(error, OSError) and error.errno in _OF_WRITING and error.filename is None:
        sentence, hint, code = f"What there was to say could not be written: {error.strerror}.", "", UNWRITTEN
    else:
        from sat.api.errors import SatError

        if isinstance(error, SatError):
            sentence, hint, code = str(error), error.advice, error.exit_code
        else:
            sentence = f"Something unexpected went wrong: {error or type(error).__name__}"
            hint, code = "The same command with --debug shows where; please report it.", INTERNAL
    if debug:
        import traceback

        complain("".join(traceback.format_exception(error)))
    complain(f"jp: {tidy(sentence)}")
    if hint:
        complain(f"hint: {tidy(hint)}")
    return code


if __name__ == "__main__":
    main()
