"""What OTR keeps of a profile: our key, and what is thought of others'. All of it is sealed at rest, so that nobody can
verify a key by writing into the database."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode

from sat.api import JID
from sat.api.messages import Trust
from sat.core.tasks import in_thread
from sat.storage.vault import Secrets

OWN = "key"
_OF = "of "  # begins the name of what is thought of somebody's keys
MOST = 100  # keys of somebody that are remembered
Trusts = dict[str, Trust]


class Keeping:
    """That of one profile. Fingerprints are as ``sat.otr.keys`` writes them."""

    def __init__(self, secrets: Secrets, own: bytes, trusts: dict[JID, Trusts]) -> None:
        self._secrets, self.own, self._trusts = secrets, own, trusts

    @classmethod
    async def open(cls, secrets: Secrets) -> Keeping:
        """Read it. Errors: StorageError."""
        stored = await secrets.all()
        trusts = {JID(name.removeprefix(_OF)): _read(value) for name, value in stored.items() if name.startswith(_OF)}
        return cls(secrets, b64decode(stored.get(OWN, "")), trusts)

    async def have_key(self) -> None:
        """Make our key, if there is none. Errors: StorageError."""
        if not self.own:
            from sat.otr.keys import new_private_key

            made = await in_thread(new_private_key)
            await self._secrets.set(OWN, b64encode(made).decode())
            self.own = made

    def of(self, owner: JID) -> Trusts:
        """What is thought of somebody's keys."""
        return self._trusts.get(owner, {})

    async def set(self, owner: JID, fingerprint: str, trust: Trust) -> None:
        """Keep what is thought of a key. It holds at once. Errors: StorageError."""
        trusts = self._trusts.setdefault(owner, {})
        trusts.pop(fingerprint, None)
        trusts[fingerprint] = trust
        while len(trusts) > MOST:
            del trusts[next((each for each in trusts if trusts[each] is not Trust.VERIFIED), next(iter(trusts)))]
        await self._secrets.set(f"{_OF}{owner}", json.dumps(trusts))


def _read(value: str) -> Trusts:
    return {fingerprint: Trust(trust) for fingerprint, trust in json.loads(value).items()}
