import ExcelJS from "exceljs";

/** Every cell of each sheet of a file, as exceljs has it. */
const file = process.argv[2] ?? "";
const book = new ExcelJS.Workbook();
if (file.endsWith(".csv")) await book.csv.readFile(file);
else await book.xlsx.readFile(file);
const told = book.worksheets.map((sheet) => {
  const cells: Record<string, unknown> = {};
  sheet.eachRow((row) => {
    row.eachCell(({ address, value }) => {
      cells[address] = value instanceof Date ? { date: value.toISOString() } : value;
    });
  });
  return [sheet.name, cells];
});
process.stdout.write(JSON.stringify(Object.fromEntries(told)));
