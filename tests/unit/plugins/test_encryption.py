"""Which conversations are encrypted, whoever writes."""

from __future__ import annotations

from support.storing import result

from sat.api import JID
from sat.plugins.encryption import plugin
from sat.plugins.encryption.plugin import Encryption

JULIET, STRANGER, NURSE = JID("juliet@capulet.lit"), JID("stranger@example.org"), JID("nurse@capulet.lit")


def test_strangers_do_not_make_us_forget_what_is_encrypted(romeo, monkeypatch):
    monkeypatch.setattr(plugin, "CHATS", 1)
    service = romeo.plug(Encryption)
    result(service._set(JULIET, "omemo", False))
    assert result(service._set(STRANGER, "omemo", False)).method == ""
    assert result(service._set(NURSE, "omemo", True)).method == "omemo"  # said by the person: kept, too
    assert [result(service.get(each)).method for each in (JULIET, STRANGER, NURSE)] == ["omemo", "", "omemo"]
