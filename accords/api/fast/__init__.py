"""The fast read path: rows and lists without model instances, and a cache of finished responses.

REST framework's way to a page of fifty clauses makes a model instance, a copied serializer field and a dictionary for
every value, and costs twenty times as much as the query. Here the same bytes are made from the database's own tuples.
A serializer stays the definition of a row: its fields say which columns are read and how they are shown. The test
`tests/api/fast/test_parity.py` compares the bytes with those of REST framework for every resource, field, expansion,
order and page.

A GET passes these modules:

1. `middleware.py`: `answer_cache` looks up the finished response of an anonymous request, under the number of the
   latest change of the data (`accords/db/revision.py`), and stores it after the view has made it, in the memory of the
   process, and in Redis if that is configured. `skip_rest_for_anonymous_reads` calls the view without the middleware
   that only users need.
2. `Resource.dispatch` (`accords/api/resource.py`) reads the parameters and calls `responses.respond`. Editors' requests
   come here through REST framework, anonymous ones directly: they have nothing to authenticate or negotiate.
3. `responses.py`: finds the plan of the request, runs it and puts the answer together.
4. `plans.py`: a plan is every statement that requests of one shape need: of the same filters, order, fields and
   expansions. Its SQL is compiled once from query sets, with placeholders for the values
   (`accords/db/compiled_query.py`); later requests of that shape only bind values. On PostgreSQL a row and all that is
   nested in it are one statement (`nested_json.py`).
5. `rows.py`: which columns a serializer's fields need, and how tuples become what the serializer would show.

Why it is safe: the revision is read before the data, so no response is older than the number under which it is stored
(`tests/api/fast/test_never_stale.py`, with concurrent writers); responses to requests with credentials or cookies are
never stored; whether drafts are shown is part of a plan's key.

To add a field to a row, add it to the serializer; nothing here changes as long as the field is a column, a relation, a
list of nested rows, or listed in the serializer's `derives` with the columns from which it follows or an expression.
"""
