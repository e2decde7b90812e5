"""What the gate calls what it sees, and the reasons why that may stay: words alone, no lists."""

from enum import StrEnum

from cri_shared.words import N_


class Reason(StrEnum):
    """Why something that the gate sees may stay; pages offer those that make sense there."""

    ORDINARY = "ordinary_word"
    PLACE = "place"
    REGION = "region"
    PUBLIC_BODY = "public_body"
    FIGURE = "figure"
    OTHER = "other"


REASON_WORDS = {
    Reason.ORDINARY: N_("It is an ordinary word, and no name"),
    Reason.PLACE: N_("It is a place that readers must know"),
    Reason.REGION: N_("It is a province or a district, and no town"),
    Reason.PUBLIC_BODY: N_("It belongs to an office or organisation, and is public"),
    Reason.FIGURE: N_("It is a price, a date or the number of a law"),
    Reason.OTHER: N_("It stays for another reason"),
}
KIND_WORDS = {
    "name": N_("Name"),
    "place": N_("Place"),
    "phone": N_("Phone number"),
    "email": N_("E-mail address"),
    "url": N_("Web page"),
    "handle": N_("Online account"),
    "iban": N_("Bank account"),
    "number": N_("Number"),
    "identifier": N_("Number of a person or a file"),
    "date": N_("Exact day"),
    "age": N_("Age"),
    "address": N_("Address"),
    "other": N_("Other"),
}
