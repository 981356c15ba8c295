"""Files as words, and kept."""

import pytest
from support.fakes import message

from sat.api.messages import Attachment
from sat.api.sizes import shown
from sat.plugins.attachments.api import Fetched
from sat_frontends.quick_frontend.attachments import described, looks_like_picture
from sat_frontends.quick_frontend.hidden import preview
from sat_frontends.quick_frontend.saving import save


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (1, "1 byte"), (0, "0 bytes"), (1023, "1023 bytes"), (1024, "1.0 KB"), (98_304, "96 KB"), (1_468_006, "1.4 MB"),
        (1_048_575, "1.0 MB"), (10 << 20, "10 MB"), (5 << 40, "5120 GB"),
    ],
)  # fmt: skip
def test_sizes_for_people(size, text):
    assert shown(size) == text


def test_a_file_is_described_with_what_is_known():
    file = Attachment("https://a.lit/x", "fosdem.png")
    assert described(file) == "fosdem.png"
    assert described(file, 1280, 720, 98_304) == "fosdem.png 1280×720 96 KB"
    assert described(file._replace(size=3, description="a talk")) == "fosdem.png 3 bytes “a talk”"


def test_files_without_a_text_are_listed_by_their_names():
    files = [Attachment("aesgcm://a.lit/x#key", "fosdem.png"), Attachment("https://a.lit/y", "talk.pdf")]
    assert preview(message(1)._replace(body="", attachments=files)) == "fosdem.png, talk.pdf"
    assert preview(message(1, "look")._replace(attachments=files)) == "look"


@pytest.mark.parametrize(
    ("file", "may_be"),
    [
        (Attachment("u", "a.JPG"), True),
        (Attachment("u", "a", "image/png"), True),
        (Attachment("u", "a.svg"), False),
        (Attachment("u", "a.pdf", "application/pdf"), False),
    ],
)
def test_what_may_be_a_picture(file, may_be):
    assert looks_like_picture(file) is may_be


def test_saving_overwrites_nothing_and_stays_in_its_folder(tmp_path):
    source = tmp_path / "cached"
    source.write_bytes(b"x")
    folder = tmp_path / "folder"
    folder.mkdir()
    fetched = Fetched(str(source), "../evil.txt", "application/octet-stream", 1)
    assert save(fetched, folder=folder) == folder / "evil.txt"
    assert save(fetched, folder=folder) == folder / "evil (2).txt"
    with pytest.raises(FileExistsError):
        save(fetched, str(folder / "evil.txt"))
