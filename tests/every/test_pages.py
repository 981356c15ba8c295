"""Rules for every page of libervia, and for what it sends to browsers."""

from __future__ import annotations

import ast
import json
import re

import pytest
from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader
from support.tree import ROOT

import libervia.pages
from libervia.routes import load_pages
from libervia.server.page import Page
from libervia.server.static import BROWSER_MODULES, MAIN, SHARED, load_assets

PAGES = load_pages()
TEMPLATES = sorted(ROOT.glob("libervia/**/*.html"))
BROWSER = [ROOT / "libervia/browser" / f"{name}.py" for name in BROWSER_MODULES]
BUILT_IN = {"browser", "javascript"}  # what brython.js has without its 5 MB of standard library


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_complete(path):
    page = PAGES[path]
    assert page.title
    assert page.folder
    assert type(page).__doc__
    for method in page.methods:
        assert getattr(type(page), method.lower()) is not getattr(Page, method.lower())


def test_menu_has_an_order():
    places = [page.menu for page in PAGES.values() if page.menu]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_nothing_that_the_policy_forbids(template):
    text = template.read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", text)
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", text)
    assert not re.search(r"https?://", re.sub(r"xmlns=\S+", "", text))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_forms_that_change_something_have_a_token(template):
    for form in re.findall(r"<form\b.*?</form>", template.read_text(), re.DOTALL):
        if 'method="post"' in form:
            assert "parts.token(csrf)" in form


def test_all_browser_modules_are_served():
    assert {path.stem for path in (ROOT / "libervia/browser").glob("*.py")} == set(BROWSER_MODULES)
    assets = load_assets()
    bundle = assets.find(assets.url("modules.js")).body.decode()
    packages = {"sat_frontends", "sat_frontends.quick_frontend"}
    bundled = set(json.loads(bundle[bundle.index("{") : bundle.rindex("}") + 1]))
    assert bundled | {MAIN} == {*packages, *SHARED, *BROWSER_MODULES}
    assert assets.find(assets.url(f"{MAIN}.py"))


def test_browsers_get_the_modules_but_for_what_explains_them():
    assets = load_assets()
    bundle = assets.find(assets.url("modules.js")).body.decode()
    sources = json.loads(bundle[bundle.index("{") : bundle.rindex("}") + 1])
    sent = {path.stem: sources[path.stem][1] for path in BROWSER[:-1]}
    sent[MAIN] = assets.find(assets.url(f"{MAIN}.py")).body.decode()
    for path in BROWSER:
        assert _without_docstrings(sent[path.stem]) == _without_docstrings(path.read_text())
        assert "  # " not in sent[path.stem]
        assert '"""' not in sent[path.stem]


def _without_docstrings(source):
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            del node.body[0]
    return ast.dump(tree)


@pytest.mark.parametrize("path", BROWSER, ids=lambda path: path.name)
def test_browser_modules_import_what_is_there_before_them(path):
    """The standard library costs seconds in Brython (surfaces.md §3.4)."""
    before = set(BROWSER_MODULES[: BROWSER_MODULES.index(path.stem)])
    assert _imports(path.read_text()) <= BUILT_IN | set(SHARED) | before


@pytest.mark.parametrize("module", SHARED)
def test_shared_modules_import_what_is_shared_before_them(module):
    assert _imports((ROOT / f"{module.replace('.', '/')}.py").read_text()) <= set(SHARED[: SHARED.index(module)])


def test_page_of_the_how_to_works(tmp_path, monkeypatch):
    guide = (ROOT / "docs/how-to/web-page.md").read_text()
    code, template = re.findall(r"```(?:python|html)\n(.*?)```", guide, re.DOTALL)
    folder = tmp_path / "about"
    folder.mkdir()
    (folder / "__init__.py").write_text('"""What this is."""')
    (folder / "page.py").write_text(code)
    monkeypatch.setattr(libervia.pages, "__path__", [*libervia.pages.__path__, str(tmp_path)])
    page = load_pages()["/about"]
    assert (page.title, page.access, page.menu) == ("About", "private", 5)
    loader = ChoiceLoader([DictLoader({"about/about.html": template}), FileSystemLoader(ROOT / "libervia/templates")])
    blocks = Environment(loader=loader, autoescape=True).get_template("about/about.html").blocks
    assert set(blocks) == {"main"}


def test_style_sheet_fits():
    style = next(each for url, each in load_assets()._files.items() if url.endswith(".css"))
    assert len(style.packed) < 5000
    assert not re.search(rb"url\(|@import|expression", style.body)


def _imports(source: str) -> set[str]:
    """What is imported when the module runs; not what only a type checker reads."""
    tree = ast.parse(source)
    tree.body = [
        node
        for node in tree.body
        if not (isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING")
    ]
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found
