/** A view's other forms: exactly what it shows as a file and as JSON, and its address to send to somebody. */
export const ViewForms = ({ csv, json }: { csv: string; json: string }) => (
  <p class="forms">
    <a class="button" href={csv} download>
      CSV
    </a>
    <a class="button" href={json}>
      JSON
    </a>
    <button class="needs-script" type="button" data-copy>
      Copy link
    </button>
  </p>
);
