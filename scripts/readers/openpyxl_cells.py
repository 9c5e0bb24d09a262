"""Every cell of each sheet of a workbook, and how each is to be printed, as openpyxl has it."""

import datetime
import json
import sys
import warnings

import openpyxl

warnings.simplefilter("ignore")
book = openpyxl.load_workbook(sys.argv[1])


def told(value):
    if isinstance(value, (datetime.datetime, datetime.date)):
        return {"date": value.isoformat()}
    return value


def look(sheet):
    return {
        "frozen": sheet.freeze_panes,
        "filter": sheet.auto_filter.ref,
        "header": sheet.print_title_rows,
        "orientation": sheet.page_setup.orientation,
        "fits": [sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.page_setup.fitToHeight],
    }


cells = {
    sheet.title: {
        cell.coordinate: told(cell.value)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }
    for sheet in book.worksheets
}
looks = {sheet.title: look(sheet) for sheet in book.worksheets}
json.dump({"cells": cells, "looks": looks}, sys.stdout)
