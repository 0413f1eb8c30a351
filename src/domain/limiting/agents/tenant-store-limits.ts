/** Bounds of what a tenant keeps beside its conversations: worlds of agents and settings. Part of `limits`. */
export const tenantStoreLimits = {
  worldsPerAgentMax: 1_000,
  /** A list of worlds ends here: the newest of all agents together. */
  worldsListedMax: 5_000,
  /** Rooms of an agent that are listed; among so many of its conversations one is looked for by its hashed id… */
  roomsListedMax: 1_000,
  roomsSoughtMax: 5_000,
  /** …and so many that were found are remembered. */
  roomsKnownMax: 10_000,
  /** Agents that one group is made of. */
  groupAgentsMax: 100,
  settingValueCharsMax: 4_096,
} as const;
