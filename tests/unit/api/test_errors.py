"""Errors, wherever in the package they are."""

from __future__ import annotations

import pytest
from support.tree import ROOT, files

from sat.api import errors
from sat.api.errors import ERRORS, InternalError, NotConnected, error_named

OURS = [name for name, error in ERRORS.items() if error.__module__.startswith("sat.api.errors.")]


def test_all_modules_are_loaded_with_the_package():
    """Those that are not would be unknown when they come over the bus."""
    modules = {path.stem for path in files(".py") if path.parent == ROOT / "sat/api/errors"} - {"__init__"}
    assert {module for module in modules if not hasattr(errors, module)} == set()


@pytest.mark.parametrize("name", OURS)
def test_an_error_is_imported_from_the_package(name):
    assert getattr(errors, name) is ERRORS[name]


def test_an_error_comes_back_by_its_name():
    assert error_named("NotConnected", {"profile": "alice"}) == NotConnected(profile="alice")
    assert error_named("Unheard", {}) == InternalError(reference="Unheard")


def test_two_errors_cannot_have_one_name():
    with pytest.raises(TypeError, match="NotConnected"):
        type("NotConnected", (errors.SatError,), {})
