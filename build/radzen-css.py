#!/usr/bin/env python3
"""Cuts Radzen's style sheet down to the components the product uses: wwwroot/css/radzen.css.

    build/radzen-css.py PATH/TO/radzen.blazor/<version>/staticwebassets/css/standard-base.css

The whole sheet is 790 KB (64 KB compressed), most of it utility classes and components nobody here uses, and it names
a 1 MB icon font. A rule stays when every Radzen class in its selector belongs to a family listed in KEEP or NEUTRAL;
a custom property stays when something that stays refers to it. The output is committed, so building needs no Python.

A page that wants another component: add its name to COMPONENTS and its class families to KEEP, run this again.
StudioVault.Tests/Ui/RadzenSheetTests refuses components that are not listed, Radzen's utility classes, and a sheet of
another Radzen version.
"""
import re
import sys
from pathlib import Path

COMPONENTS = """
    RadzenButton RadzenComponents RadzenDataGrid RadzenDataGridColumn RadzenDropDown RadzenTextBox RadzenTextArea
    RadzenNumeric RadzenCheckBox RadzenSwitch RadzenDatePicker RadzenPager RadzenProgressBar RadzenSteps RadzenStepsItem
    RadzenSplitter RadzenSplitterPane
""".split()

KEEP = set("""
    button dialog notification tooltip context popup overlaypanel
    data datatable datagrid grid cell column frozen row rowgroup sortable selectable unselectable widget helper has
    expanded filter resizable clear scrollbar scrollbars virtual composite
    pager pagesize dropdown multiselect listbox placeholder
    inputtext textbox textarea input numeric spinner chkbox checkbox switch
    datepicker calendar timepicker ampm hour minute second today
    progressbar steps splitter
""".split())

NEUTRAL = set("""
    state shade variant density sr icon base primary secondary light dark info success warning danger active disabled
    open close readonly animate ripple align label default current left right top bottom next prev
""".split())

# Classes whose first word is too wide to be a family.
EXACT = {"rz-text-align-start", "rz-text-align-end", "rz-text-align-left", "rz-text-align-right", "rz-text-align-center", "rz-text-truncate"}


def split_rules(css):
    """Top-level rules as (head, body); a body of an at-rule holds rules itself."""
    depth = start = brace = 0
    for at, ch in enumerate(css):
        if ch == "{":
            if depth == 0:
                brace = at
            depth += 1
        elif ch == "}":
            depth -= 1
            if depth == 0:
                yield css[start:brace].strip(), css[brace + 1:at]
                start = at + 1
        elif ch == ";" and depth == 0:
            start = at + 1


def split_selectors(head):
    depth = 0
    part = ""
    for ch in head:
        depth += ch in "(["
        depth -= ch in ")]"
        if ch == "," and depth == 0:
            yield part.strip()
            part = ""
        else:
            part += ch
    yield part.strip()


def wanted(selector):
    if selector.startswith("[class"):
        return True
    classes = re.findall(r"\.(rz[a-z0-9-]*)", selector)
    if not classes:
        return selector in (".no-scroll",)
    return all(c in EXACT or c.startswith("rzi") or c.split("-")[1] in KEEP | NEUTRAL for c in classes)


def trim(css):
    for head, body in split_rules(css):
        if head.startswith("@font-face") or head.startswith(":root") or head.startswith("@keyframes"):
            continue
        if head.startswith("@"):
            inner = "".join(trim(body))
            if inner:
                yield f"{head}{{{inner}}}\n"
            continue
        selectors = [s for s in split_selectors(head) if wanted(s)]
        if selectors and body.strip():
            yield f"{','.join(selectors)}{{{body.strip()}}}\n"


def properties(css):
    """Custom properties of :root, in order."""
    found = {}
    for head, body in split_rules(css):
        if head == ":root":
            for name, value in re.findall(r"(--rz-[a-z0-9-]+):\s*((?:[^;\"]|\"[^\"]*\")+)", body):
                found[name] = value.strip()
    return found


def main(source):
    css = re.sub(r"/\*.*?\*/", "", Path(source).read_text(encoding="utf-8-sig"), flags=re.S)
    version = Path(source).resolve().parts[-4]
    rules = "".join(trim(css))
    known = properties(css)
    needed, todo = set(), set(re.findall(r"var\((--rz-[a-z0-9-]+)", rules))
    while todo:
        name = todo.pop()
        if name in needed:
            continue
        needed.add(name)
        todo |= set(re.findall(r"var\((--rz-[a-z0-9-]+)", known.get(name, "")))
    root = ":root{" + ";".join(f"{n}:{v}" for n, v in known.items() if n in needed) + "}\n"
    frames = "".join(f"{head}{{{body}}}\n" for head, body in split_rules(css)
                     if head.startswith("@keyframes") and re.search(rf"\b{re.escape(head.split()[1])}\b", rules))
    header = (f"/* Part of Radzen.Blazor {version} (standard-base.css), MIT licence, copyright Radzen Ltd. Cut by build/radzen-css.py;\n"
              f"   components: {' '.join(COMPONENTS)} */\n")
    target = Path(__file__).resolve().parent.parent / "wwwroot" / "css" / "radzen.css"
    target.write_text(header + root + frames + rules, encoding="utf-8")
    print(f"{len(css)} -> {target.stat().st_size} bytes, {len(needed)} of {len(known)} properties")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
