"""Tests of the admin: what every page does, what each noun's page does, and what a browser shows."""
