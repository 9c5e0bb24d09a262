import type { FilterView, Tab } from "../layout/layout.ts";
import type { Place } from "../match/place.ts";
import type { SentRequest } from "./requests.ts";

/**
 * How a tab looks that nobody has worked in yet: header and names stay in sight, headers have filter
 * buttons, and there are views to begin with. From then on all of it is people's to change or take away.
 */
export function firstLook(sheetId: number, tab: Tab, { headerRow, columns }: Place): SentRequest[] {
  const range = {
    sheetId,
    startRowIndex: headerRow,
    startColumnIndex: 0,
    endColumnIndex: columns.length,
  };
  const gridProperties = { frozenRowCount: headerRow + 1, frozenColumnCount: tab.frozenColumns };
  return [
    {
      updateSheetProperties: {
        properties: { sheetId, gridProperties },
        fields: "gridProperties(frozenRowCount,frozenColumnCount)",
      },
    },
    ...(tab.isFiltered ? [{ setBasicFilter: { filter: { range } } }] : []),
    ...(tab.views ?? []).flatMap((view) => filterView(range, view, columns)),
  ];
}

/** None where one of its columns is not there. */
function filterView(
  range: object,
  { title, criteria, sort }: FilterView,
  columns: Place["columns"],
): SentRequest[] {
  const placeOf = (header: string) => columns.find((column) => column.header === header)?.at;
  const filterSpecs = criteria.flatMap(({ header, type, value }) => {
    const columnIndex = placeOf(header);
    if (columnIndex === undefined) return [];
    const condition = { type, values: [{ userEnteredValue: value }] };
    return [{ columnIndex, filterCriteria: { condition } }];
  });
  const dimensionIndex = placeOf(sort);
  if (filterSpecs.length < criteria.length || dimensionIndex === undefined) return [];
  const sortSpecs = [{ dimensionIndex, sortOrder: "DESCENDING" }];
  return [{ addFilterView: { filter: { title, range, filterSpecs, sortSpecs } } }];
}
