"""What files and folders of the bureau and of the results are called.

The names are a contract: others build on them.
"""

from __future__ import annotations

from schemas.lists import local_words, policy, reviews, roster, waivers

# ---------------------------------------------------------------------- what the bureau puts into the inbox

ROSTER = f"{roster.TITLE}.xlsx"
WAIVERS = f"{waivers.TITLE}.xlsx"
REVIEWS = f"{reviews.TITLE}.xlsx"
POLICY = f"{policy.TITLE}.xlsx"
LOCAL_WORDS = f"{local_words.TITLE}.xlsx"
LOCAL_WORDS_TOML = f"{local_words.TITLE}.toml"
"""What is made of the workbook; a run takes either."""
DEPARTMENT_FORMS = "各部门"
"""Where the forms of single departments lie, below the blank ones."""

# ---------------------------------------------------------------------- what a run writes, below the year's folder

COUNTY_WORKBOOK = "全县汇总.xlsx"
COUNTIES_WORKBOOK = "各县汇总.xlsx"
"""Above the folders of several counties."""
SCORED = "部门评分"
"""The folder of scored workbooks."""
RETURNED = "退回修改"
"""The folder of workbooks that are sent back to be corrected."""
RECORD = "run.json"
"""The record of the run: versions, digests, counts."""
LEADER_PAGE = "data/overview.json"
"""What the first sheet of the county workbook says, as data: the local page shows it."""
JOURNAL = "日志.csv"
"""What happened to each return, over all runs."""

# ---------------------------------------------------------------------- documents

CIRCULARS = "通报"
"""The folder of all documents."""
CIRCULAR = "全县通报.docx"
REMINDERS = "催报通知.docx"
SELF_REPORTS = "自评报告"
"""The folder of the reports of single departments."""
PUBLIC = "公开"
"""The folder of public versions, below that of the documents."""
