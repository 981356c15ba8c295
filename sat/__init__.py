"""The daemon of Salut à Toi: XMPP accounts kept online, plugins, and a bridge to the frontends."""

__version__ = "0.1.0"
