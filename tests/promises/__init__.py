"""Tests of promises."""
