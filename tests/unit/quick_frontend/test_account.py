import pytest
from support.fakes import ROMEO, Loop, Profile

from sat.api.errors import UnknownSetting
from sat.api.profile import Account
from sat.api.settings import Tab
from sat_frontends.quick_frontend.account import AccountSettings
from sat_frontends.quick_frontend.settings import SettingsModel


class Scene:
    def __init__(self):
        self.loop, self.profile = Loop(), Profile()
        self.settings = AccountSettings(self.profile)
        self.model = SettingsModel(self.settings)
        self.loop.now(self.model.load())

    def keys(self, tab):
        return [each.setting.key for each in self.model.fields(tab)]

    def save(self, **values):
        for name, value in values.items():
            self.model.enter(f"account.{name}", value)
        return self.loop.now(self.model.save())


@pytest.fixture
def scene():
    return Scene()


def test_every_field_of_an_account_is_on_a_tab_but_the_address(scene):
    shown = scene.keys(Tab.MAIL_SERVER) + scene.keys(Tab.CONNECTION)
    assert sorted(shown) == sorted(f"account.{name}" for name in Account._fields if name != "jid")


def test_what_is_changed_is_stored_and_the_rest_stays(scene):
    scene.profile.account = Account(ROMEO, resource="garden")
    assert scene.save(host=" example.org ", port="5223", direct_tls="true", require_tls="false", autoconnect="false")
    assert scene.profile.account == Account(ROMEO, "example.org", 5223, True, False, "garden", False)
    assert scene.save(pin=" SHA256:AB ")
    assert scene.profile.account.pin == "SHA256:AB"
    assert scene.model.unsaved == []


def test_what_is_no_number_is_not_sent(scene):
    assert not scene.save(port="many")
    assert scene.model.field("account.port").error
    assert scene.profile.account == Account(ROMEO)


def test_other_settings_are_not_here(scene):
    for key in ("account.jid", "host", "log.level"):
        with pytest.raises(UnknownSetting):
            scene.loop.now(scene.settings.get_setting(key))
    assert scene.loop.now(scene.settings.get_setting("account.require_tls")).value == "true"
