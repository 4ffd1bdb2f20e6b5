"""The reading desk: a source's text with all that it supports, and the forms that turn its words into claims."""
