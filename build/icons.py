#!/usr/bin/env python3
"""Builds the icon font from the names in wwwroot/fonts/icons.txt.

    apt-get install fonttools python3-brotli
    build/icons.py PATH/TO/radzen.blazor/<version>/staticwebassets/fonts/MaterialSymbolsOutlined.woff2 wwwroot/fonts/sv-icons-<n>.woff2

The full font is 1 MB. Subsetting it by text keeps nearly all of it, because the letters a-z reach every ligature; so the
wanted glyphs are named one by one and the layout tables are not followed. The output is committed: nobody needs this
script to build the product. Raise <n> in tokens.css and App.razor too; browsers keep a font for ever under its name.
"""
import os
import string
import sys

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer


def ligatures(font):
    """Icon name -> glyph name."""
    letters = {}
    for code, glyph in font.getBestCmap().items():
        letters.setdefault(glyph, chr(code).lower())
    found = {}
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            table = getattr(table, "ExtSubTable", table)
            for first, rules in getattr(table, "ligatures", {}).items():
                for rule in rules:
                    found["".join(letters.get(g, "?") for g in [first, *rule.Component])] = rule.LigGlyph
    return found


def main(source, target):
    listing = os.path.join(os.path.dirname(target), "icons.txt")
    with open(listing, encoding="utf-8") as lines:
        names = [name for name in (line.split("#")[0].strip() for line in lines) if name]
    font = TTFont(source)
    known = ligatures(font)
    missing = [name for name in names if name not in known]
    if missing:
        sys.exit(f"not in the font: {', '.join(missing)}")
    font = instancer.instantiateVariableFont(font, {"wght": 400, "FILL": 0})
    options = Options()
    options.layout_closure = False
    options.layout_features = ["*"]
    options.hinting = False
    options.flavor = "woff2"
    subset = Subsetter(options)
    text = string.ascii_lowercase + string.digits + "_ "
    subset.populate(glyphs=[known[name] for name in names], unicodes=[ord(c) for c in text])
    subset.subset(font)
    font.flavor = "woff2"
    font.save(target)
    print(f"{len(names)} icons, {os.path.getsize(target)} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
