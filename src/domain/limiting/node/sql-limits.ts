/** Connections to PostgreSQL and what is asked over them: part of `limits`. */
export const sqlLimits = {
  /** Connections of a node for one tenant's requests; looking up secrets and the projection have their own. */
  sqlRequestConnectionsMax: 10,
  sqlIdentityConnectionsMax: 4,
  /** Lists and counts over many conversations: connections for those of one tenant, as many for all tenants… */
  sqlSurveyConnectionsMax: 2,
  /** …and how long one may last: 1 s at 1,000,000 conversations on an idle machine. */
  sqlSurveyMsMax: 30_000,
  /** Statements of one tenant that share a connection at once. */
  sqlLaneUsersMax: 32,
  sqlWaitingMax: 1_000,
  sqlConnectMsMax: 3_000,
  sqlReconnectMs: 250,
  sqlStatementMsMax: 5_000,
  /** A batch of the projector may delete a whole conversation. */
  sqlBatchMsMax: 300_000,
  /** How much longer than the server the client waits for the end of a statement. */
  sqlGraceMs: 1_000,
  migrationWaitMsMax: 120_000,
} as const;
