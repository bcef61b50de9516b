"""Rules on the form as such and on single values. Reading finds most of them; the schema finds signs and fractions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.enums import Severity
from schemas.forms import FIELDS
from schemas.forms.model import NOT_NEGATIVE, WHOLE
from schemas.rules.model import Breaches, Rule
from schemas.rules.predicates import texts
from schemas.text.normalise import normalise_label

if TYPE_CHECKING:
    import pandas as pd

    from schemas.policy import Policy

_FORM = "附件1-1、附件1-2"
_ROSTER = "部门名册"
_READING = (
    Rule(
        "annex_missing", Severity.ERROR, "缺少附表", _FORM,
        "工作簿里没有找到“{expected}”。", "请补齐两张附表，放在同一个工作簿内重新报送。",
    ),
    Rule(
        "annex_twice", Severity.ERROR, "附表重复", _FORM,
        "工作簿里有不止一张填了内容的{expected}，只读取了第一张。", "请只保留一张，删去样表和旧表后重新报送。",
    ),
    Rule(
        "column_not_found", Severity.ERROR, "缺少栏目", _FORM,
        "没有找到“{expected}”这一栏；该处没有认出的文字：{stated}。", "请使用发放的填报表，不要改动表头文字。",
    ),
    Rule(
        "head_asked", Severity.ERROR, "表头待确认", _FORM,
        "表头“{stated}”是否即“{expected}”？没有确认，这一栏没有读取。",
        "请财政局在复核意见的“表头对照”中答复；填报单位可把表头改为“{expected}”后重新报送。",
    ),
    Rule(
        "column_twice", Severity.ERROR, "栏目重复", _FORM,
        "“{expected}”这一栏出现了两次，无法确定以哪一栏为准。", "请只保留一栏。",
    ),
    Rule(
        "row_not_found", Severity.ERROR, "缺少项目", _FORM,
        "没有找到“{expected}”这一项；该处没有认出的文字：{stated}。",
        "请使用发放的填报表，不要删改项目名称；没有数额的项目保留空白即可。",
    ),
    Rule(
        "row_asked", Severity.ERROR, "项目名称待确认", _FORM,
        "项目“{stated}”是否即“{expected}”？没有确认，这一行没有读取。",
        "请财政局在复核意见的“表头对照”中答复；填报单位可把项目名称改为“{expected}”后重新报送。",
    ),
    Rule(
        "row_twice", Severity.ERROR, "项目重复", _FORM,
        "“{expected}”这一项出现了两次，无法确定以哪一项为准。", "请只保留一项。",
    ),
    Rule(
        "sections_missing", Severity.ERROR, "缺少整个部分", _FORM,
        "这张表最像{label}，没有{stated}；因此不能核算的：{expected}。",
        "请使用发放的填报表；表头换了写法的，请财政局在复核意见的“表头对照”中写明是哪一项。",
    ),
    Rule(
        "other_edition", Severity.INFO, "另一种印法的表", _FORM,
        "这张表是{label}，已照它读取；发放的表有而它没有的：{stated}；因此不能核算的：{expected}。",
        "属实可不改；需要核算这些内容的，请用发放的填报表补报。",
    ),
    Rule(
        "value_ambiguous", Severity.ERROR, "填写位置不明", _FORM,
        "“{expected}”的填写处，数的个数与应填的不同，无法确定以哪个为准。", "请只在该项目的填写格内填写，一格一个数。",
    ),
    Rule(
        "value_unreadable", Severity.ERROR, "无法识别的数", _FORM,
        "“{label}”填写的“{stated}”不能确定是什么数。", "请只填数字，例如 1055.37。",
    ),
    Rule(
        "value_error", Severity.ERROR, "单元格出错", _FORM,
        "“{label}”的单元格显示错误 {stated}。", "请改正公式，或直接填写数字。",
    ),
    Rule(
        "value_unsaved", Severity.ERROR, "公式没有结果", _FORM,
        "“{label}”是公式，但文件里没有保存计算结果。", "请在 WPS 或 Excel 中打开、保存后重新报送，或直接填写数字。",
    ),
    Rule(
        "value_shared", Severity.ERROR, "几项合并成一格", _FORM,
        "“{label}”的单元格与相邻的项目合并了，其中的“{stated}”不能确定填的是哪一项。", "请取消合并，每一项各填各的。",
    ),
    Rule(
        "value_hidden", Severity.ERROR, "数被格式隐藏", _FORM,
        "“{label}”的单元格里存有“{stated}”，但单元格格式使它不显示，不能确定是不是填报的数。",
        "请把单元格格式改为“常规”，核对后重新报送；不填的请清空该单元格。",
    ),
    Rule(
        "value_struck", Severity.ERROR, "划去的内容", _FORM,
        "“{label}”填写的“{stated}”整格划了删除线，不能确定是否作废。", "作废的请清空或改填；有效的请取消删除线。",
    ),
    Rule(
        "value_picture", Severity.ERROR, "单元格是图片", _FORM,
        "“{label}”这一格是图片，不能读取。", "请填写数字或文字。",
    ),
    Rule(
        "text_left_out", Severity.WARNING, "划去的文字和注释标号没有计入", _FORM,
        "“{label}”的单元格里划去的文字或注释标号“{stated}”没有计入，按“{expected}”读取。",
        "请核对；请删去划去的文字和标号，一格只填一个数。",
    ),
    Rule(
        "row_struck", Severity.INFO, "整行划去", _FORM,
        "指标“{stated}”整行划了删除线，仍按填报的内容计算。", "作废的请删去该行；有效的请取消删除线。",
    ),
    Rule(
        "line_hidden", Severity.INFO, "隐藏的行列", _FORM,
        "{stated}是隐藏的（或被筛选隐藏），其中“{label}”等填报内容仍照常计算。", "请取消隐藏和筛选，核对后报送。",
    ),
    Rule(
        "words_beside", Severity.INFO, "表外的文字和批注", _FORM,
        "表格旁边或批注里写有：“{stated}”。", "请核对；需要说明的请写入表内相应栏目。",
    ),
    Rule(
        "error_beside", Severity.INFO, "表外的单元格出错", _FORM,
        "表格旁边的单元格显示错误 {stated}，没有读取。", "与本表无关的请删去；请核对有没有公式引用它。",
    ),
    Rule(
        "manual_calculation", Severity.WARNING, "手动重算", _FORM,
        "工作簿设为“手动重算”，公式保存的可能是旧的结果。", "请改为自动重算，保存后核对各数，再报送。",
    ),
    Rule(
        "looks_unread", Severity.WARNING, "格式没有细看", _FORM,
        "工作簿里有划去的文字、上标、隐藏的行列或批注，程序没能认出它们在哪里，单元格里的文字全部照读。",
        "请核对有没有划去的数和注释标号；可用发放的填报表重新填写后报送。",
    ),
    Rule(
        "sheet_passed_over", Severity.WARNING, "有工作表没有读取", _FORM,
        "没有读取：{stated}。", "如果附表在这张工作表里，请按上述原因改正后重新报送。",
    ),
    Rule(
        "unit_differs", Severity.ERROR, "金额单位不是万元", f"{_FORM}（单位：万元）",
        "表上写的是“{expected}”，而填报表的金额以万元为单位，表上各处写的单位或数额不能都对；表中的数都按万元读取。",
        "请把金额换算为万元，单位改写为“万元”；已经是万元的，只改单位。",
    ),
    Rule(
        "unit_converted", Severity.WARNING, "金额按表上写的单位换算", f"{_FORM}（单位：万元）",
        "表上写的是“{expected}”，表中没有另写单位的金额都按这个单位读取，换算为万元。",
        "请核对换算后的数；今后请按填报表的单位（万元）填报。",
    ),
    Rule(
        "old_format", Severity.INFO, "旧格式文件", _FORM,
        "文件是旧格式（{stated}），已读取。", "今后请另存为 .xlsx 后报送。",
    ),
    Rule(
        "macros", Severity.WARNING, "文件带有宏", _FORM,
        "工作簿带有宏，程序不运行宏，只读取单元格。", "请另存为不带宏的 .xlsx 后报送。",
    ),
    Rule(
        "active_parts", Severity.WARNING, "文件带有会自动运行或连到别处的内容", _FORM,
        "工作簿带有{stated}，程序不打开、不运行，只读取单元格。", "请删去后报送，或用发放的填报表重新填写。",
    ),
    Rule(
        "external_links", Severity.WARNING, "引用了其他文件", _FORM,
        "工作簿引用了其他文件，读取的是上次保存的结果。", "请把引用改为数值后报送。",
    ),
    Rule(
        "sheet_hidden", Severity.INFO, "表在隐藏的工作表中", _FORM,
        "“{stated}”在隐藏的工作表中，已读取。", "请取消隐藏后报送。",
    ),
    Rule(
        "form_unknown", Severity.WARNING, "填报表版本不明", _FORM,
        "填报表标明的版本（{stated}）不是本程序认识的版本（{expected}），已按表内文字读取。",
        "请改用本年度发放的填报表；确系新表的，请联系程序维护人员。",
    ),
    Rule(
        "hints_left", Severity.INFO, "样表提示文字未删", "附件1-2说明第3条；评分办法9.15",
        "样表中的提示文字“{stated}”没有删去，也没有填写。", "请填写该行，或删去该行。",
    ),
    Rule(
        "value_cleaned", Severity.INFO, "已换算的数", _FORM,
        "“{label}”填写的“{stated}”按 {expected} 计算。", "请核对；以后请按表内单位只填数字。",
    ),
)  # fmt: skip

NEGATIVE = Rule(
    NOT_NEGATIVE, Severity.ERROR, "负数", _FORM,
    "“{label}”填写为 {stated}，不应为负数。", "请核对后改正。",
)  # fmt: skip
NOT_WHOLE = Rule(
    WHOLE, Severity.ERROR, "不是整数", _FORM,
    "“{label}”填写为 {stated}，应为整数。", "请填写实际人数。",
)  # fmt: skip

_REQUIRED = (
    "authorised_posts",
    "staff_in_post",
    "basic_outturn",
    "basic_budget",
    "basic_prior_outturn",
    "three_public_outturn",
    "three_public_budget",
    "three_public_prior_outturn",
    "project_outturn",
    "project_budget",
    "project_prior_outturn",
    "funds_budget",
    "funds_executed",
    "spending_basic",
    "funds_points",
    "total_points",
)


def _blank(name: str) -> Breaches:
    def check(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
        return table[name].isna() & ~table[f"{name}_doubtful"]

    return check


_BLANK = tuple(
    Rule(
        "value_blank", Severity.ERROR, "必填项空白", _FORM,
        f"“{FIELDS[name].label}”没有填写。", "请填写；确实没有的填 0。",
        "departments", name, _blank(name),
    )
    for name in _REQUIRED
)  # fmt: skip


_SIGNATURES = ("reported_on_1_1", "reported_on_1_2", "filled_by", "signed_by")
_UNSIGNED = tuple(
    Rule(
        "signature_blank", Severity.INFO, "落款空白", _FORM,
        f"“{FIELDS[name].label}”没有填写。", "请补填。",
        "departments", name, _blank(name),
    )
    for name in _SIGNATURES
)  # fmt: skip


def _no_name(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    return table[["department_1_1", "department_1_2"]].isna().all(axis="columns")


def _names_differ(table: pd.DataFrame, _: Policy) -> pd.Series[bool]:
    first, second = (texts(table[name]).map(normalise_label) for name in ("department_1_1", "department_1_2"))
    return (first != second) & (first != "") & (second != "")


RULES: tuple[Rule, ...] = (
    *_READING,
    NEGATIVE,
    NOT_WHOLE,
    *_BLANK,
    *_UNSIGNED,
    Rule(
        "department_blank", Severity.ERROR, "填报单位空白", _FORM,
        "两张附表都没有填写填报单位，暂以文件名代替。", "请填写填报单位全称。",
        "departments", "department_1_2", _no_name,
    ),
    Rule(
        "department_names_differ", Severity.ERROR, "两表填报单位不同", _FORM,
        "附件1-1的填报单位是“{department_1_1}”，附件1-2是“{department_1_2}”。", "请核对，两张附表应由同一单位填报。",
        "departments", "department_1_2", _names_differ,
        expected=lambda table, _: table["department_1_1"], needs=("department_1_1", "department_1_2"),
    ),
    Rule(
        "department_unknown", Severity.WARNING, "不在名册中", _ROSTER,
        "填报单位“{stated}”不在部门名册中；名称相近的：{expected}。", "请核对单位名称；确系新单位的，请补入部门名册。",
    ),
    Rule(
        "file_name_differs", Severity.WARNING, "文件名与填报单位不同", _ROSTER,
        "文件名写的是“{expected}”，表内填报单位是“{stated}”，以表内为准。", "请核对是否报错了文件。",
    ),
    Rule(
        "year_blank", Severity.ERROR, "年度空白", _FORM,
        "报表没有写明年度，不能确定是哪一年的；暂按本次评价的年度计算。",
        "请在标题下写明年度，例如（2021年度），重新报送。",
    ),
    Rule(
        "reported_on_odd", Severity.WARNING, "填报时间不合理", _FORM,
        "“{label}”写的是“{stated}”，应在{expected}；不据此判断哪一份报表较新。", "请核对填报时间。",
    ),
    Rule(
        "order_unclear", Severity.WARNING, "报表先后不明", _ROSTER,
        "同一单位有内容不同的几份报表，先后不能确定，暂以 {stated} 为准。", "请核对，把不用的移出收件夹。",
    ),
    Rule(
        "year_in_file_name", Severity.WARNING, "年度只在文件名中", _FORM,
        "表内没有写明年度，按文件名当作{expected}的报表。", "请核对，并在标题下写明年度，例如（2021年度）。",
    ),
    Rule(
        "years_differ", Severity.ERROR, "年度前后不一", _FORM,
        "表内写了不止一个年度：{expected}，不能确定是哪一年的报表。", "请核对，改为同一年度后重新报送。",
    ),
    Rule(
        "annex_untitled", Severity.ERROR, "附表没有表名", _FORM,
        "这张表像{expected}，但没有写明表名，没有采用。", "请补上表名后重新报送；是其他表的，不用放在一起。",
    ),
)  # fmt: skip
