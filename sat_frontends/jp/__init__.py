"""jp: the command line of Salut à Toi.

``main`` finds the command, ``groups`` says which there are, ``command`` is how one is declared, ``commands/`` holds one
module a group, of which only the named one is imported.
"""
