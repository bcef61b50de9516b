"""Several counties → the tables and the workbook above them: of a city, or of a province."""

from __future__ import annotations
