"""The local page: a workbook is dropped and its findings appear, and how the county's last run came out.

Nothing is kept and nothing comes from elsewhere: every file of the page is here, in `static`.
"""
