from pathlib import Path

import pytest

from sat.reference import pages

FOLDER = Path(__file__).parents[3] / "docs" / "reference"


@pytest.mark.parametrize("name", ["plugins.md", "settings.md"])
def test_the_page_is_what_the_code_says(name):
    assert (FOLDER / name).read_text() == pages()[name], "run: python -m sat.reference docs/reference"
