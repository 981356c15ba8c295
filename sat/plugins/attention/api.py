"""Asking for somebody's attention."""

from __future__ import annotations

from sat.api import JID, Api, method


class AttentionApi(Api):
    """Ask for a contact's attention (XEP-0224). What has been asked is a message with ``extra.attention``."""

    @method
    async def ask_attention(self, peer: JID) -> str:
        """Ask for it, now; the id of the message. Once a minute for each contact. Errors: NotConnected,
        InvalidArgument for who is no contact, or was asked just now."""
