from __future__ import annotations

import pytest
from support.fakes import Loop, Settings

from sat.api.errors import InvalidSetting, StorageFull, UnknownSetting
from sat.api.settings import Setting, SettingChange, SettingKind, Tab
from sat_frontends.quick_frontend.settings import SettingsModel

RECEIPTS = Setting("receipts.send", "Send receipts", SettingKind.BOOL, "true", "true", Tab.GENERAL)
PRIORITY = Setting("presence.priority", "Priority", SettingKind.INT, "5", "0", Tab.CONNECTION)
FORM = Setting("chat.form", "Shape", SettingKind.CHOICE, "round", "round", Tab.GENERAL, ["round", "square"])
LOG = Setting("log.level", "Log level", SettingKind.TEXT, "info", "info", Tab.DEBUG, help="What the daemon notes")


class Scene:
    def __init__(self):
        self.loop, self.profile, self.daemon = Loop(), Settings(RECEIPTS, PRIORITY, FORM), Settings(LOG)
        self.model = SettingsModel(self.daemon, self.profile)
        self.loop.now(self.model.load())
        self.told: list[str] = []
        self.model.changed.connect(self.told.append)


@pytest.fixture
def scene():
    return Scene()


def test_settings_stand_on_their_tabs(scene):
    assert [each.setting.key for each in scene.model.fields(Tab.GENERAL)] == ["receipts.send", "chat.form"]
    assert scene.model.fields(Tab.MISC) == []
    assert scene.model.tabs() == list(Tab)
    assert scene.model.tabs(empty=False) == [Tab.GENERAL, Tab.CONNECTION, Tab.DEBUG]


def test_a_change_is_marked_until_it_is_taken_back(scene):
    scene.model.enter("receipts.send", "false")
    assert scene.model.field("receipts.send").changed
    assert scene.model.unsaved == ["receipts.send"]
    scene.model.enter("receipts.send", "true")
    assert scene.model.unsaved == []
    assert scene.told == ["receipts.send"] * 2


def test_only_what_changed_is_stored_where_it_belongs(scene):
    scene.model.enter("receipts.send", "false")
    scene.model.enter("log.level", "debug")
    assert scene.loop.now(scene.model.save())
    assert scene.profile.calls == [("set_setting", "receipts.send", "false")]
    assert scene.daemon.calls == [("set_setting", "log.level", "debug")]
    assert scene.model.field("log.level").value == "debug"
    assert scene.model.unsaved == []


def test_cancel_forgets(scene):
    scene.model.enter("log.level", "debug")
    scene.model.cancel()
    assert scene.model.field("log.level").value == "info"


@pytest.mark.parametrize(
    ("key", "value"), [("receipts.send", "maybe"), ("presence.priority", "high"), ("chat.form", "oval")]
)
def test_what_cannot_be_is_said_and_not_sent(scene, key, value):
    scene.model.enter(key, value)
    assert scene.model.field(key).error
    assert not scene.loop.now(scene.model.save())
    assert scene.profile.calls == []
    assert scene.model.unsaved == [key]


def test_what_the_daemon_refuses_stays_with_its_reason(scene):
    refused = InvalidSetting(key="presence.priority", value="500", reason="at most 127")
    scene.profile.fails["set_setting"] = refused
    scene.model.enter("presence.priority", "500")
    scene.model.enter("log.level", "debug")
    assert not scene.loop.now(scene.model.save())
    field = scene.model.field("presence.priority")
    assert (field.value, field.error) == ("500", "“500” is not possible for Priority: at most 127.")
    assert scene.model.unsaved == ["presence.priority"]


def test_what_the_daemon_refused_can_be_tried_again(scene):
    scene.profile.fails["set_setting"] = StorageFull()
    scene.model.enter("presence.priority", "100")
    assert not scene.loop.now(scene.model.save())
    scene.profile.fails.clear()
    assert scene.loop.now(scene.model.save())
    field = scene.model.field("presence.priority")
    assert (field.setting.value, field.error) == ("100", "")


def test_the_default_can_be_entered(scene):
    scene.model.reset("presence.priority")
    assert scene.model.field("presence.priority").value == "0"


def test_a_change_made_elsewhere_is_shown_but_what_is_entered_stays(scene):
    scene.model.enter("presence.priority", "7")
    scene.profile.changed.emit(SettingChange("presence.priority", "9"))
    scene.profile.changed.emit(SettingChange("receipts.send", "false"))
    assert scene.model.field("presence.priority").value == "7"
    assert scene.model.field("receipts.send").value == "false"
    scene.profile.changed.emit(SettingChange("presence.priority", "7"))
    assert scene.model.unsaved == []


def test_the_filter_looks_at_labels_keys_and_help(scene):
    for text in ("LEVEL", "log.", "daemon notes"):
        scene.model.set_filter(text)
        assert [each.setting.key for each in scene.model.fields(Tab.DEBUG)] == ["log.level"]
        assert scene.model.fields(Tab.GENERAL) == []


def test_a_closed_model_hears_nothing(scene):
    scene.model.close()
    scene.profile.changed.emit(SettingChange("receipts.send", "false"))
    assert scene.model.field("receipts.send").value == "true"


def test_a_setting_that_is_none(scene):
    with pytest.raises(UnknownSetting):
        scene.model.field("no.such")
