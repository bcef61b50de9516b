"""Name 填报表对照: the words that a bureau's own forms print in the place of ours, as it fills them in."""

TITLE = "填报表对照"
COLUMNS: dict[str, str] = {
    "annex": "附表",
    "part": "在哪一部分",
    "what": "是什么",
    "words": "本程序的文字",
    "own": "本县表上的文字",
    "absent": "本县的表没有",
    "told": "说明",
}
"""Field → words of its column."""
TICK = "√"
TICKS = frozenset({"√", "✓", "✔", "是", "没有", "无"})
"""What stands in the column of what the bureau's form does not have."""
KINDS = {"title": "表名", "prompts": "提示语", "heads": "表头", "rows": "项目", "levels": "一二级指标"}
"""What words of a form are → what the bureau calls that."""
