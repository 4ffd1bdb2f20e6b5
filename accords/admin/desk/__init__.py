"""The reading desk: a page with the text of a source and the claims that it supports, on which new ones are cited.

An editor selects a passage and cites it for an existing row, or creates a row that it supports with a short form. A
`model_name` is that of a row to cite (a key of `CLAIM_TARGETS`); a `form_name` is a key of `forms.MODELS`.
"""
