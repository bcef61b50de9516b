"""Make the template documents of the circular and the self-evaluation report, which the bureau may change.

The files in input_templates/ are made by this module; a test compares them with it.
"""

from __future__ import annotations

from pipeline.documents.official_style import (
    BODY,
    CAPTION,
    HEADING,
    SECOND,
    SIGNED,
    TITLE,
    begin_document,
    document_bytes,
)

CIRCULAR = "通报模板.docx"
"""The file name of the template of the county circular."""
SELF_REPORT = "自评报告模板.docx"
"""The file name of the template of the report of one department."""

Lines = tuple[tuple[str, str], ...]
"""Style and text of each paragraph."""

_NEW_PAGE = "\f"
"""Stands before the text of a paragraph that begins a page."""
_CIRCULAR: Lines = (
    (TITLE, "{{年度}}年度部门整体支出绩效评价一览"),
    (CAPTION, "主要数字"),
    (BODY, "{{表：主要数字}}"),
    (CAPTION, "需要决定的事"),
    (BODY, "{{表：需要决定的事}}"),
    (TITLE, _NEW_PAGE + "关于{{年度}}年度部门整体支出"),
    (TITLE, "绩效评价情况的通报"),
    (BODY, ""),
    ("", "各部门、各单位："),
    (
        BODY,
        "根据{{文号}}文件要求，财政局对各部门报送的{{年度}}年度部门整体支出绩效自评材料进行了审核和评价，现将有关情况通报如下。",
    ),
    (HEADING, "一、报送情况"),
    (BODY, "{{报送情况}}"),
    (HEADING, "二、评价结果"),
    (BODY, "{{评价结果}}"),
    (CAPTION, "等级分布"),
    (BODY, "{{表：等级}}"),
    (CAPTION, "得分排名"),
    (BODY, "{{表：排名}}"),
    (BODY, "得分以复核后的为准，带*的为复核后得分；“暂定”指尚有指标待复核认定。"),
    (HEADING, "三、“三公”经费"),
    (BODY, "{{三公经费情况}}"),
    (CAPTION, "“三公”经费（万元）"),
    (BODY, "{{表：三公经费}}"),
    (BODY, "上年决算、增减只计两年都有数的部门，当年预算、决算只计两项都有数的部门；“—”指没有可比的数。"),
    (HEADING, "四、共性问题"),
    (BODY, "审核中，以下问题涉及的部门最多："),
    (BODY, "{{表：共性问题}}"),
    (HEADING, "五、须改正后重新报送的部门"),
    (BODY, "下列部门报送的材料有错误，须按退回的审核意见改正后重新报送，共{{重报部门数}}个。"),
    (BODY, "{{表：重报部门}}"),
    (HEADING, "六、未报送的部门"),
    (BODY, "下列部门没有报送，或报送的文件不能采用："),
    (BODY, "{{表：未报部门}}"),
    (HEADING, "七、有关要求"),
    (BODY, "（一）未报送的部门，请尽快报送。"),
    (BODY, "（二）须改正的部门，请在退回的表上直接改正，说明原因后重新报送。"),
    (BODY, "（三）各部门要对照共性问题逐项自查，提高填报质量，强化绩效管理。"),
    (BODY, ""),
    (SIGNED, "{{落款}}　　　　"),
    (SIGNED, "　　年　　月　　日　　"),
    (BODY, "{{联系方式}}"),
)

_SELF_REPORT: Lines = (
    (TITLE, "{{部门}}"),
    (TITLE, "{{年度}}年度部门整体支出绩效自评报告"),
    (BODY, ""),
    (HEADING, "一、人员情况"),
    (BODY, "编制数{{编制数}}人，年末实际在职{{年末实际在职人数}}人，在职人员控制率{{在职人员控制率}}。"),
    (HEADING, "二、收入支出情况"),
    (SECOND, "（一）收入支出预算安排情况"),
    (
        BODY,
        (
            "全年预算数{{年度资金总额·全年预算数}}，其中：一般公共预算拨款{{一般公共预算拨款}}，"
            "政府性基金拨款{{政府性基金拨款}}，纳入管理的非税收入拨款{{纳入管理的非税收入拨款}}，"
            "年初结转结余{{年初结转结余}}，其他收入{{其他收入}}。"
        ),
    ),
    (SECOND, "（二）收入支出预算执行情况"),
    (
        BODY,
        (
            "全年执行数{{年度资金总额·全年执行数}}，预算执行率{{预算执行率}}；"
            "年末结转结余（全年预算数减全年执行数）{{年末结转结余}}。"
        ),
    ),
    (SECOND, "（三）收入结构"),
    (BODY, "{{表：收入结构}}"),
    (SECOND, "（四）支出结构"),
    (
        BODY,
        (
            "基本支出{{基本支出}}，占支出的{{基本支出占支出}}；项目支出{{项目支出}}，占支出的{{项目支出占支出}}。"
            "部门基本支出决算{{基本支出变动}}，部门项目支出决算{{项目支出变动}}。"
        ),
    ),
    (BODY, "{{表：支出结构}}"),
    (HEADING, "三、“三公”经费及变动情况"),
    (
        BODY,
        (
            "“三公”经费决算数{{三公经费·当年决算数}}，{{三公经费变动}}。其中：公务用车购置和维护经费"
            "{{公务用车购置和维护经费·当年决算数}}，{{公务用车变动}}；公务接待{{公务接待·当年决算数}}，{{公务接待变动}}；"
            "出国（境）经费{{出国（境）经费·当年决算数}}，{{出国（境）变动}}。"
        ),
    ),
    (CAPTION, "“三公”经费（万元）"),
    (BODY, "{{表：三公经费}}"),
    (HEADING, "四、各项指标得分情况"),
    (BODY, "{{表：得分}}"),
    (CAPTION, "绩效指标完成情况"),
    (BODY, "{{表：指标}}"),
    (HEADING, "五、绩效评价结论"),
    (BODY, "{{结论}}"),
)


def circular_template() -> bytes:
    """Make the template of the circular."""
    return _written("通报模板", _CIRCULAR)


def self_report_template() -> bytes:
    """Make the template of the report of a department."""
    return _written("自评报告模板", _SELF_REPORT)


def _written(title: str, lines: Lines) -> bytes:
    made = begin_document(title)
    for style, text in lines:
        made.add_paragraph(text.removeprefix(_NEW_PAGE), style or BODY)
        if text.startswith(_NEW_PAGE):
            made.paragraphs[-1].paragraph_format.page_break_before = True
        if not style:  # the addressee is not indented
            made.paragraphs[-1].paragraph_format.first_line_indent = 0
    return document_bytes(made)
