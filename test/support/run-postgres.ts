/** Where a test finds the PostgreSQL of its run: this variable of the environment holds its connection as JSON. */
export const RUN_POSTGRES = "SOTTO_TEST_POSTGRES"
