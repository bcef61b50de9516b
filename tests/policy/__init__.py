"""Tests of the policy: its files, its workbook, the year that is evaluated."""
