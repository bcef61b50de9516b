"""Draw every workbook: blank form, scored workbook, county workbook, returned workbook, lists."""
