"""What creates accounts at a scripted server (XEP-0077), with a captcha if it is to (XEP-0158)."""

from __future__ import annotations

import base64

from sat.xmpp import xml
from sat.xmpp.xml import Element
from support.scripted import Behaviour

NS = "jabber:iq:register"
NS_DATA = "jabber:x:data"
PICTURE = "a picture of "  # what each picture holds, before its word: an "image" that tests can read


class Registrar:
    """Gives each form a challenge of its own, which is good for one try, and remembers who came. It lets the account
    that was made log in at the server of that ``behaviour``. With a ``refusal``, a stanza error's content, nobody
    gets an account; ``invitations`` is the condition by which it refuses these."""

    def __init__(
        self, behaviour: Behaviour, captcha: bool = True, refusal: str = "", invitations: str = "service-unavailable"
    ) -> None:
        self.captcha, self.refusal, self.invitations = captcha, refusal, invitations
        self.accounts: dict[str, str] = {}
        self._behaviour = behaviour
        self._words: dict[str, str] = {}  # by challenge
        self._given = 0

    def __call__(self, iq: Element) -> str:
        id = iq.attributes.get("id", "")
        query = xml.child(iq, "query", NS)
        if query is None:
            return f"<iq type='error' id='{id}'>{error(self.invitations)}</iq>"
        if iq.attributes["type"] == "get":
            return f"<iq type='result' id='{id}'><query xmlns='{NS}'>{self._form()}</query></iq>"
        wrong = self._take(query)
        return f"<iq type='error' id='{id}'>{wrong}</iq>" if wrong else f"<iq type='result' id='{id}'/>"

    def _form(self) -> str:
        asked = "<field type='text-single' var='username' label='User name'><required/></field>"
        asked += "<field type='text-private' var='password' label='Password'><required/></field>"
        hidden, picture = f"<field type='hidden' var='FORM_TYPE'><value>{NS}</value></field>", ""
        if self.captcha:
            self._given += 1
            challenge, word = f"challenge-{self._given}", f"word{self._given}"
            self._words[challenge] = word
            hidden += f"<field type='hidden' var='challenge'><value>{challenge}</value></field>"
            asked += (
                "<field type='text-single' var='ocr' label='What do you see'><required/>"
                f"<media xmlns='urn:xmpp:media-element'><uri type='image/png'>cid:{challenge}</uri></media></field>"
            )
            data = base64.b64encode(f"{PICTURE}{word}".encode()).decode()
            picture = f"<data xmlns='urn:xmpp:bob' cid='{challenge}' type='image/png'>{data}</data>"
        return f"<x xmlns='{NS_DATA}' type='form'>{hidden}{asked}</x>{picture}"

    def _take(self, query: Element) -> str:
        fields = xml.elements(xml.child(query, "x", NS_DATA), "field", NS_DATA)
        told = {each.attributes.get("var"): xml.text_of(xml.child(each, "value", NS_DATA)) for each in fields}
        if self.captcha and self._words.pop(told.get("challenge", ""), None) != told.get("ocr"):
            return error("not-allowed", "The CAPTCHA verification has failed")
        if self.refusal:
            return self.refusal
        name, password = told["username"], told["password"]
        if name in self.accounts:
            return error("conflict")
        self.accounts[name] = password
        self._behaviour.user, self._behaviour.password = name, password
        return ""


def error(condition: str, text: str = "", kind: str = "cancel") -> str:
    """The content of a refusal."""
    ns = "urn:ietf:params:xml:ns:xmpp-stanzas"
    said = f"<text xmlns='{ns}'>{text}</text>" if text else ""
    return f"<error type='{kind}'><{condition} xmlns='{ns}'/>{said}</error>"
