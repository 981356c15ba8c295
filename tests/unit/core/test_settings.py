from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, ClassVar

import pytest
from twisted.internet.defer import Deferred

from sat.api.errors import InvalidConfig, InvalidSetting, UnknownSetting
from sat.api.settings import SettingKind, Tab
from sat.core.config import Config
from sat.core.settings import Range, Registry, Settings


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Options:
    """Options of a plugin that is only here."""

    tab: ClassVar[Tab] = Tab.GENERAL
    send: Annotated[bool, "Send it"] = True
    count: Annotated[int, "How many", Range(1, 9)] = 3
    colour: Annotated[Colour, "Which"] = Colour.RED


class Kept:
    def __init__(self, **values):
        self.values = values

    async def all(self):
        return dict(self.values)

    async def set(self, key, value):
        self.values[key] = value


def now(coroutine):
    """The result of a coroutine that waits for nothing."""
    result = []
    Deferred.fromCoroutine(coroutine).addBoth(result.append)
    (value,) = result
    if hasattr(value, "raiseException"):
        value.raiseException()
    return value


@pytest.fixture
def registry():
    registry = Registry()
    registry.declare("thing", Options)
    return registry


def settings_of(registry, configured=None, **stored):
    settings = Settings(registry, configured or {}, Kept(**stored))
    now(settings.load())
    return settings


def test_a_stored_value_goes_before_the_file_and_the_file_before_the_default(registry):
    settings = settings_of(registry, {"thing.count": "4", "thing.send": "no"}, **{"thing.count": "5"})
    options = settings.options(Options)
    assert (options.count, options.send, options.colour) == (5, False, Colour.RED)


def test_a_change_is_stored_told_and_works_at_once(registry):
    settings = settings_of(registry)
    told, called = [], []
    settings.changed.connect(told.append)
    settings.watch("thing", lambda: called.append(True))
    now(settings.set_setting("thing.colour", "blue"))
    assert settings.options(Options).colour is Colour.BLUE
    assert now(settings.get_setting("thing.colour")).value == "blue"
    assert [(change.key, change.value) for change in told] == [("thing.colour", "blue")]
    assert called == [True]
    assert settings._values.values == {"thing.colour": "blue"}


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("thing.count", "0", "between 1 and 9"),
        ("thing.count", "many", "a whole number"),
        ("thing.send", "perhaps", "true or false"),
        ("thing.colour", "green", "red, blue"),
    ],
)
def test_a_wrong_value_is_refused_with_a_reason(registry, key, value, says):
    settings = settings_of(registry)
    with pytest.raises(InvalidSetting, match=says):
        now(settings.set_setting(key, value))
    assert settings._values.values == {}


def test_an_unknown_key_gets_a_suggestion(registry):
    with pytest.raises(UnknownSetting, match=r"Did you mean thing\.count\?"):
        now(settings_of(registry).get_setting("thing.cuont"))


def test_a_setting_says_how_it_is_drawn(registry):
    by_key = {setting.key: setting for setting in now(settings_of(registry).get_settings())}
    assert by_key["thing.send"].kind is SettingKind.BOOL
    assert by_key["thing.send"].label == "Send it"
    assert by_key["thing.colour"].choices == ["red", "blue"]
    assert by_key["thing.count"].tab is Tab.GENERAL


def config_of(tmp_path, text):
    path = tmp_path / "sat.conf"
    path.write_text(text)
    return Config(path)


def test_the_file_gives_values_and_what_is_switched_off(tmp_path, registry):
    config = config_of(tmp_path, "[sat]\nplugins_disabled = otr, games\n[thing]\ncount = 7\n")
    config.check(registry)
    assert config.disabled == {"otr", "games"}
    assert config.settings == {"thing.count": "7"}
    assert config.warnings == []


def test_an_unknown_key_in_the_file_is_a_warning_with_its_line(tmp_path, registry):
    config = config_of(tmp_path, "[thing]\n\ncuont = 7\n")
    config.check(registry)
    (warning,) = config.warnings
    path = tmp_path / "sat.conf"
    assert str(warning) == f"{path}, line 3: unknown setting “thing.cuont”. Did you mean thing.count?"


def test_an_unknown_section_is_a_warning_though_nothing_is_in_it(tmp_path, registry):
    config = config_of(tmp_path, "[thing]\n[sat]\n[off]\n\n[thnig]\n[tuii]\n[tui]\n[tui.keys]\n[tui_]\nx = 1\n")
    config.check(registry, plugins=["thing", "off"])
    assert [str(warning).partition(", ")[2] for warning in config.warnings] == [
        "line 5: unknown section [thnig]. Did you mean thing?",
        "line 6: unknown section [tuii].",
        "line 10: unknown setting “tui_.x”.",
    ]


def test_what_is_written_by_other_programs_is_read_too(tmp_path, registry):
    """A byte order mark, lines of Windows, a comment in another encoding."""
    path = tmp_path / "sat.conf"
    path.write_bytes(b"\xef\xbb\xbf[thing]\r\n# gr\xfcn\r\ncount = 7\r\n")
    config = Config(path)
    config.check(registry)
    assert config.settings == {"thing.count": "7"}


def test_defaults_of_the_format_are_not_ours(tmp_path, registry):
    config = config_of(tmp_path, "[DEFAULT]\ncount = 7\n[thing]\n")
    config.check(registry)
    assert len(config.warnings) == 1
    assert "line 2" in str(config.warnings[0])


def test_names_of_plugins_are_looked_at(tmp_path, registry):
    config = config_of(tmp_path, "[sat]\nplugins_disabled = archiv, thing\n[thing]\nunknown = 1\n[archive]\nx = 1\n")
    config.check(registry, plugins=["archive", "thing"])
    lines = list(map(str, config.warnings))
    assert [line for line in lines if "archiv”" in line and "Did you mean archive?" in line]
    assert not [line for line in lines if "thing" in line], "nobody knows what one that is off has"
    assert len(config.warnings) == 2


def test_a_file_that_cannot_be_read_says_so(tmp_path):
    with pytest.raises(InvalidConfig, match="cannot be read"):
        Config(tmp_path)
    assert Config(tmp_path / "none").settings == {}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("[thing]\ncount = many\n", 2, "a whole number"),
        ("count = 7\n", 1, "before the first"),
        ("[thing]\ncount = 1\ncount = 2\n", 3, "twice"),
        ("[thing]\n[thing]\n", 2, "twice"),
        ("[thing]\nnonsense\n", 2, "neither"),
        ("[thing\ncount = 1\n", 1, "a ] behind it"),
        ("# mine\n[]\ncount = 1\n", 2, "needs a name"),
        ("[thing]\nsend = true\n  count = 3\n", 3, "indented"),
        ("[thing]\ncount = 1\x00\n", 1, "UTF-8"),
    ],
)
def test_a_mistake_in_the_file_names_its_line(tmp_path, registry, text, line, says):
    with pytest.raises(InvalidConfig) as caught:
        config_of(tmp_path, text).check(registry)
    assert caught.value.details["line"] == str(line)
    assert says in str(caught.value)
