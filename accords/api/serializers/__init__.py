"""The serializers of resources, a file for each noun. They derive from those in base.py."""
