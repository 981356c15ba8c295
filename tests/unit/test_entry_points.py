import sys
import zipfile
from types import SimpleNamespace

import pytest

from sat.entry_points import declared, may_hide


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Installs one, in a folder of Python's path."""
    monkeypatch.setattr(sys, "path", [str(tmp_path / name) for name in ("a", "nowhere", "b")])

    def install(folder, text):
        metadata = tmp_path / folder
        metadata.mkdir(parents=True)
        (metadata / "entry_points.txt").write_text(text)

    return install


def test_they_are_read_as_packages_write_them(package, tmp_path):
    package("b/two.egg-info", "[sat.jp]\n\nx = two.x\ntwo = two.commands.two:main\n[other]\nthree = two.three\n")
    package("a/one-1.dist-info", "[sat.plugins]\nx = one.plugin\n[sat.jp]\n# c\nx=one.x [more]\n")
    (tmp_path / "b" / "three-1.dist-info").mkdir()
    assert list(declared("sat.jp")) == [("x", "one.x [more]"), ("x", "two.x"), ("two", "two.commands.two:main")]
    assert list(declared("sat.plugins")) == [("x", "one.plugin")]
    assert not may_hide()


def test_what_is_no_folder_may_hide_some(tmp_path, monkeypatch):
    archive = tmp_path / "more.zip"
    with zipfile.ZipFile(archive, "w") as writing:
        writing.writestr("x.dist-info/entry_points.txt", "[sat.plugins]\nx = x.plugin\n")
    for path in (archive, tmp_path / "more.egg"):
        monkeypatch.setattr(sys, "path", [str(path)])
        assert may_hide()


def test_a_finder_of_its_own_may_hide_some(monkeypatch):
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, SimpleNamespace(find_spec=None)])
    assert not may_hide()
    sys.meta_path.append(SimpleNamespace(find_distributions=None))
    assert may_hide()
