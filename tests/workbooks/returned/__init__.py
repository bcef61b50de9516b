"""Tests of workbooks → returned."""
