"""The program that sets one paper: data on standard input, a PDF on standard output.

A process of its own, because typst is large, and a process can be stopped when it takes too long.
It imports nothing of ours.
"""

import json
import sys
from pathlib import Path

import typst


def main() -> None:
    """Read `{"template", "data", "fonts", "made"}`, write the PDF (tagged, PDF/UA-1)."""
    asked = json.load(sys.stdin)
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=asked["fonts"]
    )
    template = Path(asked["template"])
    pdf = typst.compile(
        template,
        root=template.parent,
        font_paths=fonts,
        sys_inputs={"data": json.dumps(asked["data"])},
        pdf_standards=["ua-1"],
        timestamp=asked["made"],
    )
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()
