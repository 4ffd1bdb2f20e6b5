"""The fast read path: compiled queries, a cache of responses, one entry for the viewsets."""
