"""The folder of files that were fetched."""

import os

from sat.plugins.attachments.cache import Cache


def put(cache, key, size, age=0.0):
    file, end = cache.begin(key)
    file.write(b"x" * size)
    path = end(True)
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - age))
    return path


def test_what_was_kept_is_found_by_nobody_else(tmp_path):
    cache = Cache(tmp_path / "files")
    path = put(cache, "romeo\0https://x", 3)
    assert cache.find("romeo\0https://x") == path
    assert cache.find("juliet\0https://x") is None
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_what_was_not_finished_is_not_there(tmp_path):
    cache = Cache(tmp_path / "files")
    file, end = cache.begin("k")
    file.write(b"half")
    assert end(False) is None
    assert cache.find("k") is None
    assert list((tmp_path / "files").iterdir()) == []


def test_what_was_not_asked_for_longest_goes_first(tmp_path):
    cache = Cache(tmp_path / "files", full=250)
    put(cache, "old", 100, age=200)
    put(cache, "older", 100, age=300)
    assert cache.find("older") is not None  # asked for now
    put(cache, "new", 100)
    assert [cache.find(key) is not None for key in ("old", "older", "new")] == [False, True, True]


def test_an_old_half_goes_too(tmp_path):
    cache = Cache(tmp_path / "files")
    cache.begin("half")[0].close()
    (half,) = (tmp_path / "files").iterdir()
    os.utime(half, (1, 1))
    put(cache, "new", 1)
    assert not half.exists()


def test_two_who_fetch_the_same_do_not_disturb_each_other(tmp_path):
    cache = Cache(tmp_path / "files")
    first, end_first = cache.begin("k")
    second, end_second = cache.begin("k")
    first.write(b"half")
    second.write(b"whole")
    path = end_second(True)
    end_first(False)
    assert path.read_bytes() == b"whole"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_what_is_worked_on_has_no_name_there(tmp_path):
    with Cache(tmp_path / "files").scratch() as file:
        file.write(b"sealed")
        assert list((tmp_path / "files").iterdir()) == []
