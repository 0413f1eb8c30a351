/** Bounds of what a tenant keeps beside its conversations: worlds of agents and settings. Part of `limits`. */
export const tenantStoreLimits = {
  worldsPerAgentMax: 1_000,
  /** A list of worlds ends here: the newest of all agents together. */
  worldsListedMax: 5_000,
  settingValueCharsMax: 4_096,
} as const;
