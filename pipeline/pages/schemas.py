"""List every schema: what departments file, what rules read, what is written; as text, as JSON and as a page.

``python -m pipeline.pages.schemas`` writes the page; a test holds the one in docs/ to it.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.desk.table_schemas import READ, _grain, _row, _rows, all_schemas, rules_on

PAGE = Path(__file__).parent.parent.parent / "docs" / "schemas.md"
_HEAD = """# 各表的栏目和校验

<!-- 本页由程序生成（make docs），请勿手工修改。 -->

各表都是 pandera 的 DataFrameSchema。`jixiao schemas` 列出同样的内容，
`jixiao schemas 表 --json` 按 pandera 的 JSON 格式输出，`DataFrameSchema.from_json` 可以读取。
前面是部门填报的附表（每一项一栏），其次是审核规则读取的表及其规则（各附表的栏目不再重复），最后是写在 data/ 里的表。"""


def page() -> str:
    """Write every schema as a page."""
    parts = [_HEAD]
    for name, schema in all_schemas().items():
        parts.append(f"\n## {name} {schema.title}\n\n{_grain(schema)}。\n")
        parts.append(_row("栏", "类型", "可空", "校验", "名称", "说明"))
        parts.append(_row(*["---"] * 6))
        parts += [_row(f"`{column}`", *rest) for column, *rest in _rows(name, schema)]
        if name.startswith(READ):
            parts.append(f"\n规则：{'、'.join(rules_on(name))}。")
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
