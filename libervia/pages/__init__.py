"""The pages: each folder is one, found by its name (see ``libervia/routes.py``)."""
