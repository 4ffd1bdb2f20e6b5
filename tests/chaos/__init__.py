"""Chaos: the server, its workers and its database are killed under load, and every acknowledged write must be there.

    make chaos                                        20 rounds on SQLite and on a PostgreSQL of its own
    python -m tests.chaos --rounds 2 --engines sqlite

In a round, writers of one thread each create clauses with their parties and citations, one or several at a time and
each with an idempotency key, change them by their entity tags, and delete some. Meanwhile something is killed. What was
acknowledged must be in the database exactly; a write without a response must be there completely or not at all.
"""
