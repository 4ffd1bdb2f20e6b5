"""What each resource looks like: a file per noun, on base.py."""
