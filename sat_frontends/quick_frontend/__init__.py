"""Models without a toolkit, shared by the frontends: contacts, conversations, profiles, settings, user commands.

A model gets Api objects (see ``sat.api``) and tells its views *what changed* by a ``Signal``; it never draws. A view
collects the changes of one turn of its loop and redraws once. Nothing here knows urwid, Twisted, argparse or asyncio:
the frontend passes in how to run a coroutine in the background and how to wait (``loop.py``).
"""
