#!/bin/sh
# write-excel-file's own tool for "the order of siblings" breaks that order where there are several of a kind.
#
# write-excel-file 4.1.1: `insertElementMarkupAccordingToOrderOfSiblings` of `write-excel-file/utility` is meant for
# features, because Excel calls a worksheet corrupt whose elements are not in the order of ECMA-376. It looks for the
# nearest kind of element that comes before, and inserts behind the *first* of that kind. So with two
# `conditionalFormatting` elements, which the standard allows, `pageSetup` lands between them. openpyxl, SheetJS,
# exceljs and LibreOffice read the file without a word; Excel, as the library says itself, calls it corrupt.
# So insert what there is only one of first, and all of a kind at once.
#
# Seen on 2026-11-29:
#   one of a kind: sheetData conditionalFormatting pageSetup
#   two of a kind: sheetData conditionalFormatting pageSetup conditionalFormatting
#
# Exits 0 while it is so, 1 when it has changed.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-fund --no-audit write-excel-file@4.1.1
cat >try.mjs <<'JS'
import { insertElementMarkupAccordingToOrderOfSiblings as insert } from "write-excel-file/utility";

const ORDER = ["sheetData", "conditionalFormatting", "pageSetup"];
const told = (name, kinds) => {
  const xml = kinds.reduce(
    (sheet, kind) => insert(sheet, `<${kind}/>`, ORDER, "worksheet"),
    "<worksheet><sheetData/></worksheet>",
  );
  console.log(`${name}: ${[...xml.matchAll(/<(\w+)\/>/g)].map(([, kind]) => kind).join(" ")}`);
};
told("one of a kind", ["conditionalFormatting", "pageSetup"]);
told("two of a kind", ["conditionalFormatting", "conditionalFormatting", "pageSetup"]);
JS
node try.mjs | tee out
grep -qx 'one of a kind: sheetData conditionalFormatting pageSetup' out
grep -qx 'two of a kind: sheetData conditionalFormatting pageSetup conditionalFormatting' out
