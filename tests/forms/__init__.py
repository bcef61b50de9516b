"""Tests of schemas.forms."""
