import pytest

from libervia.main import read_arguments


def test_by_default_it_is_for_this_machine():
    config = read_arguments([])
    assert (config.host, config.port, config.https, config.allow_new) == ("127.0.0.1", 8080, False, True)
    assert config.hosts == {"127.0.0.1", "::1", "localhost"}


@pytest.mark.parametrize("options", [["--host", "0.0.0.0"], ["--public-host", "chat.example.org"], ["--no-allow-new"]])
def test_new_accounts_are_for_this_machine_only(options):
    assert read_arguments(options).allow_new is False
    if "--no-allow-new" not in options:
        assert read_arguments([*options, "--allow-new"]).allow_new is True


def test_names_are_those_that_were_given():
    config = read_arguments(["--host", "192.0.2.1", "--public-host", "Chat.example.org"])
    assert config.hosts == {"127.0.0.1", "::1", "localhost", "192.0.2.1", "chat.example.org"}
    assert "0.0.0.0" not in read_arguments(["--host", "0.0.0.0"]).hosts


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_wrong_port_is_refused(port, capsys):
    with pytest.raises(SystemExit):
        read_arguments(["--port", port])
    assert "port" in capsys.readouterr().err
