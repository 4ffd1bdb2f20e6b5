"""The reading desk: a source's text with the claims it supports, and forms that turn selected words into claims."""
