"""What another program sees in a workbook, as JSON: every cell with its format, and what else the sheets hold."""
import json
import sys

from openpyxl import load_workbook

book = load_workbook(sys.argv[1])
out = {"names": [name.name + name.attr_text for name in book.defined_names.definedName], "sheets": {}}
for sheet in book.worksheets:
    cells = {}
    for row in sheet.iter_rows():
        for cell in row:
            note = cell.comment.text if cell.comment else None
            link = cell.hyperlink.target if cell.hyperlink else None
            look = [cell.fill.fgColor.rgb, cell.font.b, cell.protection.locked, cell.number_format]
            if cell.value is not None or cell.has_style:
                cells[cell.coordinate] = [cell.value, str(look), note, link]
    out["sheets"][sheet.title] = {
        "cells": cells,
        "freeze": sheet.freeze_panes,
        "charts": len(sheet._charts),
        "filter": sheet.auto_filter.ref,
        "merged": [str(area) for area in sheet.merged_cells.ranges],
        "tables": list(sheet.tables),
        "validations": [[v.formula1, str(v.sqref)] for v in sheet.data_validations.dataValidation],
        "conditional": sorted(
            [str(area.sqref), rule.formula] for area in sheet.conditional_formatting for rule in area.rules
        ),
    }
json.dump(out, sys.stdout)
