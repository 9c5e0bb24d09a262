/** As little as the service can be configured with, for tests to which it does not matter. */
export const usableEnvironment = {
  DATABASE_URL: "postgres://localhost/none",
  BACKEND_API_KEY: "a-long-enough-key-for-tests",
  FLOWCORE_TENANT: "t",
  FLOWCORE_DATA_CORE: "d",
  FLOWCORE_API_KEY: "fc_a_b",
  DACH_API: "key",
  DACH_WEBHOOK_SECRET: "a-webhook-key-for-tests",
};
