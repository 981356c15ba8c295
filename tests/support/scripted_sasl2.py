"""SASL2 with what goes with it (XEP-0388, XEP-0386, XEP-0484), for the scripted server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sat.xmpp import xml
from sat.xmpp.fast import NS as NS_FAST
from sat.xmpp.xml import Element

NS_SASL2 = "urn:xmpp:sasl:2"
NS_BIND2 = "urn:xmpp:bind:0"
NS_SM = "urn:xmpp:sm:3"
EXPIRY = "2999-01-01T00:00:00Z"


@dataclass
class Sasl2:
    """What the server is like. The defaults are those of a good one."""

    mechanisms: tuple[str, ...] = ()  # where they are others than the classic ones
    bind2: tuple[str, ...] | None = ("urn:xmpp:carbons:2", "urn:xmpp:csi:0", NS_SM)
    inline_sm: bool = True
    fast: tuple[str, ...] = ("HT-SHA-256-EXPR", "HT-SHA-256-ENDP", "HT-SHA-256-UNIQ", "HT-SHA-256-NONE")
    token: str = "token-1"  # given to who asks
    rotated: str = ""  # given to who uses one
    expiry: str = EXPIRY
    refuse_token: str = "credentials-expired"
    responder: str = ""  # the server's proof to a token: wrong, none
    identity: str = ""  # instead of who the client is
    managed: str = f"<enabled xmlns='{NS_SM}' resume='true' id='again'/>"
    success: str = ""  # instead of the success


def authentication(told: Sasl2, mechanisms: tuple[str, ...]) -> str:
    """The stream feature."""
    names = "".join(f"<mechanism>{each}</mechanism>" for each in mechanisms)
    features = "".join(f"<feature var='{each}'/>" for each in told.bind2 or ())
    bind = f"<bind xmlns='{NS_BIND2}'><inline>{features}</inline></bind>" if told.bind2 is not None else ""
    tokens = "".join(f"<mechanism>{each}</mechanism>" for each in told.fast)
    fast = f"<fast xmlns='{NS_FAST}'>{tokens}</fast>" if told.fast else ""
    sm = f"<sm xmlns='{NS_SM}'/>" if told.inline_sm else ""
    return f"<authentication xmlns='{NS_SASL2}'>{names}<inline>{sm}{bind}{fast}</inline></authentication>"


def success(server: Any, told: Sasl2, begun: Element, data: str) -> str:
    """The answer to who has logged in, and what follows it."""
    behaviour, memory = server.behaviour, server.memory
    bare = f"{behaviour.user}@{behaviour.domain}"
    parts = [f"<additional-data>{data}</additional-data>"] if data else []
    resume, bind = xml.child(begun, "resume", NS_SM), xml.child(begun, "bind", NS_BIND2)
    resumed, after = False, f"<stream:features>{server.behaviour.features}{server.offers()}</stream:features>"
    if resume is not None:
        resumed = behaviour.resume == "yes"
        parts.append(server.resumption(int(resume["h"])))
    who = bare
    if bind is not None and not resumed:
        memory.logins += 1
        who = f"{bare}/{xml.text_of(xml.child(bind, 'tag'))}/1"
        enabled = ""
        if xml.child(bind, "enable", NS_SM) is not None:
            server.count()
            enabled = told.managed
        parts.append(f"<bound xmlns='{NS_BIND2}'>{enabled}</bound>")
    asked, used = xml.child(begun, "request-token", NS_FAST), xml.child(begun, "fast", NS_FAST)
    if used is not None and used.attributes.get("invalidate") in ("true", "1"):
        memory.tokens.clear()  # there is one program, with one token
        used = None
    token = told.token if asked is not None else told.rotated if used is not None else ""
    if token:
        memory.tokens[token] = asked["mechanism"] if asked is not None else begun["mechanism"]
        parts.append(f"<token xmlns='{NS_FAST}' token='{token}' expiry='{told.expiry}'/>")
    who = f"<authorization-identifier>{xml.escape(told.identity or who)}</authorization-identifier>"
    text = f"<success xmlns='{NS_SASL2}'>{''.join(parts)}{who}</success>"
    return text + ("".join(memory.unacknowledged) if resumed else after)
