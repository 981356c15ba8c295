"""Off-the-record conversations (OTR version 2), without a network, a disk or an event loop.

``session.OtrSession`` is a conversation with one full address. The protocol is python-potr's, an optional package:
without it a session raises ``OtrMissing``. Its cryptography is ours (docs/decisions/020-the-cryptography-of-otr.md).
"""
