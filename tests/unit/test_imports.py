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


LATER = """
import sys
from sat.imports import leaving_out
with leaving_out("string", "colorsys", "html.entities"):
    import colorsys
    from colorsys import rgb_to_hsv
    from string import Template
    from html import escape, unescape
    assert rgb_to_hsv(1, 1, 1) is rgb_to_hsv  # it stands for nothing
assert not {"string", "colorsys", "html.entities"} & set(sys.modules)
assert rgb_to_hsv(1, 1, 1) == (0.0, 0.0, 1.0)
assert colorsys.hsv_to_rgb(0, 0, 1) == (1, 1, 1)
import string
assert isinstance(string.Template(""), Template)
assert unescape("&eacute;t&eacute &nonsense;") == "\u00e9t\u00e9 &nonsense;"
"""


def test_who_was_given_an_empty_module_or_a_name_of_it_uses_the_real_one_afterwards():
    done = subprocess.run([sys.executable, "-c", LATER], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
