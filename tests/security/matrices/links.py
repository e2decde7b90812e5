"""The matrix of links and codes: every door in every way, its words, and that nothing changed."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
from cri_shared import clock
from cri_shared.web.lanes import Lanes

from tests.security.books import Books, books_of
from tests.security.matrices.doors import Built, Door, House, Key, Says, Way, Where, browser
from tests.security.roles.cells import PARAMETER

ENDING = frozenset({Way.GOOD, Way.REPLAYED, Way.EXPIRED, Way.REVOKED})
LONG = "x" * 12_000
_LANG = {"lang": "en"}
_ONCE = {"Idempotency-Key": "one-and-the-same-request"}
_TOLD_ANEW = re.compile(r'value="[^"]*"|(?<=action=")[^"]*|(?<=href=")[^"]*')


@dataclass(frozen=True)
class Cell:
    """One try: what was wanted, what came back, and what is not as it must be (empty: nothing)."""

    door: str
    way: str
    wanted: Says
    status: int
    wrong: tuple[str, ...] = ()


async def cells(built: Built, house: House) -> AsyncIterator[Cell]:
    """Every cell of one service."""
    made: dict[str, str] = {}
    async with books_of(house.app) as books:
        for door in built.DOORS:
            async for cell in _Trial(built, house, books, door, made).cells():
                yield cell


class _Trial:
    """All tries at one door."""

    def __init__(
        self, built: Built, house: House, books: Books, door: Door, made: dict[str, str]
    ) -> None:
        self._built, self._house, self._books, self._door = built, house, books, door
        self._made = made
        self._key: Key | None = None
        self._pages: dict[Says, str] = {}

    async def cells(self) -> AsyncIterator[Cell]:
        """Every way that there can be, one after another."""
        for way in Way:
            if self._door.has(way):
                async for cell in self._tried(way):
                    yield cell

    async def _tried(self, way: Way) -> AsyncIterator[Cell]:
        door, house = self._door, self._house
        key = await (house.make(door.kind) if way in ENDING else self._lasting())
        match way:
            case Way.REPLAYED:
                await self._send(key)
            case Way.REVOKED:
                await house.revoke(door.kind, key)
            case Way.EXPIRED:
                life = self._built.LIFE[door.kind]
                with clock.frozen(clock.now() + life):
                    await house.later(door.kind)
                    yield await self._cell(way, way, key)
                return
        async for name, tried in self._keys(way, key):
            yield await self._cell(way, name, tried)

    async def _keys(self, way: Way, key: Key) -> AsyncIterator[tuple[str, Key]]:
        """(what it is, what is sent) of one way."""
        match way:
            case Way.ANOTHERS:
                yield way, key.holding((await self._another(key)).secret)
            case Way.ELSEWHERE:
                for kind, secret in (await self._others()).items():
                    yield f"{way}: {kind}", (await self._fresh(key)).holding(secret)
            case Way.ALTERED:
                places = [at for at, character in enumerate(key.secret) if character.isalnum()]
                for at in (places[0], places[len(places) // 2]):
                    fresh = await self._fresh(key)
                    yield f"{way}, at {at}", fresh.holding(altered(fresh.secret, at))
            case Way.UNKNOWN:
                yield way, key.holding(self._door.unknown())
            case Way.TRUNCATED:
                yield way, key.holding(key.secret[:-1])
            case Way.EMPTY:
                yield way, key.holding("")
            case Way.LONG:
                yield way, key.holding(LONG)
            case _:
                yield way, key

    async def _others(self) -> dict[str, str]:
        """A secret of each kind that is not kept as those of this door are, or is for another."""
        keeps, door = self._built.KEEPS, self._door
        kinds = [k for k in keeps if keeps[k] != keeps[door.kind] or k in door.alike]
        for kind in kinds:
            if kind not in self._made:
                self._made[kind] = (await self._house.make(kind)).secret
        return {kind: self._made[kind] for kind in kinds}

    async def _another(self, key: Key) -> Key:
        """A secret for something else: what stands in the address is another, where it can be."""
        other = await self._house.make(self._door.kind)
        alike = key.names and other.names == key.names
        return await self._house.make(self._door.kind) if alike else other

    async def _lasting(self) -> Key:
        """A secret that no try of these uses up."""
        if self._key is None:
            self._key = await self._house.make(self._door.kind)
        return await self._fresh(self._key)

    async def _fresh(self, key: Key) -> Key:
        return await self._house.make(self._door.kind) if self._door.fresh else key

    async def _cell(self, way: Way, name: str, key: Key) -> Cell:
        if len(key.secret) > self._door.longest:
            way = Way.LONG
        if 0 < len(key.secret) < self._door.shortest:
            way = Way.TRUNCATED
        await self._books.changed()
        answer = await self._send(key)
        wrong = tuple([told async for told in self._wrong(way, key, answer)])
        wanted = self._door.wants(way)
        return Cell(self._door.route, str(name), wanted, answer.status_code, wrong)

    async def _wrong(self, way: Way, key: Key, answer: httpx.Response) -> AsyncIterator[str]:
        wanted = self._door.wants(way)
        if not wanted.fits(answer):
            yield f"answers {answer.status_code}, {answer.headers.get('location', '')}"
        if self._door.opens_in(way):
            return
        counts = self._door.counts
        changed = [
            column
            for column in await self._books.changed()
            if not counts & {column, column.partition(".")[0]}
        ]
        if changed:
            yield f"changes {', '.join(changed)}"
        if key.thing and key.thing in answer.text and wanted == self._door.refuses:
            yield f"shows {key.thing}"
        page = _page(answer, key)
        if page != self._pages.setdefault(wanted, page):
            yield "is told apart from the others"

    async def _send(self, key: Key) -> httpx.Response:
        """Try the door, which has not been tried too often lately."""
        door, app = self._door, self._house.app
        app.state.lanes = Lanes()
        method, _, path = door.route.partition(" ")
        names = {**_LANG, **key.names}
        carried = {door.name: key.secret}
        told = {where: carried if door.where is where else {} for where in Where}
        path = PARAMETER.sub(lambda found: {**names, **told[Where.PATH]}[found[1]], path)
        settings = app.state.service.settings
        cookies = {
            settings.host_cookie(n): v for n, v in {**key.cookies, **told[Where.COOKIE]}.items()
        }
        bearer = key.secret if door.where is Where.BEARER else key.bearer
        body = {**(door.body or {}), **told[Where.JSON]} or None
        async with browser(app, cookies) as client:
            return await client.request(
                method,
                path,
                params=told[Where.QUERY] or None,
                data={**key.fields, **told[Where.FIELD]} if body is None else None,
                json=body,
                headers={**_ONCE, "Authorization": f"Bearer {bearer}"} if bearer else None,
            )


def _page(answer: httpx.Response, key: Key) -> str:
    """An answer without what differs from one visit to the next, and without what was sent."""
    text = answer.text.replace(key.secret, "") if key.secret else answer.text
    return _TOLD_ANEW.sub("", text)


def altered(secret: str, at: int) -> str:
    """A secret with another character in one place, of the kind that stood there."""
    other = "7" if secret[at] != "7" else "3"
    return secret[:at] + other + secret[at + 1 :]


def ways(cells: list[Cell]) -> Iterator[str]:
    """What was not as the table says."""
    for cell in cells:
        for wrong in cell.wrong:
            yield f"{cell.door}, {cell.way}: {wrong} (wanted {cell.wanted})"
