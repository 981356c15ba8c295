import subprocess
import sys

from sat.imports import leaving_out

SCRIPT = """
import sys
from sat.imports import leaving_out
with leaving_out("http.cookiejar"):
    from http.cookiejar import Cookie  # stands for nothing
    assert "http.client" not in sys.modules
from http.cookiejar import CookieJar
assert isinstance(CookieJar(), CookieJar)
"""


def test_what_was_left_out_can_be_imported_afterwards():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_what_is_there_is_left_alone():
    import json

    with leaving_out("json"):
        from json import dumps
    assert dumps is json.dumps
    assert sys.modules["json"] is json


def test_an_end_by_error_leaves_nothing_behind():
    try:
        with leaving_out("there.is.no.such.module"):
            raise KeyError
    except KeyError:
        assert "there.is.no.such.module" not in sys.modules
