"""Files of this machine put on the server for a post."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from support.fake_files import Attachments, Upload
from support.fake_transfers import Transfers
from support.fakes import Loop, Messages

from sat.api.errors import FileUnreadable, WebRefused
from sat.plugins.upload.api import Purpose
from sat_frontends.quick_frontend.sending import put_file


class Uploads(Upload):
    """Notes what files are put there for, by those purposes that the service knows."""

    def __init__(self, purposes):
        messages = Messages()
        super().__init__(messages, Attachments(messages), Transfers())
        self.purposes, self.asked = purposes, []

    async def get_storage(self):
        return (await super().get_storage())._replace(purposes=self.purposes)

    async def upload(self, path, *rest, purpose=Purpose.MESSAGE, **more):
        self.asked.append((path, purpose))
        return await super().upload(path, *rest, purpose=purpose, **more)


def profile(*purposes):
    upload = Uploads(list(purposes))
    return SimpleNamespace(apis=SimpleNamespace(upload=upload, transfers=upload.transfers))


@pytest.mark.parametrize("purpose", [Purpose.PERMANENT, Purpose.MESSAGE])
def test_it_is_kept_where_the_server_does_that(tmp_path, monkeypatch, purpose):
    (tmp_path / "rose.txt").write_text("red")
    monkeypatch.chdir(tmp_path)
    live = profile(purpose)
    file = Loop().now(put_file(live, "rose.txt"))
    assert (file.name, file.size) == ("rose.txt", 3)
    assert live.apis.upload.asked == [(str(tmp_path / "rose.txt"), purpose)], "the daemon works in another folder"
    assert live.apis.upload.messages.stored == {}, "nobody is told of it"


def test_what_cannot_be_put_there_is_told(tmp_path):
    live = profile()
    with pytest.raises(FileUnreadable):
        Loop().now(put_file(live, str(tmp_path / "none")))
    Path(tmp_path / "refused.txt").write_text("x")
    with pytest.raises(WebRefused):
        Loop().now(put_file(live, str(tmp_path / "refused.txt")))
