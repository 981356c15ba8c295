"""jp completion: complete commands in your shell."""

from __future__ import annotations

from sat_frontends.jp.command import command, positional
from sat_frontends.jp.context import Jp
from sat_frontends.jp.failure import nearest, usage


@command(
    "Print the script that makes a shell complete the commands of jp.",
    examples=(
        'eval "$(jp completion bash)"  # in ~/.bashrc',
        'eval "$(jp completion zsh)"  # in ~/.zshrc, after compinit',
        "jp completion fish > ~/.config/fish/completions/jp.fish",
    ),
    shell=positional("SHELL", "bash, zsh or fish", complete="shell"),
)
async def completion(jp: Jp, shell: str) -> None:
    """Commands, options, profiles, contacts and settings are completed; what only the daemon knows is asked of it."""
    from sat_frontends.jp.shells import SCRIPTS

    if shell not in SCRIPTS:
        raise usage(f"There is no script for “{shell}”.", nearest(shell, list(SCRIPTS)) or "bash, zsh or fish")
    jp.out.line(SCRIPTS[shell])
