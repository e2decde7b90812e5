"""Pages: rendering in the reader's language, and going elsewhere after a successful POST."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import Depends, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from cri_shared.errors import NotFound
from cri_shared.places.languages import INTERFACE_LANGUAGES, canonical_language
from cri_shared.web.cookies import cookie, drop_cookie, keep_cookie
from cri_shared.web.i18n import Words

FLASH = "cri_said"
DEFAULT_LANGUAGE = "en"
_HOUSE = ("/console", "/api/")  # pages for staff and for developers


def languages_of(request: Request) -> Mapping[str, str]:
    """The languages (tag: own name) in which a page exists; askers' pages exist in more of them."""
    if request.url.path.startswith(_HOUSE):
        return INTERFACE_LANGUAGES
    spoken: Mapping[str, str] = request.app.state.languages
    return spoken


class AddressMoved(Exception):
    """The page is at another address, for ever."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def public_language(request: Request, lang: Annotated[str, Path()]) -> str:
    """The language of a public address.

    Written otherwise (`/FR/`, `/fa-af/`, `/prs/`) it raises `AddressMoved` for who reads, and
    NotFound for a form: what it brings would be lost on the way. So does an unknown one.
    """
    known = languages_of(request)
    if lang in known:
        return lang
    meant = canonical_language(lang.lower()).lower()
    own = next((tag for tag in known if tag.lower() == meant), None)
    if own is None or request.method not in ("GET", "HEAD"):
        raise NotFound
    path = quote(request.url.path.replace(f"/{lang}/", f"/{own}/", 1))
    raise AddressMoved(f"{path}?{request.url.query}" if request.url.query else path)


PublicLang = Annotated[str, Depends(public_language)]


@lru_cache
def _asset_path(package: str, name: str) -> str:
    content = files(package).joinpath(f"static/{name}").read_bytes()
    return f"/static/{package}/{hashlib.sha256(content).hexdigest()[:12]}/{name}"


def asset_url(package: str, name: str) -> str:
    """The address of a static file; it holds a hash of the content, so it may be kept for ever."""
    own = files(package).joinpath(f"static/{name}")
    return _asset_path(package if own.is_file() else "cri_shared.web", name)


def language_of(request: Request) -> str:
    """The language of a request: its address, the signed-in person's, or the browser's wish."""
    first = request.url.path.split("/")[1]
    if first in languages_of(request):
        return first
    staff = getattr(request.state, "staff", None)
    return staff.language if staff else preferred_language(request)


def preferred_language(request: Request) -> str:
    """The language of a page that a browser asks for first (Accept-Language)."""
    known = {_without_region(tag): tag for tag in languages_of(request)}
    for wish in request.headers.get("accept-language", "").split(","):
        asked = _without_region(wish.split(";")[0].strip().lower())
        if asked in known:
            return known[asked]
    return DEFAULT_LANGUAGE


def _without_region(tag: str) -> str:
    return canonical_language(tag.split("-")[0]).split("-")[0]


def words_of(request: Request) -> Words:
    """The words in the language of a request."""
    words: Words = request.app.state.dictionary.words[language_of(request)]
    return words


def render(
    request: Request,
    template: str,
    *,
    lang: str | None = None,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """A page from a template of the service, in the language of the address or of the person."""
    language = lang or language_of(request)
    app = request.app.state
    said = cookie(request, FLASH)
    html = app.dictionary.template(language, template).render(
        request=request,
        languages=languages_of(request),
        here=_rest_of(request),
        query=f"?{request.url.query}" if request.url.query else "",
        staff=context.pop("staff", getattr(request.state, "staff", None)),
        nav=app.nav,
        lets_in=app.policy.lets_in,
        said=app.sayable.get(said, ""),
        url_of=app.service.settings.url_of,
        settings=app.service.settings,
        csrf_field=_csrf_field,
        form_token=_form_token,
        **context,
    )
    response = HTMLResponse(html, status, headers={"Content-Language": language, **(headers or {})})
    if said:
        drop_cookie(response, app.service.settings, FLASH)
    return response


def _rest_of(request: Request) -> str:
    """The path after the language, for links to the same page in another language."""
    parts = request.url.path.split("/", 2)
    return parts[2] if len(parts) > 2 else ""


@pass_context
def _csrf_field(context: Context) -> Markup:
    """The hidden field that every form of a signed-in person carries."""
    staff = context["staff"]
    return Markup('<input type="hidden" name="csrf" value="{}">').format(staff.csrf)


@pass_context
def _form_token(context: Context) -> Markup:
    """The hidden fields of a public form: a signed token, and a field that only robots fill in."""
    request: Request = context["request"]
    values = context.get("v") or {}
    token = values.get("form_token") or request.app.state.form_tokens.issue()
    return Markup(
        '<input type="hidden" name="form_token" value="{}">'
        '<div class="trap" aria-hidden="true"><label>Website '
        '<input name="website" tabindex="-1" autocomplete="off"></label></div>'
    ).format(token)


def see_other(request: Request, url: str, said: str = "", **query: str) -> RedirectResponse:
    """Go to another page after a POST; `said` is an English sentence shown there once.

    The sentence is known to the server by a hash of it, so a cookie can never make us say more.
    """
    target = f"{url}?{urlencode(query)}" if query else url
    response = RedirectResponse(target, 303)
    if said:
        slug = hashlib.sha256(said.encode()).hexdigest()[:12]
        request.app.state.sayable[slug] = said
        keep_cookie(response, request.app.state.service.settings, FLASH, slug, seconds=60)
    return response
