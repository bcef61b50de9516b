"""评分办法: the policy as a workbook of the bureau's; what stands on its sheets is declared in `schemas.policy.sheets`."""

TITLE = "评分办法"
FILE = f"{TITLE}.xlsx"
