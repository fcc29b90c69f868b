"""Writes an inventory workbook with all that a user's workbook may have. Arguments: path, rows."""
import sys

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.styles import Font, PatternFill, Protection
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table

path, count = sys.argv[1], int(sys.argv[2])
last = count + 1
book = Workbook()
summary = book.active
summary.title = "Summary"
sheet = book.create_sheet("Inventory")
names = "bucket_truck_id,image_filename,title,description,price,tags,fuel_type,equipment_type,posting_status,twice"
sheet.append(names.split(","))
statuses = [None, "pending", "Posted 2026-01-02", "Error: Image not found", "hold"]
for index in range(1, count + 1):
    row = ["BT%03d" % index, "a.jpg", "Truck <&> %d" % index, "A fine truck, \u00e9\u20ac \U0001F600", 12500.5 + index]
    row += ["truck", "diesel", "lift", statuses[(index - 1) % 5], "=E%d*2" % (index + 1)]
    sheet.append(row)
sheet.freeze_panes = "B2"
sheet["I2"].fill = PatternFill("solid", fgColor="FFFF00")
sheet["I3"].font = Font(bold=True)
sheet["I3"].protection = Protection(locked=False)
sheet.column_dimensions["I"].width = 40
sheet.column_dimensions["H"].hidden = True
validation = DataValidation(type="list", formula1='"pending,hold"', allow_blank=True)
sheet.add_data_validation(validation)
validation.add("I2:I%d" % last)
red = PatternFill("solid", bgColor="FF0000")
sheet.conditional_formatting.add("I2:I%d" % last, FormulaRule(formula=['LEFT(I2,5)="Error"'], fill=red))
sheet.conditional_formatting.add("E2:E%d" % last, CellIsRule(operator="greaterThan", formula=["13000"], fill=red))
sheet["A1"].comment = Comment("never change this", "somebody")
sheet["B2"].hyperlink = "https://example.invalid/a.jpg"
sheet.auto_filter.ref = "A1:J%d" % last
sheet.merge_cells("L30:M31")
summary["A1"] = "=SUM(Inventory!E2:E%d)" % last
summary["A2"] = "posting_status"
summary["D1"] = "k"
summary["D2"] = 1
summary.add_table(Table(displayName="Small", ref="D1:D2"))
chart = BarChart()
chart.add_data(Reference(sheet, min_col=5, min_row=1, max_row=last), titles_from_data=True)
sheet.add_chart(chart, "L2")
book.defined_names.append(DefinedName("Prices", attr_text="Inventory!$E$2:$E$%d" % last))
book.save(path)
