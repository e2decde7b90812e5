"""The code book as a REFI-QDA codebook (.qdc), for the programs with which researchers code texts.

Structure as of the standard's Codebook.xsd (`urn:QDA-XML:codebook:1.0`): codes within codes, and
sets of codes. Names and meanings alone go along: examples and texts, which people wrote, stay.
"""

import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from xml.etree import ElementTree as Xml

from cri_shared.web.i18n import Words

from cri_training.models import Code

NAMESPACE = "urn:QDA-XML:codebook:1.0"
ORIGIN = "CRI"
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def qdc(codes: Sequence[Code], words: Words, address: str) -> bytes:
    """The file of these codes, of which there is one at least; `address` is that of the code book.

    A code has the same GUID in every file, so that a program knows it again.
    """
    guids = {one.code: _guid(f"{address}/{one.code}") for one in codes}
    under: dict[str | None, list[Code]] = defaultdict(list)
    for one in codes:
        under[one.parent if one.parent in guids else None].append(one)
    root = Xml.Element("CodeBook", xmlns=NAMESPACE, origin=ORIGIN)
    _add(Xml.SubElement(root, "Codes"), under[None], under, guids)
    sets = _sets(codes, words)
    if sets:
        folder = Xml.SubElement(root, "Sets")
        for (kind, name), members in sorted(sets.items()):
            guid = _guid(f"{address}?{kind}={name}")
            group = Xml.SubElement(folder, "Set", guid=guid, name=name)
            for code in members:
                Xml.SubElement(group, "MemberCode", guid=guids[code])
    written: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _add(
    parent: Xml.Element,
    codes: Iterable[Code],
    under: Mapping[str | None, Sequence[Code]],
    guids: Mapping[str, str],
) -> None:
    for one in codes:
        entry = Xml.SubElement(
            parent, "Code", guid=guids[one.code], name=_written(one.title), isCodable="true"
        )
        Xml.SubElement(entry, "Description").text = _written(one.definition)
        _add(entry, under.get(one.code, ()), under, guids)


def _sets(codes: Iterable[Code], words: Words) -> dict[tuple[str, str], list[str]]:
    """The codes of each country and of each topic."""
    sets: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one in codes:
        if one.country:
            sets["country", words.country(one.country)].append(one.code)
        if one.topic:
            sets["topic", words.topic(one.topic)].append(one.code)
    return sets


def _written(text: str) -> str:
    """A text without what XML 1.0 cannot hold (section 2.2)."""
    return _NOT_IN_XML.sub(" ", text)


def _guid(address: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, address)).upper()
