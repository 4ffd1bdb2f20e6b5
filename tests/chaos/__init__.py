"""Chaos: the server, its workers and its database are killed while many write, and what was acknowledged must be there.

    make chaos                                        20 rounds on SQLite and on a PostgreSQL of its own
    python -m tests.chaos --rounds 2 --engines sqlite

A round: writers of one thread each make clauses with their parties and citations, one or several at a time and each
with a key, change them by their tags, and delete some. In the midst of it something is killed. What a writer was
answered must be found in the database, to the letter; what it was not answered must be there whole or not at all.
"""
