"""Draw the charts of the leader's page; what they are drawn from stands on the sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline import house_style as house
from pipeline.workbooks.table_sheet import TOP
from schemas.lists.own_files import OVERVIEW

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xlsxwriter
    from xlsxwriter.chart import Chart
    from xlsxwriter.worksheet import Worksheet

    from pipeline.workbooks.table_sheet import WrittenTable

LABELS = 25
"""The column of the labels of what charts are drawn from; values stand to the right of it."""
_COLUMN, _ROW = 54, 24
"""Pixels of a column and of a row of the page."""
_GRID = {"visible": True, "line": {"color": house.GRID}}
_SMALL = {"size": 8, "color": house.INK}


def place(sheet: Worksheet, row: int, column: int, chart: Chart, size: tuple[int, int]) -> None:
    """Place a chart over so many columns and rows of the page."""
    chart.set_size({"width": size[0] * _COLUMN - 6, "height": size[1] * _ROW - 12})
    sheet.insert_chart(row, column, chart, {"x_offset": 3, "y_offset": 3, "object_position": 2})


def _chart(book: xlsxwriter.Workbook, kind: dict[str, str], title: str) -> Chart:
    chart = book.add_chart(kind)
    assert chart is not None  # noqa: S101 - None only for a kind that does not exist
    font = {"name": house.HEAD_FONT, "size": 11, "bold": False, "color": house.INK}
    chart.set_title({"name": title, "name_font": font, "overlay": False})
    chart.set_chartarea({"border": {"color": house.GRID}})
    chart.set_legend({"position": "bottom", "font": _SMALL})
    return chart


def _values(rows: tuple[int, int], column: int) -> dict[str, Any]:
    """Name labels and values of a series: rows of the data, and how many columns behind the labels."""
    first, last = rows
    return {
        "categories": [OVERVIEW, first, LABELS, last, LABELS],
        "values": [OVERVIEW, first, LABELS + column, last, LABELS + column],
    }


def grades(book: xlsxwriter.Workbook, rows: tuple[int, int]) -> Chart:
    """Draw how many departments have each grade, computed and by their own evaluation."""
    chart = _chart(book, {"type": "column"}, "等级分布：核算与自评（部门数）")
    for name, column, colour in (("核算", 1, house.NAVY), ("自评", 2, house.GREY)):
        labels = {"value": True, "num_format": house.WHOLE, "font": _SMALL}
        chart.add_series(_values(rows, column) | {"name": name, "fill": {"color": colour}, "data_labels": labels})
    chart.set_x_axis({"num_font": _SMALL})
    chart.set_y_axis({"visible": False, "min": 0, "major_gridlines": {"visible": False}})
    return chart


def scatter(book: xlsxwriter.Workbook, ranking: WrittenTable, named: Sequence[tuple[int, str]], least: float) -> Chart:
    """Draw each department by its own score (across) and the computed one (up).

    The ``named``, each its line of the ranking and its name, are numbered, and named below the chart: names beside
    points that lie close would cover each other. Both axes begin at the ten below the ``least`` score, so that equal
    scores lie on the diagonal.
    """
    chart = _chart(book, {"type": "scatter"}, "自评得分与核算得分（一点一个部门）")
    first, last = TOP + 1, TOP + max(ranking.count, 1)
    bounds = {"min": max(0, int(least // 10) * 10), "max": 100, "major_unit": 10}
    chart.add_series({"name": "部门", **_points(ranking, first, last), **_marker(5, house.NAVY)})
    for number, (line, name) in enumerate(named, 1):
        label = {"value": True, "position": "left", "custom": [{"value": str(number), "font": _SMALL}]}
        points = _points(ranking, first + line, first + line)
        chart.add_series({"name": f"{number} {name}", **points, **_marker(8, house.RISE), "data_labels": label})
    chart.set_x_axis({"name": "自评得分", "name_font": _SMALL, "num_font": _SMALL, **bounds, "major_gridlines": _GRID})
    chart.set_y_axis({"name": "核算得分", "name_font": _SMALL, "num_font": _SMALL, **bounds, "major_gridlines": _GRID})
    chart.set_legend({"position": "bottom", "font": _SMALL, "delete_series": [0]} if named else {"none": True})
    return chart


def _points(ranking: WrittenTable, first: int, last: int) -> dict[str, Any]:
    """Name own and computed scores of some lines of the ranking."""
    own, computed = (list(ranking.letters).index(key) for key in ("self_points", "points"))
    return {
        "categories": [ranking.sheet, first, own, last, own],
        "values": [ranking.sheet, first, computed, last, computed],
    }


def _marker(size: int, colour: str) -> dict[str, Any]:
    return {"marker": {"type": "circle", "size": size, "fill": {"color": colour}, "border": {"color": "#FFFFFF"}}}


def waterfall(book: xlsxwriter.Workbook, rows: tuple[int, int]) -> Chart:
    """Draw the 三公 of last year, the rise or fall of each item, and this year's."""
    chart = _chart(book, {"type": "column", "subtype": "stacked"}, "“三公”经费：上年到本年")
    none = {"none": True}
    chart.add_series(_values(rows, 2) | {"name": "起点", "fill": none, "border": none, "gap": 40})
    for name, column, colour in (("决算", 1, house.NAVY), ("增加", 3, house.RISE), ("减少", 4, house.FALL)):
        number, ink = (house.CHART_MONEY, "#FFFFFF") if column == 1 else (house.CHART_CHANGE[name], house.INK)
        labels = {"value": True, "num_format": number, "font": {"size": 8, "color": ink}}
        chart.add_series(_values(rows, column) | {"name": name, "fill": {"color": colour}, "data_labels": labels})
    chart.set_x_axis({"num_font": _SMALL})
    chart.set_y_axis(
        {
            "name": "万元",
            "name_font": _SMALL,
            "num_font": _SMALL,
            "num_format": house.WHOLE,
            "min": 0,
            "major_gridlines": _GRID,
        }
    )
    chart.set_legend({"position": "bottom", "font": _SMALL, "delete_series": [0]})
    return chart


def changes(book: xlsxwriter.Workbook, rows: tuple[int, int]) -> Chart:
    """Draw the departments whose 三公 rose or fell most, one bar each."""
    chart = _chart(book, {"type": "bar", "subtype": "stacked"}, "“三公”增加、减少最多的部门（万元）")
    for name, column, colour in (("增加", 1, house.RISE), ("减少", 2, house.FALL)):
        chart.add_series(_values(rows, column) | {"name": name, "fill": {"color": colour}, "gap": 40})
    chart.set_y_axis({"reverse": True, "label_position": "low", "num_font": {"size": 7}, "interval_unit": 1})
    chart.set_x_axis({"num_font": _SMALL, "num_format": house.POINTS, "major_gridlines": _GRID})
    return chart
