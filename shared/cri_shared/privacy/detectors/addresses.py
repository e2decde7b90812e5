"""Streets with a house number, as they are written in Belgium and where people return to."""

_WORD = r"[\p{L}\p{M}’'\-]+"
_NUMBER = r"\d{1,4}[a-z]?"
_BOX = r"(?:,? ?(?:bte|bo[iî]te|bus|box|apt|flat)\.? ?\w+)?"
_CAPITAL = r"(?-i:\p{Lu})[\p{L}’'\-]+"
_TOWN = (
    rf"(?:,?(?: (?:à|te|in|at))? (?:(?:B|BE)-)?\d{{4,5}} {_CAPITAL}(?:[ \-]{_CAPITAL})*"
    rf"|,?(?: (?:à|te|in|at)) {_CAPITAL}(?:[ \-]{_CAPITAL})*|, {_CAPITAL})?"
)
_STREET_FR = (
    r"rue|avenue|av\.|boulevard|bd|chauss[eé]e|place|quai|all[eé]e|impasse|square|dr[eè]ve|clos"
)
_OF_FR = r"(?:d[eu]s? |de la |de l['’]|du |l['’])?"
_STREET_NL = r"straat|laan|steenweg|plein|weg|dreef|lei|baan|kaai|markt|park|singel|vest"
_STREET_EN = r"street|road|lane|avenue|drive|square"
_STREET_ES = r"calle|avenida|carrera|rruga|rr\.|strada|ulica|rua"
_STREET_RU = r"ул\.|улица|улице|проспект[е]?|пр\.|переулок|вулиця|вулиці|вул\."
_STREET_AR = r"شارع|حي|خیابان|کوچه|سرک|جاده"
_STREET_KA = r"ქუჩა|ქუჩაზე|ქ\.|გამზირი|გამზირზე"
_STREET_HY = r"փողոց\p{L}*|պողոտա\p{L}*|փ\."

# Each is read without regard to case.
ADDRESSES = tuple(
    f"(?i){pattern}"
    for pattern in (
        rf"(?:\b{_NUMBER},? )?\b(?:{_STREET_FR}) {_OF_FR}{_WORD}(?: {_WORD}){{0,3}},?"
        rf" (?:n° ?)?{_NUMBER}\b{_BOX}{_TOWN}",
        rf"\b{_NUMBER},? (?:{_STREET_FR}) {_OF_FR}{_WORD}{_BOX}{_TOWN}",
        rf"[\p{{L}}\-]+(?:{_STREET_NL}) {_NUMBER}\b{_BOX}{_TOWN}",
        rf"\b{_NUMBER} (?:{_WORD} ){{1,3}}(?:{_STREET_EN})\b{_BOX}{_TOWN}",
        rf"(?:(?-i:\p{{Lu}}){_WORD} ){{1,3}}(?:{_STREET_EN}) {_NUMBER}\b{_BOX}{_TOWN}",
        rf"\b(?:{_STREET_ES}) {_WORD}(?: {_WORD}){{0,2}},? (?:n[°r]?\.? ?)?{_NUMBER}\b{_TOWN}",
        rf"(?:{_STREET_RU}) ?{_WORD}(?: {_WORD})?,? (?:д(?:ом)?\.? ?)?\d{{1,4}}\p{{L}}?"
        r"(?:,? ?(?:кв|корп|к)(?:артира)?\.? ?\d+)*",
        rf"(?:{_STREET_AR}) {_WORD}(?: {_WORD})?(?: رقم)?،? ?\d{{1,4}}",
        rf"{_WORD} (?:{_STREET_KA}) ?[N№]? ?\d{{1,4}}",
        rf"{_WORD} (?:{_STREET_HY}),? ?\d{{1,4}}",
    )
)
