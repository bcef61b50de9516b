"""Keep only the kinds of parts that a returned workbook may have; macros, links and active parts are left out.

A part is known by the relation that leads to it and by its content type, never by its name: a VBA project is one also
where it is stored as ``xl/media/image9.bin``. Parts that no allowed relation leads to are left out too.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from pipeline.guard.active_parts import ACTIVE, ELSEWHERE, LINKS, MACROS
from pipeline.workbooks.returned.package import BOOK, TYPES, relations_path
from pipeline.workbooks.returned.xml import UneditableError, children, parse, relation_id, remove, serialise

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from lxml.etree import _Element as Element

    from pipeline.workbooks.returned.package import Package, Relation

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_DRAWING = "application/vnd.openxmlformats-officedocument.drawingml."
_OFFICE = "application/vnd.openxmlformats-officedocument."
_MICROSOFT = "application/vnd.ms-"
_XML = {"application/xml", "text/xml"}
"""What some programs state for every part in XML."""
_IMAGE = re.compile(r"image/[\w.+-]+")

_ALLOWED: dict[str, tuple[str, ...]] = {
    "officeDocument": (f"{_SHEET}sheet.main+xml",),
    "core-properties": ("application/vnd.openxmlformats-package.core-properties+xml",),
    "extended-properties": (f"{_OFFICE}extended-properties+xml",),
    "custom-properties": (f"{_OFFICE}custom-properties+xml",),
    "worksheet": (f"{_SHEET}worksheet+xml",),
    "chartsheet": (f"{_SHEET}chartsheet+xml",),
    "sharedStrings": (f"{_SHEET}sharedStrings+xml",),
    "styles": (f"{_SHEET}styles+xml",),
    "theme": (f"{_OFFICE}theme+xml",),
    "themeOverride": (f"{_OFFICE}themeOverride+xml",),
    "sheetMetadata": (f"{_SHEET}sheetMetadata+xml",),
    "comments": (f"{_SHEET}comments+xml",),
    "threadedComment": (f"{_MICROSOFT}excel.threadedcomments+xml",),
    "person": (f"{_MICROSOFT}excel.person+xml",),
    "vmlDrawing": (f"{_OFFICE}vmlDrawing",),
    "drawing": (f"{_OFFICE}drawing+xml",),
    "table": (f"{_SHEET}table+xml",),
    "printerSettings": (f"{_SHEET}printerSettings",),
    "chart": (f"{_DRAWING}chart+xml",),
    "chartEx": (f"{_MICROSOFT}office.chartex+xml",),
    "chartStyle": (f"{_MICROSOFT}office.chartstyle+xml",),
    "chartColorStyle": (f"{_MICROSOFT}office.chartcolorstyle+xml",),
    "chartUserShapes": (f"{_DRAWING}chartshapes+xml",),
    "diagramData": (f"{_DRAWING}diagramData+xml",),
    "diagramLayout": (f"{_DRAWING}diagramLayout+xml",),
    "diagramQuickStyle": (f"{_DRAWING}diagramStyle+xml",),
    "diagramColors": (f"{_DRAWING}diagramColors+xml",),
    "diagramDrawing": (f"{_MICROSOFT}office.drawingml.diagramDrawing+xml",),
    "rdRichValue": (f"{_MICROSOFT}excel.rdrichvalue+xml",),
    "rdRichValueStructure": (f"{_MICROSOFT}excel.rdrichvaluestructure+xml",),
    "rdRichValueTypes": (f"{_MICROSOFT}excel.rdrichvaluetypes+xml",),
    "richValueRel": (f"{_MICROSOFT}excel.richvaluerel+xml",),
    "cellImage": ("application/vnd.wps-officedocument.cellimage+xml",),
}
"""Last word of a relation's type → the content types that it may lead to. `cellImage` is a picture in a cell
of WPS, the rich values are what keeps one of Excel."""
_TEXTS = "xl/sharedStrings.xml"
_IMAGES = {"image", "thumbnail"}
_MAIN = re.compile(
    r"application/vnd\.ms-excel\.(sheet|template|addin)\.macroEnabled\.main\+xml|.*\.template\.main\+xml"
)
"""Other content types of a workbook's main part; it becomes a plain workbook."""

_SILENT = {"calcChain", "origin", "signature", "certificate"}
"""What every program makes anew, and signatures, which do not hold once the workbook is changed."""
_NAMES = {
    **ACTIVE,
    **ELSEWHERE,
    "pivotTable": "数据透视表",
    "pivotCacheDefinition": "数据透视表",
    "pivotCacheRecords": "数据透视表",
}
_OTHER = "其他附带内容"
_STRING = re.compile(r'"(?:[^"]|"")*"')
_ELSEWHERE = re.compile(r"(?<![\w\]])\[\d+\]|\|")
"""A reference to another workbook by its number, or a DDE link; no other use is made of these in a formula."""


def keep_allowed_parts(package: Package) -> list[str]:
    """Leave out every part of a workbook that is not of an allowed kind, and every reference to it.

    Formulas that refer to other workbooks become their saved values.

    Returns:
        What was left out, in Chinese, each kind once.

    Raises:
        UneditableError: a sheet of the workbook is not an allowed part, such as a macro sheet.
    """
    if _TEXTS in package and not any(each.kind == "sharedStrings" for each in package.relations(BOOK)):
        package.relate(BOOK, "sharedStrings", _TEXTS)  # the reader finds it there without a relation
    kept, known, lost = {TYPES.lower()}, set[str](), Counter[str]()
    waiting = [""]
    while waiting:
        name = waiting.pop()
        if relations_path(name) not in package:
            continue
        kept.add(relations_path(name).lower())
        allowed, others = _sorted(package, name)
        known |= {each.path.lower() for each in others}
        lost.update(_name(package, each) for each in others if each.kind not in _SILENT)
        _drop_relations(package, name, {each.id for each in others})
        new = {each.path for each in allowed if not each.external and each.path.lower() not in kept}
        kept |= {path.lower() for path in new}
        waiting += new
    gone = [name for name in package.names() if name.lower() not in kept]
    for name in gone:
        package.drop(name)
    if not lost and any(name.lower() not in known for name in gone):
        lost[_OTHER] += 1
    _drop_content_types(package)
    if LINKS in lost:
        _keep_values_of_links(package)
    return list(lost)


def _sorted(package: Package, name: str) -> tuple[list[Relation], list[Relation]]:
    """Give the relations of a part that are allowed, and the others."""
    allowed: list[Relation] = []
    others: list[Relation] = []
    for each in package.relations(name, external=True):
        (allowed if _is_allowed(package, each) else others).append(each)
    return allowed, others


def _is_allowed(package: Package, relation: Relation) -> bool:
    """Tell whether a relation leads to a part of an allowed kind, or is a hyperlink, which does nothing by itself."""
    if relation.external:
        return relation.kind == "hyperlink"
    if relation.path not in package:
        return False
    kind = package.content_type(relation.path)
    if relation.kind in _IMAGES:
        return bool(_IMAGE.fullmatch(kind))
    if relation.kind == "officeDocument" and _MAIN.fullmatch(kind):
        return True
    return relation.kind in _ALLOWED and (kind in _ALLOWED[relation.kind] or kind in _XML)


def _name(package: Package, relation: Relation) -> str:
    """Say in Chinese what a part is that is left out."""
    if not relation.external and "vbaProject" in package.content_type(relation.path):
        return MACROS
    return _NAMES.get(relation.kind, _OTHER)


def _drop_relations(package: Package, name: str, gone: Collection[str]) -> None:
    """Drop relations of a part, and the elements of the part that refer to them."""
    if not gone:
        return
    if name == BOOK and any(relation_id(each) in gone for each in parse(package[BOOK]).iter("{*}sheet")):
        # A macro sheet, or none at all: without it the others would have to be numbered anew in many places.
        raise UneditableError("sheet")
    listed = parse(package[relations_path(name)])
    for each in children(listed):
        if each.get("Id") in gone:
            remove(each)
    package[relations_path(name)] = serialise(listed)
    # A drawing in VML is often no XML; there a reference to nothing is shown as an empty box.
    if name and not name.lower().endswith(".vml"):
        root = parse(package[name])
        for element, attribute in list(_references(root, gone)):
            _drop_reference(element, attribute)
        if root.attrib.pop("tableType", None):
            for column in root.iter("{*}tableColumn"):
                column.attrib.pop("queryTableFieldId", None)
        package[name] = serialise(root)


def _references(root: Element, gone: Collection[str]) -> Iterator[tuple[Element, str]]:
    """Give the elements that refer to relations, each with the attribute that does."""
    for element in root.iter("*"):
        for attribute, value in element.attrib.items():
            if value in gone and str(attribute).rpartition("}")[0].endswith("/relationships"):
                yield element, str(attribute)


def _drop_reference(element: Element, attribute: str) -> None:
    """Drop an element that refers to nothing any more, and what then is empty around it; one with more stays."""
    del element.attrib[attribute]
    if any("/relationships}" in str(each) for each in element.attrib):
        return
    _remove_with_empty_parents(element)


def _remove_with_empty_parents(element: Element) -> None:
    parent = element.getparent()
    while parent is not None:
        parent.remove(element)
        if len(parent):
            return
        element, parent = parent, parent.getparent()


def _drop_content_types(package: Package) -> None:
    """Drop the content types of parts that are not there, and those of kinds that no part has any more."""
    root = parse(package[TYPES])
    endings = {name.lower().rpartition(".")[2] for name in package.names()}
    for each in children(root, "Override"):
        if each.attrib["PartName"].lstrip("/") not in package:
            remove(each)
    for each in children(root, "Default"):
        if each.attrib["Extension"].lower() not in endings:
            remove(each)
    package[TYPES] = serialise(root)


def _keep_values_of_links(package: Package) -> None:
    """Keep of formulas that refer to other workbooks their saved values, and of names that do nothing."""
    for relation in package.relations(BOOK):
        if relation.kind == "worksheet":
            root = parse(package[relation.path])
            linked = [each for each in root.iter("{*}f") if refers_elsewhere(each.text or "")]
            shared = {each.get("si") for each in linked if each.get("t") == "shared"}
            linked += [each for each in root.iter("{*}f") if each.get("t") == "shared" and each.get("si") in shared]
            for each in linked:
                remove(each)
            if linked:
                package[relation.path] = serialise(root)
    root = parse(package[BOOK])
    for each in list(root.iter("{*}definedName")):
        if refers_elsewhere(each.text or ""):
            _remove_with_empty_parents(each)
    package[BOOK] = serialise(root)


def refers_elsewhere(formula: str) -> bool:
    """Tell whether a formula refers to another workbook or a DDE link."""
    return bool(_ELSEWHERE.search(_STRING.sub("", formula)))
