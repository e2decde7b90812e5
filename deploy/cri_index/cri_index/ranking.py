"""A query's meaning and filters as queries of the engine."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import tantivy as tv
from cri_shared.index.text import tags_of

from cri_index import filters as f
from cri_index.errors import ApiError, bad_request
from cri_index.schema import Fields, canonical
from cri_index.words import STEM, Meaning, Word

Q = tv.Query

# How much the second-best field adds to the best one, for a word found in several.
TIE = 0.1
# Added to the score of a document in the reader's language, where a rare word in a question gives
# some 15: enough to go before what matches as well in another. Flat from 3 to 6.
OWN_LANGUAGE = 4.0
# Half of the words cost up to 23 points of recall; none of them made facet counts meaningless.
SHARE_OF_WORDS = 0.34
# Values of a filter that are sought one by one: up to 40 that took less than a set of them.
FEW_VALUES = 40


# Field and word -> in how many documents it stands there.
Frequency = Callable[[str, str], int]


def relevance(
    meaning: Meaning, fields: Fields, frequency: Frequency, *, all_words: bool
) -> tv.Query:
    """Matches a third of the words (or all of them), every phrase and no excluded word."""
    parts: list[tuple[tv.Occur, tv.Query]] = []
    if meaning.words:
        words = [_one_word(word, fields, frequency) for word in meaning.words]
        parts.append((tv.Occur.Must, _any_of(words, all_words)))
    parts += [(tv.Occur.Must, _phrase(phrase, fields)) for phrase in meaning.phrases]
    if not parts:
        parts.append((tv.Occur.Must, Q.all_query()))
    parts += [
        (tv.Occur.MustNot, Q.term_query(fields.schema, field, word, "basic"))
        for word in meaning.excluded
        for field, _, _ in fields.words
    ]
    return parts[0][1] if len(parts) == 1 else Q.boolean_query(parts)


def _any_of(words: list[tv.Query], all_words: bool) -> tv.Query:
    clauses = [(tv.Occur.Should, word) for word in words]
    least = len(words) if all_words else max(1, round(SHARE_OF_WORDS * len(words)))
    return Q.boolean_query(clauses, minimum_number_should_match=least)


def _one_word(word: Word, fields: Fields, frequency: Frequency) -> tv.Query:
    """Whatever stands for the word, where a document has it: two in three it has not.

    What is looked up here is not looked up in each part of the index at each search and counting.
    """

    def terms(found: Iterable[tuple[str, str, float]]) -> list[tv.Query]:
        return [
            Q.boost_query(Q.term_query(fields.schema, field, text, "freq"), weight)
            for field, text, weight in found
            if frequency(field, text)
        ]

    alternatives = terms(
        (field, text, boost * weight)
        for field, _, boost in fields.words
        for text, weight in word.alternatives.items()
    )
    alternatives += terms(_stems(word.stems, fields.words))
    if "language" in fields.filterable:
        # Each in the texts of documents in its language, and among names, which are in any.
        texts = [each for each in fields.words if each[1] not in fields.names]
        names = [each for each in fields.words if each[1] in fields.names]
        for language, stems in word.stems_in.items():
            if own := terms(_stems(stems, texts)):
                told = Q.disjunction_max_query(own, TIE)
                alternatives.append(filtered(told, _in_language(language, fields)))
        every = {text for stems in word.stems_in.values() for text in stems}
        alternatives += terms(_stems(sorted(every.difference(word.stems)), names))
    return Q.disjunction_max_query(alternatives, TIE) if alternatives else Q.empty_query()


def _stems(
    stems: Iterable[str], among: Iterable[tuple[str, str, float]]
) -> Iterator[tuple[str, str, float]]:
    """(field, stem, weight) of these stems."""
    return ((field, text, boost * STEM) for _, field, boost in among for text in stems)


def _phrase(words: list[str], fields: Fields) -> tv.Query:
    places: list[tuple[tv.Occur, tv.Query]] = []
    for field, _, boost in fields.words:
        found = (
            Q.phrase_query(fields.schema, field, list(words))
            if len(words) > 1
            else Q.term_query(fields.schema, field, words[0], "freq")
        )
        places.append((tv.Occur.Should, Q.boost_query(found, boost)))
    return Q.boolean_query(places)


def preferring(query: tv.Query, language: str, fields: Fields) -> tv.Query:
    """The same documents; those in a language (attribute `language`) a little further up."""
    own = _in_language(language, fields)
    return Q.boolean_query(
        [(tv.Occur.Must, query), (tv.Occur.Should, Q.const_score_query(own, OWN_LANGUAGE))]
    )


def _in_language(language: str, fields: Fields) -> tv.Query:
    """Documents in a language."""
    return _one_of(tags_of(language), fields.text("language"), fields)


def _one_of(values: Sequence[str], field: str, fields: Fields) -> tv.Query:
    """Documents with one of these values.

    By terms where they are few: a set is looked up in the whole dictionary, and all documents
    that have one are gathered before the first is looked at.
    """
    if not 0 < len(values) <= FEW_VALUES:
        return Q.term_set_query(fields.schema, field, list(values))
    terms = [Q.term_query(fields.schema, field, value, "basic") for value in values]
    return terms[0] if len(terms) == 1 else Q.boolean_query([(tv.Occur.Should, t) for t in terms])


def filtered(query: tv.Query, *conditions: tv.Query | None) -> tv.Query:
    """The query among the documents that fulfil the conditions, which do not change scores."""
    musts = [
        (tv.Occur.Must, Q.const_score_query(each, 0.0)) for each in conditions if each is not None
    ]
    return Q.boolean_query([(tv.Occur.Must, query), *musts]) if musts else query


def condition(tree: f.Filter, fields: Fields, code: str = "invalid_search_filter") -> tv.Query:
    """A filter as a query; ApiError 400 where it names an attribute that is not filterable."""
    match tree:
        case f.Every(parts):
            return Q.boolean_query([(tv.Occur.Must, condition(p, fields, code)) for p in parts])
        case f.Some(parts):
            return Q.boolean_query([(tv.Occur.Should, condition(p, fields, code)) for p in parts])
        case f.Not(part):
            unwanted = condition(part, fields, code)
            return Q.boolean_query([(tv.Occur.Must, Q.all_query()), (tv.Occur.MustNot, unwanted)])
        case f.AnyOf(attribute, values):
            _check(attribute, fields, code)
            return _one_of([canonical(value) for value in values], fields.text(attribute), fields)
        case f.Between():
            _check(tree.attribute, fields, code)
            return _range(tree, fields)


def _range(between: f.Between, fields: Fields) -> tv.Query:
    # The engine refuses an open end that is not "included".
    return Q.range_query(
        fields.schema,
        fields.number(between.attribute),
        tv.FieldType.Float,
        between.lower,
        between.upper,
        include_lower=between.with_lower or between.lower is None,
        include_upper=between.with_upper or between.upper is None,
    )


def _check(attribute: str, fields: Fields, code: str) -> None:
    if attribute not in fields.filterable:
        raise bad_request(code, f"Attribute `{attribute}` is not filterable. {_among(fields)}")


def not_a_facet(attribute: str, fields: Fields) -> ApiError:
    """The refusal of counting an attribute that is not filterable."""
    return bad_request(
        "invalid_search_facets",
        f"Invalid facet distribution: Attribute `{attribute}` is not filterable. {_among(fields)}",
    )


def _among(fields: Fields) -> str:
    if not fields.filterable:
        return "This index does not have configured filterable attributes."
    names = ", ".join(f"`{name}`" for name in fields.filterable)
    return f"Available filterable attributes are: {names}."
