"""Name 评分办法, the policy as the bureau's workbook; its sheets are declared in `schemas.policy.sheets`."""

TITLE = "评分办法"
