"""The fast read path: rows and lists without model instances, and a cache of finished responses.

REST framework makes a model instance for each row and copies of serializer fields: for a page of fifty clauses that
takes twenty times as long as the query. Here the same bytes are made from the tuples that the database returns.
Serializers remain the definition of representations: their fields determine which columns are read and how they are
represented. `tests/api/fast/test_parity.py` compares the bytes with those of REST framework for every resource,
field, expansion, order and page.

A GET passes these modules:

1. `middleware.py`: `answer_cache` looks up the finished response to an anonymous request by the revision of the data
   (`accords/db/revision.py`), or stores it after the view has made it, in the memory of the process, and in Redis if
   that is configured. `skip_rest_for_anonymous_reads` calls the view without the middleware that only users need.
2. `Resource.dispatch` (`accords/api/resource.py`) reads the parameters and calls `responses.respond`. Editors' requests
   come here through REST framework, anonymous ones directly: they have nothing to authenticate or negotiate.
3. `responses.py`: finds the plan of the request, runs it and makes the response.
4. `plans.py`: a plan has all statements for requests of one shape: with the same filters, order, fields and
   expansions. Its SQL is compiled once from query sets, with placeholders for the values
   (`accords/db/compiled_query.py`); later requests of that shape only bind values. On PostgreSQL one statement reads a
   row and all its nested rows (`nested_json.py`).
5. `layouts.py`: a layout has the columns that a serializer's fields need, and makes representations of tuples.

Why it is safe: the revision is read before the data, so no response is older than the revision in its key
(`tests/api/fast/test_never_stale.py`, with concurrent writers). Responses to requests with credentials or cookies are
never stored. Whether the user may view drafts is part of a plan's key.

To add a field to a row, add it to the serializer. Nothing changes here if the field is a column, a relation or a list
of nested rows, or if `derives` of the serializer names the columns from which it is derived, or its expression.
"""
