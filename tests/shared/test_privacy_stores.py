"""What lies where it must not, or open where it must be sealed, is found."""

import sqlalchemy as sa
from cri_shared.privacy.classes import C0, C1, C3, C4, Digest, K, KeyOf
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.privacy.stores import Store, misplaced


def table(*columns: sa.Column[str], **arguments: object) -> sa.MetaData:
    metadata = sa.MetaData()
    sa.Table("people", metadata, *columns, **arguments)
    return metadata


def test_what_is_sealed_hashed_or_harmless_may_lie_where_it_belongs() -> None:
    columns = table(
        sa.Column("id", sa.String, info=C1.info),
        sa.Column("name_sealed", sa.String, info=C3.sealed(KeyOf.CASE)),
        sa.Column("token_hash", sa.String, info=K.digest(Digest.RANDOM)),
    )
    assert misplaced(Store.INTAKE, columns) == []


def test_an_askers_words_in_a_foreign_store_are_found_even_sealed() -> None:
    planted = table(sa.Column("name", sa.String, info=C3.sealed(KeyOf.CASE)))
    for store in set(Store) - {Store.INTAKE, Store.TRAINING, Store.MAILS}:
        assert misplaced(store, planted) == [
            f"people.name is C3, which may not lie in {store}",
        ]


def test_a_partners_name_may_lie_in_research_only() -> None:
    planted = table(sa.Column("name", sa.String, info=C4.sealed(KeyOf.PARTNER)))
    held = {store for store in Store if misplaced(store, planted) == []}
    assert held == {Store.RESEARCH, Store.MAILS}


def test_what_must_be_sealed_and_is_not_is_found() -> None:
    planted = table(sa.Column("name", sa.String, info=C3.info))
    assert misplaced(Store.INTAKE, planted) == [
        "people.name is C3, which must be sealed in intake",
    ]


def test_a_field_without_a_class_is_found() -> None:
    assert misplaced(Store.SEARCH, table(sa.Column("name", sa.String))) == [
        "people.name has no class"
    ]


class TestATableOfAnotherStore:
    """Such as the mails that wait in every service's database."""

    def test_follows_the_rules_of_that_store(self) -> None:
        its = kept("why", Ground.INTEREST, store=Store.AUDIT)
        assert misplaced(Store.INTAKE, table(sa.Column("at", sa.String, info=C1.info), **its)) == []
        assert misplaced(Store.INTAKE, table(sa.Column("at", sa.String, info=C0.info), **its)) == [
            "people.at is C0, which may not lie in audit"
        ]

    def test_takes_nobodys_secrets_into_a_database_where_they_may_not_lie(self) -> None:
        its = kept("why", Ground.INTEREST, store=Store.MAILS)
        mails = table(sa.Column("sealed", sa.String, info=C4.sealed(KeyOf.SERVICE)), **its)
        assert misplaced(Store.RESEARCH, mails) == []
        assert misplaced(Store.INTAKE, mails) == [
            "people.sealed is C4, which may not lie in intake"
        ]
