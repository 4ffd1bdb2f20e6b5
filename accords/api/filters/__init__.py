"""What can be asked of each resource: a file per noun, on kinds.py and backend.py."""
