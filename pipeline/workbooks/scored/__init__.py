"""Draw the scored workbook of one department."""
