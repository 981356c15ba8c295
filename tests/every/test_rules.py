"""Rules for every file of the repository."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from support.tree import ROOT, files, name

PLUGINS = sorted(path.parent for path in (ROOT / "sat/plugins").glob("*/__init__.py"))
MAX_LINES = 400
MAX_TEST_LINES = 600  # a table of cases is read a line at a time

# In pieces, so that this file does not break its own rule.
HOSTS = ["py" + "pi.org", "python" + "hosted.org", "npm" + "js.org", "npm" + "js.com", "deb." + "debian.org"]
PLACES = ["/ro" + "ot/", "/ho" + "me/", "/wo" + "rk/", "/op" + "t/py"]
FORBIDDEN = re.compile("|".join(re.escape(text) for text in HOSTS + PLACES))


def text_of(path: Path) -> str:
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""  # an image


def test_no_registry_and_no_path_of_a_machine():
    """Where packages come from and where things lie is the business of who runs this."""
    found = [f"{name(path)}: {match[0]}" for path in files() for match in FORBIDDEN.finditer(text_of(path))]
    assert found == []


def test_files_are_short():
    lengths = {name(path): len(path.read_text().splitlines()) for path in files(".py")}
    limits = {path: MAX_TEST_LINES if path.startswith("tests/") else MAX_LINES for path in lengths}
    assert {path for path, lines in lengths.items() if lines > limits[path]} == set()


def test_modules_say_what_they_are_for():
    silent = [
        name(path)
        for path in files(".py")
        if not path.is_relative_to(ROOT / "tests/unit")  # a test's name says it
        and path.read_bytes().strip()
        and ast.get_docstring(ast.parse(path.read_bytes())) is None
    ]
    assert silent == []


def test_there_are_plugins():
    assert len(PLUGINS) > 5


@pytest.mark.parametrize("folder", PLUGINS, ids=lambda folder: folder.name)
def test_plugins_work_and_say_what_they_do(folder):
    plugin = folder / "plugin.py"
    assert plugin.exists(), "an interface that nothing implements"
    assert (folder / "api.py").exists() or ast.get_docstring(ast.parse(plugin.read_bytes()))


def test_decisions_are_listed_and_numbered_once():
    pages = [path.name for path in (ROOT / "docs/decisions").glob("[0-9]*.md")]
    listed = re.findall(r"\(([0-9][^)]*\.md)\)", (ROOT / "docs/decisions/index.md").read_text())
    assert sorted(pages) == sorted(set(listed) - {""})
    numbers = [page[:3] for page in pages]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("page", files(".md"), ids=name)
def test_links_of_pages_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL))
    dead = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert dead == []


@pytest.mark.parametrize("folder", ["tutorial", "how-to", "reference"])
def test_pages_of_the_documentation_can_be_found(folder):
    index = (ROOT / "docs" / folder / "index.md").read_text()
    pages = {path.name for path in (ROOT / "docs" / folder).glob("*.md")} - {"index.md"}
    assert {page for page in pages if page not in index} == set()


def test_changes_have_a_kind():
    kinds = r"[a-z0-9-]+\.(added|changed|fixed|removed|security)\.md|\d+(\.\d+)*\.md|README\.md"
    assert [path.name for path in (ROOT / "changes").iterdir() if not re.fullmatch(kinds, path.name)] == []


def test_the_page_has_the_name_that_distributions_look_for():
    assert (ROOT / "README").readlink() == Path("README.md")
