/** What is wrong with a pooler in transaction mode, and what mends it. */
export const LENT =
  "a pooler lends its sessions for one transaction at a time: leases, notifications and prepared statements belong to a session";
export const LENT_MEND =
  "give DATABASE_URL PostgreSQL's own address, or a pooler's that is in session mode";
