"""The house style as data: sizes, colours and number formats of everything that the bureau sees.

The colours differ in lightness as well as in hue, so that they can be told apart in a grey print and without red and
green. A colour has one meaning: what was filed is on white, what was computed on blue, what a reviewer decided on
violet, what is asked on amber, what is wrong on red and in bold.
"""

from __future__ import annotations

BODY_FONT, HEAD_FONT = "宋体", "黑体"
SMALL, BODY, LARGE, TITLE, FIGURE = 9, 10, 12, 16, 22
"""Sizes of type in points: notes, text, headings within a page, titles, and the figures that a page is about."""

INK, QUIET = "#1A1A1A", "#595959"
"""Text, and text that stands back: labels of figures, units, sources."""
NAVY, BLUE, GREY = "#1F4E79", "#9DC3E6", "#BFBFBF"
"""This year and what was computed; the budget; last year and the departments' own."""
RISE, FALL = "#C55A11", "#2E75B6"
"""What went up and what went down: orange and blue, which nobody confuses."""
GRID, LINE = "#E0E0E0", "#7F7F7F"
"""Lines of charts, and borders of cells."""

HEAD_FILL, LABEL_FILL = "#DCE6F1", "#F2F2F2"
INPUT_FILL, DERIVED_FILL, KNOWN_FILL = "#FFFBE6", "#E2EFDA", "#E9E3F4"
COMPUTED_FILL, COMPUTED_INK = "#EAF3FA", NAVY
REVIEWED_FILL, REVIEWED_INK = "#E4DFEC", "#5F3A87"
ASKED_FILL, ASKED_INK = "#FFE699", "#6B5100"
WRONG_FILL, WRONG_INK = "#F8CBAD", "#9C0006"
LINK_INK, FINE_INK = "#0563C1", "#2E7D32"

MONEY, RATE, SHARE, POINTS, EXACT, WHOLE = "#,##0.00", "0.00%", "0.0%", "0.00", "0.00##", "#,##0"
"""Number formats by kind: 万元, a rate as filed, a share to read, points, points not rounded, and counts."""
CHART_MONEY = "[=0]0;[<100]0.00;#,##0"
"""An amount that stands at a column of a chart: a small one is not rounded to a whole."""
CHART_CHANGE = {"增加": '[>0]"+"#,##0.00;;', "减少": '[>0]"−"#,##0.00;;'}
"""A change that stands at a column of a chart, by its series; nothing where there is none."""
GAP = "_ _ "
"""What follows a number in a cell, so that it does not touch the words of the next column."""

LEGEND = (
    ("filed", "报送数"),
    ("computed", "程序核算"),
    ("reviewed", "复核决定"),
    ("doubtful", "请核对、待定"),
    ("faulty", "错误"),
)
"""The colours of a scored workbook: role of the cell, and what it means."""
