"""Tests of the search for wrong figures."""
