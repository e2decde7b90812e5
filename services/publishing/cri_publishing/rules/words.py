"""Words that make an answer untrue soon, amounts without a date, and advice: what to look for."""

import re
from collections.abc import Iterator

_TIME = {
    "en": r"currently|at the moment|at present|nowadays|these days|recently|right now|now|soon",
    "fr": r"actuellement|maintenant|en ce moment|à l[’']heure actuelle|de nos jours|récemment"
    r"|ces derniers temps|bientôt|prochainement",
    "nl": r"momenteel|op dit moment|tegenwoordig|thans|vandaag de dag|nu|onlangs|recent|recentelijk"
    r"|binnenkort",
}
_MONTHS = (
    r"jan(?:uary|uari|vier)?|feb(?:ruary|ruari)?|f[ée]vrier|mar(?:ch|s)?|maart|apr(?:il)?|avril"
    r"|ma[yi]|mei|june?|juin|juni|july?|juillet|juli|aug(?:ust|ustus)?|ao[ûu]t|sep(?:tember|tembre)?"
    r"|o[ck]t(?:ober|obre)?|nov(?:ember|embre)?|d[eé]c(?:ember|embre)?"
    r"|январ\w+|феврал\w+|март\w*|апрел\w+|ма[йяе]|июн\w+|июл\w+|август\w*|сентябр\w+|октябр\w+"
    r"|ноябр\w+|декабр\w+|يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر"
)
_DATED = re.compile(rf"\b(?:19|20)\d\d\b|\b(?:{_MONTHS})\b", re.IGNORECASE)
_NUMBER = r"\d[\d.,\s\u202f\u00a0]{0,20}"  # a longer one would be read again and again
_CURRENCY = (
    r"€|\$|£|₽|₴|₾|֏|euros?|eur|usd|dollars?|gbp|ponds?|pounds?|drams?|amd|lari|gel|roubles?|roebels?"
    r"|rubles?|rub|hryvnias?|uah|afghanis?|afn|dinars?|dirhams?|mad|naira|ngn|francs?|frank|cfa|fcfa"
    r"|xaf|xof|gnf|roupies?|rupees?|roepie|pkr|inr|lek|lei|denars?|rials?|reais|reals?|brl|birr|etb"
    r"|cedis?|shillings?|pesos?|tugriks?|tögrög|mnt|livres?|lira|som|tenge|manats?|рубл\w+|гривн\w+"
    r"|драм\w*|лари|دينار|دولار|يورو|درهم|ليرة|افغانی|روپیه"
)
_AMOUNT = re.compile(
    rf"(?:{_NUMBER}\s?(?:{_CURRENCY})(?!\w))|(?:(?<!\w)(?:€|\$|£|usd|eur)\s?{_NUMBER})",
    re.IGNORECASE,
)
_OPINION = re.compile(
    r"\b(?:should (?:not )?(?:return|go back)|must (?:not )?return|better (?:not )?to return"
    r"|we (?:advise|recommend)|(?:un)?fortunately|in our opinion"
    r"|d(?:oit|oivent|evrait|evraient|evez) (?:rentrer|retourner)|nous (?:conseillons|recommandons)"
    r"|(?:mal)?heureusement|à notre avis"
    r"|mo(?:et|eten) terug(?:keren)?|wij raden aan|we raden aan|helaas|gelukkig|volgens ons)\b",
    re.IGNORECASE,
)


def _sentences(text: str) -> Iterator[str]:
    return (part for part in re.split(r"(?<=[.!?؟;])\s+|\n+", text) if part)


def time_words(text: str, language: str) -> list[str]:
    """Words such as "currently" in an answer; other languages than ours are not looked at."""
    pattern = _TIME.get(language)
    if pattern is None:
        return []
    found = re.findall(rf"(?<![\w’'-])(?:{pattern})(?![\w’'-])", text, re.IGNORECASE)
    return list(dict.fromkeys(word.lower() for word in found))


def undated_amounts(text: str) -> list[str]:
    """Amounts of money in sentences that name neither a month nor a year."""
    return list(
        dict.fromkeys(
            " ".join(match.group().split())
            for sentence in _sentences(text)
            if not _DATED.search(_AMOUNT.sub(" ", sentence))
            for match in _AMOUNT.finditer(sentence)
        )
    )


def opinions(text: str) -> list[str]:
    """Advice and opinions, which an answer must not hold."""
    return list(dict.fromkeys(match.group() for match in _OPINION.finditer(text)))
