"""What runs on a page with scripts: the chat, the timeline, or files. Runs in the browser (Brython)."""

import page

if hasattr(page.live.dataset, "posts"):
    import posts  # noqa: F401 - it starts by itself
elif hasattr(page.live.dataset, "files"):
    import files  # noqa: F401
else:
    import app  # noqa: F401
