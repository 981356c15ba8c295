"""The specifications that are followed: their names, the versions, and what of them is missing.

Which plugin follows which is told by its ``xeps``; what follows them without being a plugin is told here. A version is
the one whose text was read when the code was last compared with it: with a newer one, read what has changed, then
write its number here.
"""

from __future__ import annotations

from typing import NamedTuple


class Xep(NamedTuple):
    """A specification as it is followed. ``missing`` says what of it somebody would look for here in vain, empty where
    that is nothing; what it leaves open, and nobody would notice, is not missing."""

    name: str
    version: str
    missing: str = ""


RFCS = (6120, 6121, 7395, 7590, 7622)

# What sat/xmpp does, below all plugins.
STREAM = (
    *("0004", "0059", "0068", "0082", "0122", "0156", "0198", "0203", "0221", "0231", "0297", "0368"),
    *("0386", "0388", "0440", "0474", "0484"),
)

# What frontends do by themselves.
SCREENS = {
    "0245": ("jp", "primitivus", "libervia"),
    "0392": ("primitivus", "libervia"),
    "0393": ("jp", "primitivus", "libervia"),
}

XEPS = {
    "0004": Xep("Data Forms", "2.13.2"),
    "0012": Xep("Last Activity", "2.0"),
    "0030": Xep("Service Discovery", "2.5.0"),
    "0045": Xep("Multi-User Chat", "1.35.5", "no registration with a room"),
    "0047": Xep("In-Band Bytestreams", "2.0.1", "bytes in IQs only, none in messages"),
    "0048": Xep("Bookmarks", "1.2", "taken over once, never written"),
    "0049": Xep("Private XML Storage", "1.2", "read only, for bookmarks"),
    "0050": Xep("Ad-Hoc Commands", "1.3.0"),
    "0054": Xep("vcard-temp", "1.3.0", "some properties"),
    "0055": Xep("Jabber Search", "1.3"),
    "0059": Xep("Result Set Management", "1.0"),
    "0060": Xep("Publish-Subscribe", "1.30.0", "no collections, no approval of subscribers"),
    "0065": Xep("SOCKS5 Bytestreams", "1.8.2", "no UDP; not through rooms"),
    "0066": Xep("Out of Band Data", "1.5", "in messages only"),
    "0068": Xep("Field Standardization for Data Forms", "1.3.0"),
    "0070": Xep("Verifying HTTP Requests via XMPP", "1.0.2"),
    "0071": Xep("XHTML-IM", "1.5.4", "read only: the words, and which are emphasised; no pictures, no colours"),
    "0077": Xep("In-Band Registration", "2.4", "an account is not ended where the server asks more first"),
    "0082": Xep("XMPP Date and Time Profiles", "1.1.1", "points in time only"),
    "0084": Xep("User Avatar", "1.1.4", "no pictures at URLs; our own is not converted to PNG"),
    "0085": Xep("Chat State Notifications", "2.1", "leaving is understood, not told"),
    "0092": Xep("Software Version", "1.1"),
    "0095": Xep("Stream Initiation", "1.2", "received only"),
    "0096": Xep("SI File Transfer", "1.3.1", "received only; its hash, MD5, is not looked at"),
    "0100": Xep("Gateway Interaction", "1.0"),
    "0115": Xep("Entity Capabilities", "1.6.0"),
    "0153": Xep("vCard-Based Avatars", "1.1.1", "read only"),
    "0156": Xep("Discovering Alternative XMPP Connection Methods", "1.4.0", "no BOSH"),
    "0122": Xep("Data Forms Validation", "1.0.2", "no patterns: one could take hours"),
    "0146": Xep("Remote Controlling Clients", "1.1", "the status, and leaving rooms"),
    "0158": Xep("CAPTCHA Forms", "1.0.1", "pictures in registration only"),
    "0163": Xep("Personal Eventing Protocol", "1.2.2"),
    "0166": Xep("Jingle", "1.1.2", "no security preconditions, no changes of direction, no descriptions told later"),
    "0172": Xep("User Nickname", "1.1", "published ones only, none in messages or presence"),
    "0184": Xep("Message Delivery Receipts", "1.4.0"),
    "0191": Xep("Blocking Command", "1.3"),
    "0198": Xep("Stream Management", "1.6.3"),
    "0199": Xep("XMPP Ping", "2.0.1"),
    "0202": Xep("Entity Time", "2.0"),
    "0203": Xep("Delayed Delivery", "2.0"),
    "0221": Xep("Data Forms Media Element", "1.0", "only pictures that come along with the form"),
    "0223": Xep("Persistent Storage of Private Data via PubSub", "1.1.1"),
    "0224": Xep("Attention", "1.0"),
    "0231": Xep("Bits of Binary", "1.1", "what comes along with a form, and thumbnails of files; nothing is kept"),
    "0234": Xep("Jingle File Transfer", "0.19.1", "one hash (SHA-256) is told"),
    "0245": Xep("The /me Command", "1.0"),
    "0249": Xep("Direct MUC Invitations", "1.2"),
    "0260": Xep("Jingle SOCKS5 Bytestreams Transport Method", "1.0.3", "no help of routers (UPnP, NAT-PMP)"),
    "0261": Xep("Jingle In-Band Bytestreams Transport Method", "1.0", "one stream for each content"),
    "0264": Xep("Jingle Content Thumbnails", "0.4.2", "of pictures that go in clear; none at web addresses"),
    "0277": Xep("Microblogging over XMPP", "0.6.5", "a blog has no metadata, a post no place on a map"),
    "0280": Xep("Message Carbons", "1.0.1"),
    "0292": Xep("vCard4 Over XMPP", "0.12.0", "some properties; nobody is told of changes"),
    "0297": Xep("Stanza Forwarding", "1.0", "read only"),
    "0300": Xep("Use of Cryptographic Hash Functions in XMPP", "1.0.0", "of files only; no MD5, no SHA-1"),
    "0308": Xep("Last Message Correction", "1.2.1"),
    "0313": Xep("Message Archive Management", "1.1.3"),
    "0317": Xep("Hats", "0.3.1", "shown only"),
    "0319": Xep("Last User Interaction in Presence", "1.0.2", "shown only"),
    "0329": Xep("File Information Sharing", "0.4.1", "not in rooms, no lists out of band"),
    "0330": Xep("Pubsub Subscription", "0.1", "the list is for our own programs only"),
    "0333": Xep("Displayed Markers", "1.0.0", "not in rooms"),
    "0334": Xep("Message Processing Hints", "1.0.0", "sent only"),
    "0352": Xep("Client State Indication", "1.0.0"),
    "0359": Xep("Unique and Stable Stanza IDs", "0.7.0"),
    "0363": Xep("HTTP File Upload", "1.2.0"),
    "0364": Xep("Current Off-the-Record Messaging Usage", "0.3.2", "version 2 of the protocol; no offers are sent"),
    "0368": Xep("SRV records for XMPP over TLS", "1.1.0"),
    "0372": Xep("References", "0.5.0", "mentions with a place in the text only"),
    "0377": Xep("Blocking Command Reports", "0.4.1", "the server is never allowed to pass a report on"),
    "0379": Xep("Pre-Authenticated Roster Subscription", "0.3.3"),
    "0380": Xep("Explicit Message Encryption", "0.4.0", "sent, not shown of methods that are not known"),
    "0382": Xep("Spoiler Messages", "0.2.0"),
    "0384": Xep("OMEMO Encryption", "0.9.1", "with version 0.3 for other programs"),
    "0385": Xep("Stateless Inline Media Sharing (SIMS)", "0.2.1", "files at web addresses; no thumbnails, no Jingle"),
    "0386": Xep("Bind 2", "1.1.0"),
    "0388": Xep("Extensible SASL Profile", "1.0.4", "no tasks after the password"),
    "0391": Xep("Jingle Encrypted Transports", "0.1.2", "pipes have a cipher of ours"),
    "0392": Xep("Consistent Color Generation", "1.0.1"),
    "0393": Xep("Message Styling", "1.1.1"),
    "0396": Xep("Jingle Encrypted Transports - OMEMO", "0.2.0"),
    "0398": Xep("User Avatar to vCard-Based Avatars Conversion", "1.0.0"),
    "0401": Xep("Ad-hoc Account Invitation Generation", "0.6.0"),
    "0402": Xep("PEP Native Bookmarks", "1.2.0"),
    "0410": Xep("MUC Self-Ping (Schrödinger's Chat)", "1.1.0"),
    "0420": Xep("Stanza Content Encryption", "0.5.0", "of messages"),
    "0421": Xep("Occupant identifiers for semi-anonymous MUCs", "1.0.1"),
    "0424": Xep("Message Retraction", "0.4.2"),
    "0425": Xep("Moderated Message Retraction", "0.3.0"),
    "0428": Xep("Fallback Indication", "0.2.1", "of the body only"),
    "0433": Xep("Extended Channel Search", "0.1.0", "by words only; no language, no kind of openness"),
    "0434": Xep("Trust Messages (TM)", "0.6.0", "encrypted with OMEMO only; no addresses (URIs)"),
    "0440": Xep("SASL Channel-Binding Type Capability", "1.0.0", "not all its rules without SASL2"),
    "0444": Xep("Message Reactions", "0.2.1", "what somebody does not allow is not known before"),
    "0445": Xep("Pre-Authenticated In-Band Registration", "0.2.0"),
    "0446": Xep("File metadata element", "0.2.0", "no previews, no dates, no lengths of films"),
    "0447": Xep("Stateless file sharing", "0.3.1", "no later sources, no Jingle; disposition sent only"),
    "0448": Xep("Encryption for stateless file sharing", "0.2.0", "AES-256 in GCM only"),
    "0454": Xep("OMEMO Media sharing", "0.1.0", "no previews"),
    "0450": Xep("Automatic Trust Management (ATM)", "0.4.0"),
    "0461": Xep("Message Replies", "0.2.1"),
    "0465": Xep("Pubsub Public Subscriptions", "0.1.1", "read only; who follows somebody is not asked"),
    "0470": Xep("Pubsub Attachments", "0.2.0", "no summaries; in a community where its service makes a place for it"),
    "0472": Xep("Pubsub Social Feed", "0.2.1", "no galleries; payloads are delivered, as others do it"),
    "0474": Xep("SASL SCRAM Downgrade Protection", "0.5.0"),
    "0484": Xep("Fast Authentication Streamlining Tokens", "0.2.0"),
    "0486": Xep("MUC Avatars", "0.1.0"),
    "0490": Xep("Message Displayed Synchronization", "1.0.1"),
    "0492": Xep("Chat notification settings", "0.2.0", "of rooms; those of other conversations stay here"),
    "0501": Xep("Pubsub Stories", "0.2.0", "read only"),
    "0511": Xep("Link Metadata", "0.1.1", "title and description of what others send, no pictures"),
}
