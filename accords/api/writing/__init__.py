"""Writing through the API: bodies read strictly, rows written whole or not at all, no update lost."""
