import type { Child } from "hono/jsx";

/** One place of a chart, as a row of its table: where a crosshair stands, and what it reads. */
export interface Reading {
  /** In percent of the chart's width. */
  at: number;
  name: string;
  cells: readonly string[];
}

export interface FigureProps {
  /** Its own on the page. */
  id: string;
  /** The kind, for what it looks like. */
  kind: string;
  title: string;
  /** What is to be seen, for those who do not see it. */
  sentence: string;
  columns: readonly string[];
  readings: readonly Reading[];
  children: Child;
  legend?: Child;
}

/**
 * A chart that is for everybody: a picture with a name and a sentence, and the same numbers as a table. The
 * script lets arrow keys and pointers walk over the table's rows, by their `data-at`, and reads them out.
 * What is in the picture stands by percent of its width, so that texts and marks keep their size on a phone;
 * axes stand in the margins that the style sheet leaves.
 */
export const Figure = ({ id, kind, title, sentence, columns, readings, ...parts }: FigureProps) => (
  <figure class={`chart chart-${kind}`} id={id}>
    <svg class="chart-picture" role="img" aria-labelledby={`${id}-title ${id}-sentence`}>
      <title id={`${id}-title`}>{title}</title>
      <desc id={`${id}-sentence`}>{sentence}</desc>
      {parts.children}
      <line class="chart-crosshair" x1="0" x2="0" y1="0" y2="100%" />
    </svg>
    <figcaption class="chart-legend">{parts.legend}</figcaption>
    <p class="chart-reading" aria-live="polite" />
    <details class="chart-table">
      <summary>Show as table</summary>
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th scope="col">{column}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {readings.map(({ at, name, cells }) => (
            <tr data-at={at}>
              <th scope="row">{name}</th>
              {cells.map((cell) => (
                <td>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  </figure>
);
