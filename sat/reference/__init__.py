"""What is told of the whole from the code: reference pages, the README's table of specifications, ``doap.xml``.

``python -m sat.reference .`` in the repository writes them; ``tests/every`` compares.
"""
