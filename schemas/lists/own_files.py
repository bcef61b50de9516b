"""Recognise workbooks that are no returns: those that a run wrote, and the lists of the bureau."""

from schemas.file_names import LOCAL_WORDS, LOCAL_WORDS_TOML, POLICY, REVIEWS, ROSTER, WAIVERS
from schemas.lists import local_words, policy, reviews, roster, waivers

TITLE = "年度部门整体支出绩效评价"
"""How the first cell of a scored workbook ends; that of the county's has 汇总 behind it."""
RESULT = "评价结果"
"""The first sheet of a scored workbook."""
OVERVIEW = "总览"
"""The first sheet of the county's workbook."""

LISTS = {
    ROSTER: roster.TITLE,
    WAIVERS: waivers.TITLE,
    REVIEWS: reviews.TITLE,
    POLICY: policy.TITLE,
    LOCAL_WORDS: local_words.TITLE,
    LOCAL_WORDS_TOML: local_words.TITLE,
}
"""Lists that the bureau keeps in the inbox: name of the file → what it is, which its first sheet is called."""

_WRITTEN = {
    RESULT: (TITLE, "是程序写出的评分工作簿，不是报表；请在填报表或“退回修改”的文件上填写、修改后报送"),
    OVERVIEW: (f"{TITLE}汇总", "是程序写出的全县汇总，不是报表；请移出收件夹"),
}
"""Sheet → how its first cell ends, and what to say."""


def describe_result(sheet: str, first: str) -> str:
    """Say what a workbook is that a run wrote, by the name of a sheet and its first cell; "" for any other."""
    ends, told = _WRITTEN.get(sheet, ("", ""))
    return told if told and first.endswith(ends) else ""


def describe_list(sheet: str) -> str:
    """Say what a list of the bureau is that lies elsewhere, by the name of its first sheet; "" for any other."""
    file = next((file for file, title in LISTS.items() if title == sheet), "")
    return f"是{LISTS[file]}，不是报表；要叫 {file}、直接放在收件夹里才会采用" if file else ""
