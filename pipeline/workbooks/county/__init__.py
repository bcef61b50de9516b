"""Draw the county workbook 全县汇总."""
