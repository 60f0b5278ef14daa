#!/usr/bin/env python3
"""Narrows Newsreader to the weights the product uses and writes it to wwwroot/fonts; cuts the single weights for print.

    npm pack @fontsource-variable/newsreader@5.3.0 && tar xf *.tgz
    build/fonts.py package/files

Upright 400 to 600, italic 400 only: 104 KB instead of 159 KB. The other fonts are the files of @fontsource 5.3.0 as they
are. The output is committed; the numbers in its names are the package's version and our revision, because browsers keep
a font for ever under its name.

Print gets one file a weight in StudioVault.Web/Documents/fonts: Chromium puts a variable font into a PDF as drawings of its
letters (Type 3), which many readers space badly; a plain TrueType font stays one.
"""
import os
import sys
from pathlib import Path

from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

FILES = {
    "newsreader-latin-wght-normal": ("newsreader-latin-5.3.0-1", (400, 600)),
    "newsreader-latin-ext-wght-normal": ("newsreader-latin-ext-5.3.0-1", (400, 600)),
    "newsreader-latin-wght-italic": ("newsreader-latin-italic-5.3.0-1", 400),
}

if len(sys.argv) != 2:
    sys.exit(__doc__)
fonts = Path(__file__).resolve().parent.parent / "wwwroot" / "fonts"
for source, (target, weight) in FILES.items():
    font = instancer.instantiateVariableFont(TTFont(Path(sys.argv[1]) / f"{source}.woff2"), {"wght": weight})
    font.flavor = "woff2"
    font.save(fonts / f"{target}.woff2")
    print(target, os.path.getsize(fonts / f"{target}.woff2"))

PRINT = {
    "instrument-sans-latin-5.3.0": (400, 600),
    "instrument-sans-latin-ext-5.3.0": (400, 600),
    "newsreader-latin-5.3.0-1": (400, 500, 600),
    "newsreader-latin-ext-5.3.0-1": (400, 500, 600),
}
for source, weights in PRINT.items():
    for weight in weights:
        font = instancer.instantiateVariableFont(TTFont(fonts / f"{source}.woff2", recalcTimestamp=False), {"wght": weight})
        font.flavor = "woff2"
        target = fonts.parent.parent / "StudioVault.Web" / "Documents" / "fonts" / f"{source}-{weight}.woff2"
        font.save(target)
        print(target.name, os.path.getsize(target))
