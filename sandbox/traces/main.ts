/** `npm run traces`: a collector on port 4318, or on `PORT`, with a page of what was received. */
import { playCollector } from "./collector.ts";

const { url } = await playCollector({ port: Number(process.env.PORT || 4318) });
process.stdout.write(
  `traces are taken at ${url} and shown at ${url}/traces\nOTEL_EXPORTER_OTLP_ENDPOINT=${url} npm run dev\n`,
);
