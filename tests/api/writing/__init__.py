"""Tests of writing through the API."""
